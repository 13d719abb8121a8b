//! Holds the house to its own rules: edges, rights, lengths, names, routes, deployment, documents.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod access_log;
mod deployment;
mod documents;
mod edges;
mod house;
mod iam_rights;
mod lengths;
mod names;
mod route_sets;
mod template;
