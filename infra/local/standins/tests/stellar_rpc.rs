//! The Stellar RPC stand-in as its clients meet it, over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use countersign_local_control::Fault;
use countersign_local_standins::stellar_rpc::{PROTOCOL_VERSION, StellarRpcStandin};
use ed25519_dalek::{Signer as _, SigningKey};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use stellar_xdr::{
    AccountId, Asset, DecoratedSignature, FeeBumpTransaction, FeeBumpTransactionEnvelope, FeeBumpTransactionExt,
    FeeBumpTransactionInnerTx, InnerTransactionResultResult, LedgerEntryData, LedgerKey, LedgerKeyAccount, Limits,
    Memo, MuxedAccount, MuxedAccountMed25519, Operation, OperationBody, OperationResult, OperationResultTr, PaymentOp,
    PaymentResult, Preconditions, PublicKey, ReadXdr as _, SequenceNumber, Signature, SignatureHint, TimeBounds,
    TimePoint, Transaction, TransactionEnvelope, TransactionExt, TransactionMeta, TransactionResult,
    TransactionResultResult, TransactionV0, TransactionV0Envelope, TransactionV0Ext, TransactionV1Envelope, Uint256,
    VecM, WriteXdr as _,
};
use tokio::net::TcpListener;

const PASSPHRASE: &str = "Test SDF Network ; September 2015";

fn limits() -> Limits {
    Limits { depth: 100, len: 100_000 }
}

struct Bench {
    standin: StellarRpcStandin,
    http: Client,
    key: SigningKey,
}

impl Bench {
    async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let standin = StellarRpcStandin::start(listener, PASSPHRASE).unwrap();
        // Ledgers close only when a test says so.
        standin.world().set_ledger_ms(3_600_000);
        Self { standin, http: Client::new(), key: SigningKey::from_bytes(&[1; 32]) }
    }

    async fn post(&self, body: String) -> Value {
        let response = self.http.post(self.standin.url()).body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let answer =
            self.post(json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string()).await;
        assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
        answer
    }

    async fn send(&self, envelope: &TransactionEnvelope) -> Value {
        let text = envelope.to_xdr_base64(limits()).unwrap();
        self.call("sendTransaction", json!({"transaction": text})).await["result"].clone()
    }

    /// Sends what must be refused, and gives the reason.
    async fn refusal(&self, envelope: &TransactionEnvelope) -> TransactionResultResult {
        let said = self.send(envelope).await;
        assert_eq!(said["status"], "ERROR", "{said}");
        result_of(&said["errorResultXdr"]).result
    }

    async fn look(&self, envelope: &TransactionEnvelope) -> Value {
        let hash = hex::encode(envelope.hash(network_id()).unwrap());
        self.call("getTransaction", json!({"hash": hash})).await["result"].clone()
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/_control/{path}", self.standin.url());
        let response = self.http.request(method, url).body(body.to_string()).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    async fn account(&self, key: &SigningKey) -> stellar_xdr::AccountEntry {
        let answer = self.call("getLedgerEntries", json!({"keys": [ledger_key(key)]})).await;
        let entry = &answer["result"]["entries"][0];
        assert_eq!(entry["key"], ledger_key(key));
        let data = LedgerEntryData::from_xdr_base64(entry["xdr"].as_str().unwrap(), limits()).unwrap();
        let LedgerEntryData::Account(account) = data else { panic!("not an account") };
        account
    }
}

fn network_id() -> [u8; 32] {
    digest(&SHA256, PASSPHRASE.as_bytes()).as_ref().try_into().unwrap()
}

fn result_of(text: &Value) -> TransactionResult {
    TransactionResult::from_xdr_base64(text.as_str().unwrap(), limits()).unwrap()
}

fn public(key: &SigningKey) -> Uint256 {
    Uint256(key.verifying_key().to_bytes())
}

fn ledger_key(key: &SigningKey) -> String {
    let account_id = AccountId(PublicKey::PublicKeyTypeEd25519(public(key)));
    LedgerKey::Account(LedgerKeyAccount { account_id }).to_xdr_base64(limits()).unwrap()
}

fn payment(source: Option<&SigningKey>) -> Operation {
    let destination = MuxedAccount::Ed25519(Uint256([5; 32]));
    let source_account = source.map(|key| MuxedAccount::Ed25519(public(key)));
    let payment = PaymentOp { destination, asset: Asset::Native, amount: 10_000_000 };
    Operation { source_account, body: OperationBody::Payment(payment) }
}

fn transaction(key: &SigningKey, sequence: i64) -> Transaction {
    Transaction {
        source_account: MuxedAccount::Ed25519(public(key)),
        fee: 100,
        seq_num: SequenceNumber(sequence),
        cond: Preconditions::None,
        memo: Memo::None,
        operations: vec![payment(None)].try_into().unwrap(),
        ext: TransactionExt::V0,
    }
}

fn signature(key: &SigningKey, hash: &[u8; 32]) -> DecoratedSignature {
    let public = key.verifying_key().to_bytes();
    let hint = SignatureHint(public[28..].try_into().unwrap());
    DecoratedSignature { hint, signature: Signature(key.sign(hash).to_bytes().to_vec().try_into().unwrap()) }
}

fn sign(tx: Transaction, keys: &[&SigningKey]) -> TransactionEnvelope {
    let hash = tx.hash(network_id()).unwrap();
    let signatures: Vec<_> = keys.iter().map(|key| signature(key, &hash)).collect();
    TransactionEnvelope::Tx(TransactionV1Envelope { tx, signatures: signatures.try_into().unwrap() })
}

fn bump(inner: TransactionEnvelope, key: &SigningKey, fee: i64) -> TransactionEnvelope {
    let TransactionEnvelope::Tx(inner) = inner else { panic!("not v1") };
    let tx = FeeBumpTransaction {
        fee_source: MuxedAccount::Ed25519(public(key)),
        fee,
        inner_tx: FeeBumpTransactionInnerTx::Tx(inner),
        ext: FeeBumpTransactionExt::V0,
    };
    let hash = tx.hash(network_id()).unwrap();
    let signatures = vec![signature(key, &hash)].try_into().unwrap();
    TransactionEnvelope::TxFeeBump(FeeBumpTransactionEnvelope { tx, signatures })
}

fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn tells_about_itself() {
    let bench = Bench::start().await;
    let health = bench.call("getHealth", json!({})).await["result"].clone();
    assert_eq!(health["status"], "healthy");
    assert!(health["latestLedger"].as_u64() >= health["oldestLedger"].as_u64());
    let network = bench.call("getNetwork", Value::Null).await["result"].clone();
    assert_eq!((&network["passphrase"], &network["protocolVersion"]), (&json!(PASSPHRASE), &json!(PROTOCOL_VERSION)));
    assert_eq!(bench.call("getVersionInfo", json!({})).await["result"]["protocolVersion"], PROTOCOL_VERSION);
    let latest = bench.call("getLatestLedger", json!({})).await["result"].clone();
    assert_eq!(latest["sequence"], health["latestLedger"]);
    assert_eq!(latest["id"].as_str().unwrap().len(), 64);
    let fees = bench.call("getFeeStats", json!({})).await["result"].clone();
    assert_eq!(fees["inclusionFee"]["p50"], "100");
}

#[tokio::test]
async fn speaks_json_rpc() {
    let bench = Bench::start().await;
    for (body, code) in [
        ("{", -32700),
        ("[]", -32600),
        ("1", -32600),
        (r#"{"id":1,"method":"getHealth"}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"getHealth"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"getHealth"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"getWeather"}"#, -32601),
        (r#"{"jsonrpc":"2.0","id":1,"method":"getHealth","params":[1]}"#, -32602),
    ] {
        assert_eq!(bench.post(body.to_owned()).await["error"]["code"], code, "{body}");
    }
    let batch = r#"[{"jsonrpc":"2.0","id":"a","method":"getHealth"},{"jsonrpc":"2.0","method":"getHealth"},
                    {"jsonrpc":"2.0","id":"b","method":"x"}]"#;
    let answers = bench.post(batch.to_owned()).await;
    assert_eq!(answers.as_array().unwrap().len(), 2, "a notification has no answer");
    assert_eq!((&answers[0]["id"], &answers[1]["error"]["code"]), (&json!("a"), &json!(-32601)));
    let notification = bench.http.post(bench.standin.url()).body(r#"{"jsonrpc":"2.0","method":"getHealth"}"#);
    assert_eq!(notification.send().await.unwrap().status(), StatusCode::NO_CONTENT);

    bench.standin.control().add_fault(Fault::status(503).matching("#sendTransaction"));
    bench.call("getHealth", json!({})).await;
    let sent = bench.http.post(bench.standin.url()).body(r#"{"jsonrpc":"2.0","id":1,"method":"sendTransaction"}"#);
    assert_eq!(sent.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_transaction_goes_through() {
    let bench = Bench::start().await;
    let before = bench.account(&bench.key).await;
    let envelope = sign(transaction(&bench.key, before.seq_num.0 + 1), &[&bench.key]);
    let said = bench.send(&envelope).await;
    assert_eq!(said["status"], "PENDING", "{said}");
    assert_eq!(said["hash"], hex::encode(envelope.hash(network_id()).unwrap()));
    assert!(said["latestLedgerCloseTime"].is_string() && said.get("errorResultXdr").is_none());
    assert_eq!(bench.send(&envelope).await["status"], "DUPLICATE");
    let waiting = bench.look(&envelope).await;
    assert_eq!((&waiting["status"], &waiting["createdAt"]), (&json!("NOT_FOUND"), &json!("0")));
    assert_eq!(bench.account(&bench.key).await.seq_num, before.seq_num);

    bench.control(Method::POST, "ledger", json!({"close": 2})).await;
    let found = bench.look(&envelope).await;
    assert_eq!(found["status"], "SUCCESS");
    assert_eq!(found["envelopeXdr"], envelope.to_xdr_base64(limits()).unwrap());
    assert_eq!(found["ledger"].as_u64().unwrap(), said["latestLedger"].as_u64().unwrap() + 2);
    assert!(found["createdAt"].as_str().unwrap().parse::<u64>().unwrap() <= now_seconds());
    let result = result_of(&found["resultXdr"]);
    assert_eq!(result.fee_charged, 100);
    let TransactionResultResult::TxSuccess(results) = result.result else { panic!("not a success") };
    assert_eq!(results[0], OperationResult::OpInner(OperationResultTr::Payment(PaymentResult::Success)));
    let meta = TransactionMeta::from_xdr_base64(found["resultMetaXdr"].as_str().unwrap(), limits()).unwrap();
    assert!(matches!(meta, TransactionMeta::V4(meta) if meta.operations.len() == 1));

    let after = bench.account(&bench.key).await;
    assert_eq!((after.seq_num.0, after.balance), (before.seq_num.0 + 1, before.balance - 100));
    assert_eq!(bench.refusal(&envelope).await, TransactionResultResult::TxBadSeq, "core forgot it, its number is used");
}

#[tokio::test]
async fn ledgers_close_by_themselves() {
    let bench = Bench::start().await;
    bench.control(Method::POST, "ledger", json!({"ledger_ms": 50})).await;
    let envelope = sign(transaction(&bench.key, 12), &[&bench.key]);
    assert_eq!(
        bench.send(&envelope).await["status"],
        "PENDING",
        "an account that nobody asked about begins as it sends"
    );
    tokio::time::timeout(Duration::from_secs(5), async {
        while bench.look(&envelope).await["status"] != "SUCCESS" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(
        bench.refusal(&sign(transaction(&bench.key, 14), &[&bench.key])).await,
        TransactionResultResult::TxBadSeq
    );
}

#[tokio::test]
async fn refuses_as_core_does() {
    let bench = Bench::start().await;
    let other = SigningKey::from_bytes(&[2; 32]);
    let next = bench.account(&bench.key).await.seq_num.0 + 1;
    let tx = || transaction(&bench.key, next);
    let cases = [
        (
            sign(Transaction { operations: VecM::default(), ..tx() }, &[&bench.key]),
            TransactionResultResult::TxMissingOperation,
        ),
        (sign(Transaction { fee: 99, ..tx() }, &[&bench.key]), TransactionResultResult::TxInsufficientFee),
        (sign(transaction(&bench.key, next - 1), &[&bench.key]), TransactionResultResult::TxBadSeq),
        (sign(transaction(&bench.key, next + 1), &[&bench.key]), TransactionResultResult::TxBadSeq),
        (sign(tx(), &[]), TransactionResultResult::TxBadAuth),
        (sign(tx(), &[&other]), TransactionResultResult::TxBadAuth),
        (
            sign(Transaction { cond: bounds(0, now_seconds() - 60), ..tx() }, &[&bench.key]),
            TransactionResultResult::TxTooLate,
        ),
        (
            sign(Transaction { cond: bounds(now_seconds() + 60, 0), ..tx() }, &[&bench.key]),
            TransactionResultResult::TxTooEarly,
        ),
    ];
    for (envelope, expected) in cases {
        assert_eq!(bench.refusal(&envelope).await, expected);
    }
    // The right key, the wrong network.
    let foreign = tx().hash(digest(&SHA256, b"another network").as_ref().try_into().unwrap()).unwrap();
    let signatures = vec![signature(&bench.key, &foreign)].try_into().unwrap();
    let envelope = TransactionEnvelope::Tx(TransactionV1Envelope { tx: tx(), signatures });
    assert_eq!(bench.refusal(&envelope).await, TransactionResultResult::TxBadAuth);

    let operations = vec![payment(None), payment(Some(&other))].try_into().unwrap();
    let two = Transaction { operations, fee: 200, ..tx() };
    let TransactionResultResult::TxFailed(results) = bench.refusal(&sign(two.clone(), &[&bench.key])).await else {
        panic!("not txFAILED")
    };
    assert_eq!(results[1], OperationResult::OpBadAuth);
    assert_eq!(bench.send(&sign(two, &[&bench.key, &other])).await["status"], "PENDING");
    let behind = sign(transaction(&bench.key, next + 1), &[&bench.key]);
    assert_eq!(bench.send(&behind).await["status"], "TRY_AGAIN_LATER", "one transaction of an account waits at a time");
}

fn bounds(min: u64, max: u64) -> Preconditions {
    Preconditions::Time(TimeBounds { min_time: TimePoint(min), max_time: TimePoint(max) })
}

#[tokio::test]
async fn accounts_are_as_a_test_wants_them() {
    let bench = Bench::start().await;
    let address = stellar_strkey::ed25519::PublicKey(bench.key.verifying_key().to_bytes()).to_string().to_string();
    let path = format!("accounts/{address}");
    let (_, set) = bench.control(Method::POST, &path, json!({"sequence": "41", "balance": "99"})).await;
    assert_eq!(set, json!({"sequence": "41", "balance": "99", "missing": false}));
    assert_eq!(bench.account(&bench.key).await.seq_num.0, 41);
    let envelope = sign(transaction(&bench.key, 42), &[&bench.key]);
    assert_eq!(bench.refusal(&envelope).await, TransactionResultResult::TxInsufficientBalance);
    bench.control(Method::POST, &path, json!({"missing": true})).await;
    assert_eq!(bench.refusal(&envelope).await, TransactionResultResult::TxNoAccount);
    let entries = bench.call("getLedgerEntries", json!({"keys": [ledger_key(&bench.key)]})).await;
    assert_eq!(entries["result"]["entries"], json!([]));
    for (path, body) in [("accounts/GABC", json!({})), (&path, json!({"sequence": "x"})), (&path, json!({"seq": 1}))] {
        assert_eq!(bench.control(Method::POST, path, body).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn every_form_of_envelope() {
    let bench = Bench::start().await;
    let payer = SigningKey::from_bytes(&[3; 32]);
    // v0
    let v0 = TransactionV0 {
        source_account_ed25519: public(&bench.key),
        fee: 100,
        seq_num: SequenceNumber(5),
        time_bounds: None,
        memo: Memo::None,
        operations: vec![payment(None)].try_into().unwrap(),
        ext: TransactionV0Ext::V0,
    };
    let hash = v0.hash(network_id()).unwrap();
    let signatures = vec![signature(&bench.key, &hash)].try_into().unwrap();
    let v0 = TransactionEnvelope::TxV0(TransactionV0Envelope { tx: v0, signatures });
    assert_eq!(bench.send(&v0).await["status"], "PENDING");
    bench.standin.world().close_ledgers(2);
    assert_eq!(bench.look(&v0).await["status"], "SUCCESS");
    // A fee bump, its inner transaction from a muxed account.
    let muxed = MuxedAccount::MuxedEd25519(MuxedAccountMed25519 { id: 9, ed25519: public(&bench.key) });
    let inner = || Transaction { source_account: muxed.clone(), ..transaction(&bench.key, 6) };
    let bumped = bump(sign(inner(), &[&bench.key]), &payer, 200);
    assert_eq!(bench.send(&bumped).await["status"], "PENDING");
    bench.standin.world().close_ledgers(2);
    let found = bench.look(&bumped).await;
    assert_eq!((&found["status"], &found["feeBump"]), (&json!("SUCCESS"), &json!(true)));
    assert!(matches!(result_of(&found["resultXdr"]).result, TransactionResultResult::TxFeeBumpInnerSuccess(_)));
    // Its refusals, outside and inside.
    let next = || Transaction { seq_num: SequenceNumber(7), ..inner() };
    let cheap = bump(sign(next(), &[&bench.key]), &payer, 199);
    assert_eq!(bench.refusal(&cheap).await, TransactionResultResult::TxInsufficientFee);
    let underbid = bump(sign(Transaction { fee: 500, ..next() }, &[&bench.key]), &payer, 999);
    assert_eq!(bench.refusal(&underbid).await, TransactionResultResult::TxInsufficientFee);
    let mut unsigned = bump(sign(next(), &[&bench.key]), &payer, 200);
    if let TransactionEnvelope::TxFeeBump(bump) = &mut unsigned {
        bump.signatures = VecM::default();
    }
    assert_eq!(bench.refusal(&unsigned).await, TransactionResultResult::TxBadAuth);
    let refused = bench.refusal(&bump(sign(next(), &[]), &payer, 200)).await;
    let TransactionResultResult::TxFeeBumpInnerFailed(pair) = refused else { panic!("not inner failed") };
    assert_eq!(pair.result.result, InnerTransactionResultResult::TxBadAuth);
}

#[tokio::test]
async fn what_comes_of_transactions_is_as_asked() {
    let bench = Bench::start().await;
    let envelope = sign(transaction(&bench.key, 5), &[&bench.key]);
    for mode in [
        json!({"status": "TRY_AGAIN_LATER"}),
        json!({"status": "ERROR", "result": "txBAD_SEQ"}),
        json!({"status": "DUPLICATE"}),
        json!({"status": "ERROR"}),
    ] {
        assert_eq!(bench.control(Method::POST, "send_mode", mode).await.0, StatusCode::CREATED);
    }
    assert_eq!(bench.send(&envelope).await["status"], "TRY_AGAIN_LATER");
    assert_eq!(bench.refusal(&envelope).await, TransactionResultResult::TxBadSeq);
    assert_eq!(bench.send(&envelope).await["status"], "DUPLICATE");
    assert_eq!(bench.refusal(&envelope).await, TransactionResultResult::TxInternalError);

    bench.control(Method::POST, "transaction_mode", json!({"status": "NOT_FOUND"})).await;
    bench.control(Method::POST, "transaction_mode", json!({"status": "FAILED"})).await;
    assert_eq!(bench.send(&envelope).await["status"], "PENDING");
    bench.standin.world().close_ledgers(5);
    assert_eq!(bench.look(&envelope).await["status"], "NOT_FOUND", "it never got in");
    assert_eq!(bench.send(&envelope).await["status"], "PENDING", "so its number is still free");
    bench.standin.world().close_ledgers(2);
    let failed = bench.look(&envelope).await;
    assert_eq!(failed["status"], "FAILED");
    let TransactionResultResult::TxFailed(results) = result_of(&failed["resultXdr"]).result else {
        panic!("not failed")
    };
    assert_eq!(results[0], OperationResult::OpInner(OperationResultTr::Payment(PaymentResult::Underfunded)));
    for (path, bad) in [
        ("send_mode", json!({"status": "ERROR", "result": "txNONSENSE"})),
        ("send_mode", json!({"status": "MAYBE"})),
        ("transaction_mode", json!({"status": "FAILED", "count": 0})),
        ("ledger", json!({"clos": 1})),
    ] {
        assert_eq!(bench.control(Method::POST, path, bad).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn refuses_what_is_no_xdr() {
    let bench = Bench::start().await;
    let good = sign(transaction(&bench.key, 5), &[&bench.key]).to_xdr_base64(limits()).unwrap();
    let trailing = format!("{}AAAA", good.trim_end_matches('='));
    for bad in ["", "AAAA", "not base64!", trailing.as_str(), &good[..good.len() - 4]] {
        let answer = bench.call("sendTransaction", json!({"transaction": bad})).await;
        assert_eq!(answer["error"]["code"], -32602, "{bad}");
    }
    let answer = bench.call("sendTransaction", json!({"transaction": good, "xdrFormat": "json"})).await;
    assert_eq!(answer["error"]["code"], -32602);
    for params in [json!({}), json!({"hash": "00"}), json!({"hash": "z".repeat(64)})] {
        assert_eq!(bench.call("getTransaction", params).await["error"]["code"], -32602);
    }
    for params in [json!({}), json!({"keys": []}), json!({"keys": ["AAAA!"]}), json!({"keys": vec!["A"; 201]})] {
        assert_eq!(bench.call("getLedgerEntries", params).await["error"]["code"], -32602);
    }
}
