//! The ledger as a whole, without a table: a family whose books are kept as the table would keep them.

mod days;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    ApprovalId, CategoryId, FamilyId, Moment, MovementId, Refusal, UserId, WalletId,
    chain::{Event, Head, START, prove},
    family::{self, Change, Family, FamilyPermit, FamilyRole, FamilyWrite, Member, Permission, Rule},
    money::{AmountText, Currency},
};

const NOW: Moment = Moment::from_seconds(1_800_000_000);

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn wallet_id(index: u64) -> WalletId {
    WalletId::new(index + 1).unwrap()
}

fn user(index: u64) -> UserId {
    UserId::new(index + 1).unwrap()
}

fn food() -> CategoryId {
    CategoryId::new(9).unwrap()
}

/// A family as the table would hold it: an owner (0), an adult (1), a member (2); three wallets, the last one a credit.
struct Books {
    family: Family,
    head: Head,
    wallets: BTreeMap<WalletId, Wallet>,
    standings: BTreeMap<MovementId, Standing>,
    entries: Vec<Entry>,
    totals: BTreeMap<String, Sums>,
    spent: BTreeMap<UserId, Spent>,
    events: Vec<Event>,
    next: u64,
}

impl Books {
    fn new() -> Self {
        let role = [FamilyRole::Owner, FamilyRole::Adult, FamilyRole::Member];
        let member = |(index, role): (usize, FamilyRole)| Member {
            user_id: user(index as u64),
            role,
            name: format!("P{index}"),
            joined_at: NOW,
        };
        let id = FamilyId::new(5).unwrap();
        let family = Family {
            id,
            name: "Test".into(),
            currency: eur(),
            threshold_minor: Some(50_000),
            rules: Vec::new(),
            members: role.into_iter().enumerate().map(member).collect(),
            categories: vec![family::Category { id: food(), name: "Food".into(), archived: false }],
            created_at: NOW,
            closed_at: None,
        };
        let mut books = Self {
            family,
            head: Head::default(),
            wallets: BTreeMap::new(),
            standings: BTreeMap::new(),
            entries: Vec::new(),
            totals: BTreeMap::new(),
            spent: BTreeMap::new(),
            events: Vec::new(),
            next: 100,
        };
        for (index, kind, credit_minor) in
            [(0, WalletKind::Bank, 0), (1, WalletKind::Cash, 0), (2, WalletKind::Credit, 20_000)]
        {
            let new =
                NewWallet { id: wallet_id(index), name: format!("W{index}"), kind, currency: eur(), credit_minor };
            let opening = (index == 0).then(|| (books.fresh(), 100_000));
            let permit = books.permit(0, Permission::ChangeWallets).unwrap();
            let (change, _) = new_wallet(&permit, &books.head, &books.family, new, opening, NOW).unwrap();
            books.apply(change);
        }
        books
    }

    fn fresh(&mut self) -> MovementId {
        self.next += 1;
        MovementId::new(self.next).unwrap()
    }

    fn permit(&self, who: u64, permission: Permission) -> Result<FamilyPermit, Refusal> {
        let member = self.family.member(user(who)).unwrap();
        family::member_permit(&format!("u:{}", user(who)), &self.family, member, permission)
    }

    fn wallet(&self, id: Option<WalletId>) -> Option<Wallet> {
        self.wallets.get(&id?).cloned()
    }

    fn apply(&mut self, change: Change) {
        assert_eq!(change.before, self.head);
        self.head = change.head;
        self.events.extend(change.events);
        for write in change.writes {
            self.record(write);
        }
    }

    fn record(&mut self, write: FamilyWrite) {
        match write {
            FamilyWrite::Wallet(wallet) => drop(self.wallets.insert(wallet.id, wallet)),
            FamilyWrite::Movement(movement) => {
                let standing = Standing { movement: movement.clone(), closing: None, reversal: None };
                assert!(self.standings.insert(movement.id, standing).is_none());
            }
            FamilyWrite::Closing(closing) => {
                let standing = self.standings.get_mut(&closing.movement_id).unwrap();
                assert!(standing.closing.replace(closing).is_none());
            }
            FamilyWrite::Reversal(mark) => {
                let standing = self.standings.get_mut(&mark.movement_id).unwrap();
                let before = standing.reversal.replace(mark.clone());
                assert!(before.is_none_or(|before| before.reversal_id == mark.reversal_id));
            }
            FamilyWrite::NoReversal(id) => self.standings.get_mut(&id).unwrap().reversal = None,
            FamilyWrite::Entry(entry) => self.entries.push(entry),
            FamilyWrite::Total(total) => {
                let sums = self.totals.entry(key(&total)).or_default();
                *sums = sums.plus(total.added);
            }
            FamilyWrite::Spent(spent) => drop(self.spent.insert(spent.user_id, spent)),
            _ => {}
        }
    }

    fn pay(&mut self, who: u64, from: Option<u64>, to: Option<u64>, minor: i64) -> Result<MovementId, Refusal> {
        let payment = Payment {
            family_id: self.family.id,
            from: from.map(wallet_id),
            to: to.map(wallet_id),
            amount: AmountText::new(eur().format(minor)),
            category: Some(food()),
            description: None,
            recurring_id: None,
        };
        let wanted = if payment.kind() == Kind::Income { Permission::BookIncome } else { Permission::Pay };
        let permit = self.permit(who, wanted)?;
        let facts = PaymentFacts {
            family: self.family.clone(),
            head: self.head.clone(),
            from: self.wallet(payment.from),
            to: self.wallet(payment.to),
            spent: self.spent.get(&user(who)).cloned(),
        };
        let judged = judge(&permit, &facts, &payment, NOW)?;
        let id = self.fresh();
        let (change, movement) = post(&permit, &facts, &payment, &judged, posted(id, judged.reasons.clone()), NOW)?;
        self.apply(change);
        Ok(movement.id)
    }

    fn closing_facts(&self, id: MovementId) -> ClosingFacts {
        let standing = self.standings.get(&id).unwrap().clone();
        ClosingFacts {
            family: self.family.clone(),
            head: self.head.clone(),
            from: self.wallet(standing.movement.from_wallet_id),
            to: self.wallet(standing.movement.to_wallet_id),
            standing,
        }
    }

    fn decide(&mut self, who: u64, id: MovementId, how: u8, now: Moment) -> Result<(), Refusal> {
        let facts = self.closing_facts(id);
        let approve = || self.permit(who, Permission::Approve);
        let change = match how {
            0 => confirm(&approve()?, &facts, now)?,
            1 => reject(&approve()?, &facts, Deciding::default(), now)?,
            2 => cancel(&self.permit(who, Permission::Pay)?, &facts, Deciding::default(), now)?,
            _ => expire(&facts, now)?,
        };
        self.apply(change);
        Ok(())
    }

    fn reverse(&mut self, who: u64, id: MovementId) -> Result<MovementId, Refusal> {
        let permit = self.permit(who, Permission::Reverse)?;
        let standing = self.standings.get(&id).unwrap().clone();
        let facts = ReversalFacts {
            family: self.family.clone(),
            head: self.head.clone(),
            from: self.wallet(standing.movement.to_wallet_id),
            to: self.wallet(standing.movement.from_wallet_id),
            spent: self.spent.get(&user(who)).cloned(),
            standing,
        };
        let reasons = judge_reversal(&permit, &facts, NOW)?;
        let id = self.fresh();
        let (change, movement) = post_reversal(&permit, &facts, posted(id, reasons), Some("wrong".into()), NOW)?;
        self.apply(change);
        Ok(movement.id)
    }

    /// What must hold at every moment.
    fn check(&self) {
        let (seq, hash) = prove(self.family.id, (0, START.to_owned()), &self.events).unwrap();
        assert_eq!((seq, &hash), (self.head.seq, &self.head.hash));
        let waiting = |standing: &&Standing| standing.status() == Status::PendingApproval;
        let open: Vec<&Standing> = self.standings.values().filter(waiting).collect();
        assert_eq!(self.head.open as usize, open.len());
        for wallet in self.wallets.values() {
            let mut entries = self.entries.iter().filter(|entry| entry.wallet_id == wallet.id);
            let sum: i64 = entries.clone().map(|entry| entry.delta_minor).sum();
            assert_eq!(wallet.balance_minor, sum, "the balance of {} is the sum of its entries", wallet.name);
            assert_eq!(entries.next_back().map_or(0, |entry| entry.balance_minor), sum);
            let from = |standing: &&&Standing| standing.movement.from_wallet_id == Some(wallet.id);
            let held: i64 = open.iter().filter(from).map(|standing| standing.movement.amount_minor).sum();
            assert_eq!(wallet.held_minor, held, "{} holds what waits", wallet.name);
            assert!(wallet.available_minor() >= 0, "{} is not overdrawn", wallet.name);
        }
        let all = self.totals.get("FAMILY").copied().unwrap_or_default();
        let opening: i64 = 100_000;
        let inside: i64 = self.wallets.values().map(|wallet| wallet.balance_minor).sum();
        assert_eq!(
            inside - opening,
            all.income_minor - all.expense_minor,
            "money comes and goes by income and expense"
        );
        assert_eq!(all.moved_in_minor, all.moved_out_minor);
        for kind in ["MEMBER", "WALLET"] {
            let parts = self.totals.iter().filter(|(name, _)| name.starts_with(kind));
            let sum = parts.fold(Sums::default(), |sum, (_, part)| sum.plus(*part));
            assert_eq!((sum.income_minor, sum.expense_minor), (all.income_minor, all.expense_minor), "by {kind}");
            assert_eq!(
                (sum.moved_in_minor, sum.moved_out_minor),
                (all.moved_in_minor, all.moved_out_minor),
                "by {kind}"
            );
        }
    }
}

fn key(total: &TotalChange) -> String {
    match total.dimension {
        Dimension::Family => "FAMILY".into(),
        Dimension::Category(id) => format!("CATEGORY {id}"),
        Dimension::Member(id) => format!("MEMBER {id}"),
        Dimension::Wallet(id) => format!("WALLET {id}"),
    }
}

fn posted(id: MovementId, reasons: Vec<String>) -> Posted {
    let approval_id = ApprovalId::new(id.get()).unwrap();
    let waiting = (!reasons.is_empty()).then(|| Waiting { approval_id, open_until: NOW.plus_seconds(60), reasons });
    Posted { id, waiting }
}

fn status(books: &Books, id: MovementId) -> Status {
    books.standings[&id].status()
}
