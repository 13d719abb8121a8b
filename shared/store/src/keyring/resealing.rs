//! Sealed keys of clients, one by one, for whoever puts them under another KMS key: nothing of a client changes but those bytes.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use countersign_core::{ClientId, Sealed};

use super::facts::KeyringWanted;
use crate::{
    Guard, StoreError,
    keys::keyring as of,
    people::Bootstrap,
    transaction::{Transaction, number},
};

/// Which of a client's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The one that bots sign with.
    Current,
    /// The one that is to become it.
    Staged,
}

/// A sealed key as it stands.
#[derive(Debug)]
pub struct SealedKey {
    /// Whose.
    pub client_id: ClientId,
    /// The client's name.
    pub client_name: String,
    /// Which version of the client's.
    pub version: u32,
    /// Which of the two.
    pub place: KeyPlace,
    /// The bytes.
    pub sealed: Sealed,
}

impl Bootstrap<'_> {
    /// The sealed keys of a client: none, one or two; a revoked key has no bytes any more.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn sealed_keys(&self, client: ClientId) -> Result<Vec<SealedKey>, StoreError> {
        let wanted = KeyringWanted { client: Some(client), staged: true, ..KeyringWanted::default() };
        let facts = self.0.keyring_facts(&wanted).await?;
        let name = facts.client.map(|client| client.name).unwrap_or_default();
        let key =
            |version, place, sealed| SealedKey { client_id: client, client_name: name.clone(), version, place, sealed };
        // The staged one first: where a rotation makes it the current one meanwhile, that is still to be looked at.
        let staged = facts.staged.map(|held| key(held.staged.facts.version, KeyPlace::Staged, held.sealed));
        let current = facts.held.and_then(|held| {
            let version = held.key.facts.version;
            held.sealed.map(|sealed| key(version, KeyPlace::Current, sealed))
        });
        Ok(staged.into_iter().chain(current).collect())
    }

    /// Writes the same secret under another KMS key; false where the bytes are not those that were read: a rotation or a
    /// revocation was faster, and it wins.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn commit_resealed(&self, seen: &SealedKey, resealed: &Sealed) -> Result<bool, StoreError> {
        let (guard, key) = match seen.place {
            KeyPlace::Current => (Guard::ClientKey, of::key(seen.client_id)),
            KeyPlace::Staged => (Guard::Stage, of::staged(seen.client_id)),
        };
        let bytes = |sealed: &Sealed| AttributeValue::B(Blob::new(sealed.as_bytes()));
        let values =
            vec![(":seen", bytes(&seen.sealed)), (":resealed", bytes(resealed)), (":version", number(seen.version))];
        let condition = "sealed = :seen AND version = :version";
        let done =
            Transaction::new(self.0).update(guard, &key, "SET sealed = :resealed", condition, values).commit().await;
        match done {
            Ok(()) => Ok(true),
            // Our own first write may have come through behind a retry: then the bytes are there already.
            Err(error) if error.failed(guard) => {
                let now = self.sealed_keys(seen.client_id).await?;
                Ok(now.iter().any(|key| key.place == seen.place && key.sealed == *resealed))
            }
            Err(error) => Err(error),
        }
    }
}
