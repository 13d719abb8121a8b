//! The form of each item as it is stored. Every item carries its kind and version.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    Moment, Sealed, SessionId,
    signing::{Material, Session, SessionKind, SignerKind, session::TurnkeyWallet},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;

use crate::{
    StoreError,
    keys::{EXPIRES_AT, Key, PK, SK},
    table::Item,
    transaction::{number, text},
};

/// Attribute that names an item's kind.
const ITEM_KIND: &str = "item_kind";
/// Attribute that holds its version.
const ITEM_VERSION: &str = "item_version";
/// The version that this code writes.
const VERSION: u32 = 1;

/// An item of this kind with its key.
pub(crate) fn item(key: &Key, kind: &str, record: impl Serialize) -> Result<Item, StoreError> {
    let mut item: HashMap<String, AttributeValue> = serde_dynamo::aws_sdk_dynamodb_1::to_item(record)?;
    item.insert(PK.into(), text(&key.pk));
    item.insert(SK.into(), text(&key.sk));
    item.insert(ITEM_KIND.into(), text(kind));
    item.insert(ITEM_VERSION.into(), number(VERSION));
    Ok(item)
}

/// The same with a TTL.
pub(crate) fn item_until(key: &Key, kind: &str, record: impl Serialize, until: Moment) -> Result<Item, StoreError> {
    let mut item = item(key, kind, record)?;
    item.insert(EXPIRES_AT.into(), number(until.seconds()));
    Ok(item)
}

/// Reads an item of this kind; a newer version than ours is refused rather than misread.
pub(crate) fn read<T: DeserializeOwned>(item: Item, kind: &str) -> Result<T, StoreError> {
    let stored_kind = item.get(ITEM_KIND).and_then(|value| value.as_s().ok()).map(String::as_str);
    let version = item.get(ITEM_VERSION).and_then(|value| value.as_n().ok()).and_then(|text| text.parse::<u32>().ok());
    if stored_kind != Some(kind) || version != Some(VERSION) {
        return Err(StoreError::Unreadable(format!("expected {kind} version {VERSION}")));
    }
    Ok(serde_dynamo::aws_sdk_dynamodb_1::from_item(item)?)
}

/// The same where one that cannot be read must not stop what is done with the others: it is logged and left out.
pub(crate) fn readable<T: DeserializeOwned>(item: Item, kind: &str) -> Option<T> {
    let key = Key::of(&item);
    match read(item, kind) {
        Ok(record) => Some(record),
        Err(error) => {
            let (pk, sk) = key.map(|key| (key.pk, key.sk)).unwrap_or_default();
            tracing::error!(%error, kind, pk, sk, "a record cannot be read and is left out");
            None
        }
    }
}

/// The kind of an item; empty where it says none.
pub(crate) fn kind_of(item: &Item) -> &str {
    item.get(ITEM_KIND).and_then(|value| value.as_s().ok()).map(String::as_str).unwrap_or_default()
}

/// A session in its slot.
#[derive(Serialize, Deserialize)]
pub(crate) struct SlotItem {
    session_id: SessionId,
    kind: SessionKind,
    signer: SignerKind,
    stellar_public_key: String,
    created_at: Moment,
    live_until: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<ByteBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wallet: Option<TurnkeyWallet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
}

impl From<&Session> for SlotItem {
    fn from(session: &Session) -> Self {
        let (sealed, wallet, kms_key_arn) = match &session.material {
            Material::Local(sealed) => (Some(sealed), None, None),
            Material::Turnkey(wallet, sealed) => (Some(sealed), Some(wallet.clone()), None),
            Material::Kms(arn) => (None, None, Some(arn.clone())),
            Material::Client(wallet) => (None, Some(wallet.clone()), None),
        };
        Self {
            session_id: session.id,
            kind: session.kind,
            signer: session.material.signer(),
            stellar_public_key: session.stellar_public_key.clone(),
            created_at: session.created_at,
            live_until: session.live_until,
            sealed: sealed.map(|sealed| ByteBuf::from(sealed.as_bytes())),
            wallet,
            kms_key_arn,
        }
    }
}

impl TryFrom<SlotItem> for Session {
    type Error = StoreError;

    fn try_from(item: SlotItem) -> Result<Self, StoreError> {
        let sealed = item.sealed.map(|bytes| Sealed::new(bytes.into_vec()));
        let material = match (item.signer, sealed, item.wallet, item.kms_key_arn) {
            (SignerKind::Local, Some(sealed), None, None) => Material::Local(sealed),
            (SignerKind::Turnkey, Some(sealed), Some(wallet), None) => Material::Turnkey(wallet, sealed),
            (SignerKind::Kms, None, None, Some(arn)) => Material::Kms(arn),
            (SignerKind::Client, None, Some(wallet), None) => Material::Client(wallet),
            _ => return Err(StoreError::Unreadable("a slot whose material does not fit its signer".into())),
        };
        Ok(Self {
            id: item.session_id,
            kind: item.kind,
            stellar_public_key: item.stellar_public_key,
            created_at: item.created_at,
            live_until: item.live_until,
            material,
        })
    }
}
