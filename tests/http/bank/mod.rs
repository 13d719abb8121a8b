//! A bank under load: workers over several processes, with faults and kills, and afterwards every unit is accounted for.

mod calls;
mod house;
mod ledger;
mod ledger_check;
mod process;
pub(crate) mod proxy;
mod reader;
mod table;
mod worker;

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use countersign_testkit::Call;
use serde_json::json;
use tokio::task::JoinSet;

use calls::{Outcome, Sent};
use house::{Doors, House};
use ledger::Ledger;
use proxy::Fault;
use reader::Watched;
use table::Table;
use worker::{Family, Progress, Shared};

/// How many work at once.
const WORKERS: usize = 20;
/// How long they work, in seconds; `BANK_SECONDS` says otherwise.
const SECONDS: u64 = 12;
/// The pause between two kills, in milliseconds.
const KILL_MILLIS: std::ops::Range<u64> = 1_200..2_500;
/// Longer than the proxy holds a call back: whatever is under way has arrived.
const SETTLED: Duration = Duration::from_millis(2_500);
/// How many snapshots and calls a run has at least: with fewer it shows little.
const LEAST: usize = 60;
/// How many refused calls are sent once more.
const REPEATED: usize = 100;
/// What anybody but the owner may pay without approval while it runs, in the first family; in whole units.
const WINDOW: i64 = 3_000;
/// The faults that every run sees.
const SEEN: [Fault; 3] = [Fault::CutAfter, Fault::Conflict, Fault::Throttled];
/// How many kills it has at least: the second is the system's.
const KILLS: usize = 3;
/// How much longer it goes on for these, on a machine that has little time for it.
const PATIENCE: Duration = Duration::from_secs(90);

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// This month and the next: a run may see the end of one.
fn months() -> Vec<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let month = |seconds: u64| {
        countersign_core::Moment::from_seconds(i64::try_from(seconds).unwrap()).to_rfc3339()[..7].to_owned()
    };
    let (this, next) = (month(now), month(now + 3_600));
    if this == next { vec![this] } else { vec![this, next] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_falls_every_unit_is_accounted_for() {
    let seed = variable("BANK_SEED").unwrap_or_else(|| fastrand::u64(1..1_000_000));
    let seconds = variable("BANK_SECONDS").unwrap_or(SECONDS);
    println!("BANK_SEED={seed} BANK_SECONDS={seconds}");
    let folder = tempfile::tempdir().unwrap();
    let mut house = House::start(folder.path(), seed).await;
    let demo = house.demo();
    let families: Vec<Family> = demo["families"].as_array().unwrap().iter().map(Family::of).collect();
    let doors = Arc::new(Doors::default());
    house.open(&doors);
    has_a_window(&doors, &families[0]).await;
    let table = Table::at(house.window.url(), demo["table_name"].as_str().unwrap());
    let mut watched = Vec::new();
    for family in &families {
        watched.push(Watched::of(&table, family.id, &family.wallets, &months()).await);
    }

    let progress = Arc::new(Progress::default());
    let shared = Shared {
        families: Arc::new(families),
        doors: doors.clone(),
        known: Arc::default(),
        progress: progress.clone(),
    };
    house.proxy.arm(true);
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        workers.spawn(worker::work(shared.clone(), number, seed));
    }
    let reader = tokio::spawn(reader::watch(table.clone(), watched, progress.clone()));
    let kills = run(&mut house, &doors, &progress, (seed, Duration::from_secs(seconds))).await;
    let mut sent: Vec<Sent> = workers.join_all().await.into_iter().flatten().collect();
    reader.await.unwrap();
    house.proxy.arm(false);
    tokio::time::sleep(SETTLED).await;
    println!("{kills} kills, {} snapshots; {}", progress.snapshots.load(Ordering::Relaxed), house.proxy);

    let tally = check(&table, &shared.families, &sent).await;
    println!("{tally:?}");
    assert!(progress.reached(LEAST) && kills >= KILLS, "the run shows too little");
    assert!(SEEN.iter().all(|fault| house.proxy.struck(*fault) > 0), "a fault never struck: {}", house.proxy);
    assert_eq!(progress.unseen(), Vec::<&str>::new(), "never done");
    // Whatever stayed unknown is answered now, by the same key, and agrees with what was found.
    for unknown in sent.iter_mut().filter(|sent| sent.is_unknown()) {
        let outcome = doors.ask(&unknown.call()).await;
        unknown.came(outcome);
    }
    let again = check(&table, &shared.families, &sent).await;
    println!("asked again: {again:?}");
    assert_eq!(again.unknown, 0, "an undisturbed house answers");
    assert!(again.done >= tally.done + tally.unknown_but_done, "what was done was answered otherwise");
    stay_refused(&doors, &sent).await;
    for family in shared.families.iter() {
        the_log_verifies(&doors, family).await;
    }
    let families: Vec<u64> = shared.families.iter().map(|family| family.id).collect();
    let (sound, said) = process::prove_totals(folder.path(), &families).await;
    println!("{said}");
    assert!(sound && said.lines().count() == families.len(), "the program itself finds the books unsound");
}

/// Kills one process after the other, by chance, and starts each again, until the time is over and enough was seen of it; how
/// many.
async fn run(house: &mut House, doors: &Doors, progress: &Progress, (seed, time): (u64, Duration)) -> usize {
    let (begun, mut dice, mut kills) = (Instant::now(), fastrand::Rng::with_seed(seed), 0);
    let is_enough = |house: &House, kills| {
        let struck = SEEN.iter().all(|fault| house.proxy.struck(*fault) > 0);
        let seen = progress.reached(LEAST) && progress.unseen().is_empty() && struck;
        begun.elapsed() >= time && kills >= KILLS && seen
    };
    while !is_enough(house, kills) && begun.elapsed() < time + PATIENCE {
        tokio::time::sleep(Duration::from_millis(dice.u64(KILL_MILLIS))).await;
        // The whole system falls too, the table with it, but less often than a gateway.
        let which = if kills % 3 == 1 { 0 } else { dice.usize(1..3) };
        house.kill(which, doors).await;
        kills += 1;
    }
    progress.end();
    kills
}

async fn check(table: &Table, families: &[Family], sent: &[Sent]) -> ledger_check::Tally {
    let items = table.items().await;
    let ledgers: Vec<Ledger> = families.iter().map(|family| Ledger::of(&items, family.id)).collect();
    ledgers.iter().for_each(Ledger::adds_up);
    let paid = ledgers[0].paid_without_approval(families[0].member.id);
    assert!((1..=WINDOW * 100).contains(&paid), "{paid} were paid past a window of {WINDOW}.00");
    ledger_check::hold(sent, &ledgers)
}

/// A rule that what the member pays within a week is counted by.
async fn has_a_window(doors: &Doors, family: &Family) {
    let rules = json!({ "rules": [{ "role": "member", "window_days": 7, "limit": WINDOW.to_string() }] });
    let path = format!("/api/v1/families/{}", family.id);
    let set = doors.ask(&Call::new("PATCH", &path).json(&rules).bearer(&family.owner.token)).await;
    assert!(matches!(set, Outcome::Done(_)), "{set:?}");
}

/// By now the money may be there: what was refused stays refused for its key, to the letter.
async fn stay_refused(doors: &Doors, sent: &[Sent]) {
    let refused = sent.iter().filter(|sent| matches!(sent.outcome, Outcome::Refused(409, _)));
    for refused in refused.take(REPEATED) {
        assert_eq!(doors.ask(&refused.call()).await, refused.outcome, "{} is answered otherwise", refused.key);
    }
}

/// Part by part, to the end of the log.
async fn the_log_verifies(doors: &Doors, family: &Family) {
    let mut after = Some(0);
    while let Some(seq) = after {
        let path = format!("/api/v1/events/verify?family_id={}&after={seq}", family.id);
        let answer = doors.ask(&Call::get(&path).bearer(&family.owner.token)).await;
        let Outcome::Done(proof) = answer else { panic!("{answer:?}") };
        assert_eq!(proof["valid"], true, "{proof}");
        after = proof["next_after"].as_u64();
        assert!(after.is_some() || proof["complete"] == true, "{proof}");
    }
}
