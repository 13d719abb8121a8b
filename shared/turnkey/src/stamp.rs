//! Checks an API key's stamp as strictly as Turnkey does, before a client's stamp is forwarded.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;

/// The only scheme taken: ECDSA over P-256 with SHA-256.
pub const STAMP_SCHEME: &str = "SIGNATURE_SCHEME_TK_API_P256";
/// The longest stamp that is looked at, in bytes; a real one has some 370.
pub const STAMP_BYTES: usize = 1024;
/// A compressed SEC1 point on P-256 (SEC 1, section 2.3.3), in bytes.
const PUBLIC_KEY_BYTES: usize = 33;

/// Why a stamp is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Longer than [`STAMP_BYTES`], or not base64url without padding.
    #[error("the stamp is not base64url")]
    Encoding,
    /// Not JSON with exactly `publicKey`, `scheme` and `signature`, each once.
    #[error("the stamp is not JSON with exactly publicKey, scheme and signature")]
    Json,
    /// Another scheme than [`STAMP_SCHEME`].
    #[error("the stamp's scheme is not SIGNATURE_SCHEME_TK_API_P256")]
    Scheme,
    /// Not a compressed point on P-256, in hex.
    #[error("the public key is not a compressed point on P-256 in hex")]
    PublicKey,
    /// Another public key than the one expected.
    #[error("the stamp is by another public key")]
    OtherPublicKey,
    /// Not DER in hex, or it does not verify over these bytes.
    #[error("the stamp's signature does not verify over the body")]
    Signature,
}

/// A stamp taken apart; its signature is not checked until [`Stamp::verify`].
pub struct Stamp {
    public_key: String,
    parsed: ParsedPublicKey,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    public_key: String,
    scheme: String,
    signature: String,
}

impl Stamp {
    /// Takes the header's value apart.
    ///
    /// # Errors
    /// Every [`StampError`] but `OtherPublicKey`; `Signature` where it is not hex.
    pub fn parse(header_value: &str) -> Result<Self, StampError> {
        if header_value.len() > STAMP_BYTES {
            return Err(StampError::Encoding);
        }
        let json = BASE64_URL_SAFE_NO_PAD.decode(header_value).map_err(|_| StampError::Encoding)?;
        let fields: Fields = serde_json::from_slice(&json).map_err(|_| StampError::Json)?;
        if fields.scheme != STAMP_SCHEME {
            return Err(StampError::Scheme);
        }
        let parsed = parse_public_key(&fields.public_key)?;
        let signature = hex::decode(&fields.signature).map_err(|_| StampError::Signature)?;
        Ok(Self { public_key: fields.public_key.to_ascii_lowercase(), parsed, signature })
    }

    /// Whose stamp it claims to be: the compressed public key in lower-case hex.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Verifies the signature over exactly these bytes. Both (r, s) and (r, n − s) verify.
    ///
    /// # Errors
    /// `Signature` where it does not verify or is not strict DER.
    pub fn verify(&self, body: &[u8]) -> Result<(), StampError> {
        self.parsed.verify_sig(body, &self.signature).map_err(|_| StampError::Signature)
    }
}

/// Checks a stamp over exactly these bytes, by exactly this public key (compressed SEC1 in hex).
///
/// # Errors
/// What is wrong with it; see [`StampError`].
pub fn check_stamp(header_value: &str, body: &[u8], expected_public_key: &str) -> Result<(), StampError> {
    let stamp = Stamp::parse(header_value)?;
    if !stamp.public_key.eq_ignore_ascii_case(expected_public_key) {
        return Err(StampError::OtherPublicKey);
    }
    stamp.verify(body)
}

/// Checks that a text is an API public key: a compressed point on P-256, in hex.
///
/// # Errors
/// `PublicKey` where it is not.
pub fn check_public_key(hex: &str) -> Result<(), StampError> {
    parse_public_key(hex).map(drop)
}

fn parse_public_key(hex: &str) -> Result<ParsedPublicKey, StampError> {
    let bytes = hex::decode(hex).map_err(|_| StampError::PublicKey)?;
    if bytes.len() != PUBLIC_KEY_BYTES || !matches!(bytes.first(), Some(2 | 3)) {
        return Err(StampError::PublicKey);
    }
    ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &bytes).map_err(|_| StampError::PublicKey)
}

#[cfg(test)]
mod tests {
    use turnkey_api_key_stamper::{Stamp as _, TurnkeyP256ApiKey};

    use super::*;

    #[test]
    fn a_stamp_is_good_for_its_body_and_key_alone() {
        let key = TurnkeyP256ApiKey::generate();
        let public_key = hex::encode(key.compressed_public_key());
        let stamp = key.stamp(b"{}").unwrap().value;
        assert_eq!(check_stamp(&stamp, b"{}", &public_key), Ok(()));
        assert_eq!(check_stamp(&stamp, b"{} ", &public_key), Err(StampError::Signature));
        let other = hex::encode(TurnkeyP256ApiKey::generate().compressed_public_key());
        assert_eq!(check_stamp(&stamp, b"{}", &other), Err(StampError::OtherPublicKey));
        assert_eq!(check_stamp(&format!("{stamp}="), b"{}", &public_key), Err(StampError::Encoding));
    }

    #[test]
    fn every_flipped_character_is_refused() {
        let key = TurnkeyP256ApiKey::generate();
        let public_key = hex::encode(key.compressed_public_key());
        let stamp = key.stamp(b"{}").unwrap().value;
        let json = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(stamp).unwrap()).unwrap();
        for (index, character) in json.char_indices() {
            let other = if character == 'e' { 'd' } else { 'e' };
            let changed = format!("{}{other}{}", &json[..index], &json[index + 1..]);
            let stamp = BASE64_URL_SAFE_NO_PAD.encode(&changed);
            assert!(check_stamp(&stamp, b"{}", &public_key).is_err(), "{changed}");
        }
    }
}
