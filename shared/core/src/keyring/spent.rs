//! What a bot has signed within the last hour: reserved before a signature leaves, in the commit that records it.

use serde::{Deserialize, Serialize};

use super::{Bot, BotStatus, ClientKey};
use crate::{Moment, Refusal, RefusalKind};

/// Minutes of an hour: what is older does not count.
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
}

/// What a bot has signed within the hour, minute by minute; moved by version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Minutes in which something was signed, oldest first.
    pub minutes: Vec<MinuteSpent>,
    /// One more with each signature; 0: there was none.
    pub version: u64,
}

impl Spent {
    fn live(&self, now: Moment) -> impl Iterator<Item = &MinuteSpent> {
        let first = minute(now) - MINUTES;
        self.minutes.iter().filter(move |spent| spent.at_minute > first)
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

    /// With one signature more.
    fn and(&self, amount: u128, now: Moment) -> Self {
        let mut minutes: Vec<MinuteSpent> = self.live(now).cloned().collect();
        match minutes.iter_mut().find(|spent| spent.at_minute == minute(now)) {
            Some(spent) => {
                spent.signatures = spent.signatures.saturating_add(1);
                let before: u128 = spent.amount.parse().unwrap_or(u128::MAX);
                spent.amount = before.saturating_add(amount).to_string();
            }
            None => {
                minutes.push(MinuteSpent { at_minute: minute(now), signatures: 1, amount: amount.to_string() });
            }
        }
        Self { minutes, version: self.version.saturating_add(1) }
    }
}

fn minute(now: Moment) -> i64 {
    now.seconds().div_euclid(60)
}

/// Decides whether a bot may sign now something that takes this much out of the account, and what it has signed then.
/// `outflow` is in the chain's smallest unit; none: it cannot be read.
///
/// # Errors
/// 409 where the bot does not run or its key is revoked; 403 where the key is past its date, or where there is an amount limit
/// and the amount cannot be read or is above it by itself; 429 where the hour's limit is reached.
pub fn reserve(
    bot: &Bot,
    key: Option<&ClientKey>,
    spent: &Spent,
    outflow: Option<u128>,
    now: Moment,
) -> Result<Spent, Refusal> {
    let key = key.ok_or_else(|| Refusal::conflict("The client has no key"))?;
    key.usable(now)?;
    let status = bot.status(Some(key));
    if status != BotStatus::Running {
        return Err(Refusal::conflict("The bot does not run").with("status", status.as_str()));
    }
    if spent.signatures(now) >= bot.bot_limits.signatures_per_hour {
        return Err(over("signatures_per_hour", bot.bot_limits.signatures_per_hour.to_string()));
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
        if spent.amount(now).saturating_add(amount) > most {
            return Err(over("amount_per_hour", most.to_string()));
        }
    }
    Ok(spent.and(outflow.unwrap_or(0), now))
}

/// 429: come back in a minute, when the oldest of the hour no longer counts.
fn over(which: &'static str, limit: String) -> Refusal {
    let refusal = Refusal::new(RefusalKind::Throttled, "The bot's limit for an hour is reached");
    refusal.with("which", which).with("limit", limit).retry_after(60)
}

#[cfg(test)]
#[path = "spent_tests.rs"]
mod tests;
