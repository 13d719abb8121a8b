//! How a client says who it is at the token endpoint.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, CLIENT, Pairs, SECRET, assert_refused, encoded, form, header, redemption};

const FORM: &str = "application/x-www-form-urlencoded";

fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{client}:{secret}")))
}

/// Redeems a fresh code with these headers and these fields beside the usual ones.
async fn with(bench: &Bench, provider: &str, headers: Pairs<'_>, more: Pairs<'_>) -> Response {
    let code = bench.code(provider, &[]).await;
    let mut fields = redemption(&code).to_vec();
    fields.extend(more);
    let mut request = bench.http.post(bench.url(&format!("/{provider}/token")));
    for &(name, value) in headers {
        request = request.header(name, value);
    }
    request.header("content-type", FORM).body(form(&fields)).send().await.unwrap()
}

async fn error_of(response: Response) -> (StatusCode, Value) {
    (response.status(), response.json().await.unwrap())
}

#[tokio::test]
async fn each_provider_takes_its_own_way_alone() {
    let bench = Bench::start().await;
    let by_header = basic(&encoded(CLIENT), &encoded(SECRET));
    let by_body = [("client_id", CLIENT), ("client_secret", SECRET)];
    for (provider, header_works, body_works) in
        [("spotify", true, false), ("github", false, true), ("google", true, true), ("discord", true, true)]
    {
        bench.set_rules(provider, json!({ "github_answers": false })).await;
        let answers = [
            with(&bench, provider, &[("authorization", &by_header)], &[]).await,
            with(&bench, provider, &[], &by_body).await,
        ];
        for (response, works) in answers.into_iter().zip([header_works, body_works]) {
            if works {
                assert_eq!(response.status(), StatusCode::OK, "{provider}");
            } else {
                assert_refused(error_of(response).await, "invalid_client");
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_proves_nothing_is_401() {
    let bench = Bench::start().await;
    let bearer = basic(&encoded(CLIENT), &encoded(SECRET)).replace("Basic", "Bearer");
    let headers = [
        basic(&encoded(CLIENT), "wrong"),
        basic("nobody", &encoded(SECRET)),
        // Not encoded before they were joined: the first colon is the wrong one.
        basic(CLIENT, SECRET),
        bearer,
        "Basic ???".to_owned(),
        "Basic".to_owned(),
        format!("Basic {}", BASE64_STANDARD.encode("nocolon")),
    ];
    for value in &headers {
        let response = with(&bench, "acme", &[("authorization", value)], &[]).await;
        assert_eq!(header(&response, "www-authenticate"), "Basic realm=\"acme\"", "{value}");
        assert_eq!(header(&response, "cache-control"), "no-store");
        assert_refused(error_of(response).await, "invalid_client");
    }
    for more in [&[][..], &[("client_id", CLIENT)], &[("client_id", CLIENT), ("client_secret", "wrong")]] {
        let response = with(&bench, "acme", &[], more).await;
        assert!(header(&response, "www-authenticate").starts_with("Basic "));
        assert_refused(error_of(response).await, "invalid_client");
    }
}

#[tokio::test]
async fn says_who_it_is_once() {
    let bench = Bench::start().await;
    let good = basic(&encoded(CLIENT), &encoded(SECRET));
    let named = async |more: Pairs<'static>| with(&bench, "acme", &[("authorization", &good)], more).await;
    assert_eq!(named(&[("client_id", CLIENT)]).await.status(), StatusCode::OK);
    assert_refused(error_of(named(&[("client_id", "other")]).await).await, "invalid_request");
    let both: Pairs<'static> = &[("client_id", CLIENT), ("client_secret", SECRET)];
    assert_refused(error_of(named(both).await).await, "invalid_request");
    let twice = with(&bench, "acme", &[("authorization", &good), ("authorization", &good)], &[]).await;
    assert_refused(error_of(twice).await, "invalid_client");
    let no_name = with(&bench, "acme", &[], &[("client_secret", SECRET)]).await;
    assert_refused(error_of(no_name).await, "invalid_request");
    // A scheme has no case.
    let small = good.replace("Basic", "basic");
    assert_eq!(with(&bench, "acme", &[("authorization", &small)], &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_body_is_a_form_and_the_query_says_nothing() {
    let bench = Bench::start().await;
    let code = bench.code("acme", &[]).await;
    let url = bench.url("/acme/token");
    let request = || bench.http.post(&url).basic_auth(encoded(CLIENT), Some(encoded(SECRET)));
    let as_json = redemption(&code).into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let response = request().json(&as_json).send().await.unwrap();
    assert_refused(error_of(response).await, "invalid_request");
    let in_query = format!("{url}?{}", form(&redemption(&code)));
    let response = bench.http.post(in_query).header("content-type", FORM);
    let response = response.basic_auth(encoded(CLIENT), Some(encoded(SECRET))).send().await.unwrap();
    assert_refused(error_of(response).await, "invalid_request");
    let got = bench.http.get(format!("{url}?{}", form(&redemption(&code)))).send().await.unwrap();
    assert_eq!(got.status(), StatusCode::METHOD_NOT_ALLOWED);
    let response = request().header("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
    let response = response.body(form(&redemption(&code))).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let nowhere = bench.post("nobody", "token", &redemption(&code)).await;
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
}
