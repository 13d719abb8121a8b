//! Reads while others write: in every snapshot of a family nothing is lost and nothing is made.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;

use super::{
    table::{Table, number},
    worker::Progress,
};

/// The pause between two snapshots.
const PAUSE: Duration = Duration::from_millis(15);

/// What is read of a family in one snapshot.
pub(super) struct Watched {
    pub(super) family: u64,
    wallets: Vec<String>,
    totals: Vec<String>,
    opening: i64,
}

impl Watched {
    /// Of a family at rest, before anybody works: what it has then that is no income.
    pub(super) async fn of(table: &Table, family: u64, wallets: &[u64], months: &[String]) -> Self {
        let wallets = wallets.iter().map(|id| format!("WALLET#{id:016}")).collect();
        let totals = months.iter().map(|month| format!("TOTAL#FAMILY#{month}#EUR#")).collect();
        let mut watched = Self { family, wallets, totals, opening: 0 };
        let (balance, moved) = watched.read(table).await.unwrap();
        watched.opening = balance - moved;
        watched
    }

    /// What is in all wallets, and what came from outside less what went there. Judges each wallet on the way.
    async fn read(&self, table: &Table) -> Option<(i64, i64)> {
        let keys: Vec<String> = self.wallets.iter().chain(&self.totals).cloned().chain(["HEAD".to_owned()]).collect();
        let found = table.snapshot(&format!("FAMILY#{}", self.family), &keys).await?;
        let balances = self.wallets.iter().map(|key| judged(&found[key]));
        let balance = balances.sum();
        let outside = |key: &String| match found.get(key) {
            Some(total) => {
                assert_eq!(number(total, "moved_in_minor"), number(total, "moved_out_minor"), "{total}");
                number(total, "income_minor") - number(total, "expense_minor")
            }
            None => 0,
        };
        let open = number(&found["HEAD"], "open");
        let held: i64 = self.wallets.iter().map(|key| number(&found[key], "held_minor")).sum();
        assert!(held == 0 || open > 0, "{held} is held, and nothing waits");
        Some((balance, self.totals.iter().map(outside).sum()))
    }
}

/// A wallet's balance, which is not below its limit, with what is held of it taken off.
fn judged(wallet: &Value) -> i64 {
    let [balance, held, credit] = ["balance_minor", "held_minor", "credit_minor"].map(|name| number(wallet, name));
    assert!(balance >= -credit, "below its limit: {wallet}");
    assert!(held >= 0 && balance + credit - held >= 0, "more is held than there is: {wallet}");
    balance
}

/// Takes snapshots until the end. None of them shows a unit more or less than came from outside.
pub(super) async fn watch(table: Table, watched: Vec<Watched>, progress: Arc<Progress>) {
    while !progress.is_over() {
        for family in &watched {
            // A table that is being killed does not answer.
            if let Some((balance, moved)) = family.read(&table).await {
                assert_eq!(balance, family.opening + moved, "family {}: a snapshot does not add up", family.family);
                progress.snapshots.fetch_add(1, Ordering::Relaxed);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
