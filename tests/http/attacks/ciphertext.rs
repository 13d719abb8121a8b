//! Sealed material in the wrong place: moved, mixed, flipped, cut, sealed elsewhere. One answer for all of it, and no signature.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::types::DataKeySpec;
use serde_json::{Value, json};

use super::{
    Holder, refused, sign_call, sign_with, signed,
    table::{Item, Table, partition, sealed, text, with_sealed},
    without_instance,
};
use crate::world::{World, payment};

/// What everybody reads whose key does not open: a text that tells nothing.
fn generic() -> Value {
    json!({
        "type": "/docs#problem-internal", "title": "Internal error", "status": 500,
        "detail": "Internal error", "error": "Internal error",
    })
}

/// Signing with this stored slot is the one generic error, leaves no record and calls nobody outside.
async fn shut(world: &World, table: &Table, holder: &Holder, slot: Item, why: &str) {
    table.put(slot).await;
    let before = table.signatures(holder.person.telegram_id).await;
    let answer = world.send(&sign_call(&holder.person)).await;
    assert_eq!(answer.status, 500, "{why}: {}", answer.text());
    assert_eq!(without_instance(refused(&answer, 500)), generic(), "{why}");
    let keyed = world.send(&sign_call(&holder.person).idempotent("k")).await;
    assert_eq!(keyed.status, 500, "{why}: {}", keyed.text());
    assert_eq!(table.signatures(holder.person.telegram_id).await, before, "{why}: a signature is recorded");
    assert!(table.of_person(holder.person.telegram_id, "IDEMPOTENCY#").await.is_empty(), "{why}: an answer is kept");
}

/// With what was stored before it signs again.
async fn opens(world: &World, table: &Table, holder: &Holder, slot: &Item) {
    table.put(slot.clone()).await;
    let unsigned = payment(holder.person.stellar_public_key.as_deref().unwrap());
    signed(world, &world.send(&sign_with(&holder.person, &unsigned)).await, &unsigned, &holder.person);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_moved_to_another_person_does_not_open() {
    let world = World::start().await;
    let table = Table::of(&world);
    let (one, other) = (Holder::new(&world).await, Holder::new(&world).await);
    let (mine, theirs) = (
        table.slot(one.person.telegram_id, "session_keys").await,
        table.slot(other.person.telegram_id, "session_keys").await,
    );
    // Warm data keys must not help: both have signed before.
    opens(&world, &table, &one, &mine).await;
    opens(&world, &table, &other, &theirs).await;
    shut(&world, &table, &one, with_sealed(&mine, sealed(&theirs)), "another's ciphertext").await;
    shut(&world, &table, &other, with_sealed(&theirs, sealed(&mine)), "another's ciphertext").await;
    let mut whole = theirs.clone();
    whole.insert("pk".into(), AttributeValue::S(partition(one.person.telegram_id)));
    shut(&world, &table, &one, whole, "another's whole slot").await;
    let mut posing = mine.clone();
    posing.insert("session_id".into(), theirs["session_id"].clone());
    shut(&world, &table, &one, with_sealed(&posing, sealed(&theirs)), "another's ciphertext and session id").await;
    opens(&world, &table, &one, &mine).await;
    opens(&world, &table, &other, &theirs).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_moved_to_another_record_does_not_open() {
    let world = World::start().await;
    let table = Table::of(&world);
    let mut holder = Holder::new(&world).await;
    let old = table.slot(holder.person.telegram_id, "session_keys").await;
    opens(&world, &table, &holder, &old).await;
    let body = json!({ "kind": "session_keys", "signer": "local" });
    let session = world.session(&holder.person.access_token, &body).await;
    holder.person.stellar_public_key = session["stellar_public_key"].as_str().map(str::to_owned);
    let new = table.slot(holder.person.telegram_id, "session_keys").await;
    shut(&world, &table, &holder, with_sealed(&new, sealed(&old)), "the session before").await;
    // The ended session put back as it was is no way around its end: its record says that it ended.
    let mut legacy = old.clone();
    legacy.insert("sk".into(), AttributeValue::S("SLOT#legacy".into()));
    legacy.insert("kind".into(), AttributeValue::S("legacy".into()));
    legacy.insert("session_id".into(), new["session_id"].clone());
    table.put(legacy).await;
    opens(&world, &table, &holder, &new).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_another_kind_do_not_open() {
    let world = World::start().await;
    let table = Table::of(&world);
    let wallet = serde_json::to_value(world.system.demo().turnkey.clone().unwrap()).unwrap();
    let stamper =
        Holder::with(&world, &json!({ "kind": "session_keys", "signer": "turnkey", "turnkey": wallet })).await;
    let local = Holder::new(&world).await;
    let (api_key, seed) = (
        table.slot(stamper.person.telegram_id, "session_keys").await,
        table.slot(local.person.telegram_id, "session_keys").await,
    );
    let turnkey = world.system.turnkey().control();
    turnkey.clear_requests();
    shut(&world, &table, &stamper, with_sealed(&api_key, sealed(&seed)), "a seed for an API key").await;
    shut(&world, &table, &local, with_sealed(&seed, sealed(&api_key)), "an API key for a seed").await;
    for index in (0..sealed(&api_key).len()).step_by(13) {
        let mut bytes = sealed(&api_key);
        bytes[index] ^= 0x80;
        shut(&world, &table, &stamper, with_sealed(&api_key, bytes), "a flipped API key").await;
    }
    assert_eq!(turnkey.count(""), 0, "Turnkey was asked");
    assert!(table.of_person(stamper.person.telegram_id, "INTENT#").await.is_empty());
    opens(&world, &table, &stamper, &api_key).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_flipped_byte_is_the_same_error() {
    let world = World::start().await;
    let table = Table::of(&world);
    let holder = Holder::new(&world).await;
    let slot = table.slot(holder.person.telegram_id, "session_keys").await;
    let good = sealed(&slot);
    opens(&world, &table, &holder, &slot).await;
    for index in 0..good.len() {
        let mut bytes = good.clone();
        bytes[index] ^= 1 << (index % 8);
        shut(&world, &table, &holder, with_sealed(&slot, bytes), &format!("byte {index} of {}", good.len())).await;
    }
    opens(&world, &table, &holder, &slot).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cut_or_grown_does_not_open() {
    let world = World::start().await;
    let table = Table::of(&world);
    let holder = Holder::new(&world).await;
    let slot = table.slot(holder.person.telegram_id, "session_keys").await;
    let good = sealed(&slot);
    for length in [0, 1, 2, 3, 4, 186, 187, 188, 198, 199, 200, 214, 215, good.len() - 1] {
        let cut = with_sealed(&slot, good[..length].to_vec());
        shut(&world, &table, &holder, cut, &format!("cut to {length}")).await;
    }
    let grown = [good.as_slice(), b"\0"].concat();
    shut(&world, &table, &holder, with_sealed(&slot, grown), "a byte more").await;
    let twice = [good.as_slice(), good.as_slice()].concat();
    shut(&world, &table, &holder, with_sealed(&slot, twice), "twice").await;
    let huge = [&[1, 0xff, 0xff], vec![0; 70_000].as_slice()].concat();
    shut(&world, &table, &holder, with_sealed(&slot, huge), "longer than KMS reads").await;
    opens(&world, &table, &holder, &slot).await;
    world.stop().await;
}

/// What a forger has who may use KMS: a data key under some key and context, and the format.
struct Forger {
    kms: aws_sdk_kms::Client,
    sealing_key: String,
    owner: String,
    record: String,
}

impl Forger {
    fn new(world: &World, holder: &Holder) -> Self {
        let sealing_key = world.system.environment().required("SEALING_KEY_ID").unwrap().to_owned();
        let owner = format!("t:{}", holder.person.telegram_id);
        let kms = aws_sdk_kms::Client::new(&world.system.sdk_config());
        Self { kms, sealing_key, owner, record: holder.session_id.to_string() }
    }

    /// The context of this holder's key with one pair replaced.
    fn context(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let pairs = [("owner", self.owner.as_str()), ("purpose", "signing-session"), ("record", &self.record)];
        let pick = |(known, given): (&str, &str)| {
            (known.to_owned(), if known == name { value.to_owned() } else { given.to_owned() })
        };
        pairs.map(pick).into()
    }

    /// Seals a seed with a data key of this KMS key and context; the cipher is bound to `bound`.
    async fn seal(&self, key: &str, context: &[(String, String)], bound: &[(String, String)]) -> Vec<u8> {
        let mut request = self.kms.generate_data_key().key_id(key).key_spec(DataKeySpec::Aes256);
        for (name, value) in context {
            request = request.encryption_context(name, value);
        }
        let made = request.send().await.unwrap();
        let (plain, wrapped) = (made.plaintext.unwrap().into_inner(), made.ciphertext_blob.unwrap().into_inner());
        let mut associated = vec![1];
        for part in bound.iter().flat_map(|(name, value)| [name, value]) {
            associated.extend_from_slice(&(part.len() as u64).to_be_bytes());
            associated.extend_from_slice(part.as_bytes());
        }
        let mut text = vec![7; 32];
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, &plain).unwrap();
        let nonce = cipher.seal_in_place_append_tag(Aad::from(&associated), &mut text).unwrap();
        let length = u16::try_from(wrapped.len()).unwrap().to_be_bytes();
        [&[1], length.as_slice(), &wrapped, nonce.as_ref(), &text].concat()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sealed_under_another_key_or_context_does_not_open() {
    let world = World::start().await;
    let table = Table::of(&world);
    let holder = Holder::new(&world).await;
    let slot = table.slot(holder.person.telegram_id, "session_keys").await;
    let forger = Forger::new(&world, &holder);
    let right = forger.context("", "");
    // The forger is a good one: with the right key and the right context it does open.
    let good = forger.seal(&forger.sealing_key, &right, &right).await;
    table.put(with_sealed(&slot, good)).await;
    let answer = world.send(&sign_call(&holder.person)).await;
    assert_eq!(answer.status, 200, "the forger does not know the format: {}", answer.text());
    let other_key = forger.kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let forged = forger.seal(&other_key, &right, &right).await;
    shut(&world, &table, &holder, with_sealed(&slot, forged), "another KMS key").await;
    for (name, value) in [
        ("purpose", "linked-account"),
        ("owner", "t:1"),
        ("record", "1"),
        ("owner", ""),
        ("purpose", "Signing-Session"),
    ] {
        let other = forger.context(name, value);
        let wrapped = forger.seal(&forger.sealing_key, &other, &right).await;
        shut(&world, &table, &holder, with_sealed(&slot, wrapped), &format!("wrapped for {name} {value}")).await;
        let bound = forger.seal(&forger.sealing_key, &right, &other).await;
        shut(&world, &table, &holder, with_sealed(&slot, bound), &format!("bound to {name} {value}")).await;
    }
    let mut more = right.clone();
    more.push(("version".into(), "2".into()));
    let forged = forger.seal(&forger.sealing_key, &more, &right).await;
    shut(&world, &table, &holder, with_sealed(&slot, forged), "a context with more in it").await;
    let forged = forger.seal(&forger.sealing_key, &right[..2], &right).await;
    shut(&world, &table, &holder, with_sealed(&slot, forged), "a context with less in it").await;
    opens(&world, &table, &holder, &slot).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrapped_key_does_not_open_with_anothers_ciphertext() {
    let world = World::start().await;
    let table = Table::of(&world);
    let (one, other) = (Holder::new(&world).await, Holder::new(&world).await);
    let slot = table.slot(one.person.telegram_id, "session_keys").await;
    let theirs = sealed(&table.slot(other.person.telegram_id, "session_keys").await);
    let (mine, at) = (sealed(&slot), 3 + 184);
    assert_eq!(mine.len(), theirs.len());
    let mixed = [&mine[..at], &theirs[at..]].concat();
    shut(&world, &table, &one, with_sealed(&slot, mixed), "my wrapped key, their ciphertext").await;
    let mixed = [&theirs[..at], &mine[at..]].concat();
    shut(&world, &table, &one, with_sealed(&slot, mixed), "their wrapped key, my ciphertext").await;
    opens(&world, &table, &one, &slot).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_is_none_of_ours_is_the_same_error() {
    let world = World::start().await;
    let table = Table::of(&world);
    let holder = Holder::new(&world).await;
    let slot = table.slot(holder.person.telegram_id, "session_keys").await;
    let changes = [
        ("item_version", AttributeValue::N("2".into())),
        ("item_kind", AttributeValue::S("person".into())),
        ("signer", AttributeValue::S("turnkey".into())),
        ("signer", AttributeValue::S("kms".into())),
        ("signer", AttributeValue::S("mine".into())),
        ("kind", AttributeValue::S("other".into())),
        ("sealed", AttributeValue::S("text".into())),
        ("session_id", AttributeValue::S("x".into())),
        ("live_until", AttributeValue::S("for ever".into())),
    ];
    for (name, value) in changes {
        let mut changed = slot.clone();
        changed.insert(name.into(), value.clone());
        shut(&world, &table, &holder, changed, &format!("{name} {value:?}")).await;
    }
    for name in ["sealed", "session_id", "live_until", "item_kind", "signer"] {
        let mut changed = slot.clone();
        changed.remove(name);
        shut(&world, &table, &holder, changed, &format!("no {name}")).await;
    }
    assert_eq!(text(&slot, "pk"), partition(holder.person.telegram_id));
    opens(&world, &table, &holder, &slot).await;
    world.stop().await;
}
