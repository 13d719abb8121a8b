//! KMS keys: whose they are, which may sign, and what happens where KMS does not.

use aws_sdk_kms::{
    Client,
    types::{KeySpec, KeyUsageType, Tag},
};
use countersign_local::demo::DemoPerson;
use serde_json::Value;

use super::{SESSIONS, kms};
use crate::world::{Answered, TESTNET, World, payment, refused, signed_by, text};

/// The tag that names whose key it is.
const OWNER_TAG: &str = "countersign:owner";

fn client(world: &World) -> Client {
    Client::new(&world.system.sdk_config())
}

/// A new Ed25519 key, tagged as this owner's or as nobody's.
async fn key(world: &World, owner: Option<String>) -> String {
    let tag = owner.map(|owner| Tag::builder().tag_key(OWNER_TAG).tag_value(owner).build().unwrap());
    made(world, KeySpec::EccNistEdwards25519, KeyUsageType::SignVerify, tag).await
}

async fn made(world: &World, spec: KeySpec, usage: KeyUsageType, tag: Option<Tag>) -> String {
    let request = client(world).create_key().key_spec(spec).key_usage(usage);
    let request = request.set_tags(tag.map(|tag| vec![tag]));
    request.send().await.unwrap().key_metadata.unwrap().arn.unwrap()
}

async fn begin(world: &World, person: &DemoPerson, key_id: &str) -> Answered {
    world.post(SESSIONS, Some(&person.access_token), &kms(key_id)).await
}

async fn signs(world: &World, person: &DemoPerson, session: &Value) {
    let account = text(session, "stellar_public_key");
    let xdr = payment(&account);
    let (status, _, answer) = world.sign(&person.access_token, &xdr).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    signed_by(&text(&answer, "signed_xdr"), &xdr, TESTNET, &account).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_belongs_to_the_person_who_registered_it_first_for_good() {
    let world = World::start().await;
    let (first, second) = (world.newcomer().await, world.newcomer().await);
    let arn = world.system.demo().kms.signing_key_id.clone();
    let id = arn.rsplit('/').next().unwrap().to_owned();
    let (status, _, session) = begin(&world, &first, &arn).await;
    assert_eq!(status.as_u16(), 201, "{session}");
    signs(&world, &first, &session).await;
    for name in [&arn, &id] {
        assert_eq!(refused(&begin(&world, &second, name).await, 400), "kms_key_id is not this person's key");
    }
    assert_eq!(world.items(second.telegram_id, "").await.len(), 1, "nothing was begun for the second person");
    let path = format!("{SESSIONS}/{}", session["id"]);
    assert_eq!(world.delete(&path, Some(&first.access_token)).await.0.as_u16(), 200);
    refused(&begin(&world, &second, &arn).await, 400);
    let (status, _, again) = begin(&world, &first, &id).await;
    assert_eq!(status.as_u16(), 201, "its owner may come back, by its short name: {again}");
    assert_eq!(text(&again, "stellar_public_key"), text(&session, "stellar_public_key"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_tagged_as_anothers_is_refused() {
    let world = World::start().await;
    let (owner, other) = (world.newcomer().await, world.newcomer().await);
    let arn = key(&world, Some(format!("t:{}", owner.telegram_id))).await;
    assert_eq!(refused(&begin(&world, &other, &arn).await, 400), "kms_key_id is not this person's key");
    let (status, _, session) = begin(&world, &owner, &arn).await;
    assert_eq!(status.as_u16(), 201, "{session}");
    signs(&world, &owner, &session).await;
    let someones = key(&world, Some("somebody".into())).await;
    refused(&begin(&world, &owner, &someones).await, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_owner_must_be_named_a_key_without_the_tag_is_nobodys() {
    let world = World::with(&[("REQUIRE_KMS_KEY_OWNER", "true")]).await;
    let owner = world.newcomer().await;
    for key_id in [key(&world, None).await, key(&world, Some(format!("t:{}0", owner.telegram_id))).await] {
        assert_eq!(refused(&begin(&world, &owner, &key_id).await, 400), "kms_key_id is not this person's key");
    }
    let (status, _, session) =
        begin(&world, &owner, &key(&world, Some(format!("t:{}", owner.telegram_id))).await).await;
    assert_eq!(status.as_u16(), 201, "{session}");
    signs(&world, &owner, &session).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alias_names_no_key_here() {
    let world = World::start().await;
    let (person, arn) = (world.newcomer().await, key(&world, None).await);
    client(&world).create_alias().alias_name("alias/mine").target_key_id(&arn).send().await.unwrap();
    let elsewhere = arn.split(":key/").next().unwrap();
    for alias in ["alias/mine".to_owned(), format!("{elsewhere}:alias/mine")] {
        let detail = refused(&begin(&world, &person, &alias).await, 400);
        assert!(detail.contains("not an alias"), "{detail}");
    }
    assert_eq!(begin(&world, &person, &arn).await.0.as_u16(), 201, "the control");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_cannot_sign_for_stellar_is_refused() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let sealing = world.system.environment().required("SEALING_KEY_ID").unwrap().to_owned();
    let p256 = made(&world, KeySpec::EccNistP256, KeyUsageType::SignVerify, None).await;
    let hmac = made(&world, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac, None).await;
    let nowhere = "00000000-0000-0000-0000-000000000000";
    let elsewhere = format!("arn:aws:kms:us-east-1:111111111111:key/{nowhere}");
    for key_id in [sealing.as_str(), &p256, &hmac, nowhere, &elsewhere, "", " ", "a#b", "alias/none", &"x".repeat(3000)]
    {
        let detail = refused(&begin(&world, &person, key_id).await, 400);
        assert!(detail.contains("kms_key_id"), "{key_id}: {detail}");
        assert!(key_id.len() < 4 || !detail.contains(key_id), "{detail}");
    }
    assert_eq!(world.items(person.telegram_id, "").await.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_key_signs_nothing_and_begins_nothing() {
    let world = World::start().await;
    let (person, kms) = (world.newcomer().await, client(&world));
    let arn = key(&world, None).await;
    let (_, _, session) = begin(&world, &person, &arn).await;
    signs(&world, &person, &session).await;
    kms.disable_key().key_id(&arn).send().await.unwrap();
    let xdr = payment(&text(&session, "stellar_public_key"));
    refused(&world.sign(&person.access_token, &xdr).await, 503);
    refused(&begin(&world, &world.newcomer().await, &arn).await, 400);
    assert_eq!(world.signatures(person.telegram_id).await, 1);
    kms.enable_key().key_id(&arn).send().await.unwrap();
    signs(&world, &person, &session).await;
    kms.schedule_key_deletion().key_id(&arn).pending_window_in_days(7).send().await.unwrap();
    refused(&world.sign(&person.access_token, &xdr).await, 503);
    refused(&begin(&world, &world.newcomer().await, &arn).await, 400);
    assert_eq!(world.signatures(person.telegram_id).await, 2);
    world.stop().await;
}

/// The key that seals is away: what is sealed with it waits, what is not goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_sealing_key_nothing_is_sealed_and_the_rest_serves() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let sealing = world.system.environment().required("SEALING_KEY_ID").unwrap().to_owned();
    client(&world).disable_key().key_id(&sealing).send().await.unwrap();
    refused(&world.post(SESSIONS, Some(&person.access_token), &super::local("legacy")).await, 503);
    assert_eq!(world.items(person.telegram_id, "").await.len(), 1);
    let (_, _, session) = begin(&world, &person, &key(&world, None).await).await;
    signs(&world, &person, &session).await;
    assert_eq!(world.get(SESSIONS, Some(&person.access_token)).await.0.as_u16(), 200);
    world.stop().await;
}
