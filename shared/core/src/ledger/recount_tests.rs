//! Books that posting wrote are counted again, whole and with something wrong in them.

use proptest::prelude::*;

use super::*;
use crate::{
    CategoryId, UserId,
    family::{Family, FamilyRole, Member, Permission, member_permit},
    ledger::{
        ClosingFacts, Deciding, NewWallet, Payment, PaymentFacts, Posted, ReversalFacts, Waiting, WalletKind, cancel,
        confirm, judge, judge_reversal, new_wallet, post, post_reversal, reject,
    },
    money::AmountText,
};

const OWNER: u64 = 11;
const MEMBER: u64 = 12;
const CATEGORY: u64 = 21;
const WALLETS: [u64; 3] = [31, 32, 33];

/// A family with its books, kept in memory as the store keeps them.
struct House {
    family: Family,
    books: Books,
    now: Moment,
    last: u64,
}

impl House {
    fn new() -> Self {
        let now = Moment::from_seconds(1_798_761_000);
        let currency = Currency::parse("EUR").unwrap();
        let member = |id, role, name: &str| Member {
            user_id: UserId::new(id).unwrap(),
            role,
            name: name.to_owned(),
            joined_at: now,
        };
        let category = serde_json::json!({ "id": CATEGORY, "name": "Food" });
        let family = Family {
            id: FamilyId::new(1).unwrap(),
            name: "Smith".into(),
            currency,
            threshold_minor: Some(50_000),
            rules: Vec::new(),
            members: vec![member(OWNER, FamilyRole::Owner, "Ann"), member(MEMBER, FamilyRole::Member, "Bob")],
            categories: vec![serde_json::from_value(category).unwrap()],
            created_at: now,
            closed_at: None,
        };
        let (wallets, standings, entries, totals) = Default::default();
        let books = Books { family_id: family.id, head: Head::default(), wallets, standings, entries, totals };
        let mut house = Self { family, books, now, last: 100 };
        for (id, opening) in WALLETS.into_iter().zip([1_000_000, 0, 0]) {
            house.wallet(id, opening);
        }
        house
    }

    fn wallet(&mut self, id: u64, opening: i64) {
        let currency = self.family.currency;
        let kind = WalletKind::Bank;
        let new = NewWallet { id: WalletId::new(id).unwrap(), name: "W".into(), kind, currency, credit_minor: 0 };
        let permit = self.permit(OWNER, Permission::ChangeWallets);
        let opening = (self.fresh(), opening);
        let made = new_wallet(&permit, &self.books.head, &self.family, new, Some(opening), self.now);
        self.apply(made.unwrap().0);
    }

    fn fresh(&mut self) -> MovementId {
        self.last += 1;
        MovementId::new(self.last).unwrap()
    }

    fn permit(&self, who: u64, permission: Permission) -> FamilyPermit {
        let member = self.family.member(UserId::new(who).unwrap()).unwrap();
        member_permit("u:1", &self.family, member, permission).unwrap()
    }

    fn of(&self, id: Option<WalletId>) -> Option<Wallet> {
        self.books.wallets.iter().find(|wallet| Some(wallet.id) == id).cloned()
    }

    /// Writes what a change says and nothing else.
    fn apply(&mut self, change: Change) {
        assert_eq!(change.before, self.books.head);
        self.books.head = change.head;
        for write in change.writes {
            match write {
                FamilyWrite::Wallet(wallet) => {
                    self.books.wallets.retain(|known| known.id != wallet.id);
                    self.books.wallets.push(wallet);
                }
                FamilyWrite::Movement(movement) => {
                    self.books.standings.push(Standing { movement, closing: None, reversal: None });
                }
                FamilyWrite::Closing(closing) => {
                    let id = closing.movement_id;
                    self.standing(id).closing = Some(closing);
                }
                FamilyWrite::Reversal(mark) => {
                    let id = mark.movement_id;
                    self.standing(id).reversal = Some(mark);
                }
                FamilyWrite::NoReversal(id) => self.standing(id).reversal = None,
                FamilyWrite::Entry(entry) => self.books.entries.push(entry),
                FamilyWrite::Total(total) => self.books.totals.push(total),
                _ => {}
            }
        }
    }

    fn standing(&mut self, id: MovementId) -> &mut Standing {
        self.books.standings.iter_mut().find(|standing| standing.movement.id == id).unwrap()
    }

    fn pay(&mut self, who: u64, from: Option<usize>, to: Option<usize>, minor: i64) {
        let wallet = |place: Option<usize>| place.and_then(|place| WalletId::new(WALLETS[place]));
        let payment = Payment {
            family_id: self.family.id,
            from: wallet(from),
            to: wallet(to),
            amount: AmountText::new(self.family.currency.format(minor)),
            category: (minor % 2 == 0).then(|| CategoryId::new(CATEGORY).unwrap()),
            description: None,
            recurring_id: None,
        };
        let permission = if from.is_none() { Permission::BookIncome } else { Permission::Pay };
        let permit = self.permit(if from.is_none() { OWNER } else { who }, permission);
        let facts = PaymentFacts {
            family: self.family.clone(),
            head: self.books.head.clone(),
            from: self.of(payment.from),
            to: self.of(payment.to),
            spent: None,
        };
        let Ok(judged) = judge(&permit, &facts, &payment, self.now) else { return };
        let posted = self.posted(&judged.reasons);
        let done = post(&permit, &facts, &payment, &judged, posted, self.now);
        self.apply(done.unwrap().0);
    }

    fn posted(&mut self, reasons: &[String]) -> Posted {
        let waiting = Waiting {
            approval_id: crate::ApprovalId::new(1).unwrap(),
            open_until: Moment::from_seconds(self.now.seconds() + 86_400),
            reasons: reasons.to_vec(),
        };
        Posted { id: self.fresh(), waiting: (!reasons.is_empty()).then_some(waiting) }
    }

    fn decide(&mut self, place: usize, how: u8) {
        let Some(standing) = self.books.standings.get(place % self.books.standings.len()).cloned() else { return };
        let movement = &standing.movement;
        let facts = ClosingFacts {
            family: self.family.clone(),
            head: self.books.head.clone(),
            from: self.of(movement.from_wallet_id),
            to: self.of(movement.to_wallet_id),
            standing: standing.clone(),
        };
        let approve = self.permit(OWNER, Permission::Approve);
        let change = match how {
            0 => confirm(&approve, &facts, self.now),
            1 => reject(&approve, &facts, Deciding::default(), self.now),
            _ => {
                let own = self.permit(movement.made_by.get(), Permission::Pay);
                cancel(&own, &facts, Deciding::default(), self.now)
            }
        };
        if let Ok(change) = change {
            self.apply(change);
        }
    }

    fn reverse(&mut self, place: usize) {
        let Some(standing) = self.books.standings.get(place % self.books.standings.len()).cloned() else { return };
        let facts = ReversalFacts {
            family: self.family.clone(),
            head: self.books.head.clone(),
            from: self.of(standing.movement.to_wallet_id),
            to: self.of(standing.movement.from_wallet_id),
            spent: None,
            standing,
        };
        let permit = self.permit(OWNER, Permission::Reverse);
        let Ok(reasons) = judge_reversal(&permit, &facts, self.now) else { return };
        let posted = self.posted(&reasons);
        let done = post_reversal(&permit, &facts, posted, None, self.now);
        self.apply(done.unwrap().0);
    }

    /// A step of any kind, as the numbers say.
    fn step(&mut self, (kind, from, place, minor): (u8, usize, usize, i64)) {
        // Months pass.
        self.now = Moment::from_seconds(self.now.seconds() + 100_000);
        let who = if minor % 3 == 0 { OWNER } else { MEMBER };
        match kind {
            0 => self.pay(who, Some(from), Some((from + 1) % 3), minor),
            1 => self.pay(who, Some(from), None, minor),
            2 => self.pay(who, None, Some(from), minor),
            3 => self.reverse(place),
            how => self.decide(place, how - 4),
        }
    }
}

fn some_books() -> House {
    let mut house = House::new();
    for step in
        [(0, 0, 0, 20_000), (0, 0, 0, 60_000), (1, 0, 0, 1_000), (2, 1, 0, 3_000), (3, 0, 1, 0), (0, 0, 0, 70_000)]
    {
        house.step(step);
    }
    house
}

proptest! {
    #[test]
    fn whatever_is_posted_is_counted_alike(steps in prop::collection::vec((0_u8..7, 0_usize..3, 0_usize..60, 1_i64..90_000), 1..60)) {
        let mut house = House::new();
        for step in steps {
            house.step(step);
            prop_assert_eq!(recount(&house.books), Vec::new());
        }
    }
}

#[test]
fn a_sum_that_is_wrong_is_found_and_mended() {
    let wrong: [fn(&mut Books); 6] = [
        |books| books.wallets[0].balance_minor += 1,
        |books| books.wallets[1].held_minor += 1,
        |books| books.head.open += 1,
        |books| books.head.wallets = 0,
        |books| books.totals[0].added.movements += 1,
        |books| _ = books.totals.remove(3),
    ];
    for spoil in wrong {
        let mut house = some_books();
        assert_eq!(recount(&house.books), Vec::new());
        spoil(&mut house.books);
        let found = recount(&house.books);
        assert!(!found.is_empty() && found.iter().all(Difference::is_mendable), "{found:?}");
        for change in mend(&house.books, &found, house.now) {
            assert!(change.events.iter().all(|event| event.body.contains("books.mended")));
            house.apply(change);
        }
        assert_eq!(recount(&house.books), Vec::new());
    }
}

#[test]
fn a_record_that_is_wrong_is_found_and_not_mended() {
    let wrong: [fn(&mut Books); 6] = [
        |books| books.entries[1].delta_minor += 1,
        |books| _ = books.entries.pop(),
        |books| books.entries.push(books.entries[0].clone()),
        |books| books.entries[2].balance_minor += 1,
        |books| books.standings[1].reversal = None,
        |books| books.standings[6].closing = None,
    ];
    for (place, spoil) in wrong.into_iter().enumerate() {
        let mut house = some_books();
        house.decide(6, 0);
        assert!(house.books.standings[6].closing.is_some());
        spoil(&mut house.books);
        let found = recount(&house.books);
        assert!(found.iter().any(|difference| !difference.is_mendable()), "{place}: {found:?}");
    }
}

#[test]
fn a_difference_says_what_and_how_much() {
    let mut house = some_books();
    house.books.wallets[0].balance_minor += 1;
    let said: Vec<String> = recount(&house.books).iter().map(ToString::to_string).collect();
    assert!(said.len() == 1 && said[0].contains("EUR") && said[0].contains("counted"), "{said:?}");
}
