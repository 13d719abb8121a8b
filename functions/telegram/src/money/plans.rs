//! `/budget` and `/goals`: what the person's families plan, in words.

use countersign_core::{
    CategoryId,
    bot::{Answer, NotDone},
    budget::Budget,
    ledger::{Dimension, Month, Totals},
    messaging::words::{families, plans as words},
};
use futures_util::future::try_join_all;

use super::{Home, homes};
use crate::talk::Talk;

pub(crate) async fn budget(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let homes = homes(&talk).await?;
    if homes.is_empty() {
        let said = families::no_family(talk.language);
        return talk.say(said).await;
    }
    let month = Month::of(talk.now);
    let budgets = try_join_all(homes.iter().map(|home| spent(&talk, home, month))).await?;
    let of_families: Vec<_> = homes.into_iter().map(|home| home.family).zip(budgets).collect();
    let said = words::budgets(talk.language, month, &of_families);
    talk.say(said).await
}

/// The budgets of a family with what was spent of each in a month.
async fn spent(talk: &Talk<'_>, home: &Home, month: Month) -> Result<Vec<(Budget, i64)>, NotDone> {
    let (store, any) = (&talk.bot.store, Dimension::Category(CategoryId::fresh(talk.now, 0)));
    let (budgets, totals) =
        tokio::try_join!(store.budgets(&home.permit), store.totals(&home.permit, any, month, month))?;
    let of = |budget: &Budget| {
        let ours = |total: &&Totals| {
            total.dimension == Dimension::Category(budget.category_id) && total.currency == budget.currency
        };
        totals.iter().filter(ours).map(|total| total.added.expense_minor).sum()
    };
    Ok(budgets.into_iter().map(|budget| (budget.clone(), of(&budget))).collect())
}

pub(crate) async fn goals(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let homes = homes(&talk).await?;
    if homes.is_empty() {
        let said = families::no_family(talk.language);
        return talk.say(said).await;
    }
    let goals = try_join_all(homes.iter().map(|home| talk.bot.store.goals(&home.permit))).await?;
    let of_families: Vec<_> = homes.into_iter().map(|home| home.family).zip(goals).collect();
    let said = words::goals(talk.language, &of_families, talk.now);
    talk.say(said).await
}
