//! Stands in for Stellar RPC: takes transactions as stellar-core would, closes ledgers in time, answers JSON-RPC 2.0.

mod accounts;
mod control;
mod json_rpc;
mod judge;
mod ledger;
mod methods;
mod results;
mod send;
mod world;

use std::io;

use axum::{Router, routing::post};
use countersign_local_control::Control;
use tokio::net::TcpListener;

pub use world::{Fate, FateMode, SendMode, SendStatus, World};

use crate::served::Served;

/// Stellar's protocol, as the public networks ran it when this was written.
pub const PROTOCOL_VERSION: u32 = 28;
/// How long a ledger takes here unless told otherwise, in milliseconds; the public networks take about five seconds.
pub const LEDGER_MS: u64 = 1_000;
/// The least fee for each operation, in stroops (the networks' base fee).
pub const BASE_FEE: u32 = 100;
/// How deep an envelope's types may nest.
const XDR_DEPTH: u32 = 200;
/// The largest envelope, in bytes, as stellar-core has it for Soroban.
const XDR_BYTES: usize = 132 * 1024;

/// The stand-in, served.
pub struct StellarRpcStandin {
    served: Served,
    world: World,
}

impl StellarRpcStandin {
    /// Serves on this listener a network with this passphrase.
    ///
    /// # Errors
    /// When the listener's own address cannot be read.
    pub fn start(listener: TcpListener, passphrase: &str) -> io::Result<Self> {
        let world = World::new(passphrase);
        let served = Served::start(listener, router(world.clone()))?;
        Ok(Self { served, world })
    }

    /// Where it is served, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.served.url()
    }

    /// Its record and faults. A request's label is `/#` and the method: `/#sendTransaction`.
    #[must_use]
    pub fn control(&self) -> &Control {
        self.served.control()
    }

    /// Its ledger, accounts and transactions.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Ends it; open requests have a moment to finish.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

/// JSON-RPC at `/` and the stand-in's own control routes.
pub fn router(world: World) -> Router {
    Router::new().route("/", post(json_rpc::answer)).with_state(world.clone()).merge(control::router(world))
}
