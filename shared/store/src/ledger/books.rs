//! A family's books, whole: for whoever counts them again. It reads everything that was ever written of its money.

use countersign_core::{
    FamilyId, MovementId,
    chain::Head,
    ledger::{Books, Entry, List, Wallet},
};
use serde::Deserialize;

use super::{lists::AT_ONCE, totals::total};
use crate::{Bootstrap, StoreError, items::read, keys::family as of};

/// Every entry's sort key begins so.
const ENTRIES: &str = "ENTRY#";
/// Every total's sort key begins so.
const TOTALS: &str = "TOTAL#";

#[derive(Deserialize)]
struct Line {
    movement_id: MovementId,
}

impl Bootstrap<'_> {
    /// The books of a family, by an operator: nobody of the family asks.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the family was changed while they were read.
    pub async fn books(&self, family: FamilyId) -> Result<Books, StoreError> {
        let head = self.head(family).await?;
        let (store, pk) = (self.store(), of::partition(family));
        let wallets = store.all(&pk, of::WALLET_PREFIX).await?;
        let entries = store.all(&pk, ENTRIES).await?;
        let totals = store.all(&pk, TOTALS).await?;
        let lines = store.all(&pk, &of::list_prefix(List::All)).await?;
        let lines = lines.into_iter().map(|item| read::<Line>(item, "booking").map(|line| line.movement_id));
        let ids: Vec<MovementId> = lines.collect::<Result<_, _>>()?;
        let mut standings = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            standings.extend(store.standings(some).await?);
        }
        let books = Books {
            family_id: family,
            wallets: wallets.into_iter().map(|item| read::<Wallet>(item, "wallet")).collect::<Result<_, _>>()?,
            entries: entries.into_iter().map(|item| read::<Entry>(item, "entry")).collect::<Result<_, _>>()?,
            totals: totals.into_iter().map(total).collect::<Result<_, _>>()?,
            standings,
            head,
        };
        // Every change of a family moves its head: where that is as it was, nothing was changed in between.
        if self.head(family).await? == books.head { Ok(books) } else { Err(StoreError::Conflict) }
    }

    async fn head(&self, family: FamilyId) -> Result<Head, StoreError> {
        match self.store().get(&of::head(family)).await? {
            Some(item) => read(item, "head"),
            None => Ok(Head::default()),
        }
    }
}
