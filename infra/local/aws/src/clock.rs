//! The moment, which tests may move forward to see windows and waiting periods end.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// One day in milliseconds.
pub(crate) const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// The system's clock plus what tests added.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_millis: AtomicI64,
}

impl Clock {
    /// Milliseconds since the Unix epoch.
    pub(crate) fn now_millis(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        millis(since).saturating_add(self.ahead_millis.load(Ordering::Relaxed))
    }

    /// Moves it forward.
    pub(crate) fn advance(&self, by: Duration) {
        self.ahead_millis.fetch_add(millis(by), Ordering::Relaxed);
    }
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A moment as the JSON protocols write it: seconds since the epoch with a fraction.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay far below 2^53")]
pub(crate) fn seconds(at_millis: i64) -> f64 {
    at_millis as f64 / 1_000.0
}
