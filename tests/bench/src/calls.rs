//! Calls to AWS for one signature, counted by the embedded AWS.

use countersign_testkit::{Call, Client, signed_by};
use serde_json::json;

use crate::{
    Failure,
    report::Report,
    world::{self, Person, World, text},
};

/// Calls for one signature: reads, commits, and calls to KMS.
type Calls = [usize; 4];

/// Counts for each signer that calls AWS.
pub(crate) async fn count(world: &World, report: &mut Report) -> Result<(), Failure> {
    let api = Client::new(&text(&world.demo, "/base_url")?);
    report.part("Calls for one signature: BatchGetItem, TransactWriteItems, KMS, anything else");
    let local = world.person("python_bot_kms")?;
    let turnkey = world.person("python_bot_legacy")?;
    let kms = kms_person(world, &api).await?;
    sign(world, &api, &local).await?;
    report.exactly("local signer, data key warm", &calls(world, &api, &local).await?, &[1, 1, 0, 0]);
    report.exactly("kms signer", &calls(world, &api, &kms).await?, &[1, 1, 1, 0]);
    sign(world, &api, &turnkey).await?;
    report.exactly("turnkey signer, data key warm", &calls(world, &api, &turnkey).await?, &[1, 2, 0, 0]);
    Ok(())
}

/// Somebody without a session gets one with a key in KMS.
async fn kms_person(world: &World, api: &Client) -> Result<Person, Failure> {
    let mut person = world.person("unknown")?;
    let key = text(&world.demo, "/kms/signing_key_id")?;
    let body = json!({ "kind": "session_keys", "signer": "kms", "kms_key_id": key });
    let made = api.send(&Call::post("/api/v1/signing-sessions", &body).bearer(&person.token)).await?;
    if made.status != 201 {
        return Err(format!("no session with KMS: {}", made.text()).into());
    }
    person.account = made.field("stellar_public_key");
    Ok(person)
}

async fn sign(world: &World, api: &Client, person: &Person) -> Result<(), Failure> {
    let (call, unsigned) = world::sign_call(person);
    let answer = api.send(&call).await?;
    signed_by(&answer.field("signed_xdr"), &unsigned, &world.passphrase()?, &person.account)
        .map_err(|wrong| format!("{wrong}: {}", answer.text()).into())
}

async fn calls(world: &World, api: &Client, person: &Person) -> Result<Calls, Failure> {
    world.forget_aws_requests().await?;
    sign(world, api, person).await?;
    let labels = world.aws_labels().await?;
    let count = |text: &str| labels.iter().filter(|label| label.contains(text)).count();
    let [reads, commits, kms] = [count(".BatchGetItem"), count(".TransactWriteItems"), count("TrentService")];
    Ok([reads, commits, kms, labels.len() - reads - commits - kms])
}
