//! The signature checked by somebody else's code: the Python library of Standard Webhooks, where CI has installed it.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::json;

use super::{deliver, ended, hook::Hook, secret, service};
use crate::world::World;

/// Reads secret, headers and body from its input; fails where the library does.
const VERIFY: &str = "\
import json, sys
from standardwebhooks.webhooks import Webhook
given = json.load(sys.stdin)
Webhook(given['secret']).verify(given['body'], given['headers'])
";

#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_library_accepts_it() {
    let Some(python) = std::env::var_os("STANDARDWEBHOOKS_PYTHON") else {
        writeln!(std::io::stderr(), "STANDARDWEBHOOKS_PYTHON is not set: NOT checked with the Python library").unwrap();
        return;
    };
    let world = World::start().await;
    let mut hook = Hook::answering(&[(200, "")]).await;
    let service = service(&world).await;
    let ids = deliver(&world, &service, 1, &hook.url).await;
    let posted = hook.next().await;
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: std::collections::BTreeMap<_, _> = names.map(|name| (name, posted.header(name))).into();
    let verify = |secret: &str, body: &str| {
        let mut child =
            Command::new(&python).args(["-c", VERIFY]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let given = json!({ "secret": secret, "headers": headers, "body": body });
        child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
        child.wait().unwrap().success()
    };
    assert!(verify(&secret(&service), &posted.body));
    assert!(!verify(&secret(&service), &posted.body.replace("test", "tent")));
    assert!(!verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &posted.body));
    ended(&world, ids).await;
    world.stop().await;
}
