//! The vectors through the real routes.
