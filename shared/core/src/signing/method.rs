//! Which key signs: the contract's table, first match wins.

use crate::{
    Moment, Person, Refusal,
    signing::{Session, SessionKind},
};

/// The `signing_method` of a matched session that is over.
pub const SESSION_EXPIRED: &str = "session_expired";
/// The `signing_method` of a person who has nothing.
pub const UNKNOWN: &str = "unknown";

/// How a person stands with signing at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// This session signs.
    Live(&'a Session),
    /// No session signs; the wire's `signing_method`.
    None(&'static str),
}

/// Finds the session that signs. The first slot that is filled decides, even when its session is over.
#[must_use]
pub fn standing<'a>(person: &Person, sessions: &'a [Session], now: Moment) -> Standing<'a> {
    let first = SessionKind::ALL.iter().find_map(|kind| sessions.iter().find(|session| session.kind == *kind));
    match first {
        Some(session) if session.is_live(now) => Standing::Live(session),
        Some(_) => Standing::None(SESSION_EXPIRED),
        None if person.from_old_database => Standing::None(SessionKind::Legacy.signing_method()),
        None => Standing::None(UNKNOWN),
    }
}

/// 401 with the members that existing clients read.
#[must_use]
pub fn no_active_session(signing_method: &'static str) -> Refusal {
    Refusal::unauthenticated("No active session").with("signing_method", signing_method).with("requires_login", true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sealed, SessionId, UserId, signing::Material};

    fn person(from_old_database: bool) -> Person {
        Person {
            user_id: UserId::new(1).unwrap(),
            telegram_id: None,
            role: "user".into(),
            from_old_database,
            created_at: Moment::from_seconds(0),
            profile: crate::Profile::default(),
        }
    }

    fn session(kind: SessionKind, live_until: i64) -> Session {
        Session {
            id: SessionId::new(1).unwrap(),
            kind,
            stellar_public_key: "G".into(),
            created_at: Moment::from_seconds(0),
            live_until: Moment::from_seconds(live_until),
            material: Material::Local(Sealed::new(Vec::new())),
        }
    }

    #[test]
    fn the_first_filled_slot_decides() {
        let now = Moment::from_seconds(100);
        let [keys, cloud, legacy] = SessionKind::ALL.map(|kind| session(kind, 200));
        let all = [legacy.clone(), cloud.clone(), keys.clone()];
        assert_eq!(standing(&person(false), &all, now), Standing::Live(&keys));
        assert_eq!(standing(&person(false), &all[..2], now), Standing::Live(&cloud));
        assert_eq!(standing(&person(true), &all[..1], now), Standing::Live(&legacy));
        assert_eq!(standing(&person(true), &[], now), Standing::None("python_bot_legacy"));
        assert_eq!(standing(&person(false), &[], now), Standing::None("unknown"));
    }

    #[test]
    fn an_expired_first_match_hides_a_live_later_one() {
        let now = Moment::from_seconds(100);
        let sessions = [session(SessionKind::Legacy, 200), session(SessionKind::SessionKeys, 100)];
        assert_eq!(standing(&person(false), &sessions, now), Standing::None("session_expired"));
    }
}
