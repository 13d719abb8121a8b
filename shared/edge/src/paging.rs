//! What every list takes: how many rows, and where to go on.

use countersign_core::{Refusal, limits};
use serde::Deserialize;

/// `limit` and `cursor` of a query.
#[derive(Clone, Debug, Deserialize)]
pub struct PageQuery {
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// How many rows.
    ///
    /// # Errors
    /// 400 for none, and for more than [`limits::PAGE_MOST`].
    pub fn limit(&self) -> Result<u32, Refusal> {
        let limit = self.limit.unwrap_or(limits::PAGE_DEFAULT);
        if (1..=limits::PAGE_MOST).contains(&limit) {
            return Ok(limit);
        }
        Err(Refusal::invalid(format!("limit must be 1 to {}", limits::PAGE_MOST)))
    }
}
