//! Ids: JSON integers below 2^53, time-ordered, never from a shared counter.

use serde::{Deserialize, Serialize};

use crate::Moment;

/// Bits of an id that are random; the rest is milliseconds since [`EPOCH_MILLIS`].
const RANDOM_BITS: u32 = 12;
/// 2025-01-01T00:00:00Z: 41 bits of milliseconds from here reach into 2094.
const EPOCH_MILLIS: i64 = 1_735_689_600_000;
/// The first number that JSON clients cannot hold exactly.
const CEILING: u64 = 1 << 53;

/// Makes a time-ordered id from the moment and randomness (of which the low 12 bits are used).
///
/// Two ids of one millisecond collide once in 4096; every id is therefore claimed by a conditional write.
#[must_use]
pub fn time_ordered(moment: Moment, random: u64) -> u64 {
    let millis = u64::try_from(moment.millis() - EPOCH_MILLIS).unwrap_or(0);
    ((millis << RANDOM_BITS) | (random & ((1 << RANDOM_BITS) - 1))) & (CEILING - 1)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(u64);

        impl $name {
            /// From a number; 0 and anything from 2^53 up is none of ours.
            #[must_use]
            pub fn new(number: u64) -> Option<Self> {
                (number > 0 && number < CEILING).then_some(Self(number))
            }

            /// A fresh one; see [`time_ordered`].
            #[must_use]
            pub fn fresh(moment: Moment, random: u64) -> Self {
                Self(time_ordered(moment, random).max(1))
            }

            /// The number.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = &'static str;
            fn try_from(number: u64) -> Result<Self, Self::Error> {
                Self::new(number).ok_or("an id is an integer from 1 to 2^53 - 1")
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> u64 {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = &'static str;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) || text.starts_with('0') {
                    return Err("an id is an integer from 1 to 2^53 - 1");
                }
                text.parse::<u64>().ok().and_then(Self::new).ok_or("an id is an integer from 1 to 2^53 - 1")
            }
        }
    };
}

id!(
    /// A person.
    UserId
);
id!(
    /// A person as Telegram numbers them (positive, below 2^52 by the Bot API).
    TelegramId
);
id!(
    /// A service that calls the API.
    ServiceId
);
id!(
    /// A signing session.
    SessionId
);
id!(
    /// A recorded signature.
    SignatureId
);
id!(
    /// A person's link to an account elsewhere: one consent.
    ConnectionId
);
id!(
    /// A task that a service has enqueued.
    TaskId
);
id!(
    /// A message to Telegram in the outbox of its chat.
    OutId
);
id!(
    /// A question or an approval that people are asked.
    ApprovalId
);
id!(
    /// A callback or a command on its way to a service.
    DeliveryId
);
id!(
    /// A login of a person: the `sid` of its access tokens.
    LoginId
);
id!(
    /// An update as Telegram numbers them.
    UpdateId
);
id!(
    /// A family.
    FamilyId
);
id!(
    /// A wallet of a family.
    WalletId
);
id!(
    /// A category of a family's money.
    CategoryId
);
id!(
    /// A transaction of a family's ledger.
    MovementId
);
id!(
    /// An invitation into a family.
    InvitationId
);
id!(
    /// A goal that a family saves for.
    GoalId
);
id!(
    /// A transaction that comes again by itself.
    RecurringId
);
id!(
    /// A client whose trading key is kept here.
    ClientId
);
id!(
    /// A client's bot.
    BotId
);
id!(
    /// A wallet of a bot: it refers to the client's one key.
    BotWalletId
);
id!(
    /// A credential of a bot's runner.
    RunnerTokenId
);
id!(
    /// A recorded use of a trading key.
    KeyUseId
);
id!(
    /// Something that happened to a client's key, or to a bot.
    KeyEventId
);
id!(
    /// A one-time form for a key.
    KeyFormId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_creation_and_fit_json() {
        let early = UserId::fresh(Moment::from_millis(EPOCH_MILLIS + 1), u64::MAX);
        let late = UserId::fresh(Moment::from_millis(EPOCH_MILLIS + 2), 0);
        assert!(early < late);
        assert!(UserId::fresh(Moment::from_seconds(3_900_000_000), 7).get() < CEILING);
        assert_eq!(UserId::new(CEILING), None);
    }

    #[test]
    fn only_canonical_digits_are_read() {
        assert!("17".parse::<UserId>().is_ok());
        for bad in ["", "0", "017", "+17", "-1", " 1", "9007199254740992", "1#2"] {
            assert!(bad.parse::<UserId>().is_err(), "{bad}");
        }
    }
}
