//! The ledger's clock: which ledger is the latest, and when one closed. Nothing runs in the background.

use crate::clock::now_ms;

/// The ledger that was the latest when the stand-in started.
pub(super) const FIRST_LEDGER: u32 = 1_000_000;

/// Counts ledgers by the clock.
pub(super) struct LedgerClock {
    anchor_sequence: u32,
    anchor_ms: u64,
    ledger_ms: u64,
}

impl LedgerClock {
    /// Ledgers of this length from now on.
    pub(super) fn new(ledger_ms: u64) -> Self {
        Self { anchor_sequence: FIRST_LEDGER, anchor_ms: now_ms(), ledger_ms: ledger_ms.max(1) }
    }

    /// The latest closed ledger.
    pub(super) fn latest(&self) -> u32 {
        let closed = now_ms().saturating_sub(self.anchor_ms) / self.ledger_ms;
        self.anchor_sequence.saturating_add(u32::try_from(closed).unwrap_or(u32::MAX))
    }

    /// When a ledger closed or will close, in seconds since the Unix epoch.
    pub(super) fn close_time(&self, sequence: u32) -> u64 {
        let ahead = u64::from(sequence.saturating_sub(self.anchor_sequence)) * self.ledger_ms;
        let behind = u64::from(self.anchor_sequence.saturating_sub(sequence)) * self.ledger_ms;
        self.anchor_ms.saturating_add(ahead).saturating_sub(behind) / 1000
    }

    /// The ledger in which a transaction taken now gets in: the first that is open for a whole ledger's time, so
    /// that a transaction is pending for one to two ledgers, as on the public networks.
    pub(super) fn next_for_transaction(&self) -> u32 {
        self.latest().saturating_add(2)
    }

    /// Closes this many ledgers now.
    pub(super) fn close(&mut self, ledgers: u32) {
        let anchor_sequence = self.latest().saturating_add(ledgers);
        *self = Self { anchor_sequence, anchor_ms: now_ms(), ledger_ms: self.ledger_ms };
    }

    /// How long a ledger takes, in milliseconds.
    pub(super) fn ledger_ms(&self) -> u64 {
        self.ledger_ms
    }

    /// Ledgers of another length from now on.
    pub(super) fn set_ledger_ms(&mut self, ledger_ms: u64) {
        *self = Self { anchor_sequence: self.latest(), anchor_ms: now_ms(), ledger_ms: ledger_ms.max(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledgers_close_in_time_and_on_demand() {
        let mut clock = LedgerClock::new(3_600_000);
        assert_eq!(clock.latest(), FIRST_LEDGER);
        assert_eq!(clock.next_for_transaction(), FIRST_LEDGER + 2);
        clock.close(2);
        assert_eq!(clock.latest(), FIRST_LEDGER + 2);
        assert_eq!(clock.close_time(FIRST_LEDGER + 3) - clock.close_time(FIRST_LEDGER + 2), 3_600);
        clock.set_ledger_ms(1);
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(clock.latest() >= FIRST_LEDGER + 7);
    }
}
