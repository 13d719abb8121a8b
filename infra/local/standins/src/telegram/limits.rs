//! How fast the bot may write: Telegram's limits when they are switched on, and refusals on demand.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// A rate: so many at once, refilled all the time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Messages a second.
    pub per_second: f64,
    /// How many may be sent at once after a pause.
    pub burst: f64,
}

impl Rate {
    fn is_sensible(self) -> bool {
        self.per_second.is_finite() && self.per_second > 0.0 && self.burst.is_finite() && self.burst >= 1.0
    }
}

/// Which limits hold; none of them unless switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// In one private chat.
    pub per_chat: Option<Rate>,
    /// In one group.
    pub per_group: Option<Rate>,
    /// In all chats together.
    pub overall: Option<Rate>,
}

impl RateLimits {
    /// About what Telegram says: a message a second in a chat, twenty a minute in a group, thirty a second in all.
    #[must_use]
    pub fn telegram() -> Self {
        Self {
            per_chat: Some(Rate { per_second: 1.0, burst: 3.0 }),
            per_group: Some(Rate { per_second: 20.0 / 60.0, burst: 5.0 }),
            overall: Some(Rate { per_second: 30.0, burst: 30.0 }),
        }
    }

    pub(super) fn are_sensible(&self) -> bool {
        [self.per_chat, self.per_group, self.overall].into_iter().flatten().all(Rate::is_sensible)
    }
}

/// Messages refused on demand: the next `count`, or without a count all of them for `retry_after` seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flood {
    /// In which chat; none: in all.
    pub chat_id: Option<i64>,
    /// The seconds told to the bot.
    pub retry_after: u64,
    /// How many messages are refused.
    pub count: Option<u64>,
}

/// A flood under way.
#[derive(Clone, Debug)]
pub(super) struct Flooded {
    pub(super) flood: Flood,
    until: Instant,
    /// How many messages it has refused.
    pub(super) refused: u64,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// What is left of the limits.
#[derive(Default)]
pub(super) struct Limits {
    limits: RateLimits,
    chats: BTreeMap<i64, Bucket>,
    overall: Option<Bucket>,
    floods: Vec<Flooded>,
}

impl Limits {
    /// Sets new limits; all may write at once again.
    pub(super) fn set(&mut self, limits: RateLimits) {
        *self = Self { limits, floods: std::mem::take(&mut self.floods), ..Self::default() };
    }

    pub(super) fn limits(&self) -> RateLimits {
        self.limits
    }

    pub(super) fn floods(&self) -> &[Flooded] {
        &self.floods
    }

    pub(super) fn clear_floods(&mut self) {
        self.floods.clear();
    }

    pub(super) fn flood(&mut self, flood: Flood, now: Instant) {
        self.floods.push(Flooded { flood, until: now + Duration::from_secs(flood.retry_after), refused: 0 });
    }

    /// Takes one message to this chat; the error is how many seconds to wait.
    pub(super) fn take(&mut self, chat_id: i64, now: Instant) -> Result<(), u64> {
        if let Some(wait) = self.floods.iter_mut().find_map(|flooded| flooded.refuse(chat_id, now)) {
            return Err(wait);
        }
        let limits = self.limits;
        let own = if chat_id > 0 { limits.per_chat } else { limits.per_group };
        let chat = self.chats.entry(chat_id).or_insert_with(|| Bucket::new(own, now));
        let overall = self.overall.get_or_insert_with(|| Bucket::new(limits.overall, now));
        let mut buckets = [(own, chat), (limits.overall, overall)];
        let waits = buckets.iter_mut().filter_map(|(rate, bucket)| bucket.wait((*rate)?, now));
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for (_, bucket) in buckets {
            bucket.tokens -= 1.0;
        }
        Ok(())
    }
}

impl Flooded {
    fn refuse(&mut self, chat_id: i64, now: Instant) -> Option<u64> {
        let told = match self.flood.count {
            Some(count) => (self.refused < count).then_some(self.flood.retry_after),
            None => (now < self.until).then(|| whole_seconds(self.until.duration_since(now).as_secs_f64())),
        };
        let told = told.filter(|_| self.flood.chat_id.is_none_or(|id| id == chat_id))?;
        self.refused += 1;
        Some(told)
    }
}

impl Bucket {
    fn new(rate: Option<Rate>, now: Instant) -> Self {
        Self { tokens: rate.map_or(0.0, |rate| rate.burst), filled: now }
    }

    /// Refills it, and says how long to wait for a message where it is empty.
    fn wait(&mut self, rate: Rate, now: Instant) -> Option<u64> {
        let gained = now.duration_since(self.filled).as_secs_f64() * rate.per_second;
        self.tokens = (self.tokens + gained).min(rate.burst);
        self.filled = now;
        (self.tokens < 1.0).then(|| whole_seconds((1.0 - self.tokens) / rate.per_second))
    }
}

/// Rounded up, at least one.
fn whole_seconds(seconds: f64) -> u64 {
    seconds.ceil().max(1.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_limited_by_default() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        assert!((0..1_000).all(|_| limits.take(1, now).is_ok()));
    }

    #[test]
    fn a_chat_has_its_own_limit_beside_the_one_of_all() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        limits.set(RateLimits {
            per_chat: Some(Rate { per_second: 0.5, burst: 2.0 }),
            overall: Some(Rate { per_second: 10.0, burst: 3.0 }),
            per_group: None,
        });
        assert_eq!([limits.take(1, now), limits.take(1, now), limits.take(1, now)], [Ok(()), Ok(()), Err(2)]);
        assert_eq!([limits.take(2, now), limits.take(3, now)], [Ok(()), Err(1)]);
        assert_eq!(limits.take(1, now + Duration::from_secs(2)), Ok(()));
    }

    #[test]
    fn a_flood_ends_by_count_or_by_time() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        limits.flood(Flood { chat_id: Some(1), retry_after: 7, count: Some(2) }, now);
        assert_eq!([limits.take(1, now), limits.take(2, now)], [Err(7), Ok(())]);
        assert_eq!([limits.take(1, now), limits.take(1, now)], [Err(7), Ok(())]);
        limits.clear_floods();
        limits.flood(Flood { chat_id: None, retry_after: 3, count: None }, now);
        assert_eq!(limits.take(2, now + Duration::from_millis(500)), Err(3));
        assert_eq!(limits.take(2, now + Duration::from_millis(2500)), Err(1));
        assert_eq!(limits.take(2, now + Duration::from_secs(3)), Ok(()));
        assert_eq!(limits.floods().first().map(|flooded| flooded.refused), Some(2));
    }
}
