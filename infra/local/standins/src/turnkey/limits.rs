//! Turnkey's rate limits: buckets that hold a minute's requests and refill all the time.

use std::{collections::HashMap, time::Instant};

use serde::{Deserialize, Serialize};

/// How many requests are taken; changed through `/_control/limits`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Requests a second of one sub-organization.
    pub sub_organization_per_second: f64,
    /// Requests a second of all organizations together (Turnkey's plans: 1 to 60).
    pub plan_per_second: f64,
    /// How many seconds' worth a bucket holds; Turnkey's hold a minute's.
    pub bucket_seconds: f64,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { sub_organization_per_second: 10.0, plan_per_second: 60.0, bucket_seconds: 60.0 }
    }
}

impl RateLimits {
    /// Whether these limits let anything through at all.
    pub(super) fn is_sensible(&self) -> bool {
        let rates = [self.sub_organization_per_second, self.plan_per_second, self.bucket_seconds];
        rates.iter().all(|rate| rate.is_finite() && *rate > 0.0)
    }
}

/// What is left in the buckets.
#[derive(Default)]
pub(super) struct Buckets {
    limits: RateLimits,
    plan: Option<Bucket>,
    organizations: HashMap<String, Bucket>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// Which bucket is empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Empty {
    SubOrganization,
    Plan,
}

impl Buckets {
    /// Sets new limits; all buckets are full again.
    pub(super) fn set(&mut self, limits: RateLimits) {
        *self = Self { limits, ..Self::default() };
    }

    pub(super) fn limits(&self) -> RateLimits {
        self.limits
    }

    /// Takes one request from the organization's bucket and the plan's.
    pub(super) fn take(&mut self, organization_id: &str, now: Instant) -> Result<(), Empty> {
        let RateLimits { sub_organization_per_second, plan_per_second, bucket_seconds } = self.limits;
        let full = |rate: f64| Bucket { tokens: (rate * bucket_seconds).max(1.0), filled: now };
        let plan = self.plan.get_or_insert_with(|| full(plan_per_second));
        plan.refill(plan_per_second, bucket_seconds, now);
        let own =
            self.organizations.entry(organization_id.to_owned()).or_insert_with(|| full(sub_organization_per_second));
        own.refill(sub_organization_per_second, bucket_seconds, now);
        if own.tokens < 1.0 {
            return Err(Empty::SubOrganization);
        }
        if plan.tokens < 1.0 {
            return Err(Empty::Plan);
        }
        own.tokens -= 1.0;
        plan.tokens -= 1.0;
        Ok(())
    }
}

impl Bucket {
    fn refill(&mut self, per_second: f64, bucket_seconds: f64, now: Instant) {
        let gained = now.duration_since(self.filled).as_secs_f64() * per_second;
        self.tokens = (self.tokens + gained).min((per_second * bucket_seconds).max(1.0));
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_refills() {
        let mut buckets = Buckets::default();
        buckets.set(RateLimits { sub_organization_per_second: 2.0, plan_per_second: 3.0, bucket_seconds: 1.0 });
        let start = Instant::now();
        assert_eq!(buckets.take("a", start), Ok(()));
        assert_eq!(buckets.take("a", start), Ok(()));
        assert_eq!(buckets.take("a", start), Err(Empty::SubOrganization));
        assert_eq!(buckets.take("b", start), Ok(()));
        assert_eq!(buckets.take("b", start), Err(Empty::Plan));
        let later = start + Duration::from_millis(500);
        assert_eq!(buckets.take("a", later), Ok(()));
        assert_eq!(buckets.take("a", later), Err(Empty::SubOrganization));
    }

    #[test]
    fn a_minute_of_requests_may_come_at_once() {
        let mut buckets = Buckets::default();
        let start = Instant::now();
        let taken = (0..1000).filter(|_| buckets.take("a", start).is_ok()).count();
        assert_eq!(taken, 600);
    }
}
