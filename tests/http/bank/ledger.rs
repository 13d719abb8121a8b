//! A family's ledger as it lies in the table, folded by the test itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::table::{Items, number, text};

/// What there is of a family.
pub(super) struct Ledger {
    pub(super) family: u64,
    pub(super) head: Value,
    wallets: BTreeMap<u64, Value>,
    entries: Vec<Value>,
    events: Vec<Value>,
    totals: BTreeMap<String, Value>,
    open: BTreeSet<u64>,
    lines: BTreeMap<String, BTreeSet<u64>>,
    pub(super) movements: BTreeMap<u64, Value>,
    pub(super) closings: BTreeMap<u64, Value>,
    pub(super) marks: BTreeMap<u64, Value>,
}

impl Ledger {
    pub(super) fn of(items: &Items, family: u64) -> Self {
        let partition = format!("FAMILY#{family}");
        let within = |prefix: &str| -> Vec<Value> {
            let wanted = items.iter().filter(|((pk, sk), _)| *pk == partition && sk.starts_with(prefix));
            wanted.map(|(_, item)| item.clone()).collect()
        };
        let of_movements = |kind: &str| -> BTreeMap<u64, Value> {
            let wanted = items.iter().filter(|((pk, sk), _)| pk.starts_with("MOVEMENT#") && sk == kind);
            wanted.map(|((pk, _), item)| (pk["MOVEMENT#".len()..].parse().unwrap(), item.clone())).collect()
        };
        let movements: BTreeMap<u64, Value> =
            of_movements("MOVEMENT").into_iter().filter(|(_, movement)| movement["family_id"] == family).collect();
        let ours = |mut all: BTreeMap<u64, Value>| {
            all.retain(|id, _| movements.contains_key(id));
            all
        };
        let (closings, marks) = (ours(of_movements("CLOSING")), ours(of_movements("REVERSAL")));
        let mut lines: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for line in within("LIST#") {
            let sk = text(&line, "sk");
            let list = sk.rsplit_once('#').unwrap().0.to_owned();
            lines.entry(list).or_default().insert(line["movement_id"].as_u64().unwrap());
        }
        Self {
            family,
            head: items[&(partition.clone(), "HEAD".to_owned())].clone(),
            wallets: within("WALLET#").into_iter().map(|wallet| (wallet["id"].as_u64().unwrap(), wallet)).collect(),
            entries: within("ENTRY#"),
            events: within("EVENT#"),
            totals: within("TOTAL#").into_iter().map(|total| (text(&total, "sk"), total)).collect(),
            open: within("OPEN#").iter().map(|open| open["movement_id"].as_u64().unwrap()).collect(),
            lines,
            movements,
            closings,
            marks,
        }
    }

    /// How a transaction stands.
    pub(super) fn status(&self, id: u64) -> String {
        let waited = !self.movements[&id]["waiting"].is_null();
        match (waited, self.closings.get(&id)) {
            (true, None) => "pending_approval".to_owned(),
            (true, Some(closing)) => text(closing, "end"),
            (false, _) => "executed".to_owned(),
        }
    }

    /// What somebody has taken from wallets without approval, in minor units: what a window counts.
    pub(super) fn paid_without_approval(&self, user: u64) -> i64 {
        let counts = |movement: &&Value| {
            movement["made_by"] == user && movement["waiting"].is_null() && !movement["from_wallet_id"].is_null()
        };
        self.movements.values().filter(counts).map(|movement| movement["amount_minor"].as_i64().unwrap()).sum()
    }

    /// Everything that must hold whatever was done: each wallet, each list, each total, each event.
    pub(super) fn adds_up(&self) {
        self.sides_are_what_was_moved();
        self.wallets_are_their_entries();
        self.totals_are_the_entries();
        self.lists_are_whole();
        self.events_are_the_movements();
        self.reversals_are_single();
    }

    /// An executed transaction takes from one wallet what it gives to the other; any other one does nothing.
    fn sides_are_what_was_moved(&self) {
        let mut sides: BTreeMap<u64, BTreeMap<u64, i64>> = BTreeMap::new();
        for entry in &self.entries {
            let of = sides.entry(entry["movement_id"].as_u64().unwrap()).or_default();
            let before = of.insert(entry["wallet_id"].as_u64().unwrap(), number(entry, "delta_minor"));
            assert_eq!(before, None, "a wallet has two entries of one transaction: {entry}");
        }
        for (id, movement) in &self.movements {
            let mut due = BTreeMap::new();
            if self.status(*id) == "executed" {
                let amount = number(movement, "amount_minor");
                due.extend(movement["from_wallet_id"].as_u64().map(|from| (from, -amount)));
                due.extend(movement["to_wallet_id"].as_u64().map(|to| (to, amount)));
            }
            assert_eq!(sides.remove(id).unwrap_or_default(), due, "{movement}");
        }
        assert!(sides.is_empty(), "entries of no transaction: {sides:?}");
    }

    fn wallets_are_their_entries(&self) {
        for (id, wallet) in &self.wallets {
            let [balance, held, credit] =
                ["balance_minor", "held_minor", "credit_minor"].map(|name| number(wallet, name));
            let of_wallet = self.entries.iter().filter(|entry| entry["wallet_id"] == *id);
            let fold: i64 = of_wallet.map(|entry| number(entry, "delta_minor")).sum();
            assert_eq!(balance, fold, "its balance is not its entries: {wallet}");
            let holds: i64 =
                self.waiting().filter(|one| one["from_wallet_id"] == *id).map(|one| number(one, "amount_minor")).sum();
            assert_eq!(held, holds, "what is held is not what waits: {wallet}");
            assert!(balance >= -credit && balance + credit >= held, "below its limit: {wallet}");
        }
        let waiting: BTreeSet<u64> = self.waiting().map(|one| one["id"].as_u64().unwrap()).collect();
        assert_eq!(self.open, waiting);
        assert_eq!(number(&self.head, "open"), i64::try_from(waiting.len()).unwrap());
    }

    fn waiting(&self) -> impl Iterator<Item = &Value> {
        self.movements.iter().filter(|(id, _)| self.status(**id) == "pending_approval").map(|(_, movement)| movement)
    }

    /// Of each month, wallet, category and member: what its entries say, added up by another rule than the ledger's.
    fn totals_are_the_entries(&self) {
        let mut due: BTreeMap<String, [i64; 5]> = BTreeMap::new();
        for entry in &self.entries {
            let movement = &self.movements[&entry["movement_id"].as_u64().unwrap()];
            let kind = text(movement, "movement_kind");
            if kind == "opening" {
                continue;
            }
            let delta = number(entry, "delta_minor");
            let (from, to) = (movement["from_wallet_id"].as_u64(), movement["to_wallet_id"].as_u64());
            let reversal = kind == "reversal";
            let place = 2 * usize::from(from.is_some() && to.is_some()) + usize::from((delta < 0) != reversal);
            let mut sums = [0; 5];
            sums[place] = if reversal { -delta.abs() } else { delta.abs() };
            let wallet = entry["wallet_id"].as_u64().unwrap();
            let month = month_of(number(entry, "at"));
            let mut add = |of: &str, id: String, counts: bool| {
                sums[4] = i64::from(counts);
                let total = due.entry(format!("TOTAL#{of}#{month}#EUR#{id}")).or_default();
                for (total, more) in total.iter_mut().zip(sums) {
                    *total += more;
                }
            };
            let first = from.or(to) == Some(wallet);
            add("WALLET", wallet.to_string(), true);
            add("FAMILY", String::new(), first);
            let member = movement["counts_for"].as_u64().or(movement["made_by"].as_u64()).unwrap();
            add("MEMBER", member.to_string(), first);
            if let Some(category) = movement["category_id"].as_u64() {
                add("CATEGORY", category.to_string(), first);
            }
        }
        let names = ["income_minor", "expense_minor", "moved_in_minor", "moved_out_minor", "movements"];
        let there =
            self.totals.iter().map(|(key, total)| (key.clone(), names.map(|name| number(total, name)))).collect();
        assert_eq!(due, there, "the totals are not the entries");
    }

    /// Each transaction stands in the list of all, of its wallets and of its category, and nothing else does.
    fn lists_are_whole(&self) {
        let mut due: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for (id, movement) in &self.movements {
            let mut stands = |list: String| due.entry(list).or_default().insert(*id);
            stands("LIST#ALL".to_owned());
            for wallet in ["from_wallet_id", "to_wallet_id"].iter().filter_map(|side| movement[side].as_u64()) {
                stands(format!("LIST#WALLET#{wallet:016}"));
            }
            if let Some(category) = movement["category_id"].as_u64() {
                stands(format!("LIST#CATEGORY#{category:016}"));
            }
        }
        assert_eq!(self.lines, due);
    }

    /// Each transaction is told once when it is entered and once when it is closed, and the log has no gap.
    fn events_are_the_movements(&self) {
        let mut told: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for (place, event) in self.events.iter().enumerate() {
            assert_eq!(number(event, "seq"), i64::try_from(place).unwrap() + 1, "{event}");
            let body: Value = serde_json::from_str(&text(event, "body")).unwrap();
            if let Some(id) = body["data"]["transaction_id"].as_u64() {
                told.entry(id).or_default().push(text(&body, "kind"));
            }
        }
        assert_eq!(number(&self.head, "seq"), i64::try_from(self.events.len()).unwrap());
        for (id, movement) in &self.movements {
            let due = match (movement["waiting"].is_null(), self.closings.get(id)) {
                (true, _) => vec!["transaction.executed".to_owned()],
                (false, None) => vec!["transaction.pending".to_owned()],
                (false, Some(closing)) => {
                    vec!["transaction.pending".to_owned(), format!("transaction.{}", text(closing, "end"))]
                }
            };
            assert_eq!(told.remove(id).unwrap_or_default(), due, "{movement}");
        }
        assert!(told.is_empty(), "events of no transaction: {told:?}");
    }

    /// No transaction has two reversals that stand, and its mark names the one that does.
    fn reversals_are_single(&self) {
        let mut standing: BTreeMap<u64, Vec<(u64, bool)>> = BTreeMap::new();
        for (id, movement) in &self.movements {
            let (status, of) = (self.status(*id), movement["reverses"].as_u64());
            if let Some(of) = of.filter(|_| status == "executed" || status == "pending_approval") {
                standing.entry(of).or_default().push((*id, status == "executed"));
            }
        }
        for (of, reversals) in &standing {
            assert_eq!(reversals.len(), 1, "transaction {of} is reversed twice: {reversals:?}");
            let mark = &self.marks[of];
            assert_eq!((mark["reversal_id"].as_u64().unwrap(), !mark["reversed_at"].is_null()), reversals[0], "{mark}");
        }
        assert_eq!(standing.len(), self.marks.len(), "marks of no reversal");
    }
}

/// `2026-11` of milliseconds since the epoch.
fn month_of(millis: i64) -> String {
    countersign_core::Moment::from_millis(millis).to_rfc3339()[..7].to_owned()
}
