//! Whatever happens in whatever order, the books are right.

use super::*;

#[test]
fn over_the_threshold_it_waits_and_another_decides() {
    let mut books = Books::new();
    let small = books.pay(2, Some(0), Some(1), 50_000).unwrap();
    assert_eq!(status(&books, small), Status::Executed);
    let large = books.pay(2, Some(0), Some(1), 50_001).unwrap_err();
    assert_eq!(large.members, vec![("available", json!("500.00"))]);
    books.pay(1, None, Some(0), 100_000).unwrap();
    let large = books.pay(1, Some(0), Some(1), 50_001).unwrap();
    assert_eq!(status(&books, large), Status::PendingApproval);
    assert_eq!(books.wallets[&wallet_id(0)].available_minor(), 99_999);
    for (who, how) in [(1, 0), (1, 1), (2, 0), (0, 2), (0, 3)] {
        assert!(books.decide(who, large, how, NOW).is_err(), "{who} {how}");
    }
    assert!(books.decide(0, large, 0, NOW.plus_seconds(60)).is_err(), "its time is over");
    books.decide(0, large, 0, NOW).unwrap();
    assert_eq!(status(&books, large), Status::Executed);
    assert_eq!(books.decide(0, large, 1, NOW).unwrap_err().kind.status(), 409);
    books.check();
}

#[test]
fn a_reversal_happens_once_and_only_where_the_money_is() {
    let mut books = Books::new();
    let paid = books.pay(0, Some(0), Some(1), 10_000).unwrap();
    books.pay(0, Some(1), None, 5_000).unwrap();
    assert_eq!(books.reverse(0, paid).unwrap_err().kind.status(), 409, "it is spent");
    books.pay(0, None, Some(1), 5_000).unwrap();
    let back = books.reverse(0, paid).unwrap();
    assert_eq!((status(&books, paid), status(&books, back)), (Status::Reversed, Status::Executed));
    for again in [paid, back] {
        assert!(books.reverse(0, again).is_err());
    }
    books.check();
}

#[test]
fn a_window_counts_a_reversal_that_takes_from_a_wallet() {
    let mut books = Books::new();
    books.family.rules = vec![window(30_000)];
    let incomes: Vec<_> = (0..3).map(|_| books.pay(0, None, Some(1), 15_000).unwrap()).collect();
    let status_of = |books: &mut Books, income| {
        let back = books.reverse(1, income).unwrap();
        status(books, back)
    };
    assert_eq!(status_of(&mut books, incomes[0]), Status::Executed);
    assert_eq!(status_of(&mut books, incomes[1]), Status::Executed);
    assert_eq!(status_of(&mut books, incomes[2]), Status::PendingApproval, "in slices it counts together");
    let paid = books.pay(1, Some(0), None, 1).unwrap();
    assert_eq!(status(&books, paid), Status::PendingApproval, "and with what is paid");
    books.check();
}

#[test]
fn nothing_goes_into_an_archived_wallet() {
    let mut books = Books::new();
    books.pay(0, None, Some(1), 5_000).unwrap();
    let spent = books.pay(0, Some(1), None, 5_000).unwrap();
    let waits = books.pay(0, Some(0), Some(1), 60_000).unwrap();
    assert_eq!(status(&books, waits), Status::PendingApproval);
    let archive = |books: &mut Books, archived| {
        let permit = books.permit(0, Permission::ChangeWallets).unwrap();
        let wallet = books.wallets[&wallet_id(1)].clone();
        let wanted = WalletChange { archived: Some(archived), ..WalletChange::default() };
        let (change, _) = change_wallet(&permit, &books.head, &wallet, wanted, NOW).unwrap();
        books.apply(change);
    };
    archive(&mut books, true);
    assert_eq!(books.reverse(0, spent).unwrap_err().kind.status(), 409, "by a reversal");
    assert_eq!(books.decide(1, waits, 0, NOW).unwrap_err().kind.status(), 409, "by a confirmation");
    assert_eq!(status(&books, waits), Status::PendingApproval);
    archive(&mut books, false);
    books.decide(1, waits, 0, NOW).unwrap();
    books.reverse(0, spent).unwrap();
    books.check();
}

#[test]
fn without_a_threshold_a_rule_in_another_currency_asks() {
    let mut books = Books::new();
    books.family.threshold_minor = None;
    let status_with = |books: &mut Books, rules: Vec<Rule>| {
        books.family.rules = rules;
        let id = books.pay(2, Some(0), None, 1).unwrap();
        status(books, id)
    };
    let yen = |rule: Rule| Rule { currency: Currency::parse("JPY").unwrap(), ..rule };
    let single = || Rule { window_days: None, ..window(30_000) };
    assert_eq!(status_with(&mut books, vec![]), Status::Executed);
    assert_eq!(status_with(&mut books, vec![yen(single())]), Status::PendingApproval);
    assert_eq!(status_with(&mut books, vec![yen(window(30_000))]), Status::PendingApproval);
    assert_eq!(status_with(&mut books, vec![yen(single()), single()]), Status::Executed, "one is in euros");
    assert_eq!(status_with(&mut books, vec![Rule { limit_minor: None, ..yen(single()) }]), Status::Executed);
    let of_children = Rule { role: Some(FamilyRole::Child), ..yen(single()) };
    assert_eq!(status_with(&mut books, vec![of_children]), Status::Executed, "it is about others");
}

/// A rule that holds what anybody pays in a week.
fn window(limit_minor: i64) -> Rule {
    Rule {
        role: None,
        wallet_id: None,
        category_id: None,
        window_days: Some(7),
        currency: eur(),
        limit_minor: Some(limit_minor),
    }
}

#[test]
fn a_window_counts_what_was_split() {
    let mut books = Books::new();
    books.family.rules = vec![Rule { role: Some(FamilyRole::Member), ..window(30_000) }];
    for (minor, expected) in [(20_000, Status::Executed), (10_000, Status::Executed), (1, Status::PendingApproval)] {
        let id = books.pay(2, Some(0), None, minor).unwrap();
        assert_eq!(status(&books, id), expected, "{minor}");
    }
    let other = books.pay(1, Some(0), None, 40_000).unwrap();
    assert_eq!(status(&books, other), Status::Executed, "the rule is of members");
    books.check();
}

#[test]
fn a_rule_that_fits_replaces_the_threshold() {
    let mut books = Books::new();
    let rule = |role, category_id, limit_minor| Rule {
        role,
        wallet_id: None,
        category_id,
        window_days: None,
        currency: eur(),
        limit_minor,
    };
    books.family.rules = vec![rule(Some(FamilyRole::Owner), None, None), rule(Some(FamilyRole::Member), None, Some(0))];
    let free = books.pay(0, Some(0), None, 60_000).unwrap();
    let bound = books.pay(2, Some(0), None, 1).unwrap();
    assert_eq!((status(&books, free), status(&books, bound)), (Status::Executed, Status::PendingApproval));
    books.family.rules.push(rule(None, Some(food()), Some(100)));
    let strict = books.pay(0, Some(0), None, 101).unwrap();
    assert_eq!(status(&books, strict), Status::PendingApproval, "the strictest counts");
    books.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_a_day_brings_the_books_are_right(steps in prop::collection::vec(
        (0_u8..6, 0_u64..3, 0_u64..4, 0_u64..4, 1_i64..90_000, any::<prop::sample::Index>()), 1..60)) {
        let mut books = Books::new();
        for (what, who, from, to, minor, which) in steps {
            let known: Vec<MovementId> = books.standings.keys().copied().collect();
            let id = *which.get(&known);
            let wallet = |index: u64| (index < 3).then_some(index);
            let _refused = match what {
                0 | 1 => if from == to { continue } else { books.pay(who, wallet(from), wallet(to), minor).map(|_| ()) },
                2 => books.decide(who, id, 0, NOW),
                3 => books.decide(who, id, 1, NOW),
                4 => books.decide(who, id, 2 + u8::from(minor % 2 == 0), NOW.plus_seconds(minor % 120)),
                _ => books.reverse(who, id).map(|_| ()),
            };
            books.check();
        }
    }
}
