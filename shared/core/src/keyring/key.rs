//! A client's one current trading key, its versions, and what may become of it. Pure: the sealed bytes are only carried.

use serde::{Deserialize, Serialize};

use super::Chain;
use crate::{ClientId, Moment, Refusal, limits};

/// How a client's key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStanding {
    /// Bots sign with it.
    Active,
    /// Nothing signs with it any more, and its sealed bytes are gone.
    Revoked,
}

/// What is known of a key beside its secret: public all of it but the fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// 1 for a client's first key, one more for each that follows.
    pub version: u32,
    /// Which chain it is for.
    pub chain: Chain,
    /// Its address there.
    pub address: String,
    /// Its public half, lower-case hex.
    pub public_key: String,
    /// The keyed fingerprint of the secret: the same key under two clients is refused by it.
    pub fingerprint: String,
    /// When it was entered.
    pub entered_at: Moment,
    /// By whom: [`crate::gate::Caller::scope`].
    pub entered_by: String,
    /// From then on nothing signs with it; none: it does not end by date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Moment>,
}

/// A client's key record: every wallet of every bot of the client refers to it, so that one write changes all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    /// Whose.
    pub client_id: ClientId,
    /// How it stands.
    pub standing: KeyStanding,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: KeyFacts,
    /// How many keys of this client were revoked: a bot that was started before the last one does not run.
    pub epoch: u32,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Moment>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<String>,
    /// How many days before its end its people were warned last; 0: that it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_days: Option<u32>,
    /// When a key of this client was revoked last. It outlives the key that takes its place: the stops that this revocation asked
    /// for are awaited all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_revoked_at: Option<Moment>,
    /// Bots that had not stopped in time after the last revocation were looked at.
    #[serde(default)]
    pub overdue_told: bool,
}

impl ClientKey {
    /// Whether something may be signed with it now.
    ///
    /// # Errors
    /// 409 where it is revoked; 403 where its date is over.
    pub fn usable(&self, now: Moment) -> Result<(), Refusal> {
        if self.standing == KeyStanding::Revoked {
            return Err(Refusal::conflict("The client's key is revoked"));
        }
        if self.facts.ends_at.is_some_and(|end| end <= now) {
            return Err(Refusal::forbidden("The client's key is past its expiry date"));
        }
        Ok(())
    }

    /// The same key with another end, of which its people are warned anew.
    #[must_use]
    pub fn ending(&self, ends_at: Moment) -> Self {
        Self { facts: KeyFacts { ends_at: Some(ends_at), ..self.facts.clone() }, warned_days: None, ..self.clone() }
    }

    /// That a key of this chain may take its place: bots and their limits are of its chain.
    ///
    /// # Errors
    /// 409 for another chain.
    pub fn gives_way_to(&self, chain: Chain) -> Result<(), Refusal> {
        if self.facts.chain == chain {
            return Ok(());
        }
        let (own, other) = (self.facts.chain.as_str(), chain.as_str());
        Err(Refusal::conflict(format!("The client's key is of {own}, and a key of {other} does not take its place")))
    }

    /// The moment when something is due of it: a warning before its end, its end, or bots that have not stopped in time.
    #[must_use]
    pub fn due_at(&self) -> Option<Moment> {
        [self.stops_due_at(), self.warning_due_at()].into_iter().flatten().min()
    }

    /// When its bots were cut off last, by the revocation of this key or of one before it.
    #[must_use]
    pub fn cut_off_at(&self) -> Option<Moment> {
        // Records of before the attribute was written have the other one alone.
        self.last_revoked_at.or(self.revoked_at)
    }

    /// From when on the stops that the last revocation asked for are overdue; none where they were looked at.
    #[must_use]
    pub fn stops_due_at(&self) -> Option<Moment> {
        let asked = self.cut_off_at().filter(|_| !self.overdue_told)?;
        Some(asked.plus_seconds(limits::BOT_STOP_SECONDS))
    }

    fn warning_due_at(&self) -> Option<Moment> {
        let end = self.facts.ends_at.filter(|_| self.standing == KeyStanding::Active)?;
        let told = self.warned_days.unwrap_or(u32::MAX);
        let next = limits::KEY_WARNING_DAYS.iter().find(|days| **days < told)?;
        Some(end.plus_seconds(-i64::from(*next) * limits::DAY_SECONDS))
    }

    /// Of how many days before its end its people are to be warned now; 0: it has ended. None: of nothing.
    #[must_use]
    pub fn warning(&self, now: Moment) -> Option<u32> {
        let end = self.facts.ends_at.filter(|_| self.standing == KeyStanding::Active)?;
        let told = self.warned_days.unwrap_or(u32::MAX);
        let is_due = |days: &&u32| end.plus_seconds(-i64::from(**days) * limits::DAY_SECONDS) <= now;
        // The last one that is due: whoever was not told of 30 days in time is told of 7 alone.
        limits::KEY_WARNING_DAYS.iter().filter(|days| **days < told).filter(is_due).min().copied()
    }
}

/// A key that was entered and proven and is not yet the current one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedKey {
    /// What is known of it.
    #[serde(flatten)]
    pub facts: KeyFacts,
    /// Which request staged it: another one that stages meanwhile takes its place.
    pub stage: String,
}

/// One version of a client's key, as it is shown for ever after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyVersion {
    /// What is known of it.
    #[serde(flatten)]
    pub facts: KeyFacts,
    /// When it ended; none while it is the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// How: `retired` by a newer one, or `revoked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<String>,
}

/// Whose a key is or was: kept for ever, so that no key comes back under another client, nor after its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyClaim {
    /// Whose.
    pub client_id: ClientId,
    /// Which version of theirs it was.
    pub version: u32,
}

/// What an entered key is to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is the current key already.
    Current,
    /// It is the client's first key, or the first after a revocation.
    First,
    /// It is another than the current one.
    Another,
}

/// What an entered key of this fingerprint is to the client.
///
/// # Errors
/// 409 where it is another client's, or was the client's own and has ended.
pub fn entered(
    client: ClientId,
    current: Option<&ClientKey>,
    claim: Option<&KeyClaim>,
    fingerprint: &str,
) -> Result<Entered, Refusal> {
    let active = current.filter(|key| key.standing == KeyStanding::Active);
    if active.is_some_and(|key| key.facts.fingerprint == fingerprint) {
        return Ok(Entered::Current);
    }
    match claim {
        // Nothing is told of whose it is.
        Some(claim) if claim.client_id != client => Err(taken()),
        Some(_) => Err(Refusal::conflict("This key was used before and has ended; enter a new one")),
        None if active.is_some() => Ok(Entered::Another),
        None => Ok(Entered::First),
    }
}

/// 409: the key is another client's.
#[must_use]
pub fn taken() -> Refusal {
    Refusal::conflict("This key is in use elsewhere; enter a key of the client's own")
}

/// The version that the next key has.
#[must_use]
pub fn next_version(current: Option<&ClientKey>) -> u32 {
    current.map_or(1, |key| key.facts.version.saturating_add(1))
}

/// The client's record once a key has become the current one. The stops that a revocation before it asked for stay awaited.
#[must_use]
pub fn switched(client: ClientId, before: Option<&ClientKey>, facts: KeyFacts) -> ClientKey {
    ClientKey {
        client_id: client,
        standing: KeyStanding::Active,
        facts,
        epoch: before.map_or(0, |key| key.epoch),
        revoked_at: None,
        revoked_by: None,
        warned_days: None,
        last_revoked_at: before.and_then(ClientKey::cut_off_at),
        overdue_told: before.is_some_and(|key| key.overdue_told),
    }
}

/// The client's record once its key is revoked; none where it is revoked already.
///
/// # Errors
/// 409 where there is none that could be.
pub fn revoked(current: Option<&ClientKey>, by: &str, now: Moment) -> Result<Option<ClientKey>, Refusal> {
    let key = current.ok_or_else(|| Refusal::conflict("The client has no key"))?;
    if key.standing == KeyStanding::Revoked {
        return Ok(None);
    }
    Ok(Some(ClientKey {
        standing: KeyStanding::Revoked,
        epoch: key.epoch.saturating_add(1),
        revoked_at: Some(now),
        revoked_by: Some(by.to_owned()),
        last_revoked_at: Some(now),
        overdue_told: false,
        ..key.clone()
    }))
}

/// Reads the date on which a key ends.
///
/// # Errors
/// 400 where it is not in the future, or further away than [`limits::KEY_LIFE_SECONDS`].
pub fn ends_at(given: Option<Moment>, now: Moment) -> Result<Option<Moment>, Refusal> {
    match given {
        Some(end) if end <= now => Err(Refusal::invalid("expires_at must be in the future")),
        Some(end) if end > now.plus_seconds(limits::KEY_LIFE_SECONDS) => {
            Err(Refusal::invalid("expires_at must be within ten years"))
        }
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::Chain;

    fn facts(version: u32, ends_at: Option<i64>) -> KeyFacts {
        KeyFacts {
            version,
            chain: Chain::Stellar,
            address: "G".into(),
            public_key: String::new(),
            fingerprint: String::new(),
            entered_at: Moment::from_seconds(0),
            entered_by: "u:1".into(),
            ends_at: ends_at.map(Moment::from_seconds),
        }
    }

    #[test]
    fn the_clock_of_a_stop_goes_on_under_the_next_key() {
        let (client, at) = (ClientId::new(7).unwrap(), Moment::from_seconds);
        let first = switched(client, None, facts(1, None));
        assert_eq!((first.due_at(), first.cut_off_at()), (None, None));
        let revoked = revoked(Some(&first), "u:1", at(1000)).unwrap().unwrap();
        let due = Some(at(1000 + limits::BOT_STOP_SECONDS));
        assert_eq!((revoked.due_at(), revoked.cut_off_at()), (due, Some(at(1000))));
        let next = switched(client, Some(&revoked), facts(2, None));
        assert_eq!((next.due_at(), next.revoked_at, next.epoch), (due, None, 1));
        let rotated = switched(client, Some(&next), facts(3, None));
        assert_eq!(rotated.due_at(), due);
        let told = ClientKey { overdue_told: true, ..rotated };
        assert_eq!((told.due_at(), switched(client, Some(&told), facts(4, None)).due_at()), (None, None));
        // A record of before there was the attribute.
        let old = ClientKey { last_revoked_at: None, ..revoked };
        assert_eq!(switched(client, Some(&old), facts(2, None)).due_at(), due);
    }

    #[test]
    fn of_a_stop_and_a_warning_the_earlier_one_is_due() {
        let (client, at) = (ClientId::new(7).unwrap(), Moment::from_seconds);
        let before = revoked(Some(&switched(client, None, facts(1, None))), "u:1", at(1000)).unwrap();
        for (end, due) in
            [(31 * limits::DAY_SECONDS, 1000 + limits::BOT_STOP_SECONDS), (2000, 2000 - 30 * limits::DAY_SECONDS)]
        {
            assert_eq!(switched(client, before.as_ref(), facts(2, Some(end))).due_at(), Some(at(due)), "{end}");
        }
    }
}
