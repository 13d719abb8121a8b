//! Holds what the workers were told against what the ledger says: done once, refused never, unknown once or never.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    calls::{Act, Outcome, Sent},
    ledger::Ledger,
};

/// How the calls ended, for whoever reads the output.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) done: usize,
    pub(super) refused: usize,
    pub(super) unknown: usize,
    /// Of the unknown ones: those that were done.
    pub(super) unknown_but_done: usize,
}

/// Every call of these families' workers against the ledgers.
pub(super) fn hold(sent: &[Sent], ledgers: &[Ledger]) -> Tally {
    let mut tally = Tally::default();
    for ledger in ledgers {
        let calls: Vec<&Sent> = sent.iter().filter(|sent| sent.family == ledger.family).collect();
        payments(&calls, ledger, &mut tally);
        reversals(&calls, ledger, &mut tally);
        closings(&calls, ledger, &mut tally);
    }
    tally
}

impl Tally {
    fn count(&mut self, sent: &Sent, there: usize) {
        let said = format!("{sent:?} is {there} times in the ledger");
        match &sent.outcome {
            Outcome::Done(_) => {
                assert_eq!(there, 1, "done, but {said}");
                self.done += 1;
            }
            Outcome::Refused(..) => {
                assert_eq!(there, 0, "refused, but {said}");
                self.refused += 1;
            }
            Outcome::Unknown => {
                assert!(there <= 1, "{said}");
                self.unknown += 1;
                self.unknown_but_done += there;
            }
        }
    }
}

/// The transactions by what was said of them: the key of their call.
fn by<'a>(ledger: &'a Ledger, member: &str) -> BTreeMap<&'a str, Vec<&'a Value>> {
    let mut found: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for movement in ledger.movements.values() {
        if let Some(key) = movement[member].as_str() {
            found.entry(key).or_default().push(movement);
        }
    }
    found
}

fn payments(calls: &[&Sent], ledger: &Ledger, tally: &mut Tally) {
    let mut entered = by(ledger, "description");
    for sent in calls {
        let Act::Pay { from, to, minor, category } = &sent.act else { continue };
        let there = entered.remove(sent.key.as_str()).unwrap_or_default();
        tally.count(sent, there.len());
        for movement in there {
            let asked = (*from, *to, Some(*minor), *category, Some(sent.by));
            let number = |name: &str| movement[name].as_u64();
            let is = (
                number("from_wallet_id"),
                number("to_wallet_id"),
                movement["amount_minor"].as_i64(),
                number("category_id"),
                number("made_by"),
            );
            assert_eq!(is, asked, "{movement}");
            if let Some(body) = sent.done() {
                assert_eq!(body["id"], movement["id"], "{sent:?}");
                assert_eq!(body["status"] == "executed", movement["waiting"].is_null(), "{sent:?}");
            }
        }
    }
    assert!(entered.keys().all(|key| !key.starts_with("bank-")), "nobody asked for {entered:?}");
}

fn reversals(calls: &[&Sent], ledger: &Ledger, tally: &mut Tally) {
    let mut entered = by(ledger, "reason");
    for sent in calls {
        let Act::Reverse(id) = sent.act else { continue };
        let there = entered.remove(sent.key.as_str()).unwrap_or_default();
        tally.count(sent, there.len());
        for movement in there {
            let is = (movement["reverses"].as_u64(), movement["made_by"].as_u64());
            assert_eq!(is, (Some(id), Some(sent.by)), "{movement}");
            if let Some(body) = sent.done() {
                assert_eq!(body["reversal_transaction_id"], movement["id"], "{sent:?}");
            }
        }
    }
    assert!(entered.is_empty(), "nobody asked for {entered:?}");
}

/// A transaction is closed by one call. One that was answered bears its name; else it is one of those that are unknown.
fn closings(calls: &[&Sent], ledger: &Ledger, tally: &mut Tally) {
    let mut by_target: BTreeMap<u64, Vec<(&Sent, &str)>> = BTreeMap::new();
    for sent in calls {
        let (id, end) = match sent.act {
            Act::Confirm(id) => (id, "executed"),
            Act::Reject(id) => (id, "rejected"),
            Act::Cancel(id) => (id, "cancelled"),
            Act::Pay { .. } | Act::Reverse(_) => continue,
        };
        by_target.entry(id).or_default().push((sent, end));
    }
    let closed: BTreeSet<u64> = ledger.closings.keys().copied().collect();
    for id in by_target.keys().copied().collect::<BTreeSet<u64>>().union(&closed) {
        let empty = Vec::new();
        let calls = by_target.get(id).unwrap_or(&empty);
        let closing = ledger.closings.get(id);
        let is_it = |sent: &Sent, end: &str| {
            closing.is_some_and(|closing| closing["end"] == end && closing["decided_by"].as_u64() == Some(sent.by))
        };
        let winners: Vec<_> = calls.iter().filter(|(sent, _)| sent.done().is_some()).collect();
        assert!(winners.len() <= 1, "transaction {id} was decided twice: {winners:?}");
        // Who was answered did it; where nobody was, one of the unknown did, and it does not matter which.
        let mut done_by = winners.first().map(|(sent, _)| sent.key.as_str());
        let unknown = calls.iter().find(|(sent, end)| sent.is_unknown() && is_it(sent, end));
        done_by = done_by.or(unknown.map(|(sent, _)| sent.key.as_str()));
        assert!(closing.is_none() || done_by.is_some(), "nobody decided transaction {id}: {closing:?}, {calls:?}");
        for (sent, end) in calls {
            let did = Some(sent.key.as_str()) == done_by && is_it(sent, end);
            tally.count(sent, usize::from(did));
        }
    }
}
