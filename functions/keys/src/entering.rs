//! A key is entered: read by its form, held against the address, fingerprinted, sealed for its client and version, proven. It is
//! read anew for each step, so that no secret of its own waits on the network.

use std::fmt;

use countersign_core::{
    ClientId, Moment, Refusal, SealContext, Sealed, Secret,
    keyring::{
        ClientKey, ClientPermit, Entered, KeyFacts, KeyStanding, ends_at, entered, next_version, taken, unknown_client,
    },
};
use countersign_store::{Guard, KeyringFacts, KeyringWanted, StoreError};
use countersign_vault::TradingKey;
use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};

use crate::Keys;

/// The most characters of a list of 64 numbers, and some.
const LIST_CHARS: usize = 300;

/// A key as a request has it: text, or Solana's list of 64 numbers, which becomes the text that solana-keygen writes.
pub(crate) struct KeyText(pub(crate) Secret);

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

/// Takes the key without a copy of it on the way: serde's untagged enums keep one.
struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = KeyText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<KeyText, E> {
        Ok(KeyText(Secret::new(text.as_bytes().to_vec())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<KeyText, A::Error> {
        // Room from the start: growing would leave a part of the key behind.
        let mut text = zeroize::Zeroizing::new(Vec::with_capacity(LIST_CHARS));
        text.push(b'[');
        while let Some(number) = list.next_element::<u8>()? {
            if text.len() > LIST_CHARS - 5 {
                return Err(de::Error::custom("too long"));
            }
            if text.len() > 1 {
                text.push(b',');
            }
            text.extend_from_slice(zeroize::Zeroizing::new(number.to_string()).as_bytes());
        }
        text.push(b']');
        Ok(KeyText(Secret::new(std::mem::take(&mut text))))
    }
}

/// A key that is entered.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// Reads it, each time anew.
    pub(crate) read: &'a (dyn Fn() -> Result<Secret, Refusal> + Sync),
    /// The address that it must have, where one is given.
    pub(crate) address: Option<&'a str>,
    /// When it ends.
    pub(crate) ends_at: Option<Moment>,
}

/// Reads when an entered key is to end.
///
/// # Errors
/// 400 where it is no time, or not in the future, or too far away.
pub(crate) fn end(expires_at: Option<&str>, now: Moment) -> Result<Option<Moment>, Refusal> {
    let wrong = || Refusal::invalid("expires_at must be a time as RFC 3339 writes it");
    let read = |text| Moment::parse_rfc3339(text).ok_or_else(wrong);
    ends_at(expires_at.map(read).transpose()?, now)
}

/// An entered key that was looked at, and what it is to its client.
pub(crate) struct Looked {
    pub(crate) key: TradingKey,
    pub(crate) fingerprint: String,
    /// The client's key and stage as they are now.
    pub(crate) facts: KeyringFacts,
    pub(crate) what: Entered,
}

impl Keys {
    /// Looks at an entered key.
    ///
    /// # Errors
    /// 400 where it is no key or not that of the address; 409 where it is or was somebody's; 503 without KMS.
    pub(crate) async fn look(&self, permit: &ClientPermit, entry: Entry<'_>) -> Result<Looked, Refusal> {
        let client = permit.client_id();
        let key = read(entry)?.0;
        let fingerprint = self.vault.fingerprint(&key).await?.as_str().to_owned();
        let wanted = KeyringWanted {
            client: Some(client),
            staged: true,
            fingerprint: Some(&fingerprint),
            ..KeyringWanted::default()
        };
        let facts = self.store.keyring_facts(&wanted).await?;
        facts.not_revoked_with_all()?;
        let what = entered(client, facts.key(), facts.claim.as_ref(), &fingerprint)?;
        Ok(Looked { key, fingerprint, facts, what })
    }

    /// Seals an entered key for its client and version, and proves that what is sealed is this key.
    ///
    /// # Errors
    /// As [`Keys::look`].
    pub(crate) async fn seal(&self, client: ClientId, version: u32, entry: Entry<'_>) -> Result<Sealed, Refusal> {
        let context = SealContext::trading_key(client, version);
        let sealer = self.vault.sealer(context).await?;
        let (_, secret) = read(entry)?;
        Ok(sealer.seal(&secret)?)
    }

    /// Proves that what is sealed is this key: it is opened anew and signs.
    ///
    /// # Errors
    /// 500 where it is not; 503 without KMS.
    pub(crate) async fn prove(
        &self,
        client: ClientId,
        version: u32,
        sealed: &Sealed,
        key: &TradingKey,
    ) -> Result<(), Refusal> {
        Ok(self.vault.prove(&SealContext::trading_key(client, version), sealed, key).await?)
    }
}

impl Looked {
    /// What will be known of the key once it is the current one.
    pub(crate) fn key_facts(&self, by: &str, ends_at: Option<Moment>, now: Moment) -> KeyFacts {
        KeyFacts {
            version: next_version(self.facts.key()),
            chain: self.key.chain,
            address: self.key.address.clone(),
            public_key: hex::encode(&self.key.public_key),
            fingerprint: self.fingerprint.clone(),
            entered_at: now,
            entered_by: by.to_owned(),
            ends_at,
        }
    }

    /// The client's key, which is the one that was entered: it has its end already.
    pub(crate) fn same_end(&self, asked: Option<Moment>) -> Result<ClientKey, Refusal> {
        let key = self.facts.key().cloned().ok_or_else(unknown_client)?;
        if asked.is_some() && asked != key.facts.ends_at {
            return Err(Refusal::conflict("The client has this key already; move its end by rotate-key"));
        }
        Ok(key)
    }

    /// Whether the client has a key that is not revoked.
    pub(crate) fn has_active(&self) -> bool {
        self.facts.key().is_some_and(|key| key.standing == KeyStanding::Active)
    }
}

/// Reads the key, and holds it against the address.
fn read(entry: Entry<'_>) -> Result<(TradingKey, Secret), Refusal> {
    let text = (entry.read)()?;
    let (key, secret) = TradingKey::read(&text)?;
    match entry.address {
        Some(address) if !key.is_address(address) => Err(Refusal::invalid("address is not the address of private_key")),
        _ => Ok((key, secret)),
    }
}

/// Why a key did not become the current one.
pub(crate) fn lost(error: StoreError) -> Refusal {
    match error {
        error if error.failed(Guard::KeyClaim) => taken().because(error.to_string()),
        error if error.failed(Guard::Stage) => {
            Refusal::conflict("Another rotation of this client's key was faster").because(error.to_string())
        }
        error if error.failed(Guard::RevokeAll) => {
            let text = "Every client's key was revoked meanwhile; look at the client and enter a new key";
            Refusal::conflict(text).because(error.to_string())
        }
        error if error.failed(Guard::ClientKey) => {
            Refusal::conflict("The client's key changed meanwhile; look at it and try again").because(error.to_string())
        }
        error => error.into(),
    }
}
