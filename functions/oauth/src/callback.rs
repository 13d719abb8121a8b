//! `GET /{provider}/callback`: the provider sends the person's browser back; the code waits, sealed, for the person.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State as Door},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use countersign_core::{
    Refusal, SealContext, Secret, Subject,
    connection::{CodeId, State, StoredCode, StoredState, join, unknown_state},
};
use countersign_edge::{PathText, ProblemDocument, clock};
use countersign_store::Guard;
use url::form_urlencoded;

use crate::{Oauth, page};

/// How much of a provider's error is shown, in characters.
const ERROR_CHARS: usize = 200;

/// What came back (RFC 6749, 4.1.2). A parameter that comes twice counts as missing.
#[derive(Default)]
struct Returned {
    error: Option<String>,
    code: Option<Secret>,
    state: Option<String>,
}

/// Come back from a provider
///
/// For the person's browser. An error is a readable page; for `Accept: application/json` a problem.
#[utoipa::path(
    get, path = "/{provider}/callback", tag = "linked accounts",
    params(
        ("provider" = String, Path, description = "`google` in `/google/callback`, and so on"),
        ("code" = Option<String>, Query, description = "The provider's code"),
        ("state" = Option<String>, Query, description = "The state of the authorize URL; good once"),
        ("error" = Option<String>, Query, description = "Why there is no code"),
    ),
    responses(
        (status = 302, description = "To the bot: `https://t.me/<bot>?start=<code_id>`"),
        (status = 400, description = "Cancelled, parameters missing, or the state unknown, used or expired", body = ProblemDocument),
        (status = 404, description = "Unknown provider", body = ProblemDocument),
    )
)]
pub(crate) async fn callback(
    oauth: Door<Arc<Oauth>>,
    provider: PathText,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    came_back(&oauth, &provider.0, query, &headers).await
}

/// Come back from Spotify
///
/// As `/{provider}/callback`, under the address that existing clients registered.
#[utoipa::path(
    get, path = "/spotify/callback", tag = "linked accounts",
    params(
        ("code" = Option<String>, Query, description = "Spotify's code"),
        ("state" = Option<String>, Query, description = "The state of the authorize URL; good once"),
        ("error" = Option<String>, Query, description = "Why there is no code"),
    ),
    responses(
        (status = 302, description = "To the bot: `https://t.me/<bot>?start=<code_id>`"),
        (status = 400, description = "Cancelled, parameters missing, or the state unknown, used or expired", body = ProblemDocument),
        (status = 404, description = "Spotify is not offered here", body = ProblemDocument),
    )
)]
pub(crate) async fn spotify(oauth: Door<Arc<Oauth>>, query: RawQuery, headers: HeaderMap) -> Response {
    came_back(&oauth, "spotify", query, &headers).await
}

async fn came_back(oauth: &Oauth, provider: &str, query: RawQuery, headers: &HeaderMap) -> Response {
    match taken(oauth, provider, query.0.as_deref().unwrap_or_default()).await {
        Ok(code_id) => {
            let to = format!("https://t.me/{}?start={}", oauth.bot_username, code_id.as_str());
            (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
        }
        Err(refusal) => page::refused(refusal, headers, &oauth.bot_username),
    }
}

async fn taken(oauth: &Oauth, provider: &str, query: &str) -> Result<CodeId, Refusal> {
    let (links, returned) = (&oauth.links, Returned::read(query));
    let provider = links.client.provider(provider)?;
    if let Some(error) = returned.error {
        return Err(Refusal::invalid(format!("OAuth cancelled: {error}")));
    }
    let (Some(code), Some(state)) = (returned.code, returned.state) else {
        return Err(Refusal::invalid("Missing parameters"));
    };
    let state = State::read(&state).ok_or_else(unknown_state)?;
    let stored = links.store.oauth_state(&state.name()).await?;
    let stored = StoredState::check(stored, provider.key, clock::now())?;
    let code_id = CodeId::from_random(&clock::random_bytes());
    let name = code_id.name();
    let context = SealContext::oauth_code(Subject::Telegram(stored.telegram_id), &name);
    let sealer = links.vault.sealer(context).await?;
    let proof = links.client.verifiers().proof(&state);
    let both = join(code.expose(), proof.verifier.expose()).ok_or_else(|| Refusal::invalid("Missing parameters"))?;
    let code = StoredCode {
        name,
        provider: provider.key.to_owned(),
        telegram_id: stored.telegram_id,
        sealed: sealer.seal(&both)?,
        consented_at: clock::now(),
    };
    match links.store.commit_code(&state.name(), &code).await {
        Ok(()) => Ok(code_id),
        Err(error) if error.failed(Guard::OauthState) => Err(unknown_state()),
        Err(error) => Err(error.into()),
    }
}

impl Returned {
    fn read(query: &str) -> Self {
        let one = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            let value = values.next().map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty());
            value.filter(|_| values.next().is_none())
        };
        let shown = |error: String| error.chars().filter(|letter| !letter.is_control()).take(ERROR_CHARS).collect();
        Self { error: one("error").map(shown), code: one("code").map(Secret::from), state: one("state") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_once() {
        let read = Returned::read("code=a%2Bb&state=s");
        assert!(read.error.is_none() && read.code.unwrap().matches(b"a+b") && read.state.as_deref() == Some("s"));
        let read = Returned::read("code=a&code=b&state=&error=access_denied%0A");
        assert!(read.code.is_none() && read.state.is_none());
        assert_eq!(read.error.as_deref(), Some("access_denied"));
    }
}
