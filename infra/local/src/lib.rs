//! The whole system on one machine, for `cargo run` and for tests.
//!
//! The functions' own routers stand behind a gateway that behaves like an API Gateway HTTP API; the AWS below them is
//! embedded and reached by the unchanged SDK clients over HTTP. Nothing here is linked by a function.

mod access_log;
mod aws;
mod bot;
pub mod demo;
mod due;
mod error;
mod gateway;
mod mappings;
mod oauth;
pub mod openapi;
mod options;
mod parts;
mod prove;
mod queues;
mod resealing;
mod routes;
mod second_gateway;
mod seed;
mod seed_accounts;
mod seed_clients;
mod seed_families;
mod seed_members;
mod seed_people;
mod serving;
mod signed;
mod system;
mod telegram;
mod tour;
mod wallets;

pub use access_log::logs_event;
pub use bot::register_bot;
pub use demo::Demo;
pub use error::LocalError;
pub use options::Options;
pub use prove::{Proved, prove_totals, table_of};
pub use resealing::{KeySeen, Resealed, Resealing, words};
pub use second_gateway::SecondGateway;
pub use system::LocalSystem;
pub use tour::tour;
