//! The tries of a delivery: when the next one is due, and what an answer means (Standard Webhooks, "Deliverability and reliability").

use serde::{Deserialize, Serialize};

use super::{Delivery, DeliveryStatus};
use crate::{Moment, limits};

/// Pauses between tries, in seconds: the schedule that Standard Webhooks recommends. The first try is made at once.
const PAUSES: [i64; 9] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];

/// A delivery as it is stored: with what its couriers keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// It is not tried again before this moment.
    pub due_at: Moment,
    /// Which receipt of the queue has claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// Until when: a courier that has not come back by then is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<Moment>,
}

impl DeliveryRecord {
    /// A delivery that nobody has tried yet.
    #[must_use]
    pub fn queued(delivery: Delivery) -> Self {
        Self { due_at: delivery.created_at, delivery, claimed_by: None, claimed_until: None }
    }

    /// What a courier with this receipt may do with it now.
    #[must_use]
    pub fn for_courier(&self, receipt: &str, now: Moment) -> Turn {
        if self.delivery.status != DeliveryStatus::Queued {
            return Turn::Over;
        }
        match self.claimed_until {
            Some(until) if until > now && self.claimed_by.as_deref() != Some(receipt) => {
                Turn::Wait(seconds(now, until))
            }
            _ if self.due_at > now => Turn::Wait(seconds(now, self.due_at)),
            _ => Turn::Try(Box::new(self.claimed(receipt, now))),
        }
    }

    /// The record of the next try.
    fn claimed(&self, receipt: &str, now: Moment) -> Self {
        let mut next = self.clone();
        next.delivery.attempt = next.delivery.attempt.saturating_add(1);
        next.claimed_by = Some(receipt.to_owned());
        next.claimed_until = Some(now.plus_seconds(limits::DELIVERY_CLAIM_SECONDS));
        next
    }

    /// The record after a try with this outcome; `random` spreads the next ones.
    #[must_use]
    pub fn after(&self, outcome: &TryOutcome, now: Moment, random: u64) -> Self {
        let mut next = self.clone();
        (next.claimed_by, next.claimed_until) = (None, None);
        next.delivery.reason = outcome.reason();
        match (outcome, pause(self.delivery.attempt, random)) {
            (TryOutcome::Answered { status, .. }, _) if (200..300).contains(status) => {
                next.end(DeliveryStatus::Delivered, now);
            }
            (TryOutcome::Answered { status: GONE, .. } | TryOutcome::Impossible(_), _) | (_, None) => {
                next.end(DeliveryStatus::Failed, now);
            }
            (outcome, Some(pause)) => next.due_at = now.plus_seconds(pause.max(outcome.asked_pause())),
        }
        next
    }

    fn end(&mut self, status: DeliveryStatus, now: Moment) {
        (self.delivery.status, self.delivery.finished_at) = (status, Some(now));
    }
}

/// The receiver wants no more of it (RFC 9110, section 15.5.11).
const GONE: u16 = 410;

/// What a courier may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Claim it as this record, then try.
    Try(Box<DeliveryRecord>),
    /// Come back after so many seconds.
    Wait(i64),
    /// It has ended.
    Over,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryOutcome {
    /// The receiver answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// When it asks to be tried again, in seconds.
        retry_after_seconds: Option<u32>,
    },
    /// There was no answer, and why.
    NoAnswer(String),
    /// No try can ever be made, and why.
    Impossible(String),
}

impl TryOutcome {
    /// The receiver wants nothing more of this kind.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Answered { status: GONE, .. })
    }

    fn reason(&self) -> Option<String> {
        match self {
            Self::Answered { status: 200..300, .. } => None,
            Self::Answered { status, .. } => Some(format!("the service answered {status}")),
            Self::NoAnswer(why) | Self::Impossible(why) => Some(why.clone()),
        }
    }

    /// Obeyed up to the longest pause of the schedule.
    fn asked_pause(&self) -> i64 {
        let longest = PAUSES.iter().copied().max().unwrap_or_default();
        match self {
            Self::Answered { status: 429 | 503, retry_after_seconds: Some(seconds) } => {
                i64::from(*seconds).min(longest)
            }
            _ => 0,
        }
    }
}

/// The pause after so many tries, a tenth longer at most: so that what failed together does not come back together.
fn pause(tries: u32, random: u64) -> Option<i64> {
    let base = *PAUSES.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    let most = u64::try_from(base / 10).unwrap_or_default();
    let jitter = random.checked_rem(most.saturating_add(1)).unwrap_or_default();
    Some(base.saturating_add(i64::try_from(jitter).unwrap_or_default()))
}

/// Rounded up: whoever comes a moment too early comes twice.
fn seconds(now: Moment, until: Moment) -> i64 {
    until.millis().saturating_sub(now.millis()).saturating_add(999).div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeliveryId, ServiceId, messaging::DeliveryKind};

    const NOW: Moment = Moment::from_seconds(1_800_000_000);

    fn queued() -> DeliveryRecord {
        DeliveryRecord::queued(Delivery {
            id: DeliveryId::new(7).unwrap(),
            service_id: ServiceId::new(1).unwrap(),
            kind: DeliveryKind::Command,
            url: "https://example.org/".into(),
            body: "{}".into(),
            created_at: NOW,
            chat_id: None,
            attempt: 0,
            status: DeliveryStatus::Queued,
            reason: None,
            finished_at: None,
        })
    }

    fn answered(status: u16, retry_after_seconds: Option<u32>) -> TryOutcome {
        TryOutcome::Answered { status, retry_after_seconds }
    }

    fn tried(record: &DeliveryRecord, now: Moment) -> DeliveryRecord {
        match record.for_courier("r", now) {
            Turn::Try(record) => *record,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_schedule_is_that_of_standard_webhooks_and_ends() {
        let (mut record, mut now, mut waited) = (queued(), NOW, Vec::new());
        loop {
            record = tried(&record, now).after(&answered(500, None), now, 0);
            if record.delivery.status != DeliveryStatus::Queued {
                break;
            }
            waited.push(record.due_at.seconds() - now.seconds());
            now = record.due_at;
        }
        assert_eq!(waited, PAUSES);
        assert_eq!((record.delivery.attempt, record.delivery.status), (10, DeliveryStatus::Failed));
        assert_eq!(record.delivery.reason.as_deref(), Some("the service answered 500"));
    }

    #[test]
    fn an_answer_ends_it_or_not() {
        let claimed = tried(&queued(), NOW);
        let status = |outcome: &TryOutcome| claimed.after(outcome, NOW, 0).delivery.status;
        for code in [200, 204, 299] {
            assert_eq!(status(&answered(code, None)), DeliveryStatus::Delivered);
        }
        assert_eq!(status(&answered(410, None)), DeliveryStatus::Failed);
        assert_eq!(status(&TryOutcome::Impossible("x".into())), DeliveryStatus::Failed);
        for code in [199, 301, 307, 400, 401, 404, 429, 500, 503] {
            assert_eq!(status(&answered(code, None)), DeliveryStatus::Queued, "{code}");
        }
        assert_eq!(status(&TryOutcome::NoAnswer("x".into())), DeliveryStatus::Queued);
    }

    #[test]
    fn retry_after_is_obeyed_within_bounds() {
        let claimed = tried(&queued(), NOW);
        let pause = |outcome| claimed.after(&outcome, NOW, 0).due_at.seconds() - NOW.seconds();
        assert_eq!(pause(answered(429, Some(60))), 60);
        assert_eq!(pause(answered(503, Some(1))), 5);
        assert_eq!(pause(answered(503, Some(u32::MAX))), 24 * 3600);
        assert_eq!(pause(answered(500, Some(60))), 5);
    }

    #[test]
    fn pauses_are_spread_by_a_tenth_at_most() {
        for random in [0, 1, 29, 30, 31, u64::MAX] {
            let spread = pause(2, random).unwrap();
            assert!((300..=330).contains(&spread), "{spread}");
        }
        assert_eq!((pause(0, 0), pause(10, 0)), (None, None));
    }

    #[test]
    fn a_claim_holds_others_off_until_it_is_given_up() {
        let claimed = tried(&queued(), NOW);
        assert_eq!(claimed.for_courier("other", NOW), Turn::Wait(limits::DELIVERY_CLAIM_SECONDS));
        let later = NOW.plus_seconds(limits::DELIVERY_CLAIM_SECONDS);
        assert_eq!(tried(&claimed, later).delivery.attempt, 2);
        let waiting = claimed.after(&answered(500, None), NOW, 0);
        assert_eq!(waiting.for_courier("r", NOW), Turn::Wait(5));
        assert_eq!(waiting.for_courier("r", Moment::from_millis(NOW.millis() + 1)), Turn::Wait(5));
        let over = claimed.after(&answered(200, None), NOW, 0);
        assert_eq!(over.for_courier("r", later), Turn::Over);
    }
}
