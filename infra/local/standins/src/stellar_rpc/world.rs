//! The network as the stand-in has it: ledger, accounts, transactions, and what shall happen to the next ones.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::{LEDGER_MS, accounts::Accounts, ledger::LedgerClock};

/// How many transactions are kept; older ones are forgotten.
const TRANSACTIONS: usize = 10_000;

/// The network; clones share it.
#[derive(Clone)]
pub struct World {
    passphrase: Arc<str>,
    network_id: [u8; 32],
    known: Arc<Mutex<Known>>,
}

pub(super) struct Known {
    pub(super) clock: LedgerClock,
    pub(super) accounts: Accounts,
    pub(super) transactions: HashMap<[u8; 32], Transaction>,
    /// Hashes, oldest first.
    order: VecDeque<[u8; 32]>,
    pub(super) send_modes: VecDeque<SendMode>,
    pub(super) fate_modes: VecDeque<FateMode>,
}

/// A transaction that was taken.
pub(super) struct Transaction {
    pub(super) envelope_xdr: String,
    pub(super) result_xdr: String,
    pub(super) meta_xdr: String,
    pub(super) fee_bump: bool,
    pub(super) source: [u8; 32],
    pub(super) payer: [u8; 32],
    pub(super) sequence: i64,
    pub(super) fee: i64,
    pub(super) fate: Fate,
    /// The ledger it gets into.
    pub(super) ledger: u32,
    /// When that ledger closed, in seconds since the Unix epoch; none while it waits.
    pub(super) closed_at: Option<u64>,
}

/// What becomes of a transaction that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fate {
    /// It gets into a ledger and does what it says.
    Success,
    /// It gets into a ledger and fails there.
    Failed,
    /// It never gets into a ledger.
    NotFound,
}

/// What becomes of the next transactions; asked for with `POST /_control/transaction_mode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FateMode {
    /// What becomes of them.
    pub status: Fate,
    /// How many.
    #[serde(default = "one")]
    pub count: u32,
}

/// What `sendTransaction` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SendStatus {
    /// Taken.
    Pending,
    /// Taken before, and still waiting.
    Duplicate,
    /// Not taken now.
    TryAgainLater,
    /// Not taken, with the reason as XDR.
    Error,
}

/// How the next `sendTransaction`s answer without looking; asked for with `POST /_control/send_mode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendMode {
    /// The answer. `PENDING` lets this many through as always.
    pub status: SendStatus,
    /// How many.
    #[serde(default = "one")]
    pub count: u32,
    /// The reason of an `ERROR` by its XDR name; `txINTERNAL_ERROR` where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

fn one() -> u32 {
    1
}

impl World {
    /// A network with this passphrase, whose first ledger has just closed.
    #[must_use]
    pub fn new(passphrase: &str) -> Self {
        let mut network_id = [0; 32];
        network_id.copy_from_slice(digest(&SHA256, passphrase.as_bytes()).as_ref());
        let known = Known {
            clock: LedgerClock::new(LEDGER_MS),
            accounts: Accounts::default(),
            transactions: HashMap::new(),
            order: VecDeque::new(),
            send_modes: VecDeque::new(),
            fate_modes: VecDeque::new(),
        };
        Self { passphrase: passphrase.into(), network_id, known: Arc::new(Mutex::new(known)) }
    }

    /// The network's passphrase.
    #[must_use]
    pub fn passphrase(&self) -> &str {
        &self.passphrase
    }

    /// The latest closed ledger.
    #[must_use]
    pub fn latest_ledger(&self) -> u32 {
        self.known().clock.latest()
    }

    /// Closes this many ledgers at once.
    pub fn close_ledgers(&self, ledgers: u32) {
        self.known().clock.close(ledgers);
    }

    /// Ledgers of this length from now on, in milliseconds.
    pub fn set_ledger_ms(&self, ledger_ms: u64) {
        self.known().clock.set_ledger_ms(ledger_ms);
    }

    /// How the next `sendTransaction`s answer, after those that were asked for already.
    pub fn add_send_mode(&self, mode: SendMode) {
        self.known().send_modes.push_back(mode);
    }

    /// What becomes of the next transactions, after those that were asked for already.
    pub fn add_transaction_mode(&self, mode: FateMode) {
        self.known().fate_modes.push_back(mode);
    }

    pub(super) fn network_id(&self) -> [u8; 32] {
        self.network_id
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.settle();
        known
    }
}

impl Known {
    /// Takes a transaction; it waits for its ledger.
    pub(super) fn take(&mut self, hash: [u8; 32], transaction: Transaction) {
        self.accounts.get(transaction.source).pending = Some(hash);
        self.transactions.insert(hash, transaction);
        self.order.push_back(hash);
        while self.order.len() > TRANSACTIONS {
            if let Some(old) = self.order.pop_front() {
                self.transactions.remove(&old);
            }
        }
    }

    pub(super) fn next_send_mode(&mut self) -> Option<SendMode> {
        let mode = self.send_modes.front_mut()?;
        let next = mode.clone();
        mode.count = mode.count.saturating_sub(1);
        if mode.count == 0 {
            self.send_modes.pop_front();
        }
        Some(next)
    }

    pub(super) fn next_fate(&mut self) -> Fate {
        let Some(mode) = self.fate_modes.front_mut() else { return Fate::Success };
        let fate = mode.status;
        mode.count = mode.count.saturating_sub(1);
        if mode.count == 0 {
            self.fate_modes.pop_front();
        }
        fate
    }

    /// Lets the ledgers that closed meanwhile take effect.
    fn settle(&mut self) {
        let latest = self.clock.latest();
        let due = |transaction: &Transaction| transaction.closed_at.is_none() && transaction.ledger <= latest;
        let hashes: Vec<_> = self.transactions.iter().filter(|(_, taken)| due(taken)).map(|(hash, _)| *hash).collect();
        for hash in hashes {
            self.settle_one(hash);
        }
    }

    fn settle_one(&mut self, hash: [u8; 32]) {
        let Some(transaction) = self.transactions.get_mut(&hash) else { return };
        let source = self.accounts.get(transaction.source);
        source.pending = None;
        if transaction.fate == Fate::NotFound {
            self.transactions.remove(&hash);
            self.order.retain(|known| *known != hash);
            return;
        }
        transaction.closed_at = Some(self.clock.close_time(transaction.ledger));
        source.sequence = transaction.sequence;
        source.modified_ledger = transaction.ledger;
        let payer = self.accounts.get(transaction.payer);
        payer.balance = payer.balance.saturating_sub(transaction.fee);
        payer.modified_ledger = transaction.ledger;
    }
}
