//! The client at every provider: one request each, its answer typed.

use std::{collections::BTreeMap, future::Future};

use countersign_core::{
    Refusal, Secret,
    connection::{ClientAuth, PROVIDERS, Provider, State, TokenSet, VerifierKey},
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    TokenResponse as _, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicTokenResponse},
};
use reqwest::Client;
use url::Url;

use crate::{
    BadSettings, ClientSettings, Granted, Outcome, Refused, Settings,
    transport::{self, NoAnswer},
};

type Configured = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;
type Answered = Result<BasicTokenResponse, RequestTokenError<NoAnswer, BasicErrorResponse>>;

/// Our clients at all providers.
pub struct OauthClient {
    clients: BTreeMap<String, ClientSettings>,
    verifiers: VerifierKey,
    base_url: String,
    replaced: Option<String>,
    http: Client,
}

impl OauthClient {
    /// Clients whose redirect URIs lie below `base_url`, the address of this API. Where `replaced` is there, every
    /// provider's endpoints are `<replaced>/<key>/authorize`, `/token` and `/revoke` instead of its own.
    ///
    /// # Errors
    /// Names the setting that is of no use.
    pub fn new(settings: Settings, base_url: &str, replaced: Option<&str>, http: Client) -> Result<Self, BadSettings> {
        let verifiers = settings.check()?;
        let plain = |url: &str, name| match Url::parse(url) {
            Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(url.trim_end_matches('/').to_owned()),
            _ => Err(BadSettings::Url(name)),
        };
        Ok(Self {
            clients: settings.clients,
            verifiers,
            base_url: plain(base_url, "BASE_URL")?,
            replaced: replaced.map(|url| plain(url, "OAUTH_BASE_URL")).transpose()?,
            http,
        })
    }

    /// The providers that people may link: those where we have a client.
    pub fn offered(&self) -> impl Iterator<Item = &'static Provider> {
        PROVIDERS.iter().filter(|provider| self.clients.contains_key(provider.key))
    }

    /// The provider of this name, where it is offered.
    ///
    /// # Errors
    /// 404 where it is not.
    pub fn provider(&self, key: &str) -> Result<&'static Provider, Refusal> {
        self.offered().find(|provider| provider.key == key).ok_or_else(|| Refusal::not_found("Unknown provider"))
    }

    /// The key that states and verifiers are derived with.
    #[must_use]
    pub fn verifiers(&self) -> &VerifierKey {
        &self.verifiers
    }

    /// Where a person consents: with this state and the challenge that belongs to it.
    ///
    /// # Errors
    /// 404 where the provider is not offered.
    pub fn authorize_url(&self, provider: &Provider, state: &State) -> Result<String, Refusal> {
        let client = self.configured(provider)?;
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.as_str().to_owned()))
            .add_scopes(provider.scopes.iter().map(|scope| Scope::new((*scope).to_owned())));
        if provider.pkce {
            let proof = self.verifiers.proof(state);
            let verifier = PkceCodeVerifier::new(text(&proof.verifier));
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        for (name, value) in provider.authorize_params {
            request = request.add_extra_param(*name, *value);
        }
        Ok(request.url().0.into())
    }

    /// Turns a code into tokens (RFC 6749, 4.1.3; RFC 7636, 4.5). A code is good once: never run it again.
    ///
    /// # Errors
    /// 404 where the provider is not offered.
    pub async fn exchange(&self, provider: &Provider, code: &Secret, verifier: &Secret) -> Result<Outcome, Refusal> {
        let client = self.configured(provider)?;
        let mut request = client.exchange_code(AuthorizationCode::new(text(code)));
        if provider.pkce {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(text(verifier)));
        }
        let http = self.transport(provider);
        Ok(outcome(request.request_async(&http).await))
    }

    /// Turns a refresh token into a new access token (RFC 6749, 6).
    ///
    /// # Errors
    /// 404 where the provider is not offered.
    pub async fn refresh(&self, provider: &Provider, refresh: &Secret) -> Result<Outcome, Refusal> {
        let client = self.configured(provider)?;
        let refresh = RefreshToken::new(text(refresh));
        let http = self.transport(provider);
        Ok(outcome(client.exchange_refresh_token(&refresh).request_async(&http).await))
    }

    pub(crate) fn client(&self, provider: &Provider) -> Option<&ClientSettings> {
        self.clients.get(provider.key)
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// The provider's own endpoint, or the one below the address that replaces it.
    pub(crate) fn endpoint(&self, provider: &Provider, name: &str, own: &str) -> String {
        match &self.replaced {
            Some(base) => format!("{base}/{}/{name}", provider.key),
            None => own.to_owned(),
        }
    }

    fn configured(&self, provider: &Provider) -> Result<Configured, Refusal> {
        let ours = self.client(provider).ok_or_else(|| Refusal::not_found("Unknown provider"))?;
        let wrong = |error: url::ParseError| Refusal::internal(error.to_string());
        let authorize = self.endpoint(provider, "authorize", provider.authorize_url);
        let token = self.endpoint(provider, "token", provider.token_url);
        let redirect = format!("{}/{}/callback", self.base_url, provider.key);
        Ok(BasicClient::new(ClientId::new(ours.client_id.clone()))
            .set_client_secret(ClientSecret::new(text(&ours.client_secret)))
            .set_auth_uri(AuthUrl::new(authorize).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(token).map_err(wrong)?)
            .set_redirect_uri(RedirectUrl::new(redirect).map_err(wrong)?)
            .set_auth_type(match provider.client_auth {
                ClientAuth::Basic => AuthType::BasicAuth,
                ClientAuth::Post => AuthType::RequestBody,
            }))
    }

    fn transport(
        &self,
        provider: &Provider,
    ) -> impl Fn(HttpRequest) -> std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send>> + Send + Sync
    {
        let (http, errors_in_200) = (self.http.clone(), provider.errors_in_200);
        move |request| Box::pin(transport::send(http.clone(), errors_in_200, request))
    }
}

/// The crate keeps what it is given as text of its own; it prints none of it.
fn text(secret: &Secret) -> String {
    secret.expose_str().unwrap_or_default().to_owned()
}

fn outcome(answered: Answered) -> Outcome {
    match answered {
        Ok(tokens) => Outcome::Granted(granted(&tokens)),
        Err(RequestTokenError::ServerResponse(answer)) => {
            let refused = Refused::new(answer.error().as_ref());
            if refused.is_passing() {
                Outcome::Unavailable("the provider says: not now")
            } else {
                Outcome::Refused(refused)
            }
        }
        Err(RequestTokenError::Request(NoAnswer::NotDone(why))) => Outcome::Unavailable(why),
        Err(RequestTokenError::Request(NoAnswer::Lost(why))) => Outcome::Unknown(why),
        Err(RequestTokenError::Parse(..) | RequestTokenError::Other(_)) => {
            Outcome::Unknown("an answer that cannot be read")
        }
    }
}

fn granted(tokens: &BasicTokenResponse) -> Granted {
    let secret = |text: &String| Secret::from(text.clone());
    // GitHub separates scopes with commas.
    let scopes = tokens.scopes().into_iter().flatten().flat_map(|scope| scope.split(','));
    Granted {
        tokens: TokenSet {
            access: secret(tokens.access_token().secret()),
            // Some servers say "none" with an empty one.
            refresh: tokens
                .refresh_token()
                .map(|token| secret(token.secret()))
                .filter(|token| !token.expose().is_empty()),
        },
        expires_in: tokens.expires_in().map(|life| life.as_secs()),
        scopes: scopes.filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
    }
}
