//! An hour's limits, from all sides.

use proptest::prelude::*;

use super::*;
use crate::{
    BotId, ClientId,
    keyring::{BotLimits, BotStanding, Chain, KeyFacts, KeyStanding},
};

fn at(seconds: i64) -> Moment {
    Moment::from_seconds(1_800_000_000 + seconds)
}

fn key() -> ClientKey {
    let facts = KeyFacts {
        version: 1,
        chain: Chain::Stellar,
        address: "G".into(),
        public_key: "00".into(),
        fingerprint: "f".into(),
        entered_at: at(0),
        entered_by: "u:1".into(),
        ends_at: None,
    };
    crate::keyring::switched(ClientId::new(1).unwrap(), None, facts)
}

fn bot(limits: BotLimits) -> Bot {
    Bot {
        id: BotId::new(1).unwrap(),
        client_id: ClientId::new(1).unwrap(),
        name: "bot".into(),
        bot_type: "t".into(),
        config_json: "{}".into(),
        wallets: vec![],
        bot_limits: limits,
        standing: BotStanding::Running,
        epoch: 0,
        created_at: at(0),
        created_by: "u:1".into(),
        started_at: Some(at(0)),
        stop_asked_at: None,
        stopped_at: None,
        overdue_told: false,
        version: 1,
    }
}

proptest! {
    /// Whatever is asked for when: in no 3600 seconds is more signed than the limits say.
    #[test]
    fn no_hour_holds_more_than_its_limit(asked in prop::collection::vec((0_i64..400, 0_u128..50), 1..200)) {
        let limits = BotLimits { signatures_per_hour: 20, amount_per_hour: Some(200), amount_chain: None };
        let (bot, key) = (bot(limits), key());
        let (mut spent, mut now, mut granted) = (Spent::default(), 0_i64, Vec::new());
        for (pause, amount) in asked {
            now += pause;
            if let Ok(next) = reserve(&bot, Some(&key), &spent, Some(amount), at(now)) {
                prop_assert_eq!(next.version, spent.version + 1);
                spent = next;
                granted.push((now, amount));
            }
            prop_assert!(spent.minutes.len() <= 61);
        }
        for (end, _) in &granted {
            let within = || granted.iter().filter(|(at, _)| *at <= *end && *at > end - 3600);
            prop_assert!(within().count() <= 20);
            prop_assert!(within().map(|(_, amount)| amount).sum::<u128>() <= 200);
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_where_amounts_are_limited_and_counted_where_not() {
    let (free, bound) = (BotLimits::default(), BotLimits { amount_per_hour: Some(10), ..BotLimits::default() });
    assert!(reserve(&bot(free), Some(&key()), &Spent::default(), None, at(0)).is_ok());
    let refused = reserve(&bot(bound), Some(&key()), &Spent::default(), None, at(0)).unwrap_err();
    assert_eq!(refused.kind.status(), 403);
}

#[test]
fn what_could_not_be_read_is_in_the_way_of_an_amount_limit_until_it_is_an_hour_old() {
    let (free, bound) = (BotLimits::default(), BotLimits { amount_per_hour: Some(10), ..BotLimits::default() });
    let spent = reserve(&bot(free), Some(&key()), &Spent::default(), None, at(0)).unwrap();
    let spent = reserve(&bot(free), Some(&key()), &spent, Some(3), at(1)).unwrap();
    let asked =
        |seconds| reserve(&bot(bound), Some(&key()), &spent, Some(1), at(seconds)).map_err(|no| no.kind.status());
    assert_eq!(asked(3599).unwrap_err(), 429);
    assert!(asked(3660).is_ok());
    // A record from before says nothing of it.
    let old: Spent =
        serde_json::from_str(r#"{"minutes":[{"at_minute":1,"signatures":1,"amount":"5"}],"version":1}"#).unwrap();
    assert!(!old.minutes[0].unreadable && old.chain.is_none());
}

#[test]
fn what_was_signed_within_an_hour_and_a_second_still_counts() {
    let limits = BotLimits { signatures_per_hour: 1, ..BotLimits::default() };
    let spent = reserve(&bot(limits), Some(&key()), &Spent::default(), Some(0), at(59)).unwrap();
    assert_eq!(reserve(&bot(limits), Some(&key()), &spent, Some(0), at(60 * 60)).unwrap_err().kind.status(), 429);
    assert!(reserve(&bot(limits), Some(&key()), &spent, Some(0), at(61 * 60)).is_ok());
}

fn key_of(chain: Chain) -> ClientKey {
    let key = key();
    ClientKey { facts: KeyFacts { chain, ..key.facts }, ..key }
}

#[test]
fn a_limit_keeps_its_unit() {
    let stellar = BotLimits { amount_per_hour: Some(10), amount_chain: Some(Chain::Stellar), ..BotLimits::default() };
    let evm = key_of(Chain::Evm);
    assert_eq!(reserve(&bot(stellar), Some(&evm), &Spent::default(), Some(1), at(0)).unwrap_err().kind.status(), 409);
    let idle = Bot { standing: BotStanding::Stopped, ..bot(stellar) };
    assert_eq!(idle.started(Some(&evm), at(0)).unwrap_err().kind.status(), 409);
    assert!(idle.started(Some(&key()), at(0)).is_ok());
    // Without an amount there is no unit to keep.
    let counted = Bot { bot_limits: BotLimits { amount_per_hour: None, ..stellar }, ..idle };
    assert!(counted.started(Some(&evm), at(0)).is_ok());
}

#[test]
fn amounts_of_another_chain_do_not_count_and_signatures_do() {
    let limits = |chain| BotLimits { signatures_per_hour: 2, amount_per_hour: Some(10), amount_chain: Some(chain) };
    let spent = reserve(&bot(limits(Chain::Stellar)), Some(&key()), &Spent::default(), Some(9), at(0)).unwrap();
    assert_eq!((spent.amount(at(0)), spent.chain), (9, Some(Chain::Stellar)));
    let (bot, evm) = (bot(limits(Chain::Evm)), key_of(Chain::Evm));
    let next = reserve(&bot, Some(&evm), &spent, Some(7), at(1)).unwrap();
    assert_eq!((next.amount(at(1)), next.signatures(at(1)), next.chain), (7, 2, Some(Chain::Evm)));
    assert_eq!(reserve(&bot, Some(&evm), &next, Some(1), at(2)).unwrap_err().kind.status(), 429);
}

#[test]
fn a_revoked_key_stops_a_bot_that_nobody_has_stopped() {
    let revoked = crate::keyring::revoked(Some(&key()), "u:1", at(5)).unwrap().unwrap();
    let bot = bot(BotLimits::default());
    assert_eq!(bot.status(Some(&revoked)), BotStatus::Stopping);
    assert_eq!(reserve(&bot, Some(&revoked), &Spent::default(), Some(1), at(6)).unwrap_err().kind.status(), 409);
    // A new key after it does not bring the bot back.
    let facts = KeyFacts { version: 2, ..key().facts };
    let next = crate::keyring::switched(ClientId::new(1).unwrap(), Some(&revoked), facts);
    assert_eq!((next.standing, bot.status(Some(&next))), (KeyStanding::Active, BotStatus::Stopping));
    let stopped = bot.acknowledged(Some(&next), at(7)).unwrap();
    let started = stopped.started(Some(&next), at(8)).unwrap();
    assert_eq!(started.status(Some(&next)), BotStatus::Running);
}
