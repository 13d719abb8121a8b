//! A worker of the bank: moves money at random, decides what waits, reverses what is done, and remembers every call.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use super::{
    calls::{Act, Outcome, Sent},
    house::Doors,
};

/// A family as its workers know it.
#[derive(Clone)]
pub(super) struct Family {
    pub(super) id: u64,
    pub(super) owner: Person,
    pub(super) member: Person,
    pub(super) wallets: Vec<u64>,
    pub(super) categories: Vec<u64>,
}

/// Somebody of it.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) token: String,
}

impl Family {
    /// As demo.json describes it.
    pub(super) fn of(demo: &Value) -> Self {
        let ids = |name: &str| demo[name].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect();
        let person = |name: &str| Person {
            id: demo[name]["user_id"].as_u64().unwrap(),
            token: demo[name]["access_token"].as_str().unwrap().to_owned(),
        };
        Self {
            id: demo["id"].as_u64().unwrap(),
            owner: person("owner"),
            member: person("member"),
            wallets: ids("wallets"),
            categories: ids("categories"),
        }
    }
}

/// What all workers know: transactions that wait or are executed, and who entered them.
#[derive(Default)]
pub(super) struct Known {
    waiting: Mutex<Vec<(usize, u64, u64)>>,
    executed: Mutex<Vec<(usize, u64)>>,
}

/// Everything that a worker shares with the others.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) families: Arc<Vec<Family>>,
    pub(super) doors: Arc<Doors>,
    pub(super) known: Arc<Known>,
    pub(super) progress: Arc<Progress>,
}

/// What every run does at least once.
const ACTS: [&str; 5] = ["pay", "confirm", "reject", "cancel", "reverse"];

/// How far the run is, and whether it is over.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) done: AtomicUsize,
    pub(super) snapshots: AtomicUsize,
    acts: [AtomicUsize; ACTS.len()],
    over: AtomicBool,
}

impl Progress {
    /// Ends the run.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    fn was_done(&self, act: &Act) {
        let place = match act {
            Act::Pay { .. } => 0,
            Act::Confirm(_) => 1,
            Act::Reject(_) => 2,
            Act::Cancel(_) => 3,
            Act::Reverse(_) => 4,
        };
        self.acts[place].fetch_add(1, Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// What was never done so far.
    pub(super) fn unseen(&self) -> Vec<&'static str> {
        let never = |(_, count): &(&'static str, &AtomicUsize)| count.load(Ordering::Relaxed) == 0;
        ACTS.into_iter().zip(&self.acts).filter(never).map(|(act, _)| act).collect()
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Whether so much was done that the run shows something.
    pub(super) fn reached(&self, least: usize) -> bool {
        [&self.done, &self.snapshots].iter().all(|counted| counted.load(Ordering::Relaxed) >= least)
    }
}

/// Works until the end; every call that it sent.
pub(super) async fn work(shared: Shared, number: usize, seed: u64) -> Vec<Sent> {
    let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(1_000).wrapping_add(number as u64));
    let mut sent: Vec<Sent> = Vec::new();
    while !shared.progress.is_over() {
        let Some(mut next) = choose(&shared, &mut dice) else { continue };
        next.key = format!("bank-{seed}-{number}-{}", sent.len());
        send(&shared, &mut next, &mut dice).await;
        // What is unknown is asked for again later, by the same key, but for some: those stay unknown to the end.
        while next.is_unknown() && next.times < 4 && dice.u32(0..10) < 8 {
            tokio::time::sleep(Duration::from_millis(dice.u64(20..400))).await;
            send(&shared, &mut next, &mut dice).await;
        }
        sent.push(next);
    }
    sent
}

async fn send(shared: &Shared, sent: &mut Sent, dice: &mut fastrand::Rng) {
    let outcome = shared.doors.send(&sent.call(), dice).await;
    if let Outcome::Done(body) = &outcome {
        shared.known.learn(&shared.families, sent, body);
        shared.progress.was_done(&sent.act);
    }
    sent.came(outcome);
}

impl Known {
    fn learn(&self, families: &[Family], sent: &Sent, body: &Value) {
        let Some(family) = families.iter().position(|family| family.id == sent.family) else { return };
        let id = |name: &str| body[name].as_u64();
        match (&sent.act, body["status"].as_str()) {
            (Act::Pay { .. }, Some("executed")) => lock(&self.executed).extend(id("id").map(|id| (family, id))),
            (Act::Pay { .. }, _) => lock(&self.waiting).extend(id("id").map(|id| (family, id, sent.by))),
            (Act::Confirm(id), _) => lock(&self.executed).push((family, *id)),
            (Act::Reverse(_), Some("pending_approval")) => {
                lock(&self.waiting).extend(id("reversal_transaction_id").map(|id| (family, id, sent.by)));
            }
            _ => {}
        }
    }

    /// One that waits, by chance: a late one more often, because the early ones are decided.
    fn waiting(&self, dice: &mut fastrand::Rng) -> Option<(usize, u64, u64)> {
        let all = lock(&self.waiting);
        let first = if dice.u32(0..4) == 0 { 0 } else { all.len().saturating_sub(12) };
        (!all.is_empty()).then(|| all[dice.usize(first..all.len())])
    }

    fn executed(&self, dice: &mut fastrand::Rng) -> Option<(usize, u64)> {
        let all = lock(&self.executed);
        (!all.is_empty()).then(|| all[dice.usize(0..all.len())])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn choose(shared: &Shared, dice: &mut fastrand::Rng) -> Option<Sent> {
    let known = &shared.known;
    let (family, by, act) = match dice.u32(0..100) {
        0..60 => pay(shared, dice),
        60..72 => {
            let (family, id, _) = known.waiting(dice)?;
            (family, anybody(&shared.families[family], dice, 9), Act::Confirm(id))
        }
        72..78 => {
            let (family, id, _) = known.waiting(dice)?;
            (family, anybody(&shared.families[family], dice, 9), Act::Reject(id))
        }
        78..84 => {
            let (family, id, by) = known.waiting(dice)?;
            let people = &shared.families[family];
            (family, if by == people.owner.id { people.owner.clone() } else { people.member.clone() }, Act::Cancel(id))
        }
        _ => {
            let (family, id) = known.executed(dice)?;
            (family, anybody(&shared.families[family], dice, 9), Act::Reverse(id))
        }
    };
    let family = shared.families[family].id;
    let (key, outcome) = (String::new(), Outcome::Unknown);
    Some(Sent { act, family, by: by.id, token: by.token, key, outcome, times: 0 })
}

/// The owner in so many of ten cases, else the member.
fn anybody(family: &Family, dice: &mut fastrand::Rng, owner: u32) -> Person {
    if dice.u32(0..10) < owner { family.owner.clone() } else { family.member.clone() }
}

fn pay(shared: &Shared, dice: &mut fastrand::Rng) -> (usize, Person, Act) {
    let place = dice.usize(0..shared.families.len());
    let family = &shared.families[place];
    let from = dice.usize(0..family.wallets.len());
    let to = (from + dice.usize(1..family.wallets.len())) % family.wallets.len();
    let (from, to) = (family.wallets[from], family.wallets[to]);
    let minor = match dice.u32(0..10) {
        0..2 => dice.i64(50_001..90_000),
        2..4 => dice.i64(10_000..50_001),
        _ => dice.i64(1..10_000),
    };
    let category = family.categories.get(dice.usize(0..family.categories.len() + 1)).copied();
    let (owner, from, to) = match dice.u32(0..10) {
        0..2 => (10, None, Some(to)),
        2..4 => (3, Some(from), None),
        _ => (3, Some(from), Some(to)),
    };
    (place, anybody(family, dice, owner), Act::Pay { from, to, minor, category })
}
