//! The scheduled door: looks up signatures whose outcome is not known.
