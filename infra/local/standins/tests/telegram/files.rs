//! Photos and documents: uploaded, known already, fetched from this machine; and fetched back.

use axum::{Router, http::StatusCode, routing::get};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::bench::{ANNA, Bench, TOKEN, body};

/// The head of a PNG of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &size, b"rest"].concat()
}

impl Bench {
    async fn upload(&self, method: &str, field: &'static str, name: &'static str, content: Vec<u8>) -> Value {
        let file = Part::bytes(content).file_name(name).mime_str("image/png").unwrap();
        let form = Form::new().text("chat_id", ANNA.to_string()).text("caption", "<i>c</i>").text("parse_mode", "HTML");
        let request = self.http.post(self.method_url(method)).multipart(form.part(field, file));
        body(request.send().await.unwrap()).await
    }

    async fn download(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let answer = self.http.get(self.url(path)).send().await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }
}

#[tokio::test]
async fn a_photo_is_sent_again_and_fetched_back() {
    let bench = Bench::start().await;
    let sent = bench.upload("sendPhoto", "photo", "chart.png", png(640, 480)).await["result"].clone();
    let photo = &sent["photo"][0];
    assert_eq!((&photo["width"], &photo["height"]), (&json!(640), &json!(480)));
    assert_eq!(photo["file_size"], png(1, 1).len());
    assert_eq!((&sent["caption"], &sent["caption_entities"][0]["type"]), (&json!("c"), &json!("italic")));
    assert_eq!(sent.get("text"), None);
    let seen = bench.seen(ANNA).await;
    assert_eq!((&seen[0]["photo"], &seen[0]["text"]), (&json!(true), &json!("c")));
    let again = bench.ok("sendPhoto", json!({ "chat_id": ANNA, "photo": photo["file_id"] })).await;
    assert_eq!(again["photo"][0], *photo);
    let file = bench.ok("getFile", json!({ "file_id": photo["file_id"] })).await;
    let path = file["file_path"].as_str().unwrap();
    assert!(path.starts_with("photos/"), "{path}");
    assert_eq!(bench.download(&format!("/file/bot{TOKEN}/{path}")).await, (StatusCode::OK, png(640, 480)));
    assert_eq!(bench.download(&format!("/file/bot424242:x/{path}")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.download(&format!("/file/bot{TOKEN}/photos/none")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.refused("getFile", json!({ "file_id": "x" })).await, "Bad Request: invalid file_id");
}

#[tokio::test]
async fn a_document_keeps_its_name() {
    let bench = Bench::start().await;
    let sent = bench.upload("sendDocument", "document", "report.csv", b"a,b\n".to_vec()).await["result"].clone();
    let document = &sent["document"];
    assert_eq!((&document["file_name"], &document["file_size"]), (&json!("report.csv"), &json!(4)));
    assert_eq!(document["mime_type"], "image/png");
    assert_eq!(bench.seen(ANNA).await[0]["document"], true);
    let as_photo = bench.refused("sendPhoto", json!({ "chat_id": ANNA, "photo": document["file_id"] })).await;
    assert_eq!(as_photo, "Bad Request: can't use file of type Document as Photo");
    let text = json!({ "chat_id": ANNA, "message_id": sent["message_id"], "text": "x" });
    let refused = bench.refused("editMessageText", text).await;
    assert_eq!(refused, "Bad Request: there is no text in the message to edit");
    let caption = json!({ "chat_id": ANNA, "message_id": sent["message_id"], "caption": "new" });
    assert_eq!(bench.ok("editMessageCaption", caption).await["caption"], "new");
}

#[tokio::test]
async fn a_file_may_be_attached_by_name() {
    let bench = Bench::start().await;
    let form = Form::new()
        .text("chat_id", ANNA.to_string())
        .text("photo", "attach://picture")
        .part("picture", Part::bytes(png(2, 2)).file_name("x.png"));
    let answer = body(bench.http.post(bench.method_url("sendPhoto")).multipart(form).send().await.unwrap()).await;
    assert_eq!(answer["result"]["photo"][0]["width"], 2, "{answer}");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let bench = Bench::start().await;
    let upload =
        async |content: Vec<u8>| bench.upload("sendPhoto", "photo", "x.png", content).await["description"].clone();
    assert_eq!(upload(b"text".to_vec()).await, "Bad Request: IMAGE_PROCESS_FAILED");
    assert_eq!(upload(png(9_000, 9_000)).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    assert_eq!(upload(Vec::new()).await, "Bad Request: file must be non-empty");
    let send = async |method: &str, params: Value| bench.refused(method, params).await;
    assert_eq!(send("sendPhoto", json!({ "chat_id": ANNA })).await, "Bad Request: there is no photo in the request");
    let none = send("sendDocument", json!({ "chat_id": ANNA })).await;
    assert_eq!(none, "Bad Request: there is no document in the request");
    let long = send("sendPhoto", json!({ "chat_id": ANNA, "photo": "x", "caption": "x".repeat(1_025) })).await;
    assert_eq!(long, "Bad Request: message caption is too long");
    let wrong = send("sendPhoto", json!({ "chat_id": ANNA, "photo": "nothing" })).await;
    assert_eq!(wrong, "Bad Request: wrong file identifier/HTTP URL specified");
    let stranger = send("sendPhoto", json!({ "chat_id": 777, "photo": "nothing" })).await;
    assert_eq!(stranger, "Bad Request: wrong file identifier/HTTP URL specified");
    assert_eq!(bench.seen(ANNA).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_file_is_fetched_from_this_machine_alone() {
    let bench = Bench::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/chart.png", get(async || png(3, 4)));
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    let send = async |address: String| bench.call("sendPhoto", json!({ "chat_id": ANNA, "photo": address })).await;
    assert_eq!(send(format!("{address}/chart.png")).await["result"]["photo"][0]["height"], 4);
    for elsewhere in [format!("{address}/none"), "https://example.org/chart.png".to_owned()] {
        assert_eq!(send(elsewhere).await["description"], "Bad Request: failed to get HTTP URL content");
    }
    let ftp = send("ftp://example.org/x.png".to_owned()).await;
    assert_eq!(ftp["description"], "Bad Request: invalid file HTTP URL specified: Unsupported URL protocol");
}
