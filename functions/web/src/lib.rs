//! The front door: health, documentation, unknown routes.
