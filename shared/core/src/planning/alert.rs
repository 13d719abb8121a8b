//! A payment that brings a budget to 80 or 100 % tells so in the same commit, once.

use serde_json::json;

use crate::{
    CategoryId, ChatId, OutId, Person, UserId,
    budget::{Budget, Level},
    family::{Change, Family, FamilyWrite, Permission},
    ledger::{Dimension, Month},
    messaging::{
        BotCall, Origin, OutMessage, Text,
        words::{Language, alerts},
    },
    money::Currency,
};

/// What a change adds to what a category has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spends {
    /// Which category.
    pub category_id: CategoryId,
    /// In which month.
    pub month: Month,
    /// In which currency.
    pub currency: Currency,
    /// How much, in minor units, above zero.
    pub added_minor: i64,
}

/// What this change adds to the cost of a category that has a budget; none where it adds nothing. A change executes one
/// transaction at most.
#[must_use]
pub fn spends(change: &Change) -> Option<Spends> {
    spends_on_any(change).filter(|spends| change.before.budgeted.contains(&spends.category_id))
}

fn spends_on_any(change: &Change) -> Option<Spends> {
    change.writes.iter().find_map(|write| match write {
        FamilyWrite::Total(total) if total.added.expense_minor > 0 => match total.dimension {
            Dimension::Category(category_id) => Some(Spends {
                category_id,
                month: total.month,
                currency: total.currency,
                added_minor: total.added.expense_minor,
            }),
            _ => None,
        },
        _ => None,
    })
}

/// The level that is to be told of, with the budget that says it was.
#[must_use]
pub fn due(spends: &Spends, budget: &Budget, before_minor: i64) -> Option<(Level, Budget)> {
    let fits = (budget.category_id, budget.currency) == (spends.category_id, spends.currency);
    let after_minor = before_minor.saturating_add(spends.added_minor);
    if fits { budget.alert(spends.month, before_minor, after_minor) } else { None }
}

/// Who is told: whoever may change budgets.
#[must_use]
pub fn listeners(family: &Family) -> Vec<UserId> {
    family.who_may(Permission::ChangeBudgets, None)
}

/// Adds the mark, the event and the messages to the change. `after_minor` is what the category has cost with it.
pub fn tell(change: &mut Change, family: &Family, told: (Level, Budget), after_minor: i64, people: &[Person]) {
    let (level, budget) = told;
    let spending = budget.spending(after_minor);
    let currency = budget.currency;
    change.happened(
        "budget.alert",
        json!({
            "category_id": budget.category_id,
            "level": level.percent(),
            "limit": currency.format(budget.limit_minor),
            "spent": currency.format(after_minor),
            "currency": currency,
        }),
    );
    let (spent, limit) = (currency.show(after_minor), currency.show(budget.limit_minor));
    let left = currency.show(spending.left_minor.saturating_abs());
    let category = family.category(budget.category_id).map(|category| category.name.as_str()).unwrap_or_default();
    let percent = spending.percent;
    let alert = alerts::BudgetAlert {
        family: &family.name,
        category,
        level,
        percent,
        spent: &spent,
        limit: &limit,
        left: &left,
    };
    send(change, people, |language| alerts::budget(language, &alert));
    change.write(FamilyWrite::Budget(budget));
}

/// One message to each of these people who is in Telegram, in their language.
pub(crate) fn send(change: &mut Change, people: &[Person], text: impl Fn(Language) -> Text) {
    let created_at = change.at;
    for person in people {
        let Some(telegram_id) = person.telegram_id else { continue };
        let call = BotCall::say(text(Language::of(&person.profile)));
        let chat_id = ChatId::from(telegram_id);
        let id = free_id(change, chat_id);
        change.messages.push(OutMessage { id, chat_id, call, origin: Origin::Bot, created_at });
    }
}

/// An id of this change's last hash, so that it needs no randomness; another one where the chat gets a message of that id with it.
fn free_id(change: &Change, chat_id: ChatId) -> OutId {
    let digits = change.head.hash.get(..12).unwrap_or_default();
    let random = u64::from_str_radix(digits, 16).unwrap_or_default();
    let of_approval = change.approval.iter().flat_map(|approval| &approval.messages);
    let taken: Vec<OutId> = change
        .messages
        .iter()
        .chain(of_approval)
        .filter(|message| message.chat_id == chat_id)
        .map(|message| message.id)
        .collect();
    let ids = (0_u64..).map(|more| OutId::fresh(change.at, random.wrapping_add(more)));
    ids.into_iter().find(|id| !taken.contains(id)).unwrap_or_else(|| OutId::fresh(change.at, random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FamilyId, Moment, TelegramId,
        chain::Head,
        family::FamilyPermit,
        ledger::{Sums, TotalChange},
    };

    fn change(budgeted: &[u64]) -> Change {
        let permit = FamilyPermit::of_hour(FamilyId::new(1).unwrap());
        let budgeted = budgeted.iter().filter_map(|id| CategoryId::new(*id)).collect();
        let head = Head { seq: 4, budgeted, ..Head::default() };
        let mut change = Change::begin(&permit, &head, Moment::from_seconds(1_800_000_000));
        let of = |dimension, expense_minor| {
            let added = Sums { expense_minor, movements: 1, ..Sums::default() };
            let (month, currency) = (Month::of(change.at), Currency::parse("EUR").unwrap());
            FamilyWrite::Total(TotalChange { dimension, month, currency, added })
        };
        let totals = [of(Dimension::Family, 500), of(Dimension::Category(CategoryId::new(7).unwrap()), 500)];
        totals.into_iter().for_each(|total| change.write(total));
        change
    }

    #[test]
    fn only_a_category_with_a_budget_is_asked_about() {
        let spends_of =
            |budgeted: &[u64]| spends(&change(budgeted)).map(|spends| (spends.category_id.get(), spends.added_minor));
        assert_eq!(spends_of(&[7]), Some((7, 500)));
        assert_eq!(spends_of(&[8]), None);
        assert_eq!(spends_of(&[]), None);
    }

    #[test]
    fn two_messages_to_one_chat_have_two_ids() {
        let (mut change, at) = (change(&[7]), Moment::from_seconds(1_800_000_000));
        change.happened("test.happened", json!({}));
        let person = |id| Person::new(UserId::new(1).unwrap(), TelegramId::new(id), "user", at);
        let unbound = Person::new(UserId::new(2).unwrap(), None, "user", at);
        send(&mut change, &[person(5), unbound, person(5), person(6)], |_| Text::plain("Hello"));
        let sent: Vec<_> = change.messages.iter().map(|message| (message.chat_id.get(), message.id)).collect();
        assert_eq!(sent.iter().map(|(chat, _)| *chat).collect::<Vec<_>>(), [5, 5, 6]);
        assert!(sent[0].1 != sent[1].1 && sent[0].1 == sent[2].1, "{sent:?}");
    }
}
