//! The stand-in's own control routes: what the next transactions come to, accounts, the ledger.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{FateMode, SendMode, World, accounts::key_of, results};
use crate::asked::{Refused, asked};

/// `/_control/send_mode`, `/_control/transaction_mode`, `/_control/accounts/{address}`, `/_control/ledger`.
pub(super) fn router(world: World) -> Router {
    Router::new()
        .route("/_control/send_mode", get(list_send_modes).post(add_send_mode).delete(clear_send_modes))
        .route("/_control/transaction_mode", get(list_fate_modes).post(add_fate_mode).delete(clear_fate_modes))
        .route("/_control/accounts/{address}", post(set_account))
        .route("/_control/ledger", get(show_ledger).post(set_ledger))
        .with_state(world)
}

async fn list_send_modes(State(world): State<World>) -> Json<Value> {
    Json(json!({ "modes": world.known().send_modes }))
}

async fn add_send_mode(State(world): State<World>, body: String) -> Result<(StatusCode, Json<SendMode>), Refused> {
    let mode = asked::<SendMode>(&body)?;
    if mode.count == 0 || mode.result.as_deref().is_some_and(|name| results::named(name).is_none()) {
        return Err(Refused::bad("count is from 1 up, and result a name such as txBAD_SEQ"));
    }
    world.add_send_mode(mode.clone());
    Ok((StatusCode::CREATED, Json(mode)))
}

async fn clear_send_modes(State(world): State<World>) -> StatusCode {
    world.known().send_modes.clear();
    StatusCode::NO_CONTENT
}

async fn list_fate_modes(State(world): State<World>) -> Json<Value> {
    Json(json!({ "modes": world.known().fate_modes }))
}

async fn add_fate_mode(State(world): State<World>, body: String) -> Result<(StatusCode, Json<FateMode>), Refused> {
    let mode = asked::<FateMode>(&body)?;
    if mode.count == 0 {
        return Err(Refused::bad("count is from 1 up"));
    }
    world.add_transaction_mode(mode.clone());
    Ok((StatusCode::CREATED, Json(mode)))
}

async fn clear_fate_modes(State(world): State<World>) -> StatusCode {
    world.known().fate_modes.clear();
    StatusCode::NO_CONTENT
}

/// What an account shall be; what is left out stays. 64-bit numbers are text, as everywhere in Stellar's JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetAccount {
    sequence: Option<String>,
    balance: Option<String>,
    missing: Option<bool>,
}

async fn set_account(
    State(world): State<World>,
    Path(address): Path<String>,
    body: String,
) -> Result<Json<Value>, Refused> {
    let set = asked::<SetAccount>(&body)?;
    let number = |text: Option<String>| text.map(|text| text.parse::<i64>()).transpose();
    let (Some(key), Ok(sequence), Ok(balance)) = (key_of(&address), number(set.sequence), number(set.balance)) else {
        return Err(Refused::bad("give a G… address, and sequence and balance (stroops) as digits in text"));
    };
    let mut known = world.known();
    let account = known.accounts.get(key);
    account.sequence = sequence.unwrap_or(account.sequence);
    account.balance = balance.unwrap_or(account.balance);
    account.missing = set.missing.unwrap_or(account.missing);
    let (sequence, balance) = (account.sequence.to_string(), account.balance.to_string());
    Ok(Json(json!({"sequence": sequence, "balance": balance, "missing": account.missing})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetLedger {
    close: Option<u32>,
    ledger_ms: Option<u64>,
}

async fn show_ledger(State(world): State<World>) -> Json<Value> {
    let known = world.known();
    Json(json!({"latest": known.clock.latest(), "ledger_ms": known.clock.ledger_ms()}))
}

async fn set_ledger(State(world): State<World>, body: String) -> Result<Json<Value>, Refused> {
    let set = asked::<SetLedger>(&body)?;
    if let Some(ledger_ms) = set.ledger_ms {
        world.set_ledger_ms(ledger_ms);
    }
    world.close_ledgers(set.close.unwrap_or(0));
    Ok(show_ledger(State(world)).await)
}
