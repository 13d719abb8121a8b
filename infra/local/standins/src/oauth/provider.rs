//! What a provider is by configuration: its client and the rules by which providers differ.

use serde::{Deserialize, Serialize};
use url::Url;

/// How long a code is good unless told otherwise, in seconds (the most that RFC 6749, 4.1.2, recommends).
pub const CODE_SECONDS: u64 = 600;
/// How long an access token is good unless told otherwise, in seconds.
pub const ACCESS_SECONDS: u64 = 3_600;

/// A provider with its first client. It holds a secret, so it cannot be printed.
#[derive(Clone)]
pub struct Provider {
    /// The first segment of its paths: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Public name of the client.
    pub client_id: String,
    /// Secret of the client.
    pub client_secret: String,
    /// Where the client may be redirected to; compared as text, exactly.
    pub redirect_uris: Vec<String>,
    /// How it behaves.
    pub rules: Rules,
}

/// Another client of a provider. It holds a secret, so it cannot be printed.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// Its provider's name.
    #[serde(alias = "name")]
    pub provider: String,
    /// Public name of the client; one that is there is replaced.
    pub client_id: String,
    /// Secret of the client.
    pub client_secret: String,
    /// Where the client may be redirected to; compared as text, exactly.
    pub redirect_uris: Vec<String>,
}

/// How a client says who it is at the token and revocation endpoints (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// By HTTP Basic alone.
    Basic,
    /// By `client_id` and `client_secret` in the body alone.
    Body,
    /// By either, never both at once.
    Either,
}

/// Which refreshes give a new refresh token. The old one then is dead, and using it again ends the whole family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// None does: the first refresh token stays.
    Never,
    /// Every second one.
    EverySecond,
    /// Every one.
    Always,
}

/// Who gets a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshTokens {
    /// Every client.
    Always,
    /// Who asks with `access_type=offline`, and for a person who has consented already only with `prompt=consent`.
    Offline,
    /// Nobody.
    Never,
}

/// How a provider behaves. What is left out of its JSON is as at a plain provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The scopes it knows; empty: any that is well formed.
    pub scopes: Vec<String>,
    /// How clients authenticate.
    pub client_auth: ClientAuth,
    /// When refresh tokens change.
    pub rotates: Rotation,
    /// Who gets a refresh token.
    pub refresh_tokens: RefreshTokens,
    /// How long an access token is good, in seconds; none: for ever, and `expires_in` is left out.
    pub access_seconds: Option<u64>,
    /// How long a code is good, in seconds.
    pub code_seconds: u64,
    /// After how many calendar months a consent ends, counted from the consent itself; then no refresh works.
    pub consent_months: Option<u16>,
    /// Answers as GitHub does: form-encoded unless JSON is accepted, its own error names, errors with status 200.
    pub github_answers: bool,
    /// Whether it is an OpenID provider: discovery, keys, and an `id_token` for the scope `openid`.
    pub oidc: bool,
    /// The field of `userinfo` that has the account's id, beside `id`.
    pub id_field: String,
    /// The field of `userinfo` that has the person's name, beside `name`.
    pub name_field: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            scopes: Vec::new(),
            client_auth: ClientAuth::Either,
            rotates: Rotation::Always,
            refresh_tokens: RefreshTokens::Always,
            access_seconds: Some(ACCESS_SECONDS),
            code_seconds: CODE_SECONDS,
            consent_months: None,
            github_answers: false,
            oidc: false,
            id_field: "id".to_owned(),
            name_field: "name".to_owned(),
        }
    }
}

/// Spotify's scopes.
const SPOTIFY_SCOPES: &str = "app-remote-control playlist-modify-private playlist-modify-public \
    playlist-read-collaborative playlist-read-private streaming ugc-image-upload user-follow-modify user-follow-read \
    user-library-modify user-library-read user-modify-playback-state user-personalized user-read-currently-playing \
    user-read-email user-read-playback-position user-read-playback-state user-read-private user-read-recently-played \
    user-top-read";

impl Rules {
    /// As the provider of this name behaves; any other name is a plain provider.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name {
            "spotify" => Self::spotify(),
            "google" => Self::google(),
            "github" => Self::github(),
            "discord" => Self { access_seconds: Some(604_800), name_field: "username".to_owned(), ..Self::default() },
            _ => Self::default(),
        }
    }

    fn spotify() -> Self {
        Self {
            scopes: SPOTIFY_SCOPES.split_whitespace().map(str::to_owned).collect(),
            client_auth: ClientAuth::Basic,
            rotates: Rotation::EverySecond,
            consent_months: Some(6),
            name_field: "display_name".to_owned(),
            ..Self::default()
        }
    }

    fn google() -> Self {
        Self {
            rotates: Rotation::Never,
            refresh_tokens: RefreshTokens::Offline,
            oidc: true,
            id_field: "sub".to_owned(),
            ..Self::default()
        }
    }

    fn github() -> Self {
        Self {
            client_auth: ClientAuth::Body,
            refresh_tokens: RefreshTokens::Never,
            access_seconds: None,
            github_answers: true,
            name_field: "login".to_owned(),
            ..Self::default()
        }
    }

    /// Whether the `count`th refresh (from 1) gives a new refresh token.
    pub(super) fn rotates_at(&self, count: u64) -> bool {
        match self.rotates {
            Rotation::Never => false,
            Rotation::EverySecond => count.is_multiple_of(2),
            Rotation::Always => true,
        }
    }
}

impl Provider {
    /// A provider that behaves as its name says (see [`Rules::of`]).
    #[must_use]
    pub fn new(name: &str, client_id: &str, client_secret: &str, redirect_uris: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            redirect_uris: redirect_uris.iter().map(|&uri| uri.to_owned()).collect(),
            rules: Rules::of(name),
        }
    }
}

/// Why a provider or a client is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The name cannot be a path segment of its own.
    #[error("a provider's name is lower-case letters, digits, - and _, and does not begin with _")]
    Name,
    /// There is no such provider.
    #[error("there is no provider of this name")]
    NoSuchProvider,
    /// The client has no name or no secret.
    #[error("client_id and client_secret are not empty")]
    Client,
    /// A redirect URI is not absolute, or has a fragment (RFC 6749, 3.1.2).
    #[error("a redirect URI is absolute and has no fragment")]
    RedirectUri,
}

pub(super) fn check_name(name: &str) -> Result<(), SetupError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let good = !name.is_empty() && !name.starts_with('_') && name.bytes().all(allowed);
    if good { Ok(()) } else { Err(SetupError::Name) }
}

pub(super) fn check_client(client: &NewClient) -> Result<(), SetupError> {
    if client.client_id.is_empty() || client.client_secret.is_empty() {
        return Err(SetupError::Client);
    }
    let good = |uri: &String| Url::parse(uri).is_ok_and(|url| url.fragment().is_none());
    if client.redirect_uris.iter().all(good) { Ok(()) } else { Err(SetupError::RedirectUri) }
}
