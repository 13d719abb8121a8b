//! Does what is due about one proposal: read, decide, commit, and again where a vote was faster.

use countersign_core::{
    ApprovalId,
    approval::{Mint, due},
    limits,
};

use crate::{Store, StoreError};

impl Store {
    /// Looks at a proposal at the moment of each mint: it expires, others are asked, or it shows that nobody could be.
    /// True where it was moved.
    ///
    /// # Errors
    /// Where the table cannot be read or written; [`StoreError::Conflict`] where others kept being faster.
    pub async fn attend_approval(&self, id: ApprovalId, mint: impl Fn() -> Mint) -> Result<bool, StoreError> {
        for _ in 0..limits::VOTE_ROUNDS {
            let Some(found) = self.approval_with_copies(id).await? else { return Ok(false) };
            let change = due(&found.proposal, &found.state, &found.copies, &mut mint());
            if let Some(change) = &change {
                match self.commit_due(change).await {
                    Err(error) if error.is_race() => continue,
                    other => other?,
                }
            }
            self.unmark_copies(id, &found.marked).await?;
            return Ok(change.is_some());
        }
        Err(StoreError::Conflict)
    }
}
