//! Credentials as clients make them, written from the contract and not from the code that checks them.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac::{HMAC_SHA256, Key, sign},
};
use serde_json::json;
use url::form_urlencoded;

use crate::event;

/// `X-Signature`: HMAC-SHA256 over `METHOD:ENDPOINT:TIMESTAMP:BODY_HASH`, lower-case hex.
#[must_use]
pub fn signature(client_secret: &str, method: &str, target: &str, seconds: u64, body: &[u8]) -> String {
    let body_hash = hex::encode(digest(&SHA256, body));
    hmac(client_secret.as_bytes(), &format!("{}:{target}:{seconds}:{body_hash}", method.to_ascii_uppercase()))
}

fn hmac(key: &[u8], message: &str) -> String {
    hex::encode(sign(&Key::new(HMAC_SHA256, key), message.as_bytes()))
}

/// A mini-app's launch data, before it is signed with the bot's token.
#[derive(Clone, Debug)]
pub struct LaunchData {
    fields: Vec<(String, String)>,
}

impl LaunchData {
    /// For this person, made now.
    #[must_use]
    pub fn of(telegram_id: u64) -> Self {
        let user = json!({ "id": telegram_id, "first_name": "Ann", "language_code": "en" });
        Self { fields: Vec::new() }.with("query_id", "AAHdF6IQAAAAAN0XohDhrOrc").with("user", &user.to_string()).aged(0)
    }

    /// Made this many seconds ago.
    #[must_use]
    pub fn aged(self, seconds: u64) -> Self {
        self.with("auth_date", &event::unix_seconds().saturating_sub(seconds).to_string())
    }

    /// With this field, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The text that the mini-app sends behind `tma`.
    #[must_use]
    pub fn signed(&self, bot_token: &str) -> String {
        let mut fields = self.fields.clone();
        fields.sort();
        let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = sign(&Key::new(HMAC_SHA256, b"WebAppData"), bot_token.as_bytes());
        fields.push(("hash".to_owned(), hmac(key.as_ref(), &lines.join("\n"))));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_contracts() {
        // printf 'POST:/a?b=1:1700000000:%s' "$(printf '{}' | sha256sum | cut -c1-64)" | openssl dgst -sha256 -hmac secret
        let expected = "f1806c4d9269fa86bfedfd1a7fea511fd63471b55c988c53ba3c26988c5b4ab3";
        let made = signature("secret", "post", "/a?b=1", 1_700_000_000, b"{}");
        assert_eq!(made, expected);
    }

    #[test]
    fn launch_data_has_each_field_once() {
        let text = LaunchData::of(7).with("auth_date", "1").signed("1:token");
        let fields: Vec<_> = form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).collect();
        assert_eq!(fields, ["auth_date", "query_id", "user", "hash"]);
    }
}
