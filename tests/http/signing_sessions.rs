//! Signing sessions from outside.
