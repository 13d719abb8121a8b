//! What a family plans: budgets, goals, what comes again. Their writes are part of a family's change; here are their reads.

use countersign_core::{
    CategoryId, FamilyId, GoalId, Moment, RecurringId,
    budget::Budget,
    family::{Change, FamilyPermit, FamilyWrite},
    goal::Goal,
    ledger::{Dimension, Month, Totals},
    money::Currency,
    planning::{alert, goals},
    recurring::Recurring,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    FamilyWanted, Guard, Store, StoreError,
    items::{item, kind_of, read},
    keys::{Key, PENDING_AT, PENDING_PK, family as of, planning as plan},
    ledger::total,
    table::Item,
    transaction::{Transaction, number, text},
};

/// A budget with what its category has cost in a month.
#[derive(Clone, Debug, Default)]
pub struct BudgetFacts {
    /// The budget.
    pub budget: Option<Budget>,
    /// What its category has cost, of each currency.
    pub spent: Vec<Totals>,
}

impl Store {
    /// All budgets of a family, by category.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn budgets(&self, permit: &FamilyPermit) -> Result<Vec<Budget>, StoreError> {
        self.planned(permit.family_id(), plan::BUDGET_PREFIX, "budget").await
    }

    /// All goals of a family, oldest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn goals(&self, permit: &FamilyPermit) -> Result<Vec<Goal>, StoreError> {
        self.planned(permit.family_id(), plan::GOAL_PREFIX, "goal").await
    }

    /// All that comes again in a family, oldest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn recurring_of(&self, permit: &FamilyPermit) -> Result<Vec<Recurring>, StoreError> {
        self.planned(permit.family_id(), plan::RECURRING_PREFIX, "recurring").await
    }

    async fn planned<T>(&self, family: FamilyId, prefix: &str, kind: &str) -> Result<Vec<T>, StoreError>
    where
        T: DeserializeOwned,
    {
        let found = self.all(&of::partition(family), prefix).await?;
        found.into_iter().map(|item| read(item, kind)).collect()
    }

    /// A goal of a family.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn goal(&self, permit: &FamilyPermit, id: GoalId) -> Result<Option<Goal>, StoreError> {
        self.get(&plan::goal(permit.family_id(), id)).await?.map(|item| read(item, "goal")).transpose()
    }

    /// Something that comes again.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn recurring(&self, family: FamilyId, id: RecurringId) -> Result<Option<Recurring>, StoreError> {
        self.get(&plan::recurring(family, id)).await?.map(|item| read(item, "recurring")).transpose()
    }

    /// Whose a goal is.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn family_of_goal(&self, id: GoalId) -> Result<Option<FamilyId>, StoreError> {
        self.owner(&plan::goal_owner(id), "goal_owner").await
    }

    /// Whose something is that comes again.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn family_of_recurring(&self, id: RecurringId) -> Result<Option<FamilyId>, StoreError> {
        self.owner(&plan::recurring_owner(id), "recurring_owner").await
    }

    async fn owner(&self, key: &Key, kind: &str) -> Result<Option<FamilyId>, StoreError> {
        let owner = self.get(key).await?.map(|item| read::<Owner>(item, kind)).transpose()?;
        Ok(owner.map(|owner| owner.family_id))
    }

    /// A budget, and what its category has cost in a month, in the budget's own currency or the one that is named.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn budget_facts(
        &self,
        family: FamilyId,
        category: CategoryId,
        month: Month,
        currency: Currency,
    ) -> Result<BudgetFacts, StoreError> {
        let total_key = of::total(family, Dimension::Category(category), month, currency);
        let mut facts = BudgetFacts::default();
        for item in self.get_batch(&[plan::budget(family, category), total_key]).await? {
            match kind_of(&item) {
                "budget" => facts.budget = Some(read(item, "budget")?),
                _ => facts.spent.push(total(item)?),
            }
        }
        Ok(facts)
    }

    /// The change with what follows from it for budgets and goals; none where nothing does.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub(crate) async fn with_plans(&self, change: &Change) -> Result<Option<Change>, StoreError> {
        let taken_back = self.with_goal(change).await?;
        let alerted = self.with_alert(taken_back.as_ref().unwrap_or(change)).await?;
        Ok(alerted.or(taken_back))
    }

    /// The change with what its reversal takes back of a goal that the transfer was put aside for. The link and the goal lie
    /// after the head that the change follows, like what [`Store::with_alert`] reads.
    async fn with_goal(&self, change: &Change) -> Result<Option<Change>, StoreError> {
        let Some(transfer) = goals::reversed_transfer(change) else { return Ok(None) };
        let Some(link) = self.get(&plan::goal_link(transfer.0)).await? else { return Ok(None) };
        let linked = read::<Link>(link, "goal_link")?.goal_id;
        let goal = self.get(&plan::goal(change.family_id, linked)).await?;
        let Some(goal) = goal.map(|item| read::<Goal>(item, "goal")).transpose()? else { return Ok(None) };
        let mut change = change.clone();
        goals::take_back(&mut change, &goal, transfer).map_err(|refusal| StoreError::Refused(Box::new(refusal)))?;
        Ok(Some(change))
    }

    /// The change with what its payment makes of a budget: the mark, the event and the messages. What is read here lies
    /// after the head that the change follows, and the commit fails where anything has changed since.
    ///
    /// # Errors
    /// Where the table cannot be read.
    async fn with_alert(&self, change: &Change) -> Result<Option<Change>, StoreError> {
        let Some(spends) = alert::spends(change) else { return Ok(None) };
        let facts = self.budget_facts(change.family_id, spends.category_id, spends.month, spends.currency).await?;
        let before = facts.spent_minor();
        let Some(told) = facts.budget.and_then(|budget| alert::due(&spends, &budget, before)) else { return Ok(None) };
        let wanted = FamilyWanted { family: Some(change.family_id), ..FamilyWanted::default() };
        let Some(family) = self.family_facts(&wanted).await?.family else { return Ok(None) };
        let people = self.people_of(&alert::listeners(&family)).await?;
        let mut change = change.clone();
        alert::tell(&mut change, &family, told, before.saturating_add(spends.added_minor), &people);
        Ok(Some(change))
    }

    /// What comes again and is due at this moment, those first that have waited longest, at most `most`. The index is
    /// eventually consistent: the record itself decides.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn due_recurring(&self, now: Moment, most: i32) -> Result<Vec<(FamilyId, RecurringId)>, StoreError> {
        let items = self.due(plan::PENDING_RECURRING, now, most).await?;
        Ok(items.iter().filter_map(Key::of).filter_map(|key| plan::recurring_of(&key)).collect())
    }
}

/// For which goal a transfer was put aside.
#[derive(Deserialize)]
struct Link {
    goal_id: GoalId,
}

/// Whose something is.
#[derive(Serialize, Deserialize)]
struct Owner {
    family_id: FamilyId,
}

impl BudgetFacts {
    /// What the category has cost, in minor units.
    #[must_use]
    pub fn spent_minor(&self) -> i64 {
        self.spent.iter().fold(0_i64, |sum, total| sum.saturating_add(total.added.expense_minor))
    }
}

impl Transaction<'_> {
    /// Adds a record of what a family plans. The head's condition guards all but what lies elsewhere.
    pub(crate) fn plan_write(self, family: FamilyId, write: &FamilyWrite) -> Result<Self, StoreError> {
        let always = |transaction: Self, item| transaction.put(Guard::Ledger, item, None, vec![]);
        let gone =
            |transaction: Self, key: &Key| transaction.delete(Guard::Ledger, key, "attribute_exists(pk)", vec![]);
        Ok(match write {
            FamilyWrite::Budget(budget) => {
                always(self, item(&plan::budget(family, budget.category_id), "budget", budget)?)
            }
            FamilyWrite::NoBudget(category) => gone(self, &plan::budget(family, *category)),
            FamilyWrite::Goal(goal) => always(self, item(&plan::goal(family, goal.id), "goal", goal)?),
            FamilyWrite::GoalOwner(id) => self.plan_owner(&plan::goal_owner(*id), "goal_owner", family)?,
            FamilyWrite::NoGoal(id) => gone(gone(self, &plan::goal(family, *id)), &plan::goal_owner(*id)),
            FamilyWrite::GoalLink(movement, goal) => {
                let link = item(&plan::goal_link(*movement), "goal_link", json!({ "goal_id": goal }))?;
                self.put(Guard::GoalLink, link, Some("attribute_not_exists(pk)"), vec![])
            }
            FamilyWrite::Recurring(recurring) => always(self, recurring_item(family, recurring)?),
            FamilyWrite::RecurringOwner(id) => {
                self.plan_owner(&plan::recurring_owner(*id), "recurring_owner", family)?
            }
            FamilyWrite::NoRecurring(id) => {
                gone(gone(self, &plan::recurring(family, *id)), &plan::recurring_owner(*id))
            }
            _ => return Err(StoreError::Unreadable("not a record of what is planned".into())),
        })
    }

    fn plan_owner(self, key: &Key, kind: &str, family: FamilyId) -> Result<Self, StoreError> {
        let owner = item(key, kind, Owner { family_id: family })?;
        Ok(self.put(Guard::Ledger, owner, Some("attribute_not_exists(pk)"), vec![]))
    }
}

/// It stands in the index at its next due day while it runs.
fn recurring_item(family: FamilyId, recurring: &Recurring) -> Result<Item, StoreError> {
    let mut record = item(&plan::recurring(family, recurring.id), "recurring", recurring)?;
    if let Some(next_on) = recurring.next_on.filter(|_| recurring.paused.is_none()) {
        record.insert(PENDING_PK.into(), text(plan::PENDING_RECURRING));
        record.insert(PENDING_AT.into(), number(next_on.begins_at().millis()));
    }
    Ok(record)
}
