//! Signs `id_token`s with ES256 and shows the key that proves them.

use std::io;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet, PublicKeyUse},
};
use serde::Serialize;

/// The one key's name.
const KEY_ID: &str = "standin-1";

/// A key pair made at start, for all providers.
pub(super) struct Signer {
    key: EncodingKey,
    shown: JwkSet,
}

/// What an `id_token` says (OpenID Connect Core, 2).
#[derive(Serialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) iat: u64,
    pub(super) exp: u64,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nonce: Option<String>,
}

impl Signer {
    pub(super) fn new() -> io::Result<Self> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let der = made.map_err(|_| io::Error::other("no signing key could be made"))?;
        let key = EncodingKey::from_ec_der(der.as_ref());
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(io::Error::other)?;
        jwk.common.key_id = Some(KEY_ID.to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, shown: JwkSet { keys: vec![jwk] } })
    }

    /// None when it could not be signed.
    pub(super) fn sign(&self, claims: &Claims) -> Option<String> {
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.key).ok()
    }

    /// The public key.
    pub(super) fn shown(&self) -> &JwkSet {
        &self.shown
    }
}
