//! Keys of the access log: a day's requests in one partition, a family's in another, both by time.

use countersign_core::Moment;

use super::Key;

const PREFIX: &str = "AT#";
const DAY_MILLIS: i64 = 24 * 3600 * 1000;

/// The day of a moment, counted from the epoch, UTC.
pub(crate) fn access_day(at: Moment) -> i64 {
    at.millis().div_euclid(DAY_MILLIS)
}

/// When that day begins.
pub(crate) fn access_day_begin(day: i64) -> Moment {
    Moment::from_millis(day.saturating_mul(DAY_MILLIS))
}

/// All requests of a day.
pub(crate) fn access_day_partition(day: i64) -> String {
    format!("ACCESS#{day}")
}

/// All requests about a family's things.
pub(crate) fn family_access_partition(family_id: u64) -> String {
    format!("FAMILYACCESS#{family_id}")
}

/// Smaller than every request of this moment, and greater than every one before.
pub(crate) fn access_bound(at: Moment) -> String {
    format!("{PREFIX}{:013}", at.millis())
}

fn access_sort(at: Moment, request_id: &str) -> String {
    format!("{}#{request_id}", access_bound(at))
}

/// A request in its day.
pub(crate) fn access(at: Moment, request_id: &str) -> Key {
    Key::new(access_day_partition(access_day(at)), access_sort(at, request_id))
}

/// The same under the family that it was about.
pub(crate) fn family_access(family_id: u64, at: Moment, request_id: &str) -> Key {
    Key::new(family_access_partition(family_id), access_sort(at, request_id))
}

/// Takes a sort key or a bound apart: milliseconds since the epoch, and the request's id where there is one.
pub(crate) fn access_of(sort: &str) -> Option<(i64, Option<&str>)> {
    let rest = sort.strip_prefix(PREFIX)?;
    let (millis, request_id) = rest.split_once('#').map_or((rest, None), |(millis, id)| (millis, Some(id)));
    let digits = millis.len() == 13 && millis.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| millis.parse().ok()).flatten().map(|millis| (millis, request_id))
}
