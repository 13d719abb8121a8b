//! A Lambda that makes the calls to AWS of a first signature and does nothing else: what is left when all of our own code is gone.

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use aws_sdk_kms::{primitives::Blob, types::DataKeySpec};
use axum::{Router, extract::State, routing::get};
use countersign_edge::{Environment, start};
use lambda_http::Error;

/// Items that a signature reads.
const READ: usize = 5;

/// Three clients and what they are asked for.
#[derive(Clone)]
struct Aws {
    dynamodb: aws_sdk_dynamodb::Client,
    kms: aws_sdk_kms::Client,
    table: String,
    key: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    let config = start::aws(&environment)?;
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let aws = Aws {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        kms: aws_sdk_kms::Client::new(&config),
        table: environment.required("TABLE_NAME")?.to_owned(),
        key: environment.required("SEALING_KEY_ID")?.to_owned(),
    };
    let secret = secrets.get_secret_value().secret_id(environment.required("GATE_SECRET_ID")?).send();
    let item = aws.dynamodb.get_item().table_name(&aws.table).set_key(Some(key(0).into())).send();
    let refused = aws.kms.decrypt().key_id(&aws.key).ciphertext_blob(Blob::new([0_u8])).send();
    let (secret, item, _refused) = tokio::join!(secret, item, refused);
    secret?;
    item?;
    lambda_http::run(Router::new().route("/", get(calls)).with_state(aws)).await
}

/// One read, one call to KMS, one commit.
async fn calls(State(aws): State<Aws>) -> Result<&'static str, String> {
    let told = |error: &dyn std::error::Error| error.to_string();
    let keys = KeysAndAttributes::builder().set_keys(Some((0..READ).map(|index| key(index).into()).collect()));
    let keys = keys.consistent_read(true).build().map_err(|error| told(&error))?;
    aws.dynamodb.batch_get_item().request_items(&aws.table, keys).send().await.map_err(|error| told(&error))?;
    let data_key = aws.kms.generate_data_key().key_id(&aws.key).key_spec(DataKeySpec::Aes256);
    let data_key = data_key.encryption_context("purpose", "signing-session");
    data_key.send().await.map_err(|error| told(&error))?;
    let put = Put::builder().table_name(&aws.table).set_item(Some(key(READ).into())).build();
    let put = TransactWriteItem::builder().put(put.map_err(|error| told(&error))?).build();
    aws.dynamodb.transact_write_items().transact_items(put).send().await.map_err(|error| told(&error))?;
    Ok("done")
}

fn key(index: usize) -> [(String, AttributeValue); 2] {
    ["pk", "sk"].map(|name| (name.to_owned(), AttributeValue::S(format!("BENCH#{index}"))))
}
