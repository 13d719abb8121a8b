//! A bot is made, with its client's key where it has none: `POST /clients/{id}/setup-bot` and `POST /bots/create`.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    BotId, BotWalletId, Moment, Refusal, Sealed,
    keyring::{
        Bot, BotLimits, BotStanding, BotType, BotWallet, Client, ClientKey, ClientPermit, Entered, Heartbeat, KeyEvent,
        KeyHappening, KeyNotice, at_once, bot_type, name, switched, unknown_client,
    },
    limits,
    messaging::OutMessage,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{KeptAnswer, KeyringAlong, KeyringWanted, NewKey, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Keys,
    entering::{Entry, KeyText, end},
    entry::event,
    telling,
};

const ENDPOINT: &str = "POST /clients/{id}/setup-bot";

#[derive(Deserialize)]
struct SetupForm {
    bot_type: String,
    private_key: KeyText,
    address: Option<String>,
    config: Option<Value>,
    name: Option<String>,
    expires_at: Option<String>,
}

/// The body, for the OpenAPI document.
#[allow(dead_code, reason = "describes `SetupForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct SetupBody {
    /// A type of `bot-options`.
    bot_type: String,
    /// Stellar: the secret seed. Solana: base58, or 64 numbers. EVM: 64 hex digits. Where the client has a key, that key.
    private_key: String,
    /// Must be the key's own where it is given.
    address: Option<String>,
    /// Of the type's form; `{}` where nothing is said.
    #[schema(value_type = Option<Object>)]
    config: Option<Value>,
    /// 1 to 64 characters; the type's name where nothing is said.
    name: Option<String>,
    /// RFC 3339; from then on nothing signs with the key that is entered. The end of a key that the client has is moved by
    /// `rotate-key`.
    expires_at: Option<String>,
}

/// A bot that was set up.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SetUp {
    /// The bot.
    bot_id: u64,
    /// `running`.
    status: &'static str,
    /// The address of the client's key.
    address: String,
}

impl SetUp {
    pub(crate) fn of(made: &Made) -> Self {
        let status = made.bot.status(Some(&made.key)).as_str();
        Self { bot_id: made.bot.id.get(), status, address: made.key.facts.address.clone() }
    }
}

/// Set up a bot
///
/// By the client itself or an admin. The key is sealed for this client; the bot is made and started. A client has one key: where
/// it has one, `private_key` must be that key, and another one is entered by `rotate-key`.
#[utoipa::path(
    post, path = "/clients/{id}/setup-bot", tag = "clients", request_body = SetupBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "Made and started", body = SetUp),
        (status = 400, description = "No key, not that of the address, a wrong configuration or date", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "The key is another's, or the client has another one, or the same with another end",
            body = ProblemDocument),
        (status = 503, description = "KMS is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn set_up(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, ENDPOINT, KeyringWanted::default()).await?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let form: SetupForm = call.object()?;
    let order = keys.order(&form.bot_type, form.name.as_deref(), form.config.as_ref(), true)?;
    let (address, ends_at) = (form.address.clone(), end(form.expires_at.as_deref(), entered.now)?);
    drop(form);
    let read = || Ok(call.object::<SetupForm>()?.private_key.0);
    let entry = Entry { read: &read, address: address.as_deref(), ends_at };
    let client = entered.facts.client.as_ref().ok_or_else(unknown_client)?;
    let made = keys.make(&entered.permit, client, &order, entry, entered.now).await?;
    let answer = Answer::created(&SetUp::of(&made))?;
    let kept = entered.kept(&call, &answer);
    let committed = keys.commit(&entered.permit, &made, kept.as_ref(), None).await;
    Ok(keys.answer(&entered, &call, committed, answer).await?)
}

/// A bot that is to be made.
pub(crate) struct Order {
    pub(crate) bot_type: &'static BotType,
    pub(crate) name: String,
    pub(crate) config_json: String,
    pub(crate) wallets: usize,
    pub(crate) start: bool,
}

/// A bot that is made, with its client's key; nothing is written yet.
pub(crate) struct Made {
    pub(crate) bot: Bot,
    pub(crate) key: ClientKey,
    heartbeat: Heartbeat,
    /// The key's record as it was read and the sealed bytes, where the key is entered with the bot.
    entered: Option<(Option<ClientKey>, Sealed)>,
    events: Vec<KeyEvent>,
    messages: Vec<OutMessage>,
}

impl Keys {
    /// Reads what a bot is to be.
    ///
    /// # Errors
    /// 400 naming what is wrong; a configuration that is not of the type's form says where.
    pub(crate) fn order(
        &self,
        kind: &str,
        named: Option<&str>,
        config: Option<&Value>,
        start: bool,
    ) -> Result<Order, Refusal> {
        let bot_type = bot_type(kind).ok_or_else(|| Refusal::invalid("bot_type is none of bot-options"))?;
        let name = name("name", named.unwrap_or(bot_type.name))?;
        let config = config.cloned().unwrap_or_else(|| serde_json::json!({}));
        let form = self.config_forms.get(bot_type.key).ok_or_else(|| Refusal::internal("a type without a form"))?;
        if let Err(wrong) = form.validate(&config) {
            // The place alone: the value may be a secret that was put into the wrong field.
            let place = wrong.instance_path().to_string();
            return Err(Refusal::invalid(format!("config is not of the form of {kind}, at {place:?}")));
        }
        let config_json = config.to_string();
        if config_json.len() > limits::BOT_CONFIG_BYTES {
            return Err(Refusal::invalid(format!("config must be at most {} bytes", limits::BOT_CONFIG_BYTES)));
        }
        Ok(Order { bot_type, name, config_json, wallets: 1, start })
    }

    /// Makes a bot with the key that its client has, or with one that is entered.
    ///
    /// # Errors
    /// As the route.
    pub(crate) async fn make(
        &self,
        permit: &ClientPermit,
        client: &Client,
        order: &Order,
        entry: Entry<'_>,
        now: Moment,
    ) -> Result<Made, Refusal> {
        let looked = self.look(permit, entry).await?;
        if !order.bot_type.chains.contains(&looked.key.chain) {
            let text = format!("Bots of type {} do not trade on {}", order.bot_type.key, looked.key.chain.as_str());
            return Err(Refusal::invalid(text));
        }
        let bots = self.store.bots_of(client.id).await?.len();
        if bots >= limits::CLIENT_BOTS {
            return Err(Refusal::conflict(format!("A client has at most {} bots", limits::CLIENT_BOTS)));
        }
        let (key, entered) = match looked.what {
            Entered::Another => {
                return Err(Refusal::conflict("The client has another key; enter a new one by rotate-key"));
            }
            Entered::Current => (looked.same_end(entry.ends_at)?, None),
            Entered::First => {
                let facts = looked.key_facts(permit.by(), entry.ends_at, now);
                let version = facts.version;
                let sealed = self.seal(client.id, version, entry).await?;
                self.prove(client.id, version, &sealed, &looked.key).await?;
                let seen = looked.facts.key().cloned();
                (switched(client.id, seen.as_ref(), facts), Some((seen, sealed)))
            }
        };
        let mut made = made(permit, order, key, entered, now)?;
        if made.entered.is_some() {
            let notice = KeyNotice::Entered { address: made.key.facts.address.clone() };
            made.messages = telling::messages(&self.store, Some(client), &notice, false, now).await?;
        }
        Ok(made)
    }

    /// Writes a bot, and the key that is entered with it, in one commit; the form that it was entered by is used up.
    pub(crate) async fn commit(
        &self,
        permit: &ClientPermit,
        made: &Made,
        kept: Option<&KeptAnswer<'_>>,
        form: Option<&str>,
    ) -> Result<(), StoreError> {
        let along = KeyringAlong { events: &made.events, messages: &made.messages, kept, form };
        let bot = (&made.bot, &made.heartbeat);
        match &made.entered {
            Some((seen, sealed)) => {
                let new = NewKey { seen: seen.as_ref(), next: &made.key, sealed, stage: None };
                self.store.commit_key(permit, &new, &[bot], along).await
            }
            None => self.store.commit_new_bot(permit, &made.key, bot, along).await,
        }
    }
}

fn made(
    permit: &ClientPermit,
    order: &Order,
    key: ClientKey,
    entered: Option<(Option<ClientKey>, Sealed)>,
    now: Moment,
) -> Result<Made, Refusal> {
    let client = key.client_id;
    let created = Bot {
        id: BotId::fresh(now, clock::random()),
        client_id: client,
        name: order.name.clone(),
        bot_type: order.bot_type.key.to_owned(),
        config_json: order.config_json.clone(),
        wallets: new_wallets(order.wallets, now),
        bot_limits: BotLimits::default(),
        standing: BotStanding::Created,
        epoch: key.epoch,
        created_at: now,
        created_by: permit.by().to_owned(),
        started_at: None,
        stop_asked_at: None,
        stopped_at: None,
        overdue_told: false,
        version: 1,
    };
    let bot = if order.start { Bot { version: 1, ..created.started(Some(&key), now)? } } else { created };
    let awaited = Heartbeat::awaited(client, bot.id, None, now);
    let heartbeat = Heartbeat { awaited: order.start, ..awaited };
    let of_bot = |what| event(client, permit.by(), what, Some(bot.id), now);
    let of_key = KeyEvent {
        key_version: Some(key.facts.version),
        detail: Some(key.facts.address.clone()),
        ..event(client, permit.by(), KeyHappening::Entered, None, now)
    };
    let mut events = vec![of_bot(KeyHappening::BotCreated)];
    events.extend(order.start.then(|| of_bot(KeyHappening::Started)));
    events.extend(entered.is_some().then_some(of_key));
    Ok(Made { bot, key, heartbeat, entered, events: at_once(events), messages: Vec::new() })
}

/// New wallets of a bot.
pub(crate) fn new_wallets(count: usize, now: Moment) -> Vec<BotWallet> {
    let mut wallets: Vec<BotWallet> = Vec::with_capacity(count);
    while wallets.len() < count {
        let id = BotWalletId::fresh(now, clock::random());
        if !wallets.iter().any(|wallet| wallet.id == id) {
            wallets.push(BotWallet { id, made_at: now });
        }
    }
    wallets
}
