//! Counts a family's books again from the records that never change, and mends what was added up wrong.
//!
//! Nothing of posting is used here: two ways to one figure, so that a mistake of the one is seen by the other.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::{
    difference::Difference,
    entry::Entry,
    movement::{Kind, Movement, Standing, Status},
    totals::{Dimension, Month, Sums, TotalChange, Totals},
    wallet::Wallet,
};
use crate::{
    FamilyId, Moment, MovementId, WalletId,
    chain::Head,
    family::{Change, FamilyPermit, FamilyWrite},
    limits,
    money::Currency,
};

/// Everything that is written of a family's money, at rest: nothing was changed while it was read.
#[derive(Clone, Debug)]
pub struct Books {
    /// Whose.
    pub family_id: FamilyId,
    /// How far its log is.
    pub head: Head,
    /// All wallets, archived ones too.
    pub wallets: Vec<Wallet>,
    /// All transactions.
    pub standings: Vec<Standing>,
    /// All entries.
    pub entries: Vec<Entry>,
    /// All totals of all months.
    pub totals: Vec<Totals>,
}

type Counted = HashMap<(Dimension, Month, Currency), Sums>;

/// What does not agree: nothing in sound books. In the order of the books' parts, so that two counts can be compared.
#[must_use]
pub fn recount(books: &Books) -> Vec<Difference> {
    let mut found = entries(books);
    found.extend(
        books.wallets.iter().filter(|wallet| !is_unbroken(books, wallet.id)).map(|wallet| Difference::Steps(wallet.id)),
    );
    found.extend(marks(books).map(Difference::Reversal));
    found.extend(wallets(books));
    found.extend(counts(books));
    found.extend(totals(books));
    found
}

/// The changes that make balances, holds, the count of what waits, and totals what the entries say. What is wrong with
/// the entries themselves stays: it is no sum.
#[must_use]
pub fn mend(books: &Books, found: &[Difference], now: Moment) -> Vec<Change> {
    let permit = FamilyPermit::of_hour(books.family_id);
    let (mut changes, mut head) = (Vec::new(), books.head.clone());
    let mendable: Vec<&Difference> = found.iter().filter(|difference| difference.is_mendable()).collect();
    for some in mendable.chunks(limits::MENDED_AT_ONCE) {
        let mut change = Change::begin(&permit, &head, now);
        for difference in some {
            mend_one(&mut change, books, difference);
        }
        let told: Vec<String> = some.iter().map(ToString::to_string).collect();
        change.happened("books.mended", json!({ "mended": told }));
        head = change.head.clone();
        changes.push(change);
    }
    changes
}

fn mend_one(change: &mut Change, books: &Books, difference: &Difference) {
    match difference {
        Difference::Wallet { wallet_id, counted: (balance_minor, held_minor), .. } => {
            let wallet = books.wallets.iter().find(|wallet| wallet.id == *wallet_id);
            change.writes.extend(wallet.map(|wallet| {
                let (balance_minor, held_minor) = (*balance_minor, *held_minor);
                FamilyWrite::Wallet(Wallet { balance_minor, held_minor, ..wallet.clone() })
            }));
        }
        Difference::Counts { counted: (open, wallets), .. } => {
            (change.head.open, change.head.wallets) = (*open, *wallets);
        }
        Difference::Total { dimension, month, currency, recorded, counted } => {
            let added = counted.plus(minus(*recorded));
            let (dimension, month, currency) = (*dimension, *month, *currency);
            change.write(FamilyWrite::Total(TotalChange { dimension, month, currency, added }));
        }
        Difference::Entries(_) | Difference::Steps(_) | Difference::Reversal(_) => {}
    }
}

fn minus(sums: Sums) -> Sums {
    Sums {
        income_minor: sums.income_minor.saturating_neg(),
        expense_minor: sums.expense_minor.saturating_neg(),
        moved_in_minor: sums.moved_in_minor.saturating_neg(),
        moved_out_minor: sums.moved_out_minor.saturating_neg(),
        movements: sums.movements.saturating_neg(),
    }
}

/// An executed transaction has an entry for each of its wallets, any other has none, and there is no entry beside.
fn entries(books: &Books) -> Vec<Difference> {
    let mut due: BTreeMap<MovementId, Vec<(WalletId, i64, Moment)>> = BTreeMap::new();
    for standing in &books.standings {
        let Some(at) = standing.executed_at() else { continue };
        let movement = &standing.movement;
        let gives = movement.from_wallet_id.map(|id| (id, -movement.amount_minor, at));
        let gets = movement.to_wallet_id.map(|id| (id, movement.amount_minor, at));
        due.entry(movement.id).or_default().extend([gives, gets].into_iter().flatten());
    }
    let mut there: BTreeMap<MovementId, Vec<(WalletId, i64, Moment)>> = BTreeMap::new();
    for entry in &books.entries {
        there.entry(entry.movement_id).or_default().push((entry.wallet_id, entry.delta_minor, entry.at));
    }
    due.values_mut().chain(there.values_mut()).for_each(|sides| sides.sort_unstable());
    let lost = due.iter().filter(|(id, sides)| there.get(id) != Some(sides)).map(|(id, _)| *id);
    let strange = there.keys().filter(|id| !due.contains_key(id)).copied();
    lost.chain(strange).map(Difference::Entries).collect()
}

/// Each entry goes on where another one of its wallet ended, from nothing on: whatever their order, the balances before
/// them are those after them, but for the first and the last.
fn is_unbroken(books: &Books, wallet_id: WalletId) -> bool {
    let of_wallet = || books.entries.iter().filter(|entry| entry.wallet_id == wallet_id);
    let last: i64 = of_wallet().fold(0, |sum, entry| sum.saturating_add(entry.delta_minor));
    let before = of_wallet().map(|entry| entry.balance_minor.saturating_sub(entry.delta_minor));
    let mut before: Vec<i64> = before.chain([last]).collect();
    let mut after: Vec<i64> = of_wallet().map(|entry| entry.balance_minor).chain([0]).collect();
    before.sort_unstable();
    after.sort_unstable();
    before == after
}

/// A transaction is reversed by one executed reversal, and its reversal waits where one is open.
fn marks(books: &Books) -> impl Iterator<Item = MovementId> {
    let mut reversals: HashMap<MovementId, Vec<(MovementId, Status)>> = HashMap::new();
    for standing in &books.standings {
        let stands = matches!(standing.status(), Status::Executed | Status::PendingApproval);
        if let Some(reversed) = standing.movement.reverses.filter(|_| stands) {
            reversals.entry(reversed).or_default().push((standing.movement.id, standing.status()));
        }
    }
    books.standings.iter().filter_map(move |standing| {
        let id = standing.movement.id;
        let due = reversals.get(&id).map(Vec::as_slice).unwrap_or_default();
        let fits = match (due, &standing.reversal) {
            ([], None) => true,
            ([(reversal, status)], Some(mark)) => {
                mark.reversal_id == *reversal && mark.reversed_at.is_some() == (*status == Status::Executed)
            }
            _ => false,
        };
        (!fits).then_some(id)
    })
}

fn wallets(books: &Books) -> Vec<Difference> {
    let mut counted: HashMap<WalletId, (i64, i64)> = HashMap::new();
    for entry in &books.entries {
        let balance = &mut counted.entry(entry.wallet_id).or_default().0;
        *balance = balance.saturating_add(entry.delta_minor);
    }
    for movement in waiting(books) {
        if let Some(from) = movement.from_wallet_id {
            let held = &mut counted.entry(from).or_default().1;
            *held = held.saturating_add(movement.amount_minor);
        }
    }
    let differs = |wallet: &Wallet| {
        let recorded = (wallet.balance_minor, wallet.held_minor);
        let counted = counted.get(&wallet.id).copied().unwrap_or_default();
        (recorded != counted).then_some(Difference::Wallet {
            wallet_id: wallet.id,
            currency: wallet.currency,
            recorded,
            counted,
        })
    };
    books.wallets.iter().filter_map(differs).collect()
}

fn waiting(books: &Books) -> impl Iterator<Item = &Movement> {
    let waits = |standing: &&Standing| standing.status() == Status::PendingApproval;
    books.standings.iter().filter(waits).map(|standing| &standing.movement)
}

/// How many transactions wait, and how many wallets there are.
fn counts(books: &Books) -> Option<Difference> {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let recorded = (books.head.open, books.head.wallets);
    let counted = (count(waiting(books).count()), count(books.wallets.len()));
    (recorded != counted).then_some(Difference::Counts { recorded, counted })
}

fn totals(books: &Books) -> Vec<Difference> {
    let mut both: HashMap<(Dimension, Month, Currency), (Sums, Sums)> = HashMap::new();
    for total in &books.totals {
        let recorded = &mut both.entry((total.dimension, total.month, total.currency)).or_default().0;
        *recorded = recorded.plus(total.added);
    }
    for (key, counted) in counted(books) {
        both.entry(key).or_default().1 = counted;
    }
    let mut found: Vec<_> = both.into_iter().filter(|(_, (recorded, counted))| recorded != counted).collect();
    found.sort_by(|(one, _), (other, _)| (one.0, one.1, one.2.code()).cmp(&(other.0, other.1, other.2.code())));
    let difference = |((dimension, month, currency), (recorded, counted))| Difference::Total {
        dimension,
        month,
        currency,
        recorded,
        counted,
    };
    found.into_iter().map(difference).collect()
}

/// Each wallet's totals from its entries; those of the family, a member and a category are the sums of their wallets'.
fn counted(books: &Books) -> Counted {
    let movements: HashMap<MovementId, &Movement> =
        books.standings.iter().map(|standing| (standing.movement.id, &standing.movement)).collect();
    let mut counted = Counted::new();
    for entry in &books.entries {
        let Some(movement) = movements.get(&entry.movement_id) else { continue };
        if movement.kind == Kind::Opening {
            continue;
        }
        let sums = sums(entry, movement);
        let mut add = |dimension, sums: Sums| {
            let total = counted.entry((dimension, Month::of(entry.at), entry.currency)).or_default();
            *total = total.plus(sums);
        };
        add(Dimension::Wallet(entry.wallet_id), sums);
        // Of a transfer's two entries the one that gives stands for the transaction where transactions are counted.
        let once = movement.from_wallet_id.is_none_or(|from| from == entry.wallet_id);
        let shared = Sums { movements: i64::from(once), ..sums };
        add(Dimension::Family, shared);
        add(Dimension::Member(movement.counts_for.unwrap_or(movement.made_by)), shared);
        if let Some(category) = movement.category_id {
            add(Dimension::Category(category), shared);
        }
    }
    counted
}

/// What an entry is in its wallet's totals. A reversal takes away where the original was counted: what it takes out had
/// come in.
fn sums(entry: &Entry, movement: &Movement) -> Sums {
    let reversal = movement.kind == Kind::Reversal;
    let came_in = (entry.delta_minor > 0) != reversal;
    let size = entry.delta_minor.saturating_abs();
    let minor = if reversal { -size } else { size };
    let inside = movement.from_wallet_id.is_some() && movement.to_wallet_id.is_some();
    let sums = Sums { movements: 1, ..Sums::default() };
    match (inside, came_in) {
        (false, true) => Sums { income_minor: minor, ..sums },
        (false, false) => Sums { expense_minor: minor, ..sums },
        (true, true) => Sums { moved_in_minor: minor, ..sums },
        (true, false) => Sums { moved_out_minor: minor, ..sums },
    }
}

#[cfg(test)]
#[path = "recount_tests.rs"]
mod tests;
