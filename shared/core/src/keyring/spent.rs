//! What a bot has signed within the last hour: reserved before a signature leaves, in the commit that records it.

use serde::{Deserialize, Serialize};

use super::{Bot, BotStatus, Chain, ClientKey};
use crate::{Moment, Refusal, RefusalKind};

/// Minutes of an hour. The one in which it began counts as well, so that no 3600 seconds hold more than the limit.
const MINUTES: i64 = 60;

/// What was signed in one minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinuteSpent {
    /// The minute since the epoch. (`minute` is a reserved word of DynamoDB's.)
    pub at_minute: i64,
    /// How many signatures.
    pub signatures: u32,
    /// What left the account, in the chain's smallest unit, as decimal text.
    pub amount: String,
    /// More left it than that, or may have: of something that was signed the amount could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
}

/// What a bot has signed within the hour, minute by minute; moved by version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Minutes in which something was signed, oldest first.
    pub minutes: Vec<MinuteSpent>,
    /// One more with each signature; 0: there was none.
    pub version: u64,
    /// The chain in whose unit the amounts are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
}

impl Spent {
    /// What of it counts for a key of this chain: the signatures, and amounts in this chain's unit. Those of another one left
    /// another account.
    fn of(&self, chain: Chain) -> Self {
        let mut spent = Self { chain: Some(chain), ..self.clone() };
        if self.chain.is_some_and(|before| before != chain) {
            for minute in &mut spent.minutes {
                *minute = MinuteSpent { amount: "0".to_owned(), unreadable: false, ..minute.clone() };
            }
        }
        spent
    }

    fn live(&self, now: Moment) -> impl Iterator<Item = &MinuteSpent> {
        let first = minute(now) - MINUTES;
        self.minutes.iter().filter(move |spent| spent.at_minute >= first)
    }

    /// How many signatures there were within the hour.
    #[must_use]
    pub fn signatures(&self, now: Moment) -> u32 {
        self.live(now).fold(0, |sum, spent| sum.saturating_add(spent.signatures))
    }

    /// What has left the account within the hour.
    #[must_use]
    pub fn amount(&self, now: Moment) -> u128 {
        self.live(now).fold(0, |sum, spent| sum.saturating_add(spent.amount.parse().unwrap_or(u128::MAX)))
    }

    /// Whether something was signed within the hour whose amount could not be read.
    fn is_unreadable(&self, now: Moment) -> bool {
        self.live(now).any(|spent| spent.unreadable)
    }

    /// With one signature more.
    fn and(&self, outflow: Option<u128>, now: Moment) -> Self {
        let mut minutes: Vec<MinuteSpent> = self.live(now).cloned().collect();
        let (amount, unreadable) = (outflow.unwrap_or(0), outflow.is_none());
        match minutes.iter_mut().find(|spent| spent.at_minute == minute(now)) {
            Some(spent) => {
                spent.signatures = spent.signatures.saturating_add(1);
                let before: u128 = spent.amount.parse().unwrap_or(u128::MAX);
                spent.amount = before.saturating_add(amount).to_string();
                spent.unreadable |= unreadable;
            }
            None => {
                let amount = amount.to_string();
                minutes.push(MinuteSpent { at_minute: minute(now), signatures: 1, amount, unreadable });
            }
        }
        Self { minutes, version: self.version.saturating_add(1), chain: self.chain }
    }
}

fn minute(now: Moment) -> i64 {
    now.seconds().div_euclid(60)
}

/// That a bot may sign at all now, whatever its limits say.
///
/// # Errors
/// 409 where the bot does not run, its key is revoked, or of a chain that is not the bot's; 403 where the key is past its date.
pub fn may_sign<'a>(bot: &Bot, key: Option<&'a ClientKey>, now: Moment) -> Result<&'a ClientKey, Refusal> {
    let key = key.ok_or_else(|| Refusal::conflict("The client has no key"))?;
    key.usable(now)?;
    let status = bot.status(Some(key));
    if status != BotStatus::Running {
        return Err(Refusal::conflict("The bot does not run").with("status", status.as_str()));
    }
    bot.fits(key)?;
    Ok(key)
}

/// Decides whether a bot may sign now something that takes this much out of the account, and what it has signed then.
/// `outflow` is in the chain's smallest unit; none: it cannot be read.
///
/// # Errors
/// As [`may_sign`]; 403 where there is an amount limit and the amount cannot be read or is above it by itself; 429 where the
/// hour's limit is reached, or where what was signed within the hour cannot be held against it.
pub fn reserve(
    bot: &Bot,
    key: Option<&ClientKey>,
    spent: &Spent,
    outflow: Option<u128>,
    now: Moment,
) -> Result<Spent, Refusal> {
    let spent = spent.of(may_sign(bot, key, now)?.facts.chain);
    if spent.signatures(now) >= bot.bot_limits.signatures_per_hour {
        return Err(over(REACHED, "signatures_per_hour", bot.bot_limits.signatures_per_hour.to_string()));
    }
    if let Some(most) = bot.bot_limits.amount_per_hour {
        let amount = outflow.ok_or_else(|| {
            Refusal::forbidden(
                "What this transaction takes out of the account cannot be read, and the bot has an amount limit",
            )
        })?;
        if amount > most {
            return Err(Refusal::forbidden("The transaction is above the bot's amount limit")
                .with("limit", most.to_string())
                .with("amount", amount.to_string()));
        }
        if spent.is_unreadable(now) {
            let said =
                "Within the hour the bot has signed something whose amount cannot be read, and it has an amount limit";
            return Err(over(said, "amount_per_hour", most.to_string()));
        }
        if spent.amount(now).saturating_add(amount) > most {
            return Err(over(REACHED, "amount_per_hour", most.to_string()));
        }
    }
    Ok(spent.and(outflow, now))
}

const REACHED: &str = "The bot's limit for an hour is reached";

/// 429: come back in a minute, when the oldest of the hour no longer counts.
fn over(said: &'static str, which: &'static str, limit: String) -> Refusal {
    Refusal::new(RefusalKind::Throttled, said).with("which", which).with("limit", limit).retry_after(60)
}

#[cfg(test)]
#[path = "spent_tests.rs"]
mod tests;
