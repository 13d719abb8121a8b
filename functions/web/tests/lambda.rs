//! The built binary as it is deployed, behind a Lambda Runtime API: documentation, unknown routes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_testkit::{Answer, Call, LambdaProcess, request_id};

/// It needs no variable of its own, and no AWS.
async fn spawn() -> LambdaProcess {
    LambdaProcess::spawn(env!("CARGO_BIN_EXE_web"), [("LOG_LEVEL", "info")]).await.unwrap()
}

fn assert_problem(answer: &Answer, status: u16, request_id: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.field("instance"), request_id);
    assert!(!answer.field("error").is_empty());
}

#[tokio::test]
async fn the_documentation_needs_nothing_from_elsewhere() {
    let mut process = spawn().await;
    let document = process.call(&Call::get("/openapi.json")).await.unwrap();
    assert_eq!((document.status, document.header("content-type")), (200, Some("application/json")));
    assert!(document.field("openapi").starts_with("3.1"));
    assert_eq!(document.header("x-content-type-options"), Some("nosniff"));
    let page = process.call(&Call::get("/docs")).await.unwrap();
    assert_eq!(page.status, 200);
    let named =
        ["src=\"", "href=\""].map(|name| page.text().split(name).skip(1).map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(named.concat().len(), 7, "{}", page.text());
    assert!(named.concat().iter().all(|file| file.starts_with("/docs/")), "{}", page.text());
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(!page.text().contains("http://") && !page.text().contains("https://"), "{}", page.text());
    for (asset, form) in [("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "javascript")] {
        assert!(page.text().contains(asset), "the page names {asset}");
        let answer = process.call(&Call::get(&format!("/docs/{asset}"))).await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").unwrap().contains(form));
        assert!(answer.body.len() > 10_000, "{asset} is there as a whole");
    }
    let initializer = process.call(&Call::get("/docs/swagger-initializer.js")).await.unwrap();
    assert!(initializer.text().contains("/openapi.json"), "{}", initializer.text());
    assert!(initializer.text().contains("\"deepLinking\": false"), "{}", initializer.text());
    let icon = process.call(&Call::get("/docs/favicon-32x32.png")).await.unwrap();
    assert_eq!((icon.status, icon.body.get(1..4)), (200, Some(&b"PNG"[..])), "bytes that are no text come whole");
}

#[tokio::test]
async fn the_type_of_a_problem_is_the_address_of_its_paragraph() {
    let mut process = spawn().await;
    let page = process.call(&Call::get("/docs")).await.unwrap().text();
    for (call, code) in [(Call::get("/no/such/route"), "not-found"), (Call::get("/api/sign"), "method-not-allowed")] {
        let told = process.call(&call).await.unwrap().field("type");
        assert_eq!(told, format!("/docs#problem-{code}"));
        assert!(page.contains(&format!("id=\"problem-{code}\"")), "{page}");
    }
    assert_eq!(page.matches("id=\"problem-").count(), 13, "one for each kind");
}

#[tokio::test]
async fn an_unknown_route_is_404_and_a_wrong_method_405() {
    let mut process = spawn().await;
    let cases = [
        (404, None, Call::get("/no/such/route")),
        (404, None, Call::get("/docs/no-such-file")),
        (405, Some("POST"), Call::get("/api/sign")),
        (405, Some("GET"), Call::delete("/openapi.json")),
        (405, Some("GET"), Call::delete("/health")),
        (405, Some("DELETE, GET"), Call::new("PUT", "/api/v1/signing-sessions/7")),
    ];
    for (status, allow, call) in cases {
        let event = call.event();
        let answer = process.answer(&event).await.unwrap();
        assert_problem(&answer, status, &request_id(&event));
        let mut told: Vec<_> = answer.header("allow").into_iter().flat_map(|list| list.split([',', ' '])).collect();
        told.retain(|method| !method.is_empty() && *method != "HEAD");
        told.sort_unstable();
        let wanted: Vec<_> = allow.into_iter().flat_map(|list| list.split(", ")).collect();
        assert_eq!(told, wanted, "{event}");
    }
}
