//! The PKCE verifier of a state (RFC 7636): derived, so that it is stored nowhere until it lies sealed beside the code.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::state::State;
use crate::Secret;

/// What the verifier is derived with; told apart from what states are derived with.
const VERIFIER: &[u8] = b"countersign pkce verifier 1";
/// As [`VERIFIER`], for the state of a request that may be repeated.
const STATE: &[u8] = b"countersign oauth state 1";

/// The secret behind verifiers. Without it a state alone redeems nothing.
pub struct VerifierKey(hmac::Key);

/// A verifier, and the challenge that the provider is shown.
pub struct Proof {
    /// 43 characters.
    pub verifier: Secret,
    /// Base64url of its SHA-256 (`S256`).
    pub challenge: String,
}

impl VerifierKey {
    /// From the configured secret; at least 32 bytes are wanted.
    #[must_use]
    pub fn new(secret: &Secret) -> Option<Self> {
        (secret.expose().len() >= 32).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose())))
    }

    /// The proof that belongs to a state.
    #[must_use]
    pub fn proof(&self, state: &State) -> Proof {
        let verifier = URL_SAFE_NO_PAD.encode(self.mac(VERIFIER, &[state.as_str().as_bytes()]));
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        Proof { verifier: Secret::from(verifier), challenge }
    }

    /// The state of a request with an idempotency key: asked again it is the same one, and it need not be stored.
    #[must_use]
    pub fn repeatable_state(&self, request: &[&str]) -> State {
        let parts: Vec<&[u8]> = request.iter().map(|part| part.as_bytes()).collect();
        State::from_random(&self.mac(STATE, &parts))
    }

    fn mac(&self, label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(label).chain(parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> VerifierKey {
        VerifierKey::new(&Secret::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn a_verifier_belongs_to_its_state_and_secret() {
        let (one, two) = (State::from_random(&[1; 32]), State::from_random(&[2; 32]));
        let proof = key(7).proof(&one);
        assert_eq!((proof.verifier.expose().len(), proof.challenge.len()), (43, 43));
        assert!(key(7).proof(&one).verifier.matches(proof.verifier.expose()));
        assert!(!key(7).proof(&two).verifier.matches(proof.verifier.expose()));
        assert!(!key(8).proof(&one).verifier.matches(proof.verifier.expose()));
        assert!(VerifierKey::new(&Secret::new(vec![1; 31])).is_none());
    }

    #[test]
    fn a_repeated_request_has_one_state() {
        let name = |parts: &[&str]| key(7).repeatable_state(parts).name();
        assert_eq!(name(&["a", "bc"]), name(&["a", "bc"]));
        assert_ne!(name(&["a", "bc"]), name(&["ab", "c"]));
    }
}
