//! The lines of a report: monthly totals, read and added up; the API and the bot tell the same ones.

use countersign_core::{
    CategoryId, Moment, UserId, WalletId,
    family::{Family, FamilyPermit},
    ledger::Dimension,
    report::{By, Months, Names, Row, table},
};

use crate::{Store, StoreError};

impl Store {
    /// The lines of a report of these months, and the whole by currency. At most two queries of totals, and the wallets where
    /// they are named: no transaction is read.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn report(
        &self,
        permit: &FamilyPermit,
        family: &Family,
        by: By,
        months: Months,
    ) -> Result<(Vec<Row>, Vec<Row>), StoreError> {
        let Months { first, last } = months;
        let mut totals = self.totals(permit, Dimension::Family, first, last).await?;
        // What has no category is, without any category, all there is.
        let whole = table(By::Category, months, &totals, &Names { family, wallets: &[] });
        if let Some(like) = like(by) {
            totals.extend(self.totals(permit, like, first, last).await?);
        }
        let wallets = if by == By::Wallet { self.wallets(permit).await? } else { Vec::new() };
        Ok((table(by, months, &totals, &Names { family, wallets: &wallets }), whole))
    }
}

/// Any dimension of the kind that a report is by; none where the family's own totals are enough.
fn like(by: By) -> Option<Dimension> {
    let any = Moment::from_seconds(0);
    match by {
        By::Month => None,
        By::Category => Some(Dimension::Category(CategoryId::fresh(any, 0))),
        By::Member => Some(Dimension::Member(UserId::fresh(any, 0))),
        By::Wallet => Some(Dimension::Wallet(WalletId::fresh(any, 0))),
    }
}
