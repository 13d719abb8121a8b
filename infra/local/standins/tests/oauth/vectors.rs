//! PKCE against the project's vectors, from the authorization request to the token.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::bench::{Bench, CALLBACK, answer_in};

#[derive(Deserialize)]
struct Vectors {
    count: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    verifier: Option<String>,
    challenge: Option<String>,
    method: Option<String>,
    expect: String,
    why: Option<String>,
}

/// Where a case ends: refused at the authorization endpoint, refused at the token endpoint, or with tokens.
#[derive(Debug, PartialEq, Eq)]
enum End {
    NotAsked,
    NoToken(String),
    Tokens,
}

async fn run(bench: &Bench, case: &Case) -> End {
    let changes = [
        ("code_challenge", case.challenge.as_deref().unwrap_or_default()),
        ("code_challenge_method", case.method.as_deref().unwrap_or_default()),
    ];
    let to = bench.consent(&bench.authorize_url("acme", &changes), "approve").await;
    let Some(code) = answer_in(&to, "code") else {
        assert_eq!(answer_in(&to, "error").as_deref(), Some("invalid_request"));
        return End::NotAsked;
    };
    let mut fields = vec![("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    fields.extend(case.verifier.as_deref().map(|verifier| ("code_verifier", verifier)));
    let (status, body) = bench.token("acme", &fields).await;
    match status {
        StatusCode::OK => End::Tokens,
        StatusCode::BAD_REQUEST => End::NoToken(body["error"].as_str().unwrap().to_owned()),
        status => panic!("{status}: {body}"),
    }
}

#[tokio::test]
async fn all_nineteen() {
    let text = include_str!("../../../../../tests/vectors/oauth_pkce.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    assert_eq!((vectors.count, vectors.cases.len()), (19, 19));
    let bench = Bench::start().await;
    let mut seen = [0; 3];
    for case in &vectors.cases {
        let end = run(&bench, case).await;
        let why = case.why.as_deref().unwrap_or("valid");
        assert_eq!(end == End::Tokens, case.expect == "valid", "{why}: {end:?}");
        if why == "wrong verifier" {
            assert_eq!(end, End::NoToken("invalid_grant".to_owned()));
        }
        match end {
            End::NotAsked => seen[0] += 1,
            End::NoToken(_) => seen[1] += 1,
            End::Tokens => seen[2] += 1,
        }
    }
    assert_eq!(seen, [7, 7, 5]);
}
