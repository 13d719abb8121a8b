//! How a call is made: token, method, and every form that parameters come in.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bench::{ANNA, BOT_ID, Bench, TOKEN, body};

#[tokio::test]
async fn only_the_bots_own_token_is_taken() {
    let bench = Bench::start().await;
    let get = async |path: &str| body(bench.http.get(bench.url(path)).send().await.unwrap()).await;
    let unauthorized = json!({ "ok": false, "error_code": 401, "description": "Unauthorized" });
    assert_eq!(get("/bot424242:wrong/getMe").await, unauthorized);
    assert_eq!(get("/bot7:test-secret_of-the-bot/getMe").await, unauthorized);
    let not_found = json!({ "ok": false, "error_code": 404, "description": "Not Found" });
    for path in ["/botnonsense/getMe", "/bot424242:wrong", "/", "/getMe", "/bot"] {
        let answer = get(path).await;
        assert_eq!(answer, not_found, "{path}");
    }
    assert_eq!(get(&format!("/bot{TOKEN}/")).await, not_found);
    assert_eq!(get(&format!("/bot{TOKEN}/getYou")).await["description"], "Not Found: method not found");
    assert_eq!(get(&format!("/bot{}/getMe", TOKEN.replace(':', "%3A"))).await["ok"], true);
}

#[tokio::test]
async fn the_bot_knows_itself() {
    let bench = Bench::start().await;
    let me = bench.ok("getMe", json!({})).await;
    assert_eq!(me["id"], BOT_ID);
    assert_eq!((&me["is_bot"], &me["username"]), (&json!(true), &json!("some_bot")));
    assert_eq!(bench.ok("GETME", json!({})).await, me);
}

#[tokio::test]
async fn parameters_come_in_any_form() {
    let bench = Bench::start().await;
    let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let texts = |value: &Value| (value["result"]["text"].clone(), value["result"]["reply_markup"].clone());
    let expected = (json!("one & two"), markup.clone());
    let fields =
        [("chat_id", ANNA.to_string()), ("text", "one & two".to_owned()), ("reply_markup", markup.to_string())];
    let url = bench.method_url("sendMessage");
    let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, value.clone()));
    let json = json!({ "chat_id": ANNA.to_string(), "text": "one & two", "reply_markup": markup });
    for request in [
        bench.http.get(&url).query(&fields),
        bench.http.post(&url).query(&fields),
        bench.http.post(&url).form(&fields),
        bench.http.post(&url).multipart(form),
        bench.http.post(&url).json(&json),
        bench.http.post(&url).query(&fields[..1]).form(&fields[1..]),
    ] {
        assert_eq!(texts(&body(request.send().await.unwrap()).await), expected);
    }
    assert_eq!(bench.seen(ANNA).await.len(), 6);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let bench = Bench::start().await;
    let url = bench.method_url("sendMessage");
    let request = bench.http.post(&url).header("content-type", "application/json").body("{");
    assert_eq!(body(request.send().await.unwrap()).await["description"], "Bad Request: can't parse JSON object");
    let request = bench.http.post(&url).header("content-type", "multipart/form-data; boundary=x").body("--y");
    let answer = body(request.send().await.unwrap()).await;
    assert_eq!(answer["description"], "Bad Request: can't parse multipart/form-data");
    let part = Form::new().part("text", Part::text("a file, no text").file_name("text.txt"));
    let request = bench.http.post(&url).query(&[("chat_id", ANNA)]).multipart(part);
    assert_eq!(body(request.send().await.unwrap()).await["description"], "Bad Request: message text is empty");
    let answer = bench.http.delete(&url).send().await.unwrap();
    assert_eq!(answer.status(), 405);
}

#[tokio::test]
async fn calls_are_recorded_and_faulted_like_all_others() {
    let bench = Bench::start().await;
    let (status, _) = bench.post("faults", json!({ "match": "/sendMessage", "status": 502, "count": 1 })).await;
    assert_eq!(status, 201);
    let request = bench.http.post(bench.method_url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": "x" }));
    assert_eq!(request.try_clone().unwrap().send().await.unwrap().status(), 502);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(bench.standin.control().count("/sendMessage"), 2);
    assert_eq!(bench.seen(ANNA).await.len(), 1);
}
