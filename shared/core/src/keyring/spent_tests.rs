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
    /// Whatever is asked for when: in no window of 59 minutes is more signed than the limits say.
    #[test]
    fn no_hour_holds_more_than_its_limit(asked in prop::collection::vec((0_i64..400, 0_u128..50), 1..200)) {
        let limits = BotLimits { signatures_per_hour: 20, amount_per_hour: Some(200) };
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
            let within = || granted.iter().filter(|(at, _)| *at <= *end && *at > end - 59 * 60);
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
