//! Secrets in every input, on every path that succeeds or fails: never in an answer, never in the log, never stored in the clear.

use std::{fs, path::Path};

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_testkit::{Answer, Call, LaunchData, fresh_account, payment_xdr, signature};
use serde_json::{Value, json};
use stellar_strkey::ed25519::PrivateKey;

use super::{forgeries::jws, process::Process, table::Table};
use crate::{
    table::{bytes, holds},
    world::unix_seconds,
};

/// A secret in every spelling in which it might show up.
struct Canary {
    name: String,
    spellings: Vec<Vec<u8>>,
}

impl Canary {
    fn text(name: &str, text: &str) -> Self {
        let mut spellings = vec![text.as_bytes().to_vec(), hex::encode(text).into_bytes()];
        spellings.push(BASE64_STANDARD.encode(text).trim_end_matches('=').as_bytes().to_vec());
        Self { name: name.to_owned(), spellings }
    }

    /// 32 secret bytes and the text that stands for them.
    fn key(name: &str, text: &str, raw: &[u8]) -> Self {
        let mut canary = Self::text(name, text);
        canary.spellings.extend([raw.to_vec(), hex::encode(raw).into_bytes(), hex::encode_upper(raw).into_bytes()]);
        canary.spellings.push(BASE64_STANDARD.encode(raw).trim_end_matches('=').as_bytes().to_vec());
        // As `{:?}` of a list of bytes writes them.
        canary.spellings.push(format!("{raw:?}").trim_matches(['[', ']']).as_bytes().to_vec());
        canary
    }

    #[track_caller]
    fn is_not_in(&self, haystack: &[u8], place: &str) {
        for (number, spelling) in self.spellings.iter().enumerate() {
            assert!(!holds(haystack, spelling), "{} is in {place}, spelling {number}", self.name);
        }
    }
}

/// A running program, what was hidden in its requests, and what it answered.
struct Hunt {
    process: Process,
    canaries: Vec<Canary>,
    answers: Vec<u8>,
}

/// A string member.
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}")).to_owned()
}

impl Hunt {
    async fn start(folder: &Path) -> Self {
        let process = Process::start(folder).await;
        Self { process, canaries: Vec::new(), answers: Vec::new() }
    }

    /// Sends a call and keeps the whole answer.
    async fn send(&mut self, call: &Call) -> Answer {
        let answer = self.process.send(call).await;
        for (name, value) in &answer.headers {
            self.answers.extend_from_slice(format!("{name}: {value}\n").as_bytes());
        }
        self.answers.extend_from_slice(&answer.body);
        self.answers.push(b'\n');
        answer
    }

    /// The same, with the status that shows that the path was walked.
    #[track_caller]
    fn expect(answer: &Answer, status: u16) {
        assert_eq!(answer.status, status, "{}", answer.text());
    }

    /// A Stellar secret that nobody else has.
    fn seed(&mut self, name: &str) -> String {
        let mut raw = [0; 32];
        aws_lc_rs::rand::fill(&mut raw).unwrap();
        let text = PrivateKey(raw).as_unredacted().to_string().as_str().to_owned();
        self.canaries.push(Canary::key(name, &text, &raw));
        text
    }

    /// A text that nobody else has.
    fn word(&mut self, name: &str) -> String {
        let mut raw = [0; 12];
        aws_lc_rs::rand::fill(&mut raw).unwrap();
        let text = format!("canary{}", hex::encode(raw));
        self.canaries.push(Canary::text(name, &text));
        text
    }

    fn token(&self, name: &str) -> String {
        text(&self.process.person(name), "access_token")
    }

    /// Breaks something below for the next calls, or a stand-in beside it.
    async fn break_(&self, url: &str, fault: Value) {
        let client = countersign_testkit::Client::new(url);
        let answer = client.send(&Call::post("/_control/faults", &fault)).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    async fn mend(&self, url: &str) {
        let client = countersign_testkit::Client::new(url);
        assert_eq!(client.send(&Call::delete("/_control/faults")).await.unwrap().status, 204);
    }

    fn aws(&self) -> String {
        text(&self.process.demo, "aws_endpoint_url")
    }

    /// Secrets of the house itself, and of those who call.
    fn take_those_of_the_demo(&mut self) {
        let demo = &self.process.demo;
        let mut known = vec![
            ("the token secret".to_owned(), text(&demo["jwt"], "secret")),
            ("the bot's token".to_owned(), text(&demo["bot"], "token")),
            ("the webhook's secret".to_owned(), text(&demo["bot"], "webhook_secret")),
            ("the Fernet key".to_owned(), text(&demo["import"], "fernet_key")),
        ];
        for person in demo["people"].as_array().unwrap() {
            known.push((format!("a token of {}", person["email"]), text(person, "access_token")));
        }
        for service in demo["services"].as_array().unwrap() {
            known.push((format!("the key of {}", service["name"]), text(service, "api_key")));
            known.push((format!("the client secret of {}", service["name"]), text(service, "client_secret")));
        }
        for wallet in [&demo["turnkey"], &self.process.person("cloud")["telegram_cloud"]] {
            let key = text(wallet, "api_private_key");
            self.canaries.push(Canary::key("an API key at Turnkey", &key, &hex::decode(&key).unwrap()));
        }
        self.canaries.extend(known.into_iter().map(|(name, secret)| Canary::text(&name, &secret)));
    }
}

const SESSIONS: &str = "/api/v1/signing-sessions";

/// Stellar secrets that are taken, and ones that are given in every wrong way.
async fn stellar_secrets(hunt: &mut Hunt) {
    let token = hunt.token("new");
    let local = |secret: &str| json!({ "kind": "session_keys", "signer": "local", "stellar_secret": secret });
    let begin = |body: &Value| Call::post(SESSIONS, body).bearer(&token);
    let seed = hunt.seed("a Stellar secret that was taken");
    Hunt::expect(&hunt.send(&begin(&local(&seed)).idempotent("kept-with-its-answer")).await, 201);
    Hunt::expect(&hunt.send(&begin(&local(&seed)).idempotent("kept-with-its-answer")).await, 201);
    Hunt::expect(
        &hunt.send(&Call::post("/api/sign", &json!({ "xdr": payment_xdr(&fresh_account()) })).bearer(&token)).await,
        200,
    );
    let seed = hunt.seed("a Stellar secret that was refused");
    let body = local(&seed);
    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    for wrong in [
        with("kind", json!("telegram_cloud")),
        with("kind", json!(seed)),
        with("signer", json!("kms")),
        with("signer", json!(seed)),
        with("expires_in", json!(0)),
        with("expires_in", json!(seed)),
        with("kms_key_id", json!(seed)),
        with(&seed, json!(1)),
        with("turnkey", json!({ "organization_id": seed })),
        with("stellar_public_key", json!(seed)),
        with("stellar_secret", json!(format!("{seed}A"))),
        with("stellar_secret", json!(seed.to_lowercase())),
        with("stellar_secret", json!([seed])),
        with("telegram_id", json!(seed)),
        json!([seed]),
        json!(seed),
    ] {
        Hunt::expect(&hunt.send(&begin(&wrong).idempotent(&seed)).await, 400);
    }
    let raw = |form: &str, body: String| Call::new("POST", SESSIONS).body(form, body).bearer(&token);
    Hunt::expect(&hunt.send(&raw("application/json", format!("{{\"stellar_secret\":\"{seed}\",}}"))).await, 400);
    Hunt::expect(&hunt.send(&raw("application/json", seed.clone())).await, 400);
    Hunt::expect(&hunt.send(&raw("text/plain", body.to_string())).await, 415);
    Hunt::expect(&hunt.send(&Call::post(SESSIONS, &body)).await, 401);
    Hunt::expect(&hunt.send(&Call::new("PUT", SESSIONS).json(&body).bearer(&token)).await, 405);
    let large = format!("{{\"stellar_secret\":\"{}\"}}", seed.repeat(6_000));
    Hunt::expect(&hunt.send(&raw("application/json", large)).await, 413);
}

/// Secrets where no secret belongs: paths, queries, headers.
async fn strays(hunt: &mut Hunt) {
    let token = hunt.token("kms");
    let seed = hunt.seed("a Stellar secret that went astray");
    for target in [
        format!("{SESSIONS}/{seed}"),
        format!("{SESSIONS}?cursor={seed}"),
        format!("{SESSIONS}?limit={seed}"),
        format!("{SESSIONS}?telegram_id={seed}"),
        format!("{SESSIONS}?{seed}=1"),
        format!("/{seed}"),
        format!("/docs/{seed}"),
        format!("/health?{seed}"),
    ] {
        let answer = hunt.send(&Call::get(&target).bearer(&token)).await;
        assert!(answer.status < 500, "{}", answer.text());
    }
    for name in ["authorization", "x-api-key", "x-client-id", "x-signature", "x-timestamp"] {
        Hunt::expect(&hunt.send(&Call::get(SESSIONS).header(name, seed.as_str())).await, 401);
        Hunt::expect(&hunt.send(&Call::get(SESSIONS).header(name, format!("Bearer {seed}"))).await, 401);
    }
    for name in ["user-agent", "x-request-id", "referer", "cookie", "x-forwarded-for", "x-amzn-trace-id", &seed] {
        Hunt::expect(&hunt.send(&Call::get(SESSIONS).bearer(&token).header(name, seed.as_str())).await, 200);
    }
    for field in ["xdr", "stamp", "telegram_id", "include_fee", "action_type"] {
        let mut body = json!({ "xdr": seed });
        body[field] = json!([seed]);
        Hunt::expect(&hunt.send(&Call::post("/api/sign", &body).bearer(&token).idempotent(&seed)).await, 400);
    }
    Hunt::expect(&hunt.send(&Call::post("/api/sign", &json!({ "xdr": seed })).bearer(&token)).await, 400);
    let body = json!({ "xdr": payment_xdr(&fresh_account()), &seed: seed, "password": seed });
    Hunt::expect(&hunt.send(&Call::post("/api/sign", &body).bearer(&token).idempotent(&seed)).await, 200);
}

/// Tokens, launch data, keys and signatures, good and bad.
async fn credentials(hunt: &mut Hunt) {
    let demo = hunt.process.demo.clone();
    let person = hunt.process.person("kms");
    let word = hunt.word("a claim");
    let claims = json!({ "sub": word, "telegram_id": person["telegram_id"], "iss": word, "aud": word, "exp": 1 });
    let secret = text(&demo["jwt"], "secret");
    for (kid, secret) in [(text(&demo["jwt"], "kid"), secret.as_bytes()), (word.clone(), word.as_bytes())] {
        let token = jws(&json!({ "alg": "HS256", "kid": kid }), &claims, hmac::HMAC_SHA256, secret);
        hunt.canaries.push(Canary::text("a token that was refused", &token));
        Hunt::expect(&hunt.send(&Call::get(SESSIONS).bearer(&token)).await, 401);
    }
    let id = person["telegram_id"].as_u64().unwrap();
    let bot = text(&demo["bot"], "token");
    let (query, start) = (hunt.word("a query id"), hunt.word("a start parameter"));
    let data = LaunchData::of(id).with("query_id", &query).with("start_param", &start);
    for (data, status) in
        [(data.signed(&bot), 200), (data.clone().aged(9_999).signed(&bot), 401), (data.signed("1:x"), 401)]
    {
        let hash = data.rsplit_once("hash=").unwrap().1.to_owned();
        hunt.canaries.extend([Canary::text("launch data", &data), Canary::text("its hash", &hash)]);
        Hunt::expect(&hunt.send(&Call::get(SESSIONS).launch_data(&data)).await, status);
    }
    let service = hunt.process.service("mini_app_backend");
    let (client, secret) = (text(&service, "client_id"), text(&service, "client_secret"));
    let target = format!("{SESSIONS}?telegram_id={id}");
    // At one moment: the second one is the first one again.
    let now = unix_seconds();
    for (secret, status) in [(secret.as_str(), 200), (secret.as_str(), 401), ("wrong", 401)] {
        let made = signature(secret, "GET", &target, now, b"");
        hunt.canaries.push(Canary::text("a signature of a request", &made));
        let call = Call::get(&target).header("x-client-id", client.clone()).header("x-timestamp", now.to_string());
        let answer = hunt.send(&call.header("x-signature", made)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    for role in ["mini_app_backend", "notifier"] {
        let key = text(&hunt.process.service(role), "api_key");
        let answer = hunt.send(&Call::get(&target).api_key(&key)).await;
        assert!(matches!(answer.status, 200 | 403));
        let turned = key.chars().rev().collect::<String>();
        hunt.canaries.push(Canary::text("a key that was refused", &turned));
        Hunt::expect(&hunt.send(&Call::get(&target).api_key(&turned)).await, 401);
    }
}

/// API keys at Turnkey and stamps.
async fn turnkey(hunt: &mut Hunt) {
    let (token, cloud) = (hunt.token("old"), hunt.token("cloud"));
    let wallet = hunt.process.demo["turnkey"].clone();
    let body = |wallet: &Value| json!({ "kind": "session_keys", "signer": "turnkey", "turnkey": wallet });
    let begin = |body: &Value| Call::post(SESSIONS, body).bearer(&token).idempotent("the-turnkey-one");
    Hunt::expect(&hunt.send(&begin(&body(&wallet))).await, 201);
    let mut raw = [0x5a; 32];
    aws_lc_rs::rand::fill(&mut raw[1..]).unwrap();
    let wrong_key = hex::encode(raw);
    hunt.canaries.push(Canary::key("another's API key", &wrong_key, &raw));
    let with = |name: &str, value: &str| {
        let mut wallet = wallet.clone();
        wallet[name] = value.into();
        wallet
    };
    let odd = [
        body(&with("api_private_key", &wrong_key)),
        body(&with("api_private_key", &format!("{wrong_key}zz"))),
        body(&with("api_private_key", &wrong_key[..62])),
        body(&with("api_public_key", &wrong_key)),
        body(&with(&wrong_key, "1")),
        json!({ "kind": "telegram_cloud", "signer": "client", "turnkey": with("api_private_key", &wrong_key) }),
        json!({ "kind": "session_keys", "signer": "local", "turnkey": with("api_private_key", &wrong_key) }),
    ];
    for wrong in &odd {
        Hunt::expect(&hunt.send(&Call::post(SESSIONS, wrong).bearer(&token)).await, 400);
    }
    let account = text(&wallet, "sign_with");
    let sign = |token: &str, xdr: &str| Call::post("/api/sign", &json!({ "xdr": xdr })).bearer(token);
    let standin = text(&hunt.process.demo["standins"], "turnkey");
    for fault in
        [json!({ "status": 400, "body": { "message": "no" } }), json!({ "status": 500 }), json!({ "cut": "after" })]
    {
        hunt.break_(&standin, fault).await;
        let answer = hunt.send(&sign(&token, &payment_xdr(&account))).await;
        assert!(matches!(answer.status, 200 | 502 | 503), "{}", answer.text());
    }
    hunt.mend(&standin).await;
    Hunt::expect(&hunt.send(&sign(&token, &payment_xdr(&account))).await, 200);
    let xdr = payment_xdr(&text(&hunt.process.person("cloud"), "stellar_public_key"));
    Hunt::expect(&hunt.send(&sign(&cloud, &xdr)).await, 200);
    let stamp = hunt.word("a stamp that was refused");
    let answer = hunt.send(&Call::post("/api/sign", &json!({ "xdr": xdr, "stamp": stamp })).bearer(&cloud)).await;
    assert!(matches!(answer.status, 400 | 409), "{}", answer.text());
}

/// Clients' trading keys, taken and refused, by the API and by the page.
async fn trading_keys(hunt: &mut Hunt) {
    let client = hunt.process.demo["clients"][0].clone();
    let (id, token) = (client["id"].as_u64().unwrap(), text(&client, "access_token"));
    let setup = format!("/clients/{id}/setup-bot");
    let (good, next, wrong) =
        (hunt.seed("a trading key"), hunt.seed("its successor"), hunt.seed("a refused trading key"));
    let body = json!({ "bot_type": "market_maker", "private_key": wrong });
    for (name, value) in [
        ("address", json!(wrong)),
        ("bot_type", json!(wrong)),
        ("name", json!(wrong.repeat(9))),
        ("config", json!({ "pair": wrong })),
        ("config", json!({ &wrong: 1 })),
        ("private_key", json!(format!("{wrong}A"))),
        ("private_key", json!({ &wrong: wrong })),
    ] {
        let mut odd = body.clone();
        odd[name] = value;
        Hunt::expect(&hunt.send(&Call::post(&setup, &odd).bearer(&token).idempotent(&wrong)).await, 400);
    }
    Hunt::expect(&hunt.send(&Call::post(&setup, &body)).await, 401);
    let body = json!({ "bot_type": "market_maker", "private_key": good });
    let made = hunt.send(&Call::post(&setup, &body).bearer(&token).idempotent("kept-with-its-answer")).await;
    Hunt::expect(&made, 201);
    let bot = made.json()["bot_id"].as_u64().unwrap();
    let form = json!({ "purpose": "rotate" });
    let form = hunt.send(&Call::post(&format!("/clients/{id}/key-forms"), &form).bearer(&token)).await;
    let code = form.field("url").split_once("code=").unwrap().1.to_owned();
    for (key, status) in [(&wrong[..50], 400), (&next, 200)] {
        let sent = format!("code={code}&private_key={key}&address=");
        let call = Call::new("POST", "/keys/form").body("application/x-www-form-urlencoded", sent);
        Hunt::expect(&hunt.send(&call).await, status);
    }
    let runner = hunt.send(&Call::post(&format!("/bots/{bot}/runner-tokens"), &json!({})).bearer(&token)).await;
    let sign = |transaction: &str| {
        Call::post(&format!("/bots/{bot}/sign"), &json!({ "transaction": transaction })).bearer(&runner.field("token"))
    };
    Hunt::expect(&hunt.send(&sign(&payment_xdr(&fresh_account()))).await, 200);
    Hunt::expect(&hunt.send(&sign(&wrong)).await, 400);
    for list in ["key-versions", "key-uses", "key-events"] {
        Hunt::expect(&hunt.send(&Call::get(&format!("/clients/{id}/{list}")).bearer(&token)).await, 200);
    }
}

/// The old database's rows: Fernet tokens, what is in them, and what was never encrypted.
async fn import(hunt: &mut Hunt) {
    let admin = hunt.token("admin");
    let fernet = fernet::Fernet::new(&text(&hunt.process.demo["import"], "fernet_key")).unwrap();
    let send = |rows: Value| {
        let path = "/api/v1/signing-sessions/import";
        Call::post(path, &json!({ "rows": rows })).bearer(&admin).idempotent("the-import")
    };
    let (good, plain, other) = (hunt.seed("an imported secret"), hunt.seed("a plain one"), hunt.seed("a lost one"));
    let encrypted = |seed: &str| fernet.encrypt(seed.as_bytes());
    let lost = fernet::Fernet::new(&fernet::Fernet::generate_key()).unwrap().encrypt(other.as_bytes());
    let odd = hunt.word("a secret that is none");
    let wallet = hunt.process.demo["turnkey"].clone();
    let mut with_key = wallet.clone();
    with_key.as_object_mut().unwrap().remove("api_private_key");
    let mut sealed_key = with_key.clone();
    sealed_key["encrypted_api_private_key"] = encrypted(&text(&wallet, "api_private_key")).into();
    let rows = json!([
        { "telegram_id": 81_000_001, "encrypted_secret": encrypted(&good) },
        { "telegram_id": 81_000_002, "encrypted_secret": plain },
        { "telegram_id": 81_000_003, "encrypted_secret": lost },
        { "telegram_id": 81_000_004, "encrypted_secret": encrypted(&odd) },
        { "telegram_id": 81_000_005, "stellar_secret": plain },
        { "telegram_id": plain, "encrypted_secret": encrypted(&good) },
        { "telegram_id": 81_000_006, "encrypted_secret": encrypted(&good), "expires_at": plain },
        { "telegram_id": 81_000_007, "encrypted_secret": encrypted(&good), "stellar_public_key": plain },
        { "telegram_id": 81_000_008, "turnkey": sealed_key },
        { "telegram_id": 81_000_009, "turnkey": with_key, "encrypted_secret": plain },
        plain,
    ]);
    for row in rows.as_array().unwrap() {
        for token in ["/encrypted_secret", "/turnkey/encrypted_api_private_key"].map(|at| row.pointer(at)) {
            hunt.canaries.extend(token.map(|token| Canary::text("a Fernet token", token.as_str().unwrap())));
        }
    }
    let answer = hunt.send(&send(rows)).await;
    Hunt::expect(&answer, 200);
    let results = answer.json()["results"].clone();
    assert_eq!((&results[0]["status"], &results[8]["status"]), (&json!("imported"), &json!("imported")), "{results}");
    Hunt::expect(&hunt.send(&send(json!(plain))).await.clone(), 422);
    let call = Call::post("/api/v1/signing-sessions/import", &json!({ "rows": [plain], &plain: 1 })).bearer(&admin);
    Hunt::expect(&hunt.send(&call).await, 400);
}

/// Secrets on their way while something below fails.
async fn outages(hunt: &mut Hunt) {
    let (aws, token) = (hunt.aws(), hunt.token("legacy"));
    let faults = [
        json!({ "status": 500, "count": 100 }),
        json!({ "cut": "before", "count": 100 }),
        json!({ "status": 200, "body": "no JSON", "count": 100 }),
        json!({ "status": 400, "body": { "__type": "AccessDeniedException", "message": "no" }, "count": 100 }),
    ];
    for label in ["TrentService", "TransactWriteItems", "BatchGetItem", "secretsmanager"] {
        for fault in &faults {
            let mut fault = fault.clone();
            fault["match"] = label.into();
            hunt.break_(&aws, fault).await;
            let seed = hunt.seed("a Stellar secret during an outage");
            let body = json!({ "kind": "legacy", "signer": "local", "stellar_secret": seed });
            let answer = hunt.send(&Call::post(SESSIONS, &body).bearer(&token).idempotent(&seed)).await;
            assert!(answer.status == 503 || label == "secretsmanager", "{label}: {}", answer.text());
            let rows = json!({ "rows": [{ "telegram_id": 82_000_001, "encrypted_secret": seed }] });
            let call = Call::post("/api/v1/signing-sessions/import", &rows).bearer(&hunt.token("admin"));
            hunt.send(&call).await;
            hunt.mend(&aws).await;
        }
    }
}

/// Every byte of a folder's files whose name begins like this.
fn files(folder: &Path, name: &str) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with(name) {
            all.extend(fs::read(entry.path()).unwrap());
        }
    }
    assert!(!all.is_empty(), "no {name} in {}", folder.display());
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_comes_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut hunt = Hunt::start(folder.path()).await;
    hunt.take_those_of_the_demo();
    stellar_secrets(&mut hunt).await;
    strays(&mut hunt).await;
    credentials(&mut hunt).await;
    turnkey(&mut hunt).await;
    trading_keys(&mut hunt).await;
    import(&mut hunt).await;
    outages(&mut hunt).await;
    let table = Table::at(&hunt.aws(), &text(&hunt.process.demo, "table_name"));
    let stored = bytes(&table.items().await);
    let log = hunt.process.log().await;
    println!(
        "{} canaries; {} bytes of log, {} of answers, {} stored",
        hunt.canaries.len(),
        log.len(),
        hunt.answers.len(),
        stored.len()
    );
    assert!(log.lines().filter(|line| line.contains("\"message\":\"request\"")).count() > 100, "no log: {log}");
    assert!(holds(&stored, b"signing_session") || holds(&stored, b"session_keys"), "nothing is stored");
    let aws = folder.path().join("aws");
    let places = [
        ("an answer", hunt.answers.clone()),
        ("the log", log.into_bytes()),
        ("the table", stored),
        ("the table's file", files(&aws, "dynamodb")),
    ];
    for canary in &hunt.canaries {
        for (place, haystack) in &places {
            canary.is_not_in(haystack, place);
        }
    }
    hunt.process.kill().await;
    let file = files(&aws, "dynamodb");
    hunt.canaries.iter().for_each(|canary| canary.is_not_in(&file, "the table's file after a crash"));
}

#[test]
fn a_canary_is_found_in_each_spelling() {
    let canary = Canary::key("a key", "SECRET", &[7; 32]);
    for spelling in &canary.spellings {
        let haystack = [b"before ".as_slice(), spelling, b" after"].concat();
        assert!(std::panic::catch_unwind(|| canary.is_not_in(&haystack, "here")).is_err());
    }
    canary.is_not_in(b"nothing", "here");
}
