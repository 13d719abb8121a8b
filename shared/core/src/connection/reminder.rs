//! When a person is told that a consent ends by date: 30, 7 and 1 days before, and when it has ended, each once.

use super::record::{Connection, Status};
use crate::Moment;

/// Days before the end, from the first reminder to the last.
pub const REMINDER_DAYS: [u32; 3] = [30, 7, 1];
/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// What is due to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The consent ends; this reminder is the one of so many days before.
    Ends(u32),
    /// It has ended.
    Ended,
}

impl Connection {
    /// What is due now. Where several reminders are, only the last of them.
    #[must_use]
    pub fn notice(&self, now: Moment) -> Option<Notice> {
        if !matches!(self.standing, Status::Healthy | Status::RefreshFailing) {
            return None;
        }
        match self.status(now) {
            Status::NeedsConsent => Some(Notice::Ended),
            _ => self.passed_reminder(now).filter(|days| !self.was_reminded(*days)).map(Notice::Ends),
        }
    }

    /// When the next one is due; none where the consent does not end by date or is over.
    #[must_use]
    pub fn next_notice_at(&self) -> Option<Moment> {
        let end = self.ends_at.filter(|_| matches!(self.standing, Status::Healthy | Status::RefreshFailing))?;
        let next = REMINDER_DAYS.into_iter().find(|days| !self.was_reminded(*days));
        Some(next.map_or(end, |days| before(end, days)))
    }

    /// Days until the end, a begun one counted whole.
    #[must_use]
    pub fn days_left(&self, now: Moment) -> u32 {
        let seconds = self.ends_at.map_or(0, |end| end.seconds() - now.seconds()).max(0);
        u32::try_from((seconds + DAY - 1) / DAY).unwrap_or(u32::MAX)
    }

    /// The last reminder whose moment has come.
    pub(super) fn passed_reminder(&self, now: Moment) -> Option<u32> {
        let end = self.ends_at?;
        REMINDER_DAYS.into_iter().rev().find(|days| before(end, *days) <= now)
    }

    fn was_reminded(&self, days: u32) -> bool {
        self.reminded_days.is_some_and(|reminded| reminded <= days)
    }
}

fn before(end: Moment, days: u32) -> Moment {
    end.plus_seconds(-i64::from(days) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::record::tests::{NOW, connection};

    #[test]
    fn each_reminder_comes_once_and_in_order() {
        let mut spotify = connection("spotify", Some(3600), true);
        let end = spotify.ends_at.unwrap();
        assert_eq!((spotify.notice(NOW), spotify.next_notice_at()), (None, Some(before(end, 30))));
        for (index, days) in REMINDER_DAYS.into_iter().enumerate() {
            let at = spotify.next_notice_at().unwrap();
            assert_eq!(at, before(end, days));
            assert_eq!(spotify.notice(at.plus_seconds(-1)), None);
            assert_eq!(spotify.notice(at), Some(Notice::Ends(days)));
            assert_eq!(spotify.days_left(at), REMINDER_DAYS[index]);
            spotify.reminded_days = Some(days);
            assert_eq!(spotify.notice(at), None);
        }
        assert_eq!(spotify.next_notice_at(), Some(end));
        assert_eq!(spotify.notice(end), Some(Notice::Ended));
        spotify.standing = Status::NeedsConsent;
        assert_eq!((spotify.notice(end), spotify.next_notice_at()), (None, None));
    }

    #[test]
    fn a_late_sweep_sends_the_last_reminder_alone() {
        let spotify = connection("spotify", Some(3600), true);
        let late = before(spotify.ends_at.unwrap(), 5);
        assert_eq!((spotify.notice(late), spotify.days_left(late)), (Some(Notice::Ends(7)), 5));
        let sixteen_hours = spotify.ends_at.unwrap().plus_seconds(-16 * 3600);
        assert_eq!((spotify.notice(sixteen_hours), spotify.days_left(sixteen_hours)), (Some(Notice::Ends(1)), 1));
    }

    #[test]
    fn a_short_consent_is_not_reminded_of_at_once() {
        let hour = connection("google", Some(3600), false);
        assert_eq!((hour.notice(NOW), hour.next_notice_at()), (None, hour.ends_at));
        let week = connection("discord", Some(604_800), false);
        assert_eq!(week.notice(NOW), None);
        assert_eq!(week.next_notice_at(), Some(before(week.ends_at.unwrap(), 1)));
        assert_eq!(connection("github", None, false).next_notice_at(), None);
    }
}
