//! Revokes a grant at its provider (RFC 7009). The `oauth2` crate does this over HTTPS alone, which no stand-in has.

use std::time::Duration;

use countersign_core::connection::{ClientAuth, Provider, TokenSet};
use reqwest::header::ACCEPT;
use url::form_urlencoded;

use crate::{OauthClient, Revocation, transport};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl OauthClient {
    /// Revokes the refresh token, and with it the grant; the access token where there is no other.
    pub async fn revoke(&self, provider: &Provider, tokens: &TokenSet) -> Revocation {
        let (Some(own), Some(client)) = (provider.revoke_url, self.client(provider)) else {
            return Revocation::NotPossible;
        };
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        let secret = client.client_secret.expose_str().unwrap_or_default();
        let mut form = vec![("token", token.expose_str().unwrap_or_default()), ("token_type_hint", hint)];
        let mut request = self.http().post(self.endpoint(provider, "revoke", own)).timeout(PATIENCE);
        match provider.client_auth {
            ClientAuth::Basic => request = request.basic_auth(encoded(&client.client_id), Some(encoded(secret))),
            ClientAuth::Post => form.extend([("client_id", client.client_id.as_str()), ("client_secret", secret)]),
        }
        match request.header(ACCEPT, "application/json").form(&form).send().await {
            Ok(response) if response.status().is_success() => Revocation::Done,
            Ok(response) if transport::check(response.status()).is_ok() => Revocation::Refused,
            Ok(_) | Err(_) => Revocation::Unknown,
        }
    }
}

/// Both halves of HTTP Basic are form-encoded first (RFC 6749, 2.3.1).
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
