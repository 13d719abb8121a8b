//! The `oauth2` crate as the client, at every provider.

use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, RedirectUrl, RequestTokenError,
    RevocationUrl, Scope, StandardRevocableToken, TokenResponse as _, TokenUrl, basic::BasicClient,
};
use reqwest::Client;

use crate::bench::{Bench, CALLBACK, CLIENT, SECRET, answer_in};

type Configured = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointSet>;

fn client(bench: &Bench, provider: &str, auth: AuthType) -> Configured {
    let at = |endpoint: &str| bench.url(&format!("/{provider}/{endpoint}"));
    BasicClient::new(ClientId::new(CLIENT.to_owned()))
        .set_client_secret(ClientSecret::new(SECRET.to_owned()))
        .set_auth_uri(AuthUrl::new(at("authorize")).unwrap())
        .set_token_uri(TokenUrl::new(at("token")).unwrap())
        .set_revocation_url(RevocationUrl::new(at("revoke").replacen("http:", "https:", 1)).unwrap())
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap())
        .set_auth_type(auth)
}

/// The crate revokes over HTTPS alone; the stand-in speaks HTTP, so the scheme is taken back on the way.
fn transport(http: &Client) -> impl for<'c> AsyncHttpClient<'c, Error = reqwest::Error> {
    let http = http.clone();
    move |mut request: HttpRequest| {
        let plain = request.uri().to_string().replacen("https:", "http:", 1);
        *request.uri_mut() = plain.parse().unwrap();
        let http = http.clone();
        Box::pin(async move {
            let response = http.execute(request.try_into()?).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut answer = HttpResponse::new(response.bytes().await?.to_vec());
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        }) as std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send + Sync>>
    }
}

/// A consented code and the verifier that goes with it.
async fn consented(bench: &Bench, client: &Configured) -> (AuthorizationCode, oauth2::PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = client.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge);
    let (url, state) = request.add_extra_param("access_type", "offline").url();
    let to = bench.consent(url.as_str(), "approve").await;
    assert_eq!(answer_in(&to, "state").as_ref(), Some(state.secret()));
    (AuthorizationCode::new(answer_in(&to, "code").unwrap()), verifier)
}

#[tokio::test]
async fn connects_refreshes_and_revokes_everywhere() {
    let bench = Bench::start().await;
    let http = transport(&bench.http);
    for (provider, auth) in [
        ("spotify", AuthType::BasicAuth),
        ("google", AuthType::RequestBody),
        ("discord", AuthType::BasicAuth),
        ("acme", AuthType::RequestBody),
    ] {
        let client = client(&bench, provider, auth);
        let (code, verifier) = consented(&bench, &client).await;
        let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&http).await.unwrap();
        let refresh_token = tokens.refresh_token().unwrap();
        let again = client.exchange_refresh_token(refresh_token).request_async(&http).await.unwrap();
        let access = |token: &AccessToken| serde_json::json!(token.secret());
        assert!(bench.is_live(provider, &access(again.access_token())).await, "{provider}");
        let last = again.refresh_token().unwrap_or(refresh_token).clone();
        let revocable = StandardRevocableToken::RefreshToken(last);
        client.revoke_token(revocable).unwrap().request_async(&http).await.unwrap();
        assert!(!bench.is_live(provider, &access(again.access_token())).await, "{provider}");
    }
}

#[tokio::test]
async fn connects_at_github() {
    let bench = Bench::start().await;
    let http = transport(&bench.http);
    let client = client(&bench, "github", AuthType::RequestBody);
    let (code, verifier) = consented(&bench, &client).await;
    let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&http).await.unwrap();
    assert!(tokens.refresh_token().is_none() && tokens.expires_in().is_none());
    // Its refusals come with 200, so the crate takes them for token answers that it cannot read.
    let (_, verifier) = consented(&bench, &client).await;
    let made_up = AuthorizationCode::new("made-up".to_owned());
    let refused = client.exchange_code(made_up).set_pkce_verifier(verifier).request_async(&http).await;
    assert!(matches!(refused, Err(RequestTokenError::Parse(..))), "{refused:?}");
}

#[tokio::test]
async fn reads_the_errors() {
    let bench = Bench::start().await;
    let http = transport(&bench.http);
    let client = client(&bench, "spotify", AuthType::BasicAuth);
    let (code, _) = consented(&bench, &client).await;
    let (_, other) = PkceCodeChallenge::new_random_sha256();
    let refused = client.exchange_code(code).set_pkce_verifier(other).request_async(&http).await;
    let Err(RequestTokenError::ServerResponse(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(answer.error().as_ref(), "invalid_grant");
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let request = client.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge);
    let (url, _) = request.add_scope(Scope::new("made-up".to_owned())).url();
    let to = bench.consent(url.as_str(), "approve").await;
    assert_eq!(answer_in(&to, "error").as_deref(), Some("invalid_scope"));
}
