//! Launch data signed by somebody else's code: the npm library for mini-apps, where CI has installed it.

use std::ffi::OsStr;

use countersign_testkit::LaunchData;
use reqwest::Method;
use serde_json::{Value, json};

use super::MINI_APP;
use crate::{
    foreign::{Node, node, said_aloud},
    world::{Answered, World, payment, refused, text, unix_seconds},
};

const SIGN: &str = "/mini-app/sign-transaction";

/// Reads token, fields and time from its input, prints the signed text; one that was signed elsewhere it verifies first.
const LIBRARY: &str = "\
const { sign, validate } = require('@tma.js/init-data-node');
const given = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
if (given.ours) validate(given.ours, given.token, { expiresIn: 60 });
process.stdout.write(sign(given.fields, given.token, new Date(given.seconds * 1000)));
";

/// What a mini-app's launch data may say, with all that wants escaping.
fn fields(telegram_id: u64) -> Value {
    json!({
        "user": {
            "id": telegram_id, "first_name": "Анна & Co=1", "last_name": "+%20\"/\\", "username": "anna",
            "language_code": "ru", "is_premium": true, "allows_write_to_pm": true,
            "photo_url": "https://t.me/i/userpic/320/anna.svg?a=1&b=2",
        },
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc", "chat_type": "private", "chat_instance": "-8423018731427183",
        "start_param": "pay_7-x", "signature": "FNWSy6kv5n4kkmYYmfTbrgRtswTvwXgHTRWBVjp-YOv2srtMFSYCWZ9nGr_PohWZeWcooFo_oQgsnTJge3JdBg",
    })
}

/// `Authorization` with what the library made of this person, this many seconds ago.
async fn signed(world: &World, node: &Node, telegram_id: u64, age: u64) -> String {
    let token = &world.system.demo().bot.token;
    let ours = LaunchData::of(telegram_id).signed(token);
    let given = json!({ "token": token, "fields": fields(telegram_id), "seconds": unix_seconds() - age, "ours": ours });
    format!("tma {}", node.run(&["-e", LIBRARY].map(OsStr::new), &given).await)
}

async fn ask(world: &World, path: &str, authorization: &str, body: &Value) -> Answered {
    world.ask(Method::POST, path, &[("authorization", authorization.to_owned())], Some(body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_npm_library_signs_is_accepted() {
    let Some(node) = node() else {
        said_aloud(&[], "launch data NOT checked with the npm library");
        return;
    };
    let world = World::start().await;
    let person = world.signer(None).await;
    let theirs = signed(&world, &node, person.telegram_id, 0).await;
    let (status, _, pair) = ask(&world, MINI_APP, &theirs, &json!({})).await;
    assert_eq!((status.as_u16(), pair["user_id"].as_u64()), (200, Some(person.user_id)), "{pair}");
    let xdr = payment(person.stellar_public_key.as_deref().unwrap());
    let body = |telegram_id: u64| json!({ "telegram_id": telegram_id, "xdr": xdr });
    let (status, _, answer) = ask(&world, SIGN, &theirs, &body(person.telegram_id)).await;
    assert_eq!((status.as_u16(), answer["success"].as_bool()), (200, Some(true)), "{answer}");
    assert_eq!(world.sign(&text(&pair, "access_token"), &xdr).await.0.as_u16(), 200);
    // Another person's transaction, other words, another time, another bot: none of them.
    refused(&ask(&world, SIGN, &theirs, &body(world.named("kms").telegram_id)).await, 403);
    let changed = theirs.replace("pay_7-x", "pay_8-x");
    let old = signed(&world, &node, person.telegram_id, 2 * 86_400).await;
    let given = json!({ "token": "7:another", "fields": fields(person.telegram_id), "seconds": unix_seconds() });
    let another_bot_s = format!("tma {}", node.run(&["-e", LIBRARY].map(OsStr::new), &given).await);
    for bad in [changed, old, another_bot_s] {
        assert_ne!(bad, theirs);
        refused(&ask(&world, MINI_APP, &bad, &json!({})).await, 401);
        refused(&ask(&world, SIGN, &bad, &body(person.telegram_id)).await, 401);
    }
    world.stop().await;
}
