//! The baseline: what a signature costs by itself. Token verified, envelope decoded, hashed, signed, encoded.

use ed25519_dalek::{Signer as _, SigningKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use stellar_xdr::{
    BytesM, DecoratedSignature, Limits, ReadXdr as _, Signature, SignatureHint, TransactionEnvelope, WriteXdr as _,
};

use crate::Failure;

const LIMITS: Limits = Limits { depth: 200, len: 132 * 1024 };

/// The claims of an access token, as its check needs them.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
}

/// Everything that can be made once.
pub(crate) struct Bare {
    secret: DecodingKey,
    validation: Validation,
    token: String,
    xdr: String,
    network: [u8; 32],
    key: SigningKey,
}

impl Bare {
    pub(crate) fn new(jwt_secret: &str, token: String, xdr: String, network: [u8; 32]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_aud = false;
        let secret = DecodingKey::from_secret(jwt_secret.as_bytes());
        Self { secret, validation, token, xdr, network, key: SigningKey::from_bytes(&[7; 32]) }
    }

    /// One signature; gives the envelope.
    pub(crate) fn sign(&self) -> Result<String, Failure> {
        let claims = jsonwebtoken::decode::<Claims>(&self.token, &self.secret, &self.validation)?.claims;
        if claims.sub.is_empty() || claims.exp == 0 {
            return Err("a token of nobody".into());
        }
        let mut envelope = TransactionEnvelope::from_xdr_base64(&self.xdr, LIMITS)?;
        let signature = self.key.sign(&envelope.hash(self.network)?).to_bytes();
        let TransactionEnvelope::Tx(signed) = &mut envelope else {
            return Err("not a v1 envelope".into());
        };
        let mut signatures = Vec::from(std::mem::take(&mut signed.signatures));
        let signature = Signature(BytesM::try_from(&signature[..])?);
        signatures.push(DecoratedSignature { hint: SignatureHint([0; 4]), signature });
        signed.signatures = signatures.try_into()?;
        Ok(envelope.to_xdr_base64(LIMITS)?)
    }
}
