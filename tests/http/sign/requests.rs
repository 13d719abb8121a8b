//! What a signing request may say, and what is told where it says something else.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    table::attribute,
    world::{World, payment, refused},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_and_unreadable_envelopes_are_told_in_the_fixed_words() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let missing = [json!({}), json!({ "xdr": null }), json!({ "xdr": "" }), json!({ "action_type": "payment" })];
    for body in missing {
        assert_eq!(refused(&world.post("/api/sign", Some(&person.access_token), &body).await, 400), "Missing XDR");
    }
    for xdr in
        [json!("AAAA"), json!("not base64 at all"), json!("="), json!(7), json!(["AAAA"]), json!({}), json!(true)]
    {
        for route in ["/api/sign", "/sign"] {
            let answered = world.post(route, Some(&person.access_token), &json!({ "xdr": xdr })).await;
            let detail = refused(&answered, 400);
            assert!(detail.starts_with("Invalid XDR: ") && detail.len() > 14, "{detail}");
        }
    }
    let good = payment(person.stellar_public_key.as_deref().unwrap());
    let list = json!([good, "payment", false]);
    for body in [json!([]), list, json!("x"), json!(null), json!({ "xdr": good, "include_fee": "yes" })] {
        refused(&world.post("/api/sign", Some(&person.access_token), &body).await, 400);
    }
    for route in ["/api/sign", "/sign"] {
        let sent = json!({ "xdr": good, "submit": true });
        assert!(refused(&world.post(route, Some(&person.access_token), &sent).await, 400).starts_with("submit "));
    }
    assert_eq!(world.signatures(person.telegram_id).await, 0, "nothing was signed");
    // What means nothing on this route is in nobody's way.
    let lenient = json!({ "xdr": good, "include_fee": null, "action_type": null, "stamp": null, "telegram_id": "x", "submit": false });
    assert_eq!(world.post("/api/sign", Some(&person.access_token), &lenient).await.0.as_u16(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn action_type_has_bounds_and_is_written_down() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let xdr = payment(person.stellar_public_key.as_deref().unwrap());
    let body = |action: Value| json!({ "xdr": xdr, "action_type": action, "something_else": 1 });
    let bad = ["", &"x".repeat(65), "a\nb", "a\0", "\u{7f}", "\u{85}", &"é".repeat(65)];
    for action in bad {
        let detail = refused(&world.post("/api/sign", Some(&person.access_token), &body(action.into())).await, 400);
        assert!(detail.contains("action_type"), "{detail}");
    }
    refused(&world.post("/api/sign", Some(&person.access_token), &body(json!(7))).await, 400);
    let good = ["swap".to_owned(), "x".repeat(64), "é".repeat(64), "mint nft: \"one\" <b>".to_owned()];
    for action in &good {
        let (status, _, answer) =
            world.post("/api/sign", Some(&person.access_token), &body(action.as_str().into())).await;
        assert_eq!(status.as_u16(), 200, "{answer}");
    }
    let (status, _, _) = world.post("/api/sign", Some(&person.access_token), &body(Value::Null)).await;
    assert_eq!(status.as_u16(), 200);
    let records = world.items(person.telegram_id, "SIGNATURE#").await;
    let mut written: Vec<_> = records.iter().map(|record| attribute(record, "action_type")).collect();
    let mut expected = [&good[..], &["payment".to_owned()]].concat();
    written.sort();
    expected.sort();
    assert_eq!(written, expected);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_of_the_signing_routes_answer_in_the_fixed_words() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let body = json!({ "xdr": payment(person.stellar_public_key.as_deref().unwrap()) });
    let ask = async |value: Option<String>| {
        let headers: Vec<_> = value.map(|value| ("authorization", value)).into_iter().collect();
        refused(&world.ask(Method::POST, "/api/sign", &headers, Some(&body)).await, 401)
    };
    for value in [
        None,
        Some("Basic abc".into()),
        Some("Bearer".into()),
        Some("Bearer ".into()),
        Some(person.access_token.clone()),
    ] {
        assert_eq!(ask(value).await, "Missing or invalid Authorization header");
    }
    assert_eq!(ask(Some(world.tma(person.telegram_id))).await, "Missing or invalid Authorization header");
    assert_eq!(ask(Some("Bearer abc".into())).await, "Invalid JWT token");
    assert_eq!(ask(Some(format!("Bearer {}x", person.access_token))).await, "Invalid JWT token");
    let stranger = world.token(77, Some(78));
    assert_eq!(refused(&world.post("/api/sign", Some(&stranger), &body).await, 404), "Unknown person");
    for key in [world.service("mini_app_backend").api_key, "garbage".to_owned(), String::new()] {
        let said = refused(&world.ask(Method::POST, "/api/sign", &[("x-api-key", key)], Some(&body)).await, 401);
        assert_eq!(said, "Missing or invalid Authorization header");
    }
    assert_eq!(world.signatures(person.telegram_id).await, 0, "nothing was signed");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mini_app_names_its_own_person_and_a_service_anybody() {
    let world = World::start().await;
    let (person, other) = (world.signer(None).await, world.signer(None).await);
    let route = "/mini-app/sign-transaction";
    let xdr = payment(person.stellar_public_key.as_deref().unwrap());
    let body = |telegram_id: Value| json!({ "telegram_id": telegram_id, "xdr": xdr, "include_fee": true });
    let own = [("authorization", world.tma(person.telegram_id))];
    let (status, _, answer) = world.ask(Method::POST, route, &own, Some(&body(person.telegram_id.into()))).await;
    assert_eq!((status.as_u16(), answer["fee"].as_f64()), (200, Some(0.0)), "{answer}");
    refused(&world.ask(Method::POST, route, &own, Some(&body(other.telegram_id.into()))).await, 403);
    for named in [Value::Null, json!(0), json!(-5), json!("5"), json!(1.5), json!(1_u64 << 53)] {
        refused(&world.ask(Method::POST, route, &own, Some(&body(named))).await, 400);
    }
    let key = |role: &str| [("x-api-key", world.service(role).api_key)];
    let backend = key("mini_app_backend");
    let (status, _, _) = world.ask(Method::POST, route, &backend, Some(&body(other.telegram_id.into()))).await;
    assert_eq!(status.as_u16(), 200);
    assert_eq!(refused(&world.ask(Method::POST, route, &backend, Some(&body(json!(1)))).await, 404), "Unknown person");
    for role in ["notifier", "token_reader", "bot_runner"] {
        refused(&world.ask(Method::POST, route, &key(role), Some(&body(person.telegram_id.into()))).await, 403);
    }
    refused(&world.post(route, Some(&person.access_token), &body(person.telegram_id.into())).await, 401);
    refused(&world.post(route, None, &body(person.telegram_id.into())).await, 401);
    assert_eq!((world.signatures(person.telegram_id).await, world.signatures(other.telegram_id).await), (1, 1));
    world.stop().await;
}
