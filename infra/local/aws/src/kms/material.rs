//! Key material: made here, kept in the store, lent to the operations and wiped after use.

use aws_lc_rs::{
    rand::{SystemRandom, fill},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use rusqlite::{OptionalExtension as _, params};
use zeroize::Zeroizing;

use super::{key::Key, spec::Spec};
use crate::{database::Turn, error::AwsError};

/// The length of a material's id before it is written in hex.
pub(super) const ID_BYTES: usize = 32;

/// Secret bytes of a key: an AES-256 or HMAC key, an Ed25519 seed, or a P-256 key as PKCS #8.
pub(super) type Secret = Zeroizing<Vec<u8>>;

/// Makes material for a key and keeps it; answers its id.
pub(super) fn make(turn: &Turn<'_>, key_id: &str, spec: Spec, rotation: Option<&str>) -> Result<String, AwsError> {
    let id = hex::encode(random(ID_BYTES)?.as_slice());
    let secret = match spec {
        Spec::Symmetric | Spec::Hmac256 | Spec::Ed25519 => random(32)?,
        Spec::P256 => p256_secret()?,
    };
    turn.tx.execute(
        "INSERT INTO kms_material (id, key_id, secret, created, rotation) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, key_id, secret.as_slice(), turn.now, rotation],
    )?;
    Ok(id)
}

/// The material that new work is done with.
pub(super) fn current(turn: &Turn<'_>, key: &Key) -> Result<Secret, AwsError> {
    named(turn, key, &key.material)?.ok_or_else(AwsError::internal)
}

/// A key's material by id: an old one stays readable after a rotation.
pub(super) fn named(turn: &Turn<'_>, key: &Key, id: &str) -> Result<Option<Secret>, AwsError> {
    let mut query = turn.tx.prepare_cached("SELECT secret FROM kms_material WHERE id = ?1 AND key_id = ?2")?;
    Ok(query.query_row([id, &key.id], |row| row.get(0).map(Zeroizing::new)).optional()?)
}

/// Random bytes from the system.
pub(super) fn random(count: usize) -> Result<Secret, AwsError> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    fill(&mut bytes).map_err(|_| AwsError::internal())?;
    Ok(bytes)
}

fn p256_secret() -> Result<Secret, AwsError> {
    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| AwsError::internal())
}
