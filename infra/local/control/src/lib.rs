//! What every stand-in shares: a record of the requests it got, and faults on demand, so that tests can look and break things.

mod fault;
mod record;
mod routes;
mod serve;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use fault::{Cut, Fault};
pub use record::Recorded;
pub use serve::serve;

/// How many requests are kept; older ones are forgotten.
pub const RECORDED_REQUESTS: usize = 1_000;
/// The largest request body a stand-in reads, in bytes; a larger one is 413.
pub const BODY_BYTES: usize = 8 * 1024 * 1024;
/// How much of a request body is recorded, in bytes.
pub const RECORDED_BODY_BYTES: usize = 256 * 1024;
/// How long open connections may finish after a shutdown is asked for, in seconds.
pub const SHUTDOWN_SECONDS: u64 = 2;
/// Paths below this are for tests: never recorded, never faulted.
pub const CONTROL_PREFIX: &str = "/_control/";

/// The record and the faults of one stand-in; clones share them.
#[derive(Clone, Default)]
pub struct Control {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    next_number: u64,
    requests: VecDeque<Recorded>,
    faults: Vec<Fault>,
}

impl Control {
    /// Nothing recorded, no fault waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault behind those that wait already.
    pub fn add_fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// The faults that still wait.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// The recorded requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state().requests.iter().cloned().collect()
    }

    /// How many recorded requests have this text in their label (an empty text: all of them).
    #[must_use]
    pub fn count(&self, label: &str) -> usize {
        self.state().requests.iter().filter(|request| request.label.contains(label)).count()
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.state().requests.clear();
    }

    /// Forgets the recorded requests and all faults.
    pub fn clear(&self) {
        self.clear_requests();
        self.clear_faults();
    }

    /// Records a request that has just arrived; the number finds it again for [`Control::answered`].
    fn record(&self, mut request: Recorded) -> u64 {
        let mut state = self.state();
        let number = state.next_number;
        state.next_number += 1;
        request.number = number;
        if state.requests.len() == RECORDED_REQUESTS {
            state.requests.pop_front();
        }
        state.requests.push_back(request);
        number
    }

    /// Adds what a recorded request was answered with.
    fn answered(&self, number: u64, status: u16) {
        let mut state = self.state();
        if let Some(request) = state.requests.iter_mut().rev().find(|request| request.number == number) {
            request.status = Some(status);
        }
    }

    /// Takes the first fault that is due for this label, counting down what it skips and how often it strikes.
    fn strike(&self, number: u64, label: &str) -> Option<Fault> {
        let mut state = self.state();
        let index = state.faults.iter_mut().position(|fault| fault.is_due(label))?;
        let fault = state.faults.get_mut(index)?;
        fault.count = fault.count.saturating_sub(1);
        let struck = fault.clone();
        state.faults.retain(|fault| fault.count > 0);
        if let Some(request) = state.requests.iter_mut().rev().find(|request| request.number == number) {
            request.faulted = true;
        }
        Some(struck)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
