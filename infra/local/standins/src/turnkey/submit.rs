//! `ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2`: checked as Turnkey does, then one activity for one body.

use axum::{Json, body::Bytes, extract::State as Knowing, http::HeaderMap};
use countersign_turnkey::{SIGN_RAW_PAYLOAD_TYPE, fingerprint};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    State,
    activity::{Ask, Vote},
    gate::{Caller, admit},
    refusal::Refusal,
};
use crate::clock::now_ms;

/// How old a request may be, in milliseconds.
const FRESH_MS: u64 = 3_600_000;
/// How far ahead a caller's clock may be, in milliseconds.
const AHEAD_MS: u64 = 60_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    #[serde(rename = "type")]
    kind: String,
    timestamp_ms: String,
    #[serde(rename = "organizationId")]
    _organization_id: String,
    parameters: Ask,
    #[serde(rename = "generateAppProofs", default)]
    _generate_app_proofs: bool,
}

/// `POST /public/v1/submit/sign_raw_payload`.
pub(super) async fn sign_raw_payload(
    Knowing(state): Knowing<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let caller = admit(&state, &headers, &body)?;
    let ask = read(&body)?;
    if !owns(&state, &caller.organization_id, &ask.sign_with) {
        let message = "could not find any resource to sign with. Addresses are case sensitive";
        return Err(Refusal::not_found(message));
    }
    let Caller { organization_id, user_id, public_key, .. } = caller;
    let vote = Vote { user_id, public_key };
    let activity = state
        .known()
        .submit(&organization_id, fingerprint(&body), ask, vote)
        .map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(Json(json!({ "activity": activity.show() })))
}

fn owns(state: &State, organization_id: &str, sign_with: &str) -> bool {
    let known = state.known();
    known.organizations.get(organization_id).is_some_and(|organization| organization.wallet(sign_with).is_some())
}

fn read(body: &[u8]) -> Result<Ask, Refusal> {
    let request: Request =
        serde_json::from_slice(body).map_err(|error| Refusal::invalid(format!("bad request body: {error}")))?;
    if request.kind != SIGN_RAW_PAYLOAD_TYPE {
        return Err(Refusal::invalid(format!("bad request body: type is not {SIGN_RAW_PAYLOAD_TYPE}")));
    }
    check_time(&request.timestamp_ms, now_ms())?;
    let ask = request.parameters;
    if ask.hash_function != "HASH_FUNCTION_NOT_APPLICABLE" {
        return Err(Refusal::invalid("invalid hash function: Ed25519 takes HASH_FUNCTION_NOT_APPLICABLE"));
    }
    if ask.bytes().is_none() {
        return Err(Refusal::invalid("invalid payload encoding"));
    }
    Ok(ask)
}

fn check_time(timestamp_ms: &str, now: u64) -> Result<(), Refusal> {
    let digits = !timestamp_ms.is_empty() && timestamp_ms.bytes().all(|byte| byte.is_ascii_digit());
    let Some(then) = digits.then(|| timestamp_ms.parse::<u64>().ok()).flatten() else {
        return Err(Refusal::invalid("bad request body: timestampMs is not milliseconds as digits"));
    };
    if now.saturating_sub(then) > FRESH_MS {
        return Err(Refusal::invalid("request timestamp is older than an hour"));
    }
    if then.saturating_sub(now) > AHEAD_MS {
        return Err(Refusal::invalid("request timestamp is in the future"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_good_for_an_hour() {
        let now = 10_000_000;
        for (then, good) in [
            (now, true),
            (now - FRESH_MS, true),
            (now - FRESH_MS - 1, false),
            (now + AHEAD_MS, true),
            (now + AHEAD_MS + 1, false),
        ] {
            assert_eq!(check_time(&then.to_string(), now).is_ok(), good, "{then}");
        }
        for bad in ["", "+10000000", " 10000000", "1e7", "-1", "99999999999999999999999"] {
            assert!(check_time(bad, now).is_err(), "{bad}");
        }
    }
}
