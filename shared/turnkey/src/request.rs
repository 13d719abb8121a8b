//! The exact bytes of the requests: a stamp signs them, so they are built once and never serialized again.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// Where a raw payload is submitted.
pub const SIGN_RAW_PAYLOAD_PATH: &str = "/public/v1/submit/sign_raw_payload";
/// Where one activity is looked up by its id.
pub const GET_ACTIVITY_PATH: &str = "/public/v1/query/get_activity";
/// Where an organization's activities are looked up.
pub const LIST_ACTIVITIES_PATH: &str = "/public/v1/query/list_activities";
/// The activity's type.
pub const SIGN_RAW_PAYLOAD_TYPE: &str = "ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2";
/// The header that carries a stamp by an API key.
pub const STAMP_HEADER: &str = "X-Stamp";

/// What is to be signed, for whom, with which wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignRawPayload<'a> {
    /// The (sub-)organization that owns the wallet.
    pub organization_id: &'a str,
    /// The wallet account's address; for Stellar the `G…` address.
    pub sign_with: &'a str,
    /// The bytes signed: the transaction's hash.
    pub payload: &'a [u8; 32],
    /// The request's time, in milliseconds since the Unix epoch. A retry keeps it: another time is another activity.
    pub timestamp_ms: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignRawPayloadBody<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp_ms: String,
    organization_id: &'a str,
    parameters: Parameters<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parameters<'a> {
    sign_with: &'a str,
    payload: String,
    encoding: &'static str,
    hash_function: &'static str,
}

impl SignRawPayload<'_> {
    /// The body of `ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2`. The same request always gives the same bytes.
    ///
    /// Ed25519 hashes by itself, so Turnkey is told not to (`HASH_FUNCTION_NOT_APPLICABLE`).
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        json(&SignRawPayloadBody {
            kind: SIGN_RAW_PAYLOAD_TYPE,
            timestamp_ms: self.timestamp_ms.to_string(),
            organization_id: self.organization_id,
            parameters: Parameters {
                sign_with: self.sign_with,
                payload: hex::encode(self.payload),
                encoding: "PAYLOAD_ENCODING_HEXADECIMAL",
                hash_function: "HASH_FUNCTION_NOT_APPLICABLE",
            },
        })
    }
}

/// Whether a body asks for a signature of this organization's wallet: any API key of it may then look for the activity.
#[must_use]
pub fn asks_wallet(body: &str, organization_id: &str, sign_with: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Asked<'a> {
        organization_id: Cow<'a, str>,
        parameters: AskedOf<'a>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct AskedOf<'a> {
        sign_with: Cow<'a, str>,
    }
    serde_json::from_str::<Asked<'_>>(body)
        .is_ok_and(|asked| asked.organization_id == organization_id && asked.parameters.sign_with == sign_with)
}

/// What identifies a request: lower-case hex SHA-256 of its body. Turnkey gives the same body the same activity.
/// A stamp identifies nothing, because (r, n − s) verifies too.
#[must_use]
pub fn fingerprint(body: &[u8]) -> String {
    hex::encode(digest(&SHA256, body))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetActivityBody<'a> {
    organization_id: &'a str,
    activity_id: &'a str,
}

/// The body that looks up one activity.
#[must_use]
pub fn get_activity_body(organization_id: &str, activity_id: &str) -> Vec<u8> {
    json(&GetActivityBody { organization_id, activity_id })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListActivitiesBody<'a> {
    organization_id: &'a str,
    filter_by_type: [&'static str; 1],
    pagination_options: PaginationOptions<'a>,
}

#[derive(Serialize)]
struct PaginationOptions<'a> {
    limit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

/// The body that looks up an organization's raw-payload activities, newest first: at most `limit` (1 to 100),
/// those older than the activity `after` where it is given.
#[must_use]
pub fn list_activities_body(organization_id: &str, limit: u8, after: Option<&str>) -> Vec<u8> {
    json(&ListActivitiesBody {
        organization_id,
        filter_by_type: [SIGN_RAW_PAYLOAD_TYPE],
        pagination_options: PaginationOptions { limit: limit.clamp(1, 100).to_string(), after },
    })
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("structs of strings always serialize")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_exact() {
        let request = SignRawPayload {
            organization_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            sign_with: "GABC",
            payload: &[0xab; 32],
            timestamp_ms: 1_795_237_805_123,
        };
        let expected = concat!(
            r#"{"type":"ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2","timestampMs":"1795237805123","#,
            r#""organizationId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","parameters":{"signWith":"GABC","#,
            r#""payload":"abababababababababababababababababababababababababababababababab","#,
            r#""encoding":"PAYLOAD_ENCODING_HEXADECIMAL","hashFunction":"HASH_FUNCTION_NOT_APPLICABLE"}}"#
        );
        assert_eq!(String::from_utf8(request.body()).unwrap(), expected);
        assert_eq!(request.body(), request.body());
        let body = String::from_utf8(request.body()).unwrap();
        assert!(asks_wallet(&body, request.organization_id, "GABC"));
        assert!(!asks_wallet(&body, request.organization_id, "GABD"));
        assert!(!asks_wallet(&body, "another", "GABC") && !asks_wallet("{}", "", ""));
        let later = SignRawPayload { timestamp_ms: 1_795_237_805_124, ..request };
        assert_ne!(fingerprint(&request.body()), fingerprint(&later.body()));
    }

    #[test]
    fn a_fingerprint_is_sha_256_in_hex() {
        assert_eq!(fingerprint(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn text_is_escaped_and_limits_are_kept() {
        assert_eq!(get_activity_body("a\"b", "c"), br#"{"organizationId":"a\"b","activityId":"c"}"#);
        let body = String::from_utf8(list_activities_body("o", 0, Some("x"))).unwrap();
        assert!(body.ends_with(r#""paginationOptions":{"limit":"1","after":"x"}}"#), "{body}");
    }
}
