//! `POST /bots/{id}/sign`: a bot's runner gets a signature of its client's key. One read, no KMS call while the data key is warm,
//! one commit, and only then the signature leaves.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    KeyUseId, Refusal, SealContext,
    gate::{Runner, RunnerIds},
    idempotency::finished,
    keyring::{Bot, ClientKey, KeyUse, Purpose, RunnerScope, may_sign, reserve, unknown_bot},
    limits,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{HeldKey, KeyScope, KeyringFacts, KeyringWanted, Undone};
use serde::{Deserialize, Serialize};

use crate::{
    Keys,
    entry::kept,
    transaction::{Signed, Unsigned},
};

#[derive(Deserialize)]
struct SignForm {
    transaction: String,
    encoding: Option<String>,
}

/// What a runner sends.
#[allow(dead_code, reason = "describes `SignForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct SignBody {
    /// Stellar: an envelope in base64. Solana: a transaction (with or without places for signatures) in base64, legacy or v0.
    /// EVM: an unsigned transaction in hex, legacy with its chain (EIP-155), EIP-2930 or EIP-1559.
    transaction: String,
    /// `base64` or `hex`: must be that of the key's chain where it is given.
    encoding: Option<String>,
}

/// A signature.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BotSignature {
    /// In the same encoding as it came, ready to be sent to the chain.
    signed_transaction: String,
    /// Stellar: base64. Solana: base58; it is the transaction's id where the key pays the fee, else the payer's signature is. EVM:
    /// `0x`, r, s and v (27 or 28).
    signature: String,
    /// Whose.
    address: String,
}

/// Sign a transaction for a bot
///
/// By the bot's runner, with its token. The bot must run and its client's key be good in the very moment in which the signature is
/// recorded. The bot's limits are spent with it. A kept answer is replayed under the same condition: not once the key is revoked or
/// the bot is to stop.
#[utoipa::path(
    post, path = "/bots/{id}/sign", tag = "runners", request_body = SignBody,
    security(("runner_token" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Signed", body = BotSignature),
        (status = 400, description = "Not a transaction of the key's chain, or not one that the key may sign",
            body = ProblemDocument),
        (status = 401, description = "No or bad runner token", body = ProblemDocument),
        (status = 403, description = "No such scope, above the bot's amount limit, or the key is past its date",
            body = ProblemDocument),
        (status = 404, description = "The token is another bot's", body = ProblemDocument),
        (status = 409, description = "The bot does not run, or the key is revoked or of another chain than the bot's limit",
            body = ProblemDocument),
        (status = 429, description = "The bot's limit for an hour is reached, or cannot be told: there was an amount within the \
            hour that cannot be read", body = ProblemDocument),
        (status = 503, description = "KMS is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn sign(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let ids = call.presented().runner()?;
    let facts = keys.store.keyring_facts(&wanted(&call, ids)).await?;
    let runner = keys.gate.admit_runner(&call, facts.runner.as_ref(), &keys.store).await?;
    if id.0.parse().ok() != Some(ids.bot_id) {
        return Err(unknown_bot().into());
    }
    let form: SignForm = call.object()?;
    let first = std::sync::Mutex::new(Some(facts));
    let attempt = || {
        let read = first.lock().ok().and_then(|mut facts| facts.take());
        keys.signed(&call, &runner, &form, read)
    };
    Ok(keys.store.in_turn(attempt).await?)
}

/// The one read of a signature.
fn wanted(call: &Call, ids: RunnerIds) -> KeyringWanted<'_> {
    let idempotency = call.idempotency().map(|key| (KeyScope::Bot(ids.client_id, ids.bot_id), key));
    KeyringWanted { runner: Some(ids), idempotency, ..KeyringWanted::default() }
}

impl Keys {
    /// Decides on the facts, signs, and commits; what was faster is read again.
    async fn signed(
        &self,
        call: &Call,
        runner: &Runner,
        form: &SignForm,
        read: Option<KeyringFacts>,
    ) -> Result<Answer, Undone> {
        let (ids, now) = (runner.ids(), clock::now());
        let facts = match read {
            Some(facts) => facts,
            None => self.store.keyring_facts(&wanted(call, ids)).await?,
        };
        let token = facts.runner.as_ref().ok_or_else(|| Refusal::unauthenticated("Invalid JWT token"))?;
        token.grants(RunnerScope::Sign, now)?;
        let bot = facts.bot.as_ref().ok_or_else(unknown_bot)?;
        let held = facts.held.as_ref().ok_or_else(|| Refusal::conflict("The client has no key"))?;
        facts.not_revoked_with_all()?;
        // What does not run is said before what is wrong with the transaction, and before a kept answer: that is a signature.
        may_sign(bot, Some(&held.key), now)?;
        if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
            return Ok(Answer::replay(record));
        }
        reserve(bot, Some(&held.key), &facts.spent, Some(0), now)?;
        let unsigned = self.unsigned(form, &held.key)?;
        let (amount, purpose) = (unsigned.outflow(&held.key), unsigned.purpose());
        let spent = reserve(bot, Some(&held.key), &facts.spent, amount, now)?;
        let signed = self.signature(held, unsigned).await?;
        let used = key_use(call, runner, (bot, &held.key), &signed, (amount, purpose));
        let answer = Answer::ok(&BotSignature {
            signed_transaction: signed.transaction,
            signature: signed.signature,
            address: held.key.facts.address.clone(),
        })?;
        let kept = kept(call, KeyScope::Bot(ids.client_id, ids.bot_id), &answer, now);
        self.store.commit_key_use(runner, (&held.key, bot), &spent, &used, kept.as_ref()).await?;
        Ok(answer)
    }

    fn unsigned(&self, form: &SignForm, key: &ClientKey) -> Result<Unsigned, Refusal> {
        if form.transaction.len() > limits::TRANSACTION_CHARS {
            let most = limits::TRANSACTION_CHARS;
            return Err(Refusal::invalid(format!("transaction must be at most {most} characters")));
        }
        Unsigned::read(key.facts.chain, &form.transaction, form.encoding.as_deref(), &self.network)
    }

    /// The key is opened for this alone and wiped.
    async fn signature(&self, held: &HeldKey, unsigned: Unsigned) -> Result<Signed, Refusal> {
        let (key, sealed) = (&held.key, held.sealed.as_ref());
        let sealed = sealed.ok_or_else(|| Refusal::internal("an active key without sealed bytes"))?;
        let context = SealContext::trading_key(key.client_id, key.facts.version);
        unsigned.sign(&self.vault, &context, sealed, key).await
    }
}

fn key_use(
    call: &Call,
    runner: &Runner,
    (bot, key): (&Bot, &ClientKey),
    signed: &Signed,
    (amount, purpose): (Option<u128>, Purpose),
) -> KeyUse {
    let now = clock::now();
    KeyUse {
        id: KeyUseId::fresh(now, clock::random()),
        client_id: bot.client_id,
        key_version: key.facts.version,
        chain: key.facts.chain,
        bot_id: bot.id,
        runner_token_id: runner.ids().token_id,
        transaction_hash: signed.hash.clone(),
        amount: amount.map(|amount| amount.to_string()),
        purpose: Some(purpose),
        signed_at: now,
        request_id: call.request_id().to_owned(),
    }
}
