//! Stellar RPC's methods, but for `sendTransaction`.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use stellar_xdr::{AccountId, LedgerEntryData, LedgerKey, PublicKey, ReadXdr as _, WriteXdr as _};

use super::{
    BASE_FEE, PROTOCOL_VERSION, World,
    json_rpc::RpcError,
    ledger::FIRST_LEDGER,
    send::{limits, send_transaction},
    world::{Fate, Known},
};

/// How many ledgers back a real server answers for.
const RETENTION_LEDGERS: u32 = 120_960;
/// The most keys of one `getLedgerEntries`.
const KEYS_MOST: usize = 200;

/// Calls a method; nothing where there is none of this name.
pub(super) fn call(world: &World, method: &str, params: Map<String, Value>) -> Option<Result<Value, RpcError>> {
    Some(match method {
        "getHealth" => Ok(get_health(&world.known())),
        "getNetwork" => Ok(json!({"passphrase": world.passphrase(), "protocolVersion": PROTOCOL_VERSION})),
        "getVersionInfo" => Ok(get_version_info()),
        "getLatestLedger" => Ok(get_latest_ledger(&world.known())),
        "getFeeStats" => Ok(get_fee_stats(&world.known())),
        "sendTransaction" => send_transaction(world, &params),
        "getTransaction" => get_transaction(&world.known(), &params),
        "getLedgerEntries" => get_ledger_entries(&mut world.known(), &params),
        _ => return None,
    })
}

/// The stand-in answers in base64 XDR alone.
pub(super) fn base64_format(params: &Map<String, Value>) -> Result<(), RpcError> {
    match params.get("xdrFormat").map(Value::as_str) {
        None | Some(Some("" | "base64")) => Ok(()),
        _ => Err(RpcError::invalid_params("expected xdrFormat to be 'base64'")),
    }
}

fn get_health(known: &Known) -> Value {
    let latest = known.clock.latest();
    json!({
        "status": "healthy",
        "latestLedger": latest,
        "latestLedgerCloseTime": known.clock.close_time(latest).to_string(),
        "oldestLedger": FIRST_LEDGER,
        "oldestLedgerCloseTime": known.clock.close_time(FIRST_LEDGER).to_string(),
        "ledgerRetentionWindow": RETENTION_LEDGERS,
    })
}

fn get_version_info() -> Value {
    json!({
        "version": concat!(env!("CARGO_PKG_VERSION"), "-stand-in"),
        "commitHash": "0".repeat(40),
        "buildTimestamp": "2026-11-01T00:00:00",
        "captiveCoreVersion": format!("stand-in for stellar-core {PROTOCOL_VERSION}"),
        "protocolVersion": PROTOCOL_VERSION,
    })
}

fn get_latest_ledger(known: &Known) -> Value {
    let latest = known.clock.latest();
    json!({
        "id": hex::encode(digest(&SHA256, &latest.to_be_bytes())),
        "protocolVersion": PROTOCOL_VERSION,
        "sequence": latest,
        "closeTime": known.clock.close_time(latest).to_string(),
    })
}

fn get_fee_stats(known: &Known) -> Value {
    let fee = BASE_FEE.to_string();
    let mut fees = Map::new();
    for name in ["max", "min", "mode", "p10", "p20", "p30", "p40", "p50", "p60", "p70", "p80", "p90", "p95", "p99"] {
        fees.insert(name.to_owned(), Value::String(fee.clone()));
    }
    fees.insert("transactionCount".to_owned(), Value::String("10".to_owned()));
    fees.insert("ledgerCount".to_owned(), Value::from(50));
    json!({"sorobanInclusionFee": fees, "inclusionFee": fees, "latestLedger": known.clock.latest()})
}

fn get_transaction(known: &Known, params: &Map<String, Value>) -> Result<Value, RpcError> {
    base64_format(params)?;
    let text = params.get("hash").and_then(Value::as_str).unwrap_or_default();
    let mut hash = [0; 32];
    if text.len() != 64 {
        return Err(RpcError::invalid_params(format!("unexpected hash length ({})", text.len())));
    }
    hex::decode_to_slice(text, &mut hash)
        .map_err(|error| RpcError::invalid_params(format!("incorrect hash: {error}")))?;
    let latest = known.clock.latest();
    let found = known.transactions.get(&hash).and_then(|taken| Some((taken, taken.closed_at?)));
    let mut answer = json!({
        "status": "NOT_FOUND",
        "txHash": hex::encode(hash),
        "latestLedger": latest,
        "latestLedgerCloseTime": known.clock.close_time(latest).to_string(),
        "oldestLedger": FIRST_LEDGER,
        "oldestLedgerCloseTime": known.clock.close_time(FIRST_LEDGER).to_string(),
        "applicationOrder": 0,
        "feeBump": false,
        "ledger": 0,
        "createdAt": "0",
    });
    if let (Some((taken, closed_at)), Some(members)) = (found, answer.as_object_mut()) {
        let more = json!({
            "status": if taken.fate == Fate::Failed { "FAILED" } else { "SUCCESS" },
            "applicationOrder": 1,
            "feeBump": taken.fee_bump,
            "envelopeXdr": taken.envelope_xdr,
            "resultXdr": taken.result_xdr,
            "resultMetaXdr": taken.meta_xdr,
            "ledger": taken.ledger,
            "createdAt": closed_at.to_string(),
        });
        members.extend(more.as_object().cloned().unwrap_or_default());
    }
    Ok(answer)
}

fn get_ledger_entries(known: &mut Known, params: &Map<String, Value>) -> Result<Value, RpcError> {
    base64_format(params)?;
    let keys = params.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        return Err(RpcError::invalid_params("at least one key must be given"));
    }
    if keys.len() > KEYS_MOST {
        return Err(RpcError::invalid_params(format!(
            "key count ({}) exceeds maximum supported ({KEYS_MOST})",
            keys.len()
        )));
    }
    let mut entries = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let text = key.as_str().unwrap_or_default();
        let key = LedgerKey::from_xdr_base64(text, limits());
        let key =
            key.map_err(|_| RpcError::invalid_params(format!("cannot unmarshal key value {text} at index {index}")))?;
        entries.extend(account_entry(known, &key)?);
    }
    Ok(json!({"entries": entries, "latestLedger": known.clock.latest()}))
}

/// An account as its ledger entry; nothing for an account that is missing, or for another kind of key.
fn account_entry(known: &mut Known, key: &LedgerKey) -> Result<Option<Value>, RpcError> {
    let LedgerKey::Account(account) = key else { return Ok(None) };
    let AccountId(PublicKey::PublicKeyTypeEd25519(ed25519)) = &account.account_id;
    let held = known.accounts.get(ed25519.0);
    if held.missing {
        return Ok(None);
    }
    let failed = |error: stellar_xdr::Error| RpcError::internal(error.to_string());
    let data = LedgerEntryData::Account(held.entry(ed25519.0));
    Ok(Some(json!({
        "key": key.to_xdr_base64(limits()).map_err(failed)?,
        "xdr": data.to_xdr_base64(limits()).map_err(failed)?,
        "lastModifiedLedgerSeq": held.modified_ledger,
    })))
}
