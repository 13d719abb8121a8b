//! How KMS is: whether keys can be opened, since when, and what was told of it.

use serde::{Deserialize, Serialize};

use crate::Moment;

/// What the monitor saw last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsHealth {
    /// Keys can be opened.
    pub healthy: bool,
    /// Since when.
    pub since: Moment,
    /// One more with each change.
    pub version: u64,
}

impl KmsHealth {
    /// What is written where it changed; none where it is as it was. Before the first look it counts as healthy.
    #[must_use]
    pub fn seen(before: Option<Self>, healthy: bool, now: Moment) -> Option<Self> {
        let (was, version) = before.map_or((true, 0), |before| (before.healthy, before.version));
        (was != healthy).then(|| Self { healthy, since: now, version: version.saturating_add(1) })
    }
}
