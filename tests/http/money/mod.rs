//! Families' money over HTTP.

pub(crate) mod house;
mod proof;
mod races;
