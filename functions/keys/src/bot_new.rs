//! `POST /bots/create` and `POST /bots/{id}/wallets`: an admin makes a client's bot, and gives it wallets.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    ClientId, Refusal,
    keyring::{Bot, Entered as Key, KeyHappening, unknown_bot, unknown_client},
    limits,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{KeyringAlong, KeyringWanted};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Keys,
    entering::{Entry, KeyText, end},
    entry::Entered,
    setup::{Made, new_wallets},
    view::{WalletView, wallets},
};

const CREATE: &str = "POST /bots/create";
const WALLETS: &str = "POST /bots/{id}/wallets";

#[derive(Deserialize)]
struct WalletForm {
    address: String,
    private_key: KeyText,
}

#[derive(Deserialize)]
struct CreateForm {
    name: String,
    bot_type: String,
    config: Option<Value>,
    wallets: Vec<WalletForm>,
    expires_at: Option<String>,
}

/// A list of wallets, or the members of one. (An untagged enum would keep a copy of the key.)
#[derive(Deserialize)]
struct AddForm {
    wallets: Option<Vec<WalletForm>>,
    address: Option<String>,
    private_key: Option<KeyText>,
}

/// A wallet that is entered, for the OpenAPI document.
#[allow(dead_code, reason = "describes `WalletForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct NewWalletBody {
    /// The key's own.
    address: String,
    /// The client's one key: all wallets of a client have it.
    private_key: String,
}

/// A new bot, for the OpenAPI document.
#[allow(dead_code, reason = "describes `CreateForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct NewBotBody {
    /// Whose.
    client_id: u64,
    /// 1 to 64 characters.
    name: String,
    /// A type of `bot-options`.
    bot_type: String,
    /// Of the type's form.
    #[schema(value_type = Object)]
    config: Value,
    /// 1 to 50.
    wallets: Vec<NewWalletBody>,
    /// RFC 3339; from then on nothing signs with the key that is entered. The end of a key that the client has is moved by
    /// `rotate-key`.
    expires_at: Option<String>,
}

/// New wallets, for the OpenAPI document.
#[allow(dead_code, reason = "describes `AddForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct NewWalletsBody {
    /// Or the members of one of them in place of the list.
    wallets: Vec<NewWalletBody>,
}

/// A bot that was made.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CreatedBot {
    /// Its id.
    id: u64,
    /// Whose.
    client_id: u64,
    /// `created`: it is started by `POST /bots/{id}/start`.
    status: &'static str,
    /// Its wallets, in the order in which they were given.
    wallets: Vec<WalletView>,
}

impl CreatedBot {
    fn of(made: &Made) -> Self {
        let (bot, key) = (&made.bot, Some(&made.key));
        Self {
            id: bot.id.get(),
            client_id: bot.client_id.get(),
            status: bot.status(key).as_str(),
            wallets: wallets(bot, key),
        }
    }
}

/// Create a bot
///
/// By an admin. The wallets' key is sealed for the client; where the client has a key, it must be that one.
#[utoipa::path(
    post, path = "/bots/create", tag = "bots", request_body = NewBotBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "Made", body = CreatedBot),
        (status = 400, description = "No key, not that of the address, a wrong configuration or date", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "No such client", body = ProblemDocument),
        (status = 409, description = "The key is another's, or the client has another one, or the same with another end",
            body = ProblemDocument),
        (status = 503, description = "KMS is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn create(keys: State<Arc<Keys>>, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter_in_body(&call, CREATE).await?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let CreateForm { name, bot_type, config, wallets, expires_at } = call.object()?;
    let ends_at = end(expires_at.as_deref(), entered.now)?;
    let (count, address) = checked(wallets)?;
    let mut order = keys.order(&bot_type, Some(&name), config.as_ref(), false)?;
    order.wallets = count;
    let read = || first(call.object::<CreateForm>()?.wallets);
    let entry = Entry { read: &read, address: Some(&address), ends_at };
    let client = entered.facts.client.as_ref().ok_or_else(unknown_client)?;
    let made = keys.make(&entered.permit, client, &order, entry, entered.now).await?;
    let answer = Answer::created(&CreatedBot::of(&made))?;
    let kept = entered.kept(&call, &answer);
    let committed = keys.commit(&entered.permit, &made, kept.as_ref(), None).await;
    Ok(keys.answer(&entered, &call, committed, answer).await?)
}

/// Who is named in a body, read before the rest of it is judged.
#[derive(Deserialize)]
struct ClientOfBody {
    client_id: Option<ClientId>,
}

impl Keys {
    /// Lets a call in that names its client in the body. What is wrong with the body is told only to who may send one.
    async fn enter_in_body(&self, call: &Call, endpoint: &'static str) -> Result<Entered, Refusal> {
        let known = self.known(call).await?;
        let body = call.object::<ClientOfBody>();
        let client = body.as_ref().ok().and_then(|body| body.client_id);
        if client.is_none() {
            let facts =
                self.store.keyring_facts(&KeyringWanted { subject: known.subject, ..Default::default() }).await?;
            known.may(&facts, endpoint)?;
            body?;
            return Err(Refusal::invalid("client_id is missing"));
        }
        self.entered(call, &known, client, endpoint, KeyringWanted::default()).await
    }
}

/// How many wallets there are, and the address of all of them: a client has one key.
fn checked(wallets: Vec<WalletForm>) -> Result<(usize, String), Refusal> {
    if wallets.is_empty() || wallets.len() > limits::BOT_WALLETS {
        return Err(Refusal::invalid(format!("wallets must be 1 to {}", limits::BOT_WALLETS)));
    }
    let one = wallets.first().map(|wallet| (wallet.address.clone(), &wallet.private_key));
    let (address, key) = one.ok_or_else(unknown_client)?;
    let same = |wallet: &WalletForm| wallet.private_key.0.matches(key.0.expose()) && wallet.address == address;
    if wallets.iter().all(same) {
        return Ok((wallets.len(), address.clone()));
    }
    Err(Refusal::invalid("All wallets of a client have its one key; give the same address and private_key in each"))
}

fn first(wallets: Vec<WalletForm>) -> Result<countersign_core::Secret, Refusal> {
    wallets.into_iter().next().map(|wallet| wallet.private_key.0).ok_or_else(|| Refusal::invalid("wallets are missing"))
}

impl AddForm {
    fn wallets(self) -> Vec<WalletForm> {
        let one = self.address.zip(self.private_key);
        let one = one.map(|(address, private_key)| vec![WalletForm { address, private_key }]);
        self.wallets.or(one).unwrap_or_default()
    }
}

/// The wallets that a bot was given.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AddedWallets {
    /// The bot.
    id: u64,
    /// All of its wallets, oldest first.
    wallets: Vec<WalletView>,
}

/// Give a bot wallets
///
/// By an admin. A wallet refers to the client's one key, which must be the one that is given.
#[utoipa::path(
    post, path = "/bots/{id}/wallets", tag = "bots", request_body = NewWalletsBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "The bot's wallets", body = AddedWallets),
        (status = 400, description = "No key, or not that of the address", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "No such bot", body = ProblemDocument),
        (status = 409, description = "The client has another key, or none", body = ProblemDocument),
    )
)]
pub(crate) async fn add_wallets(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &id.0, WALLETS).await?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let (count, address) = checked(call.object::<AddForm>()?.wallets())?;
    let read = || first(call.object::<AddForm>()?.wallets());
    let entry = Entry { read: &read, address: Some(&address), ends_at: None };
    let looked = keys.look(&entered.permit, entry).await?;
    if looked.what != Key::Current {
        return Err(Refusal::conflict("The key is not the client's current one; enter a new one by rotate-key").into());
    }
    let next = with_wallets(&bot, count, entered.now)?;
    let key = looked.facts.key().ok_or_else(unknown_bot)?;
    let answer = Answer::created(&AddedWallets { id: next.id.get(), wallets: wallets(&next, Some(key)) })?;
    let kept = entered.kept(&call, &answer);
    let events = [entered.event(KeyHappening::WalletsAdded, Some(bot.id))];
    let along = KeyringAlong { events: &events, messages: &[], kept: kept.as_ref(), form: None };
    let committed = keys.store.commit_bot(&entered.permit, Some(key), &next, None, along).await;
    Ok(keys.answer(&entered, &call, committed, answer).await?)
}

fn with_wallets(bot: &Bot, count: usize, now: countersign_core::Moment) -> Result<Bot, Refusal> {
    if bot.wallets.len() + count > limits::BOT_WALLETS {
        return Err(Refusal::conflict(format!("A bot has at most {} wallets", limits::BOT_WALLETS)));
    }
    let mut next = Bot { version: bot.version.saturating_add(1), ..bot.clone() };
    next.wallets.extend(new_wallets(count, now));
    Ok(next)
}
