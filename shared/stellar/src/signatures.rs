//! Appends a signature to an envelope, never replacing and never doubling one.

use countersign_core::limits;
use stellar_xdr::{BytesM, DecoratedSignature, Signature, SignatureHint, VecM};

use crate::{AccountKey, Envelope, EnvelopeError, verify};

/// The list XDR gives an envelope: `DecoratedSignature signatures<20>`.
pub(crate) type Signatures = VecM<DecoratedSignature, 20>;

const _: () = assert!(Signatures::MAX_LEN == limits::ENVELOPE_SIGNATURES);

/// What became of a signature that was to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Appended {
    /// It is now the last one.
    Added,
    /// The key had signed this envelope before; nothing was changed.
    AlreadyThere,
}

impl Envelope {
    /// The signature this key has already given for this hash: same hint, and it verifies.
    ///
    /// `hash` is what [`Envelope::hash`] gave for the network that is signed for. Of a fee bump the outer signatures count.
    #[must_use]
    pub fn signature_of(&self, public_key: &[u8; 32], hash: &[u8; 32]) -> Option<[u8; 64]> {
        let hint = hint_of(public_key);
        let same_hint = self.signatures.iter().filter(|given| given.hint == hint);
        same_hint.filter_map(signature_bytes).find(|signature| verify(public_key, hash, signature))
    }

    /// How many signatures there are; of a fee bump the outer ones.
    #[must_use]
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// Whether one more signature fits.
    #[must_use]
    pub fn room_for_signature(&self) -> bool {
        self.signatures.len() < limits::ENVELOPE_SIGNATURES
    }

    /// Whether this key's signature may be appended: there is room, and every source is a point of the curve, so that
    /// somebody could sign for it. Of the signer's own account that is known, so it costs nothing where it is the source.
    ///
    /// # Errors
    /// [`EnvelopeError::TooManySignatures`], [`EnvelopeError::Source`].
    pub fn may_be_signed_by(&self, public_key: &[u8; 32]) -> Result<(), EnvelopeError> {
        if !self.room_for_signature() {
            return Err(EnvelopeError::TooManySignatures);
        }
        let of_operations = self.operations().iter().filter_map(|operation| operation.source_account.as_ref());
        let sources = [self.source_account(), self.fee_source()].into_iter().chain(of_operations.map(AccountKey::from));
        let mut others = sources.filter(|source| source.as_bytes() != public_key);
        if others.all(|source| source.is_on_curve()) { Ok(()) } else { Err(EnvelopeError::Source) }
    }

    /// Appends a signature of this key over `hash`; of a fee bump to the outer list.
    ///
    /// The caller vouches that the signature is good ([`verify`] where it was made elsewhere).
    ///
    /// # Errors
    /// As [`Envelope::may_be_signed_by`].
    pub fn append_signature(
        &mut self,
        public_key: &[u8; 32],
        hash: &[u8; 32],
        signature: &[u8; 64],
    ) -> Result<Appended, EnvelopeError> {
        let hint = hint_of(public_key);
        let doubled =
            self.signatures.iter().any(|given| given.hint == hint && given.signature.0.as_slice() == signature);
        if doubled || self.signature_of(public_key, hash).is_some() {
            return Ok(Appended::AlreadyThere);
        }
        self.may_be_signed_by(public_key)?;
        let signature = BytesM::try_from(signature.as_slice()).expect("64 bytes are the most a signature may have");
        let mut list = Vec::from(std::mem::take(&mut self.signatures));
        list.push(DecoratedSignature { hint, signature: Signature(signature) });
        self.signatures = list.try_into().expect("there was room");
        Ok(Appended::Added)
    }
}

/// The last four bytes of the key, by which the network finds the signer.
fn hint_of(public_key: &[u8; 32]) -> SignatureHint {
    let [.., a, b, c, d] = *public_key;
    SignatureHint([a, b, c, d])
}

fn signature_bytes(given: &DecoratedSignature) -> Option<[u8; 64]> {
    given.signature.0.as_slice().try_into().ok()
}

/// How many bytes the list takes in XDR: a count, then hint, length and padded bytes of each.
pub(crate) fn encoded_len(signatures: &Signatures) -> usize {
    4 + signatures.iter().map(|given| 8 + given.signature.0.len().next_multiple_of(4)).sum::<usize>()
}
