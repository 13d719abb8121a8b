//! Accounts: everyone has one here, with some lumens, until a test says otherwise.

use std::collections::HashMap;

use stellar_strkey::ed25519::PublicKey as StrKey;
use stellar_xdr::{AccountEntry, AccountId, PublicKey, SequenceNumber, Thresholds, Uint256};

/// What an account has at first, in stroops: 10,000 XLM.
const BALANCE: i64 = 100_000_000_000;
/// The sequence number of an account at first; a new account's is its ledger's number shifted by 32 bits.
const SEQUENCE: i64 = (super::ledger::FIRST_LEDGER as i64) << 32;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) balance: i64,
    pub(super) sequence: i64,
    /// Not on the ledger.
    pub(super) missing: bool,
    /// The transaction of it that waits for its ledger.
    pub(super) pending: Option<[u8; 32]>,
    pub(super) modified_ledger: u32,
}

/// All accounts that were ever mentioned.
#[derive(Default)]
pub(super) struct Accounts {
    accounts: HashMap<[u8; 32], Account>,
}

impl Accounts {
    /// The account, made up where nobody mentioned it before.
    pub(super) fn get(&mut self, key: [u8; 32]) -> &mut Account {
        self.beginning_at(key, SEQUENCE)
    }

    /// The account that sends a transaction. One that nobody mentioned before is made up so that this is its
    /// next: whoever never asked for the sequence number cannot have a wrong one.
    pub(super) fn sender(&mut self, key: [u8; 32], sequence: i64) -> &mut Account {
        self.beginning_at(key, sequence.saturating_sub(1).max(0))
    }

    fn beginning_at(&mut self, key: [u8; 32], sequence: i64) -> &mut Account {
        self.accounts.entry(key).or_insert(Account {
            balance: BALANCE,
            sequence,
            missing: false,
            pending: None,
            modified_ledger: super::ledger::FIRST_LEDGER,
        })
    }
}

impl Account {
    /// As the ledger holds it.
    pub(super) fn entry(&self, key: [u8; 32]) -> AccountEntry {
        AccountEntry {
            account_id: AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key))),
            balance: self.balance,
            seq_num: SequenceNumber(self.sequence),
            thresholds: Thresholds([1, 0, 0, 0]),
            ..AccountEntry::default()
        }
    }
}

/// A `G…` address as its key.
pub(super) fn key_of(address: &str) -> Option<[u8; 32]> {
    StrKey::from_string(address).ok().map(|key| key.0)
}
