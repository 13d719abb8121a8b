//! `sendTransaction`: decodes strictly, judges, and takes the transaction into the next ledgers.

use serde_json::{Map, Value, json};
use stellar_xdr::{
    Limits, ReadXdr as _, TransactionEnvelope, TransactionResult, TransactionResultResult, WriteXdr as _,
};

use super::{
    SendStatus, World, XDR_BYTES, XDR_DEPTH,
    json_rpc::RpcError,
    judge::{Moment, Sent, Verdict},
    results,
    world::{Fate, Known, Transaction},
};
use crate::clock::now_ms;

/// What is said of a transaction that was sent.
struct Said {
    status: SendStatus,
    error: Option<TransactionResult>,
}

impl From<SendStatus> for Said {
    fn from(status: SendStatus) -> Self {
        Self { status, error: None }
    }
}

/// The limits within which XDR is read and written.
pub(super) fn limits() -> Limits {
    Limits { depth: XDR_DEPTH, len: XDR_BYTES }
}

/// The method.
pub(super) fn send_transaction(world: &World, params: &Map<String, Value>) -> Result<Value, RpcError> {
    super::methods::base64_format(params)?;
    let text = params.get("transaction").and_then(Value::as_str).unwrap_or_default();
    let envelope =
        TransactionEnvelope::from_xdr_base64(text, limits()).map_err(|_| RpcError::invalid_params("invalid_xdr"))?;
    let envelope_xdr = envelope.to_xdr_base64(limits()).map_err(|_| RpcError::invalid_params("invalid_xdr"))?;
    let sent = Sent::new(envelope, world.network_id()).map_err(|_| RpcError::invalid_params("invalid_hash"))?;
    let mut known = world.known();
    let said = say(&mut known, &sent, envelope_xdr)?;
    let latest = known.clock.latest();
    let mut answer = json!({
        "status": said.status,
        "hash": hex::encode(sent.known_by()),
        "latestLedger": latest,
        "latestLedgerCloseTime": known.clock.close_time(latest).to_string(),
    });
    if let (Some(error), Some(members)) = (said.error, answer.as_object_mut()) {
        members.insert("errorResultXdr".to_owned(), Value::String(xdr(&error)?));
    }
    Ok(answer)
}

fn say(known: &mut Known, sent: &Sent, envelope_xdr: String) -> Result<Said, RpcError> {
    let hash = sent.known_by();
    match known.next_send_mode() {
        Some(mode) if mode.status == SendStatus::Error => {
            let result = mode.result.as_deref().and_then(results::named);
            let result = result.unwrap_or(TransactionResultResult::TxInternalError);
            return Ok(Said { status: SendStatus::Error, error: Some(results::refused(sent, Verdict::Bump(result))) });
        }
        Some(mode) if mode.status != SendStatus::Pending => return Ok(mode.status.into()),
        _ => {}
    }
    // Once it is in a ledger, core has forgotten it: its sequence number is then simply used up.
    if known.transactions.get(&hash).is_some_and(|taken| taken.closed_at.is_none()) {
        return Ok(SendStatus::Duplicate.into());
    }
    let ledger = known.clock.next_for_transaction();
    let moment = Moment { unix_seconds: now_ms() / 1000, ledger };
    // Core's queue holds one transaction of an account.
    if known.accounts.sender(sent.source(), sent.transaction.seq_num.0).pending.is_some() {
        return Ok(SendStatus::TryAgainLater.into());
    }
    if let Some(verdict) = sent.judge(&mut known.accounts, &moment) {
        return Ok(Said { status: SendStatus::Error, error: Some(results::refused(sent, verdict)) });
    }
    let fate = known.next_fate();
    let result = if fate == Fate::Failed { results::failed(sent) } else { results::succeeded(sent) };
    let transaction = Transaction {
        envelope_xdr,
        result_xdr: xdr(&result)?,
        meta_xdr: results::meta(sent).to_xdr_base64(limits()).map_err(|error| RpcError::internal(error.to_string()))?,
        fee_bump: sent.bump.is_some(),
        source: sent.source(),
        payer: sent.payer(),
        sequence: sent.transaction.seq_num.0,
        fee: sent.least_fee(),
        fate,
        ledger,
        closed_at: None,
    };
    known.take(hash, transaction);
    Ok(SendStatus::Pending.into())
}

fn xdr(result: &TransactionResult) -> Result<String, RpcError> {
    result.to_xdr_base64(limits()).map_err(|error| RpcError::internal(error.to_string()))
}
