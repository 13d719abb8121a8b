//! The conversation from its first question to its summary, and what does not fit into it.

use super::*;
use crate::{
    UserId,
    family::{Category, FamilyRole, Member},
    ledger::{NewWallet, WalletKind},
    limits,
    money::Currency,
};

const NOW: Moment = Moment::from_seconds(1_000);

fn wallet(family: u64, id: u64, code: &str) -> Wallet {
    let new = NewWallet {
        id: WalletId::new(id).unwrap(),
        name: format!("Wallet {id}"),
        kind: WalletKind::Bank,
        currency: Currency::parse(code).unwrap(),
        credit_minor: 0,
    };
    Wallet { balance_minor: 100_000, ..Wallet::new(FamilyId::new(family).unwrap(), new, NOW) }
}

fn purse(id: u64, wallets: Vec<Wallet>) -> Purse {
    let category =
        |id, name: &str, archived| Category { id: CategoryId::new(id).unwrap(), name: name.into(), archived };
    let user_id = UserId::new(3).unwrap();
    let family = Family {
        id: FamilyId::new(id).unwrap(),
        name: format!("Family {id}"),
        currency: Currency::parse("EUR").unwrap(),
        threshold_minor: None,
        rules: Vec::new(),
        members: vec![Member { user_id, role: FamilyRole::Owner, name: "Olga".into(), joined_at: NOW }],
        categories: vec![category(1, "Groceries", false), category(2, "Home", false), category(3, "Gone", true)],
        created_at: NOW,
        closed_at: None,
    };
    Purse { family, wallets }
}

fn two() -> Vec<Purse> {
    vec![
        purse(1, vec![wallet(1, 11, "EUR"), wallet(1, 12, "EUR"), wallet(1, 13, "JPY")]),
        purse(2, vec![wallet(2, 21, "EUR")]),
    ]
}

fn started(written: &str, purses: &[Purse]) -> Option<Paying> {
    begin(written, purses, TelegramId::new(7).unwrap(), "nonce".into(), NOW)
}

fn ask(paying: &Paying, choice: Choice, purses: &[Purse]) -> Paying {
    match paying.choose(choice, purses, NOW) {
        Next::Ask(next) => next,
        other => panic!("{other:?}"),
    }
}

fn w(id: u64) -> Choice {
    Choice::Wallet(WalletId::new(id).unwrap())
}

fn c(id: u64) -> Choice {
    Choice::Category(CategoryId::new(id).unwrap())
}

#[test]
fn question_by_question_to_the_summary() {
    let purses = two();
    let first = started("", &purses).unwrap();
    assert_eq!((first.draft.step(), first.version), (Step::From, 1));
    let second = ask(&first, w(11), &purses);
    assert_eq!(second.draft.step(), Step::To);
    let third = ask(&second, Choice::Out, &purses);
    assert_eq!(third.draft.step(), Step::Purpose);
    let fourth = ask(&third, c(1), &purses);
    assert_eq!(fourth.draft.step(), Step::Amount);
    let fifth = fourth.amount(" 12,5 eur", &purses, NOW).unwrap();
    assert_eq!((fifth.draft.step(), fifth.version), (Step::Summary, 5));
    assert_eq!(fifth.choose(Choice::Confirm, &purses, NOW), Next::Confirm);
    let payment = fifth.draft.payment().unwrap();
    assert_eq!((payment.amount.as_str(), payment.category), ("12.5", CategoryId::new(1)));
    assert_eq!((payment.from, payment.to), (WalletId::new(11), None));
    assert_eq!(fifth.without_amount(NOW).draft.step(), Step::Amount);
}

#[test]
fn a_transfer_stays_in_the_family_and_in_its_currency() {
    let purses = two();
    let second = ask(&started("", &purses).unwrap(), w(11), &purses);
    for unfit in [w(11), w(13), w(21), w(99), c(1), Choice::Confirm, Choice::NoCategory] {
        assert_eq!(second.choose(unfit, &purses, NOW), Next::Unfit, "{unfit:?}");
    }
    let third = ask(&second, w(12), &purses);
    assert_eq!(third.draft.step(), Step::Amount, "a transfer has no category");
    assert_eq!(third.choose(Choice::Cancel, &purses, NOW), Next::Cancel);
}

#[test]
fn one_line_says_all_but_the_wallet() {
    let purses = two();
    let first = started("12.50 groceries", &purses).unwrap();
    assert_eq!(first.draft.step(), Step::From);
    let second = ask(&first, w(21), &purses);
    assert_eq!(
        (second.draft.step(), second.draft.purpose),
        (Step::Summary, Some(Purpose::Category(CategoryId::new(1).unwrap())))
    );
    let noted = ask(&started("3 a new <sofa>", &purses).unwrap(), w(11), &purses);
    assert_eq!((noted.draft.step(), noted.draft.note.as_deref()), (Step::Purpose, Some("a new <sofa>")));
    let yen = ask(&started("12.50 home", &purses).unwrap(), w(13), &purses);
    assert_eq!(yen.draft.step(), Step::Amount, "yen have no decimals: it is asked for again");
    assert!(["x", "-1", "groceries 5", "1e3", "1.2.3", "."].iter().all(|bad| started(bad, &purses).is_none()));
    assert!(started("gone", &purses).is_none());
}

#[test]
fn who_has_one_wallet_is_not_asked_for_it() {
    let purses = vec![purse(1, vec![wallet(1, 11, "EUR")])];
    assert_eq!(started("", &purses).unwrap().draft.step(), Step::To);
    assert_eq!(started("5 HOME", &purses).unwrap().draft.step(), Step::Summary);
    assert_eq!(started("5 g", &purses).unwrap().draft.step(), Step::Summary, "the only beginning");
}

#[test]
fn amounts_are_read_as_people_write_them() {
    let purses = two();
    let third = ask(&ask(&started("", &purses).unwrap(), w(11), &purses), w(12), &purses);
    for (written, amount) in [("5", "5"), ("05.10", "5.10"), ("0,5", "0.5"), ("7EUR", "7"), ("1000.00 EUR", "1000.00")]
    {
        assert_eq!(third.amount(written, &purses, NOW).unwrap().draft.amount.as_deref(), Some(amount), "{written}");
    }
    for bad in ["", "0", "0.00", "five", "-5", "5.001", "5 USD", "1,000.00", "٥", "9".repeat(40).as_str(), "5."] {
        assert_eq!(third.amount(bad, &purses, NOW), Err(Unreadable), "{bad}");
    }
}

#[test]
fn only_a_button_of_this_step_of_this_conversation_counts() {
    let purses = two();
    let (me, first) = (TelegramId::new(7).unwrap(), started("", &purses).unwrap());
    let second = ask(&first, w(11), &purses);
    let longest = Paying { version: u32::MAX, nonce: "A".repeat(11), ..second.clone() };
    for choice in [w((1 << 53) - 1), c((1 << 53) - 1), Choice::Out, Choice::NoCategory, Choice::Confirm, Choice::Cancel]
    {
        let data = longest.button(choice);
        assert!(data.len() <= limits::CALLBACK_DATA_BYTES, "{data}");
        assert_eq!(PayButton::read(&data).unwrap().choice, choice);
    }
    let old = PayButton::read(&first.button(w(12))).unwrap();
    let new = PayButton::read(&second.button(Choice::Out)).unwrap();
    assert!(new.fits(Some(&second), me, NOW).is_ok());
    assert_eq!(old.fits(Some(&second), me, NOW), Err(Stale::Earlier));
    assert_eq!(new.fits(None, me, NOW), Err(Stale::Over));
    assert_eq!(new.fits(Some(&second), me, second.live_until), Err(Stale::Over));
    assert_eq!(new.fits(Some(&second), TelegramId::new(8).unwrap(), NOW), Err(Stale::Forged));
    assert_eq!(new.fits(Some(&Paying { nonce: "other".into(), ..second }), me, NOW), Err(Stale::Forged));
    for bad in [
        "p",
        "p.1",
        "p.1.nonce",
        "p.1.nonce.",
        "p.01.nonce.o",
        "p.1.nonce.w0",
        "p.1.nonce.o.x",
        "q.1.nonce.o",
        "p.1.nonce.z",
    ] {
        assert_eq!(PayButton::read(bad), None, "{bad}");
    }
}
