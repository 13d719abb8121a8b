//! The authorization endpoint: the consent page, and what is shown, told or asked when.

use reqwest::{Response, StatusCode};
use serde_json::json;

use crate::bench::{Bench, CALLBACK, CALLBACK_WITH_QUERY, CHALLENGE, CLIENT, Pairs, STATE, answer_in, form, header};

/// The consent page's hidden field.
fn page_of(html: &str) -> String {
    html.split("name=\"page\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn open(bench: &Bench, provider: &str, changes: Pairs<'_>) -> Response {
    bench.http.get(bench.authorize_url(provider, changes)).send().await.unwrap()
}

async fn press(bench: &Bench, provider: &str, fields: Pairs<'_>) -> Response {
    let request = bench.http.post(bench.url(&format!("/{provider}/authorize")));
    request.header("content-type", "application/x-www-form-urlencoded").body(form(fields)).send().await.unwrap()
}

#[tokio::test]
async fn a_person_approves_on_the_page() {
    let bench = Bench::start().await;
    let shown = open(&bench, "spotify", &[("scope", "user-read-email streaming"), ("show_dialog", "true")]).await;
    assert_eq!(shown.status(), StatusCode::OK);
    assert!(header(&shown, "content-type").starts_with("text/html"));
    assert_eq!(header(&shown, "cache-control"), "no-store");
    let html = shown.text().await.unwrap();
    for text in ["spotify", "app:one+", "<li>user-read-email</li>", "<li>streaming</li>", "Approve", "Deny"] {
        assert!(html.contains(text), "{text} is not in {html}");
    }
    let fields = [("page", &*page_of(&html)), ("user", "maria"), ("decision", "approve")];
    let sent = press(&bench, "spotify", &fields).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let to = header(&sent, "location").to_owned();
    assert!(to.starts_with(&format!("{CALLBACK}?code=")), "{to}");
    assert_eq!(answer_in(&to, "state").as_deref(), Some(STATE));
    let (status, tokens) = bench.redeem("spotify", &answer_in(&to, "code").unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(tokens["scope"], "user-read-email streaming");
    let info: serde_json::Value = bench.userinfo("spotify", &tokens["access_token"]).await.json().await.unwrap();
    assert_eq!((&info["name"], &info["display_name"]), (&json!("maria"), &json!("maria")));
    // The page was good once.
    assert_eq!(press(&bench, "spotify", &fields).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_person_denies_on_the_page() {
    let bench = Bench::start().await;
    let html = open(&bench, "acme", &[]).await.text().await.unwrap();
    let page = page_of(&html);
    // Another provider's form, a form without a decision, a made-up page: nothing is redirected.
    for fields in [[("page", "made-up"), ("decision", "approve")], [("page", &*page), ("decision", "maybe")]] {
        let answer = press(&bench, "acme", &fields).await;
        assert_eq!((answer.status(), header(&answer, "location")), (StatusCode::BAD_REQUEST, ""));
    }
    let sent = press(&bench, "acme", &[("page", &page), ("decision", "deny")]).await;
    let to = header(&sent, "location");
    assert_eq!(to, format!("{CALLBACK}?{}", form(&[("error", "access_denied"), ("state", STATE)])));
    let other = page_of(&open(&bench, "acme", &[]).await.text().await.unwrap());
    let answer = press(&bench, "discord", &[("page", &other), ("decision", "approve")]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_does_not_stay_open_for_ever() {
    let bench = Bench::start().await;
    let page = page_of(&open(&bench, "acme", &[]).await.text().await.unwrap());
    bench.advance(3_600).await;
    let answer = press(&bench, "acme", &[("page", &page), ("decision", "approve")]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn shows_and_never_redirects_what_cannot_be_trusted() {
    let bench = Bench::start().await;
    let cases: [Pairs<'_>; 7] = [
        &[("client_id", "")],
        &[("client_id", "nobody")],
        &[("redirect_uri", "")],
        &[("redirect_uri", "http://127.0.0.1:3000/spotify/callback/")],
        &[("redirect_uri", "http://127.0.0.1:3000/spotify/callback?x=1")],
        &[("redirect_uri", "http://127.0.0.1:3000/spotify/")],
        &[("redirect_uri", "HTTP://127.0.0.1:3000/spotify/callback")],
    ];
    for changes in cases {
        let answer = open(&bench, "spotify", changes).await;
        assert_eq!((answer.status(), header(&answer, "location")), (StatusCode::BAD_REQUEST, ""), "{changes:?}");
        assert!(answer.text().await.unwrap().contains("<h1>Sorry</h1>"));
    }
    for twice in ["client_id", "redirect_uri"] {
        let url = format!("{}&{twice}=x", bench.authorize_url("spotify", &[]));
        assert_eq!(bench.http.get(url).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(open(&bench, "nobody", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tells_the_client_what_is_wrong_with_its_request() {
    let bench = Bench::start().await;
    let padded = format!("{CHALLENGE}=");
    let cases: [(&str, Pairs<'_>, &str); 17] = [
        ("spotify", &[("response_type", "")], "invalid_request"),
        ("spotify", &[("response_type", "token")], "unsupported_response_type"),
        ("spotify", &[("response_type", "code id_token")], "unsupported_response_type"),
        ("spotify", &[("scope", "made-up")], "invalid_scope"),
        ("spotify", &[("scope", "streaming  user-read-email")], "invalid_scope"),
        ("spotify", &[("scope", "streaming,user-read-email")], "invalid_scope"),
        ("acme", &[("scope", "a\"b")], "invalid_scope"),
        ("acme", &[("code_challenge", "")], "invalid_request"),
        ("acme", &[("code_challenge_method", "")], "invalid_request"),
        ("acme", &[("code_challenge_method", "plain")], "invalid_request"),
        ("acme", &[("code_challenge_method", "s256")], "invalid_request"),
        ("acme", &[("code_challenge", &padded)], "invalid_request"),
        ("acme", &[("code_challenge", "short")], "invalid_request"),
        ("acme", &[("prompt", "none")], "interaction_required"),
        ("acme", &[("prompt", "loudly")], "invalid_request"),
        ("google", &[("access_type", "sometimes")], "invalid_request"),
        ("spotify", &[("show_dialog", "yes")], "invalid_request"),
    ];
    for (provider, changes, error) in cases {
        let answer = open(&bench, provider, changes).await;
        assert_eq!(answer.status(), StatusCode::FOUND, "{changes:?}");
        let to = header(&answer, "location");
        assert!(to.starts_with(&format!("{CALLBACK}?error={error}&error_description=")), "{changes:?}: {to}");
        assert_eq!(answer_in(to, "state").as_deref(), Some(STATE));
        assert_eq!(answer_in(to, "code"), None);
        // The control route says the same.
        assert_eq!(bench.consent(&bench.authorize_url(provider, changes), "approve").await, to);
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_an_error_and_a_repeated_state_is_not_echoed() {
    let bench = Bench::start().await;
    let url = bench.authorize_url("acme", &[]);
    let to = bench.consent(&format!("{url}&scope=a&scope=b"), "approve").await;
    assert_eq!(answer_in(&to, "error").as_deref(), Some("invalid_request"));
    assert_eq!(answer_in(&to, "state").as_deref(), Some(STATE));
    let to = bench.consent(&format!("{url}&state=other"), "approve").await;
    assert_eq!((answer_in(&to, "error").as_deref(), answer_in(&to, "state")), (Some("invalid_request"), None));
}

#[tokio::test]
async fn takes_what_real_clients_send_along() {
    let bench = Bench::start().await;
    let changes = [("prompt", "consent select_account"), ("access_type", "offline"), ("foo", "bar"), ("state", "")];
    let to = bench.consent(&bench.authorize_url("google", &changes), "approve").await;
    assert!(answer_in(&to, "code").is_some() && answer_in(&to, "state").is_none(), "{to}");
    // A redirect URI keeps its own query.
    let url = bench.authorize_url("acme", &[("redirect_uri", CALLBACK_WITH_QUERY), ("state", "s")]);
    let to = bench.consent(&url, "deny").await;
    assert_eq!(to, format!("{CALLBACK_WITH_QUERY}&error=access_denied&state=s"));
}

#[tokio::test]
async fn a_page_shows_text_as_text() {
    let bench = Bench::start().await;
    bench.add_client("acme", "<script>alert('1')</script>\"&").await;
    let changes = [("client_id", "<script>alert('1')</script>\"&"), ("scope", "<b>")];
    let html = open(&bench, "acme", &changes).await.text().await.unwrap();
    assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"), "{html}");
    assert!(html.contains("<li>&lt;b&gt;</li>") && !html.contains("<script>"), "{html}");
    assert!(!html.contains(CLIENT));
}
