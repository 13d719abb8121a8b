//! The totals of a family's months, of one kind of dimension: as many items as there are months and things, whatever
//! the number of transactions.

use countersign_core::{
    family::FamilyPermit,
    ledger::{Dimension, Month, Totals},
};

use crate::{
    Store, StoreError,
    items::read,
    keys::{PK, SK, family as of},
    table::Item,
    transaction::text,
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
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :first AND :last"))
                .expression_attribute_values(":pk", text(of::partition(permit.family_id())))
                .expression_attribute_values(":first", text(format!("{prefix}{first}#")))
                .expression_attribute_values(":last", text(format!("{prefix}{last}#~")))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(&error))?;
            for item in answer.items.unwrap_or_default() {
                found.push(total(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
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
