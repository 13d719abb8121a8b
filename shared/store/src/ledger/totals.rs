//! The totals of a family's months, of one kind of dimension: as many items as there are months and things, whatever
//! the number of transactions.

use countersign_core::{
    family::FamilyPermit,
    ledger::{Dimension, Month, Totals},
};

use crate::{
    Store, StoreError,
    items::read,
    keys::{Key, SK, family as of},
    table::Item,
};

impl Store {
    /// The totals of these months, both counted, of every thing of the same kind as `like`, by month.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn totals(
        &self,
        permit: &FamilyPermit,
        like: Dimension,
        first: Month,
        last: Month,
    ) -> Result<Vec<Totals>, StoreError> {
        let prefix = of::total_prefix(like);
        let key = |sk: String| Key { pk: of::partition(permit.family_id()), sk };
        let (first, last) = (key(format!("{prefix}{first}#")), key(format!("{prefix}{last}#~")));
        self.between(&first, &last, false, None).await?.into_iter().map(total).collect()
    }
}

/// A total is what its key says, and its sums.
pub(crate) fn total(item: Item) -> Result<Totals, StoreError> {
    let sk = item.get(SK).and_then(|sk| sk.as_s().ok());
    let (dimension, month, currency) = sk
        .and_then(|sk| of::total_of(sk))
        .ok_or_else(|| StoreError::Unreadable("a total whose key is not of the form".into()))?;
    Ok(Totals { dimension, month, currency, added: read(item, "total")? })
}
