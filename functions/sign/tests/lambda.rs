//! The built binaries as they are deployed: init, warm-up and answers, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use countersign_local::{LocalSystem, Options, demo::DemoPerson};
use countersign_local_control::{Control, Fault};
use countersign_testkit::{
    Answer, Call, LambdaError, LambdaProcess, LaunchData, Payment, encoded, request_id, schedule_event, signed_by,
};
use serde_json::{Value, json};

const SIGN: &str = env!("CARGO_BIN_EXE_sign");
const SWEEPER: &str = env!("CARGO_BIN_EXE_sign-sweeper");
/// Lambda ends an init that takes longer.
const INIT: Duration = Duration::from_secs(10);
/// Stands in for what may never be shown.
const CANARY: &str = "canary-5f0c2d9e7b";

async fn system() -> LocalSystem {
    LocalSystem::start(Options { without_schedules: true, ..Options::default() }).await.unwrap()
}

async fn spawn(binary: &str, system: &LocalSystem) -> LambdaProcess {
    LambdaProcess::spawn(binary, system.process_environment()).await.unwrap()
}

/// The environment with one variable replaced, or left out.
fn environment(system: &LocalSystem, name: &str, value: Option<&str>) -> Vec<(String, String)> {
    let mut variables = system.process_environment();
    variables.retain(|(known, _)| known != name);
    variables.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    variables
}

fn person<'a>(system: &'a LocalSystem, method: &str) -> &'a DemoPerson {
    system.demo().people.iter().find(|person| person.signing_method == method).unwrap()
}

fn account(person: &DemoPerson) -> &str {
    person.stellar_public_key.as_deref().unwrap()
}

fn sign_call(person: &DemoPerson, xdr: &str) -> Call {
    Call::post("/api/sign", &json!({ "xdr": xdr })).bearer(&person.access_token)
}

fn assert_signed(system: &LocalSystem, person: &DemoPerson, unsigned: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["success"], true);
    assert_eq!(answer.field("signing_method"), person.signing_method);
    let passphrase = &system.demo().network_passphrase;
    signed_by(&answer.field("signed_xdr"), unsigned, passphrase, account(person)).unwrap();
    assert_eq!(answer.field("hash"), hex::encode(countersign_testkit::hash(unsigned, passphrase).unwrap()));
}

/// Calls since the last look, by what their label has in it.
fn counted<const N: usize>(control: &Control, labels: [&str; N]) -> [usize; N] {
    let counts = labels.map(|label| control.count(label));
    control.clear_requests();
    counts
}

/// Nothing that a person, a service or the house keeps secret is in the log.
fn assert_silent(system: &LocalSystem, process: &LambdaProcess) {
    let (output, demo) = (process.output(), system.demo());
    assert!(output.contains("\"request\""), "the log is there: {output}");
    let mut secrets = vec![&demo.jwt.secret, &demo.bot.token, &demo.bot.webhook_secret, &demo.import.fernet_key];
    secrets.extend(demo.people.iter().map(|person| &person.access_token));
    secrets.extend(demo.services.iter().flat_map(|service| [&service.api_key, &service.client_secret]));
    secrets.extend(demo.turnkey.iter().map(|wallet| &wallet.api_private_key));
    for secret in secrets {
        assert!(!output.contains(secret.as_str()), "a secret is in the log");
    }
}

#[tokio::test]
async fn the_kms_person_and_the_legacy_person_sign() {
    let system = system().await;
    let mut process = spawn(SIGN, &system).await;
    for method in ["python_bot_kms", "python_bot_legacy"] {
        let person = person(&system, method);
        let payment = Payment::from(account(person)).to(&system.demo().fee_wallet, 1_000_000);
        for unsigned in [payment.v1(), payment.v0(), payment.fee_bump(account(person))] {
            let answer = process.call(&sign_call(person, &unsigned)).await.unwrap();
            assert_signed(&system, person, &unsigned, &answer);
            assert_eq!((&answer.json()["fee"], answer.field("fee_stroops")), (&json!(0.1), "1000000".to_owned()));
        }
    }
    assert_silent(&system, &process);
    system.stop().await;
}

#[tokio::test]
async fn launch_data_and_a_service_sign() {
    let system = system().await;
    let mut process = spawn(SIGN, &system).await;
    let person = person(&system, "python_bot_kms");
    let service = system.demo().services.iter().find(|service| service.role == "mini_app_backend").unwrap();
    let unsigned = Payment::from(account(person)).v1();
    let body = json!({ "telegram_id": person.telegram_id, "xdr": unsigned, "include_fee": true });
    let call = || Call::post("/mini-app/sign-transaction", &body);
    let launch_data = LaunchData::of(person.telegram_id).signed(&system.demo().bot.token);
    let signed = call().signed(&service.client_id, &service.client_secret);
    for call in [call().launch_data(&launch_data), call().api_key(&service.api_key), signed.clone()] {
        let answer = process.call(&call).await.unwrap();
        assert_signed(&system, person, &unsigned, &answer);
    }
    assert_eq!(process.call(&signed).await.unwrap().status, 401, "a signed request is good once");
    assert_silent(&system, &process);
    system.stop().await;
}

#[tokio::test]
async fn refusals_are_problems_that_name_the_request() {
    let system = system().await;
    let mut process = spawn(SIGN, &system).await;
    let person = person(&system, "python_bot_kms");
    let sign = |body: Value| Call::post("/api/sign", &body).bearer(&person.access_token);
    let raw = |form: &str, body: Vec<u8>| Call::new("POST", "/api/sign").bearer(&person.access_token).body(form, body);
    let cases = [
        (401, "Missing or invalid Authorization header", Call::post("/api/sign", &json!({}))),
        (401, "Invalid JWT token", Call::post("/api/sign", &json!({})).bearer(CANARY)),
        (400, "Missing XDR", sign(json!({}))),
        (400, "Invalid XDR: ", sign(json!({ "xdr": "AAAA" }))),
        (400, "The body is not valid JSON", raw("application/json", b"{".to_vec())),
        (415, "The body must be application/json", raw("text/plain", b"{}".to_vec())),
        (413, "The body is larger than 256 KiB", raw("application/json", vec![b' '; 300 * 1024])),
        (405, "", Call::get("/api/sign").bearer(&person.access_token)),
        (404, "", Call::post("/api/unknown", &json!({})).bearer(&person.access_token)),
    ];
    for (status, text, call) in cases {
        let event = call.event();
        let answer = process.answer(&event).await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.field("instance"), request_id(&event), "{}", answer.text());
        assert_eq!(answer.header("x-request-id"), Some(request_id(&event).as_str()));
        assert_eq!(answer.json()["status"], status);
        assert!(answer.field("error").starts_with(text) && !answer.field("error").is_empty(), "{}", answer.text());
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        assert_eq!(answer.header("allow"), (status == 405).then_some("POST"));
    }
    assert!(!process.output().contains(CANARY));
    assert_silent(&system, &process);
    system.stop().await;
}

#[tokio::test]
async fn a_body_in_base64_is_read() {
    let system = system().await;
    let mut process = spawn(SIGN, &system).await;
    let person = person(&system, "python_bot_kms");
    let unsigned = Payment::from(account(person)).v1();
    let event = encoded(sign_call(person, &unsigned).event());
    assert_eq!(event["isBase64Encoded"], true);
    assert_signed(&system, person, &unsigned, &process.answer(&event).await.unwrap());
    system.stop().await;
}

#[tokio::test]
async fn a_warm_function_calls_aws_as_little_as_it_can() {
    let system = system().await;
    let control = system.aws().control();
    let labels = ["BatchGetItem", "TransactWriteItems", "DynamoDB", "TrentService", "secretsmanager"];
    counted(control, labels);
    let mut process = spawn(SIGN, &system).await;
    process.ready().await.unwrap();
    assert_eq!(counted(control, labels), [0, 0, 1, 1, 1], "init opens each connection once");
    let person = person(&system, "python_bot_kms");
    for round in 0..20 {
        let unsigned = Payment::from(account(person)).sequence(round).v1();
        assert_signed(&system, person, &unsigned, &process.call(&sign_call(person, &unsigned)).await.unwrap());
        let kms = usize::from(round == 0);
        assert_eq!(counted(control, labels), [1, 1, 2, kms, 0], "round {round}");
    }
    let legacy = self::person(&system, "python_bot_legacy");
    for kms in [1, 0] {
        let unsigned = Payment::from(account(legacy)).v1();
        assert_signed(&system, legacy, &unsigned, &process.call(&sign_call(legacy, &unsigned)).await.unwrap());
        assert_eq!(counted(control, labels), [1, 2, 3, kms, 0], "intent and outcome are two commits");
    }
    assert_eq!(system.turnkey().control().count("sign_raw_payload"), 2, "Turnkey is asked once for each signature");
    system.stop().await;
}

#[tokio::test]
async fn health_tells_what_is_missing() {
    let system = system().await;
    let mut process = spawn(SIGN, &system).await;
    let health = Call::get("/health");
    let answer = process.call(&health).await.unwrap();
    assert_eq!((answer.status, answer.field("status")), (200, "ok".to_owned()), "{}", answer.text());
    assert_eq!(answer.json()["checks"], json!({ "table": "ok", "kms": "ok" }));
    let down =
        Fault::status(500).header("content-type", "application/x-amz-json-1.0").body(json!({ "message": CANARY }));
    for (part, label) in [("kms", "TrentService"), ("table", "DynamoDB")] {
        system.aws().control().clear_faults();
        system.aws().control().add_fault(down.clone().matching(label).times(10));
        tokio::time::sleep(Duration::from_millis(1100)).await; // what was seen is good for a second
        let answer = process.call(&health).await.unwrap();
        assert_eq!((answer.status, answer.field("status")), (200, "degraded".to_owned()), "{}", answer.text());
        assert_eq!(answer.json()["checks"][part], "unavailable", "{}", answer.text());
        assert!(!answer.text().contains(CANARY));
    }
    system.stop().await;
}

#[tokio::test]
async fn a_variable_that_is_missing_ends_the_init() {
    let system = system().await;
    for name in ["TABLE_NAME", "SEALING_KEY_ID", "GATE_SECRET_ID"] {
        let failed = failed_init(SIGN, environment(&system, name, None)).await;
        assert!(failed.contains(name), "{failed}");
    }
    assert!(failed_init(SWEEPER, environment(&system, "TABLE_NAME", None)).await.contains("TABLE_NAME"));
    let failed = failed_init(SIGN, environment(&system, "FEE_WALLET", Some(CANARY))).await;
    assert!(failed.contains("FEE_WALLET") && !failed.contains(CANARY), "{failed}");
    system.stop().await;
}

#[tokio::test]
async fn without_its_secrets_the_init_fails_in_time() {
    let system = system().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), closed] {
        let variables = environment(&system, "AWS_ENDPOINT_URL", Some(&format!("http://{address}")));
        let failed = failed_init(SIGN, variables).await;
        assert!(failed.contains("Secret"), "{failed}");
    }
    system.stop().await;
}

#[tokio::test]
async fn a_secret_of_another_form_is_not_shown() {
    let system = system().await;
    let wrong = json!({ "Name": "gate", "SecretString": format!("{{\"tokens\": \"{CANARY}\"}}") });
    let fault = Fault::status(200).header("content-type", "application/x-amz-json-1.1").body(wrong);
    system.aws().control().add_fault(fault.matching("secretsmanager.GetSecretValue"));
    let failed = failed_init(SIGN, system.process_environment()).await;
    assert!(failed.contains("the gate's secret") && !failed.contains(CANARY), "{failed}");
    system.stop().await;
}

#[tokio::test]
async fn a_file_of_roots_that_holds_none_ends_the_start() {
    let system = system().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    let broken = format!("-----BEGIN CERTIFICATE-----\n{CANARY}\n-----END CERTIFICATE-----\n");
    let key = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n");
    for content in [String::new(), CANARY.to_owned(), broken, key] {
        std::fs::write(&file, content).unwrap();
        let mut variables = system.process_environment();
        variables.push(("AWS_CA_BUNDLE".into(), file.to_str().unwrap().to_owned()));
        let failed = failed_init(SIGN, variables).await;
        assert!(failed.contains("AWS_CA_BUNDLE") && !failed.contains(CANARY), "{failed}");
    }
    system.stop().await;
}

/// What a function said that ended before it asked for an event.
async fn failed_init(binary: &str, variables: Vec<(String, String)>) -> String {
    let secrets: Vec<_> = variables.iter().filter(|(name, _)| name == "AWS_SECRET_ACCESS_KEY").cloned().collect();
    let variables = variables.into_iter().filter(|(name, _)| name != "AWS_SECRET_ACCESS_KEY");
    let variables = variables.chain(secrets.into_iter().map(|(name, _)| (name, format!("{CANARY}-aws"))));
    let begun = Instant::now();
    let mut process = LambdaProcess::spawn(binary, variables).await.unwrap().within(INIT);
    let status = match process.ready().await {
        Err(LambdaError::Exited(status, _)) => status,
        other => panic!("the init must fail: {other:?}"),
    };
    assert!(!status.success() && begun.elapsed() < INIT);
    let told = process.init_error().map(|error| error.to_string()).unwrap_or_default();
    let output = format!("{}{told}", process.output());
    assert!(!output.contains(&format!("{CANARY}-aws")), "{output}");
    output
}

#[tokio::test]
async fn the_sweeper_answers_its_schedule() {
    let system = system().await;
    let mut process = spawn(SWEEPER, &system).await;
    for _ in 0..2 {
        let counts = process.invoke(&schedule_event()).await.unwrap().result.unwrap();
        assert_eq!(counts, json!({ "found": 0, "closed": 0, "oldest_seconds": 0 }));
    }
    let refused = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": CANARY });
    let fault = Fault::status(400).header("content-type", "application/x-amz-json-1.0").body(refused);
    system.aws().control().add_fault(fault.matching("Query"));
    let error = process.invoke(&schedule_event()).await.unwrap().result.unwrap_err();
    assert!(error["errorMessage"].is_string(), "{error}");
    assert!(!error.to_string().contains(CANARY), "{error}");
    assert!(process.invoke(&schedule_event()).await.unwrap().result.is_ok(), "one failure is not the end");
    system.stop().await;
}
