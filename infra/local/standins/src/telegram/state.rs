//! The world behind a lock, and what wakes those who wait for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Client, redirect::Policy};
use tokio::sync::{Notify, watch};

use super::{
    delivery,
    world::{Lane, World},
};

/// The stand-in's state; clones share it.
#[derive(Clone)]
pub(super) struct State(Arc<Inner>);

struct Inner {
    world: Mutex<World>,
    http: Client,
    bell: Notify,
    stopping: watch::Sender<bool>,
}

impl State {
    /// A state with this world.
    pub(super) fn new(world: World) -> Result<Self, reqwest::Error> {
        // Somebody else may have chosen the provider already.
        let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder().no_proxy().redirect(Policy::none()).build()?;
        let inner = Inner { world: Mutex::new(world), http, bell: Notify::new(), stopping: watch::Sender::new(false) };
        Ok(Self(Arc::new(inner)))
    }

    /// The world; not to be kept across an await.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn http(&self) -> &Client {
        &self.0.http
    }

    /// Rings when there is a new update.
    pub(super) fn bell(&self) -> &Notify {
        &self.0.bell
    }

    /// Sends what waits: to the webhook, or to those who poll.
    pub(super) fn deliver(&self) {
        let lanes: Vec<Lane> = self.world().updates.take_idle_lanes();
        for lane in lanes {
            tokio::spawn(delivery::run(self.clone(), lane));
        }
        self.bell().notify_waiters();
    }

    /// Ends deliveries and polls; nobody waits for one any more.
    pub(super) fn stop(&self) {
        self.world().updates.release_waiting();
        self.0.stopping.send_replace(true);
    }

    /// Is done once the stand-in stops.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.0.stopping.subscribe();
        let _ended = stopping.wait_for(|stopping| *stopping).await;
    }
}
