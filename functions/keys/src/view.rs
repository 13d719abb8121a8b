//! What is shown of clients, keys and bots: never a key.

use countersign_core::{
    BotId, Moment,
    keyring::{Bot, BotStatus, Chain, Client, ClientKey, KeyStanding, Stop},
};
use serde::Serialize;
use serde_json::Value;

/// A client.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ClientView {
    /// Its id.
    id: u64,
    /// Its name.
    name: String,
    /// The person it is.
    user_id: u64,
    /// When it was made.
    created_at: String,
    /// Its current key; null: none was entered.
    key: Option<KeyView>,
}

impl ClientView {
    pub(crate) fn of(client: &Client, key: Option<&ClientKey>, now: Moment) -> Self {
        Self {
            id: client.id.get(),
            name: client.name.clone(),
            user_id: client.user_id.get(),
            created_at: client.created_at.to_rfc3339(),
            key: key.map(|key| KeyView::of(key, now)),
        }
    }
}

/// What is shown of a client's key.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct KeyView {
    /// 1 for the first, one more for each that followed.
    version: u32,
    /// `stellar`, `solana` or `evm`.
    chain: &'static str,
    /// Its address.
    address: String,
    /// `active`, `expired` or `revoked`.
    status: &'static str,
    /// When it was entered.
    entered_at: String,
    /// From then on nothing signs with it; null: it does not end by date.
    expires_at: Option<String>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

impl KeyView {
    fn of(key: &ClientKey, now: Moment) -> Self {
        let status = match key.standing {
            KeyStanding::Revoked => "revoked",
            KeyStanding::Active if key.usable(now).is_err() => "expired",
            KeyStanding::Active => "active",
        };
        Self {
            version: key.facts.version,
            chain: key.facts.chain.as_str(),
            address: key.facts.address.clone(),
            status,
            entered_at: key.facts.entered_at.to_rfc3339(),
            expires_at: key.facts.ends_at.map(Moment::to_rfc3339),
            revoked_at: key.revoked_at.map(Moment::to_rfc3339),
        }
    }
}

/// A wallet of a bot.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct WalletView {
    /// Its id.
    id: u64,
    /// The address of its client's current key; null after a revocation.
    address: Option<String>,
}

/// The wallets of a bot: each refers to its client's one key.
pub(crate) fn wallets(bot: &Bot, key: Option<&ClientKey>) -> Vec<WalletView> {
    let address = key.filter(|key| key.standing == KeyStanding::Active).map(|key| key.facts.address.clone());
    bot.wallets.iter().map(|wallet| WalletView { id: wallet.id.get(), address: address.clone() }).collect()
}

/// What a bot may sign.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LimitsView {
    /// Signatures in any hour.
    signatures_per_hour: u32,
    /// What may leave the account in any hour, in the chain's smallest unit, as decimal text; null: no limit.
    amount_per_hour: Option<String>,
    /// Of which chain that unit is; null: no limit.
    amount_chain: Option<&'static str>,
}

/// A bot.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BotView {
    /// Its id.
    id: u64,
    /// Whose.
    client_id: u64,
    /// Its name.
    name: String,
    /// Its type, a key of `bot-options`.
    bot_type: String,
    /// Its configuration.
    #[schema(value_type = Object)]
    config: Value,
    /// `created`, `running`, `stopping` or `stopped`.
    status: &'static str,
    /// While it is stopping: `requested` or `overdue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<&'static str>,
    /// Its wallets.
    wallets: Vec<WalletView>,
    /// What it may sign.
    limits: LimitsView,
    /// When it was made.
    created_at: String,
    /// When it was started last.
    started_at: Option<String>,
    /// When its runner said that it stopped.
    stopped_at: Option<String>,
}

impl BotView {
    pub(crate) fn of(bot: &Bot, key: Option<&ClientKey>, now: Moment) -> Self {
        let status = bot.status(key);
        Self {
            id: bot.id.get(),
            client_id: bot.client_id.get(),
            name: bot.name.clone(),
            bot_type: bot.bot_type.clone(),
            config: bot.config(),
            status: status.as_str(),
            stop: (status == BotStatus::Stopping).then(|| bot.stop(key, now).as_str()),
            wallets: wallets(bot, key),
            limits: LimitsView {
                signatures_per_hour: bot.bot_limits.signatures_per_hour,
                amount_per_hour: bot.bot_limits.amount_per_hour.map(|most| most.to_string()),
                amount_chain: bot.bot_limits.amount_chain.map(Chain::as_str),
            },
            created_at: bot.created_at.to_rfc3339(),
            started_at: bot.started_at.map(Moment::to_rfc3339),
            stopped_at: bot.stopped_at.map(Moment::to_rfc3339),
        }
    }
}

/// How far the stop of a bot is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StopView {
    /// The bot.
    id: u64,
    /// `requested`, `acknowledged` (also: nothing was running) or `overdue`.
    stop: &'static str,
}

impl StopView {
    pub(crate) fn of(bot: BotId, stop: Stop) -> Self {
        Self { id: bot.get(), stop: stop.as_str() }
    }
}
