//! An account: an e-mail with a password. And how failed logins slow down whoever tries.

use std::net::{IpAddr, Ipv6Addr};

use aws_lc_rs::digest::{SHA256, digest};
use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};

use crate::{Moment, Refusal, RefusalKind, Secret, UserId, limits};

/// An e-mail address (RFC 5321), in lower case: whoever writes it otherwise means the same mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let options = Options::default().without_display_text().without_domain_literal();
        if text.len() <= limits::EMAIL_BYTES && EmailAddress::parse_with_options(text, options).is_ok() {
            return Ok(Self(text.to_lowercase()));
        }
        Err(Refusal::invalid("email must be an e-mail address"))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that its records are kept under: SHA-256, lower-case hex. An address may hold any sign.
    #[must_use]
    pub fn name(&self) -> String {
        hex::encode(digest(&SHA256, self.0.as_bytes()))
    }
}

/// An account, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its address.
    pub email: Email,
    /// Whose.
    pub user_id: UserId,
    /// Argon2id of the password as a PHC string, with its salt and parameters.
    pub password_hash: String,
    /// When it was made.
    pub created_at: Moment,
}

/// Refuses a password that is too short to withstand guessing, or too long to be one. Nothing else is asked of it
/// (NIST SP 800-63B, section 5.1.1.2).
///
/// # Errors
/// 400 naming the rule.
pub fn check_password(password: &Secret, email: &Email) -> Result<(), Refusal> {
    let (least, most) = (limits::PASSWORD_CHARS_LEAST, limits::PASSWORD_CHARS_MOST);
    let text = password.expose_str().unwrap_or_default();
    if !(least..=most).contains(&text.chars().count()) {
        return Err(Refusal::invalid(format!("password must have {least} to {most} characters")));
    }
    if text.to_lowercase() == email.as_str() {
        return Err(Refusal::invalid("password must not be the e-mail address"));
    }
    Ok(())
}

/// 401: the address is not known or the password is not right; nobody learns which.
#[must_use]
pub fn wrong_password() -> Refusal {
    Refusal::unauthenticated("Wrong e-mail or password")
}

/// Whose tries are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Of one account, whoever tries.
    Account,
    /// From one address, whatever account.
    Address,
}

impl Counted {
    /// How many tries cost nothing.
    const fn free(self) -> u32 {
        match self {
            Self::Account => limits::FREE_TRIES_ACCOUNT,
            Self::Address => limits::FREE_TRIES_ADDRESS,
        }
    }

    /// The longest wait: short for an account, for whoever owns it waits as well.
    const fn most_seconds(self) -> i64 {
        match self {
            Self::Account => limits::TRY_WAIT_ACCOUNT_SECONDS,
            Self::Address => limits::TRY_WAIT_ADDRESS_SECONDS,
        }
    }
}

/// The network that tries from this address are counted under: an IPv6 network of 64 bits is one household's or one machine's,
/// and has more addresses than could ever be slowed down one by one. An IPv4 address is counted by itself, however it is written.
#[must_use]
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let network = Ipv6Addr::from_bits(address.to_bits() >> 64 << 64);
            format!("{network}/64")
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Tries that failed, or have no answer yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How many.
    pub count: u32,
    /// Until when the next one must wait, in milliseconds.
    pub blocked_until: i64,
    /// From then on they are forgotten, in milliseconds.
    pub forgotten_at: i64,
}

impl Tries {
    /// One more, counted before it is known how it ends: two at once cannot both be the last free one.
    ///
    /// # Errors
    /// 429 with `Retry-After` where it comes too early.
    pub fn one_more(self, of: Counted, now: Moment) -> Result<Self, Refusal> {
        let before = if self.forgotten_at <= now.millis() { Self::default() } else { self };
        if before.blocked_until > now.millis() {
            let seconds = (before.blocked_until - now.millis()).div_euclid(1000) + 1;
            let said = "Too many failed logins; try again later";
            return Err(
                Refusal::new(RefusalKind::Throttled, said).retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
            );
        }
        let count = before.count.saturating_add(1);
        let over = count.saturating_sub(of.free());
        let wait =
            if over == 0 { 0 } else { 1_i64.checked_shl(over.min(20)).unwrap_or(i64::MAX).min(of.most_seconds()) };
        Ok(Self {
            count,
            blocked_until: now.plus_seconds(wait).millis(),
            forgotten_at: now.plus_seconds(wait + limits::TRIES_REMEMBERED_SECONDS).millis(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_in_any_case() {
        assert_eq!(Email::read(" Ann@Example.org ").unwrap().as_str(), "ann@example.org");
        for bad in ["", "ann", "ann@", "@example.org", "ann example@x.org", "Ann <ann@example.org>", &"a".repeat(300)] {
            assert!(Email::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_has_a_length_and_is_not_the_address() {
        let email = Email::read("ann@example.org").unwrap();
        let check = |text: &str| check_password(&Secret::from(text.to_owned()), &email);
        assert!(check("correct horse").is_ok() && check("пароль12").is_ok());
        for bad in ["", "1234567", &"x".repeat(129), "Ann@example.org"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_ipv6_network_is_one() {
        for address in ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:0001:0002::9"] {
            assert_eq!(network(address), "2001:db8:1:2::/64");
        }
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
        assert_eq!(
            (network("203.0.113.7"), network("::ffff:203.0.113.7")),
            ("203.0.113.7".into(), "203.0.113.7".into())
        );
        assert_eq!(network(""), "");
    }

    #[test]
    fn each_failure_over_the_free_ones_doubles_the_wait_up_to_the_most() {
        let mut now = Moment::from_seconds(1_800_000_000);
        let mut tries = Tries::default();
        for _ in 0..limits::FREE_TRIES_ACCOUNT {
            tries = tries.one_more(Counted::Account, now).unwrap();
        }
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            tries = tries.one_more(Counted::Account, now).unwrap();
            let early = tries.one_more(Counted::Account, now.plus_seconds(seconds - 1)).unwrap_err();
            assert_eq!((early.kind.status(), early.retry_after_seconds), (429, Some(2)));
            now = now.plus_seconds(seconds);
        }
        let later = now.plus_seconds(60 + limits::TRIES_REMEMBERED_SECONDS);
        assert_eq!(tries.one_more(Counted::Account, later).unwrap().count, 1, "they are forgotten");
    }
}
