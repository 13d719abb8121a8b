//! What a schedule runs: whatever comes again and is due is entered, each due day once, as whoever set it might enter it.

use countersign_core::{
    FamilyId, MovementId, Person, RecurringId, Refusal,
    family::{Change, Family, FamilyPermit, Permission, member_permit, unknown_family},
    ledger::{Kind, Payment, PaymentFacts, Posted, judge, post},
    limits,
    planning::{Ground, recurring as planning},
    policy,
    recurring::Recurring,
};
use countersign_edge::clock;
use countersign_store::{Along, FamilyFacts, FamilyWanted, Store, StoreError, Undone};

use crate::transactions::asking::{Question, ask};

/// What a run did, for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Run {
    /// How many recurring transactions were due.
    pub found: usize,
    /// How many due days were entered.
    pub entered: usize,
    /// How many could not be entered and pause.
    pub paused: usize,
    /// How many could not be looked at; the next run does.
    pub failed: usize,
}

/// Enters what is due. Each that cannot be entered pauses, and whoever set it is told; what goes wrong with one of them keeps no
/// other from its turn.
///
/// # Errors
/// 503 where the table cannot be read.
pub async fn run(store: &Store) -> Result<Run, Refusal> {
    let due = store.due_recurring(clock::now(), limits::RECURRING_AT_ONCE).await?;
    let mut run = Run { found: due.len(), ..Run::default() };
    for (family, id) in due {
        run.catch_up(store, family, id).await;
    }
    if run.found > 0 {
        let Run { found, entered, paused, failed } = run;
        tracing::info!(found, entered, paused, failed, "looked at what comes again");
    }
    Ok(run)
}

impl Run {
    /// Enters the due days of one, in order, so many at most: the next run goes on.
    async fn catch_up(&mut self, store: &Store, family: FamilyId, id: RecurringId) {
        for _ in 0..limits::RECURRING_CATCH_UP {
            match store.in_turn(|| attempt(store, family, id)).await {
                Ok(Step::Entered) => self.entered += 1,
                Ok(Step::Paused) => return self.paused += 1,
                Ok(Step::Nothing) => return,
                Err(refusal) => {
                    tracing::error!(family_id = family.get(), recurring_id = id.get(), %refusal, "not entered");
                    return self.failed += 1;
                }
            }
        }
    }
}

/// What became of one due day.
enum Step {
    /// It was entered: the next one may be due as well.
    Entered,
    /// It could not be entered.
    Paused,
    /// Nothing is due any more.
    Nothing,
}

/// A due day, with all that it is judged by.
struct DueDay {
    recurring: Recurring,
    found: FamilyFacts,
    family: Family,
    maker: Option<Person>,
}

async fn attempt(store: &Store, family: FamilyId, id: RecurringId) -> Result<Step, Undone> {
    let Some(due) = read(store, family, id).await? else { return Ok(Step::Nothing) };
    let (change, step) = match enter(store, &due).await {
        Ok(change) => (change, Step::Entered),
        Err(refusal) if refusal.kind.status() >= 500 => return Err(refusal.into()),
        Err(refusal) => {
            let ground = Ground { family: &due.family, head: &due.found.head };
            let people: Vec<Person> = due.maker.clone().into_iter().collect();
            (planning::pause(ground, &due.recurring, &refusal.public, &people, clock::now()), Step::Paused)
        }
    };
    store.commit_family(&change, Along::default()).await?;
    Ok(step)
}

/// Reads it, the family, and it again: what is committed is of the moment of the family's head.
async fn read(store: &Store, family: FamilyId, id: RecurringId) -> Result<Option<DueDay>, Undone> {
    let Some(first) = store.recurring(family, id).await? else { return Ok(None) };
    let wallets = [first.from_wallet_id, first.to_wallet_id].into_iter().flatten().collect();
    let wanted = FamilyWanted { family: Some(family), wallets, spent: Some(first.made_by), ..FamilyWanted::default() };
    let found = store.family_facts(&wanted).await?;
    let Some(recurring) = store.recurring(family, id).await? else { return Ok(None) };
    if recurring.due(clock::now()).is_none() {
        return Ok(None);
    }
    if recurring.made_by != first.made_by {
        // Somebody changed it meanwhile: what was read of who has paid is another's.
        return Err(StoreError::Conflict.into());
    }
    let family = found.family.clone().ok_or_else(unknown_family)?;
    let maker = store.people_of(&[recurring.made_by]).await?.into_iter().next();
    Ok(Some(DueDay { recurring, found, family, maker }))
}

/// The change that enters it, with the step to the next due day.
async fn enter(store: &Store, due: &DueDay) -> Result<Change, Refusal> {
    let payment = due.recurring.payment();
    let permit = permit(due, payment.kind())?;
    let facts = PaymentFacts {
        family: due.family.clone(),
        head: due.found.head.clone(),
        from: due.found.wallet(payment.from),
        to: due.found.wallet(payment.to),
        spent: due.found.spent.clone(),
    };
    let now = clock::now();
    let (judged, id) = (judge(&permit, &facts, &payment, now)?, MovementId::fresh(now, clock::random()));
    let asking = if judged.reasons.is_empty() {
        None
    } else {
        let maker = due.maker.as_ref().ok_or_else(policy::unknown_person)?;
        let question = question(&facts, &payment, judged.amount_minor, judged.currency);
        Some(ask(store, id, maker, &question, judged.reasons.clone()).await?)
    };
    let waiting = asking.as_ref().map(|asking| asking.waiting.clone());
    let (mut change, _) = post(&permit, &facts, &payment, &judged, Posted { id, waiting }, now)?;
    change.approval = asking.map(|asking| Box::new(asking.approval));
    planning::paid(&mut change, &due.recurring);
    Ok(change)
}

/// What whoever set it may do now.
fn permit(due: &DueDay, kind: Kind) -> Result<FamilyPermit, Refusal> {
    let maker = due.recurring.made_by;
    let left = || Refusal::forbidden("Whoever set it is not in the family any more");
    let member = due.family.member(maker).ok_or_else(left)?;
    let permission = if kind == Kind::Income { Permission::BookIncome } else { Permission::Pay };
    member_permit(&format!("u:{maker}"), &due.family, member, permission)
}

fn question<'a>(
    facts: &'a PaymentFacts,
    payment: &'a Payment,
    amount_minor: i64,
    currency: countersign_core::money::Currency,
) -> Question<'a> {
    Question {
        family: &facts.family,
        from: facts.from.as_ref(),
        to: facts.to.as_ref(),
        amount_minor,
        currency,
        category: payment.category,
        description: payment.description.as_deref(),
        reversal: None,
    }
}
