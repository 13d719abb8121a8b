//! Revokes a grant at its provider, by RFC 7009 or as GitHub has it. The `oauth2` crate does the first over HTTPS alone, which
//! no stand-in has.

use std::time::Duration;

use countersign_core::connection::{ClientAuth, Provider, Revoke, TokenSet};
use reqwest::{
    RequestBuilder,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use serde_json::json;
use url::form_urlencoded;

use crate::{ClientSettings, OauthClient, Revocation, transport};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl OauthClient {
    /// Revokes at the provider what these tokens stand for, as the provider takes it.
    pub async fn revoke(&self, provider: &Provider, tokens: &TokenSet) -> Revocation {
        let (Some(own), Some(client)) = (provider.revoke_url, self.client(provider)) else {
            return Revocation::NotPossible;
        };
        let request = match provider.revoke {
            Revoke::Tokens | Revoke::Grant => self.by_token(provider, client, own, tokens),
            Revoke::GithubGrant => self.by_grant(provider, client, own, tokens),
        };
        match request.timeout(PATIENCE).send().await {
            Ok(response) if response.status().is_success() => Revocation::Done,
            Ok(response) if transport::check(response.status()).is_ok() => Revocation::Refused,
            Ok(_) | Err(_) => Revocation::Unknown,
        }
    }

    /// RFC 7009, 2.1: the refresh token, and with it the grant; the access token where there is no other.
    fn by_token(&self, provider: &Provider, client: &ClientSettings, own: &str, tokens: &TokenSet) -> RequestBuilder {
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        let secret = client.client_secret.expose_str().unwrap_or_default();
        let mut form = vec![("token", token.expose_str().unwrap_or_default()), ("token_type_hint", hint)];
        let mut request = self.http().post(self.endpoint(provider, "revoke", own));
        match provider.client_auth {
            ClientAuth::Basic => request = request.basic_auth(encoded(&client.client_id), Some(encoded(secret))),
            ClientAuth::Post => form.extend([("client_id", client.client_id.as_str()), ("client_secret", secret)]),
        }
        request.header(ACCEPT, "application/json").form(&form)
    }

    /// GitHub's "Delete an app authorization": the client by HTTP Basic as it is, one of its access tokens in the body.
    fn by_grant(&self, provider: &Provider, client: &ClientSettings, own: &str, tokens: &TokenSet) -> RequestBuilder {
        let client_id = encoded(&client.client_id);
        let path = format!("applications/{client_id}/grant");
        let url = self.endpoint(provider, &path, &own.replace("{client_id}", &client_id));
        let body = json!({ "access_token": tokens.access.expose_str().unwrap_or_default() });
        self.http()
            .delete(url)
            .basic_auth(&client.client_id, client.client_secret.expose_str())
            .header(ACCEPT, "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28")
            // Without one GitHub answers 403.
            .header(USER_AGENT, "Countersign")
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
    }
}

/// Both halves of HTTP Basic are form-encoded first (RFC 6749, 2.3.1).
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
