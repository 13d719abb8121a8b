//! What an operator configures of the gate, read once at start.

use serde::Deserialize;

use crate::Secret;

/// HS256 wants a key at least as long as its output, in bytes (RFC 7518, section 3.2).
pub(super) const SECRET_BYTES_LEAST: usize = 32;

/// Settings with which the gate does not start. The text names the setting, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("gate settings: {0}")]
pub struct BadSettings(pub(super) &'static str);

/// Everything the gate needs to know beforehand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSettings {
    /// Access tokens: ours and those of trusted outside issuers.
    pub tokens: TokenSettings,
    /// Launch data of the mini-app; without it `tma` is refused.
    #[serde(default)]
    pub launch_data: Option<LaunchDataSettings>,
    /// Masters that client secrets are derived from: the first for new ones, a second while it is rotated.
    /// Without one every signed request is refused.
    #[serde(default)]
    pub client_masters: Vec<NamedSecret>,
    /// What Telegram sends in `X-Telegram-Bot-Api-Secret-Token`; without it the webhook is refused.
    #[serde(default)]
    pub webhook_secret: Option<Secret>,
    /// `REQUIRE_HMAC_VERIFICATION`: state-changing requests must be signed.
    #[serde(default)]
    pub require_signed_requests: bool,
}

/// A secret and the name that tokens call it by.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedSecret {
    /// Its name: not secret, unique, 1 to 64 visible ASCII characters.
    pub kid: String,
    /// At least 32 bytes.
    pub secret: Secret,
}

/// Who issues tokens, for whom, and with which secrets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// Our `iss`.
    pub issuer: String,
    /// Our `aud`.
    pub audience: String,
    /// Our secrets: the first signs, all of them verify.
    pub keys: Vec<NamedSecret>,
    /// Servers of others whose tokens speak for a person on signing routes.
    #[serde(default)]
    pub trusted_issuers: Vec<TrustedIssuer>,
}

/// A server of others that shares a secret with us. It is known by `kid`, by `iss`, or by either.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// The `kid` in its tokens' header.
    #[serde(default)]
    pub kid: Option<String>,
    /// The `iss` in its tokens' claims. Two entries may share it while their secret is rotated.
    #[serde(default)]
    pub iss: Option<String>,
    /// An `aud` beside ours that its tokens may carry. One that names neither is refused (RFC 7519, section 4.1.3).
    #[serde(default)]
    pub aud: Option<String>,
    /// At least 32 bytes, and nobody else's.
    pub secret: Secret,
}

/// How launch data is proven; one of the two proofs at least, either one is enough where both are set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchDataSettings {
    /// The bot's token: proves the `hash` field.
    #[serde(default)]
    pub bot_token: Option<Secret>,
    /// Telegram's public key: proves the `signature` field.
    #[serde(default)]
    pub third_party: Option<ThirdPartySettings>,
    /// How old launch data may be, in seconds; `limits::LAUNCH_DATA_AGE_SECONDS` where nothing is said.
    #[serde(default)]
    pub max_age_seconds: Option<i64>,
}

/// The third-party check: for whose mini-app Telegram signed, and with which key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartySettings {
    /// The bot's number, the part of its token before the colon.
    pub bot_id: u64,
    /// Whose key.
    pub public_key: TelegramKey,
}

/// An Ed25519 public key of Telegram.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelegramKey {
    /// Telegram's production environment.
    Production,
    /// Telegram's test environment.
    Test,
    /// Another one, 64 lower-case hex digits (a stand-in for Telegram).
    Hex(String),
}

pub(super) fn check_name(name: &str) -> Result<(), BadSettings> {
    let fits = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(BadSettings("a kid is 1 to 64 visible ASCII characters")) }
}

pub(super) fn check_secret(secret: &Secret) -> Result<(), BadSettings> {
    if secret.expose().len() >= SECRET_BYTES_LEAST {
        Ok(())
    } else {
        Err(BadSettings("a secret has at least 32 bytes"))
    }
}
