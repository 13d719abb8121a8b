//! The house under load: the system and two more gateways as processes, a proxy between these and AWS, kills at random.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use countersign_testkit::{Call, Client};
use serde_json::Value;

use super::{calls::Outcome, process::Process, proxy::Proxy};

/// How long a worker waits for an answer: longer than the functions try.
const PATIENCE: Duration = Duration::from_secs(20);
/// Of so many calls one is given up by its client within milliseconds.
const HANGS_UP: u32 = 60;

/// The processes, and how they are reached now.
pub(super) struct House {
    system: Process,
    gateways: Vec<Process>,
    pub(super) proxy: Proxy,
    /// Another one, that strikes nothing: for whoever looks.
    pub(super) window: Proxy,
}

/// Where the workers find the gateways: the first is the system's own.
#[derive(Default)]
pub(super) struct Doors(Mutex<Vec<Client>>);

impl House {
    pub(super) async fn start(folder: &Path, seed: u64) -> Self {
        let system = Process::system(folder).await;
        let demo = system.demo();
        let aws = demo["aws_endpoint_url"].as_str().unwrap();
        let (proxy, window) = (Proxy::start(aws, seed).await, Proxy::start(aws, seed).await);
        let mut gateways = Vec::new();
        for _ in 0..2 {
            gateways.push(Process::gateway(folder, proxy.url()).await);
        }
        Self { system, gateways, proxy, window }
    }

    /// demo.json of the first start: its tokens are good for a day.
    pub(super) fn demo(&self) -> Value {
        self.system.demo()
    }

    /// Tells the workers where everything is now.
    pub(super) fn open(&self, doors: &Doors) {
        let all = [&self.system].into_iter().chain(&self.gateways);
        *doors.lock() = all.map(|process| Client::new(&process.base_url())).collect();
    }

    /// Kills one process and starts it again on the same data: the system with AWS in it, or a gateway.
    pub(super) async fn kill(&mut self, which: usize, doors: &Doors) {
        match which.checked_sub(1) {
            None => {
                self.system.kill_and_start_again().await;
                let demo = self.system.demo();
                for proxy in [&self.proxy, &self.window] {
                    proxy.retarget(demo["aws_endpoint_url"].as_str().unwrap());
                }
            }
            Some(gateway) => self.gateways[gateway].kill_and_start_again().await,
        }
        self.open(doors);
    }
}

impl Doors {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a call through one of them, by chance; now and then its client does not wait for the answer.
    pub(super) async fn send(&self, call: &Call, dice: &mut fastrand::Rng) -> Outcome {
        let client = {
            let all = self.lock();
            all[dice.usize(0..all.len())].clone()
        };
        let patience = match dice.u32(0..HANGS_UP) {
            0 => Duration::from_millis(dice.u64(1..40)),
            _ => PATIENCE,
        };
        Outcome::of(tokio::time::timeout(patience, client.send(call)).await.ok().and_then(Result::ok))
    }

    /// Sends a call through the system's own and waits for its answer.
    pub(super) async fn ask(&self, call: &Call) -> Outcome {
        let client = self.lock()[0].clone();
        Outcome::of(client.send(call).await.ok())
    }
}
