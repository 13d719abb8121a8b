//! One transaction: the message that is signed, and the slots for its signatures.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_core::limits;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::{SolanaError, message::Message, reader::Reader};

/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;
/// An empty slot.
const UNSIGNED: [u8; SIGNATURE_BYTES] = [0; SIGNATURE_BYTES];
/// Room in text for [`limits::SOLANA_TRANSACTION_BYTES`].
const TEXT_CHARS: usize = limits::SOLANA_TRANSACTION_BYTES.div_ceil(3) * 4;

/// A transaction that was read strictly.
#[derive(Clone, Debug)]
pub struct Envelope {
    signatures: Vec<[u8; SIGNATURE_BYTES]>,
    bytes: Vec<u8>,
    pub(crate) message: Message,
}

/// A transaction with a signature put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The whole transaction in base64, as a node takes it.
    pub raw_base64: String,
    /// Its name on the chain: base58 of the payer's signature; none while the payer has not signed this very message.
    pub id: Option<String>,
}

impl Envelope {
    /// Reads a transaction with its slots for signatures, or a bare message, whose slots are then empty.
    ///
    /// # Errors
    /// [`SolanaError`], whose text may be answered as it is.
    pub fn decode(text: &str) -> Result<Self, SolanaError> {
        if text.len() > TEXT_CHARS {
            return Err(SolanaError::TooLarge);
        }
        let bytes = STANDARD.decode(text).map_err(|_| SolanaError::NotBase64)?;
        let envelope = match (whole(&bytes), bare(&bytes)) {
            (Ok(_), Ok(_)) => return Err(SolanaError::Ambiguous),
            (Ok(envelope), Err(_)) | (Err(_), Ok(envelope)) => envelope,
            (Err(as_whole), Err(as_bare)) => return Err(if is_bare(&bytes) { as_bare } else { as_whole }),
        };
        let length = 1 + envelope.signatures.len() * SIGNATURE_BYTES + envelope.bytes.len();
        if length > limits::SOLANA_TRANSACTION_BYTES { Err(SolanaError::TooLarge) } else { Ok(envelope) }
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether this key must sign.
    #[must_use]
    pub fn needs(&self, public_key: &[u8; 32]) -> bool {
        self.message.signer(public_key).is_some()
    }

    /// The account that pays the fee: the first of those that sign.
    #[must_use]
    pub fn fee_payer(&self) -> [u8; 32] {
        *self.message.keys.first().expect("reading refused a message without a signer")
    }

    /// The programs that are called, each once, in their order.
    #[must_use]
    pub fn programs(&self) -> Vec<[u8; 32]> {
        let mut called = Vec::new();
        for program in self.message.instructions.iter().filter_map(|instruction| self.message.program(instruction)) {
            if !called.contains(program) {
                called.push(*program);
            }
        }
        called
    }

    /// Puts a signature of [`Envelope::message`] into its slot; those of others stay.
    ///
    /// # Errors
    /// [`SolanaError::NotASigner`] where this key has no slot.
    pub fn sign_with(mut self, public_key: &[u8; 32], signature: [u8; 64]) -> Result<Signed, SolanaError> {
        let place = self.message.signer(public_key).ok_or(SolanaError::NotASigner)?;
        *self.signatures.get_mut(place).ok_or(SolanaError::NotASigner)? = signature;
        let count = u8::try_from(self.signatures.len()).map_err(|_| SolanaError::TooLarge)?;
        // One byte is the whole of a short length below 128, and 1232 bytes hold 19 signatures.
        let raw = [&[count], self.signatures.as_flattened(), &self.bytes].concat();
        // The signature that was just made needs no proof; what came in the payer's slot may be anything.
        let first = self.signatures.first().filter(|first| place == 0 || self.is_payers(first));
        Ok(Signed {
            raw_base64: STANDARD.encode(raw),
            id: first.map(|signature| bs58::encode(signature).into_string()),
        })
    }

    /// Whether it is the payer's signature of this message, as strictly as a validator looks at it.
    fn is_payers(&self, signature: &[u8; SIGNATURE_BYTES]) -> bool {
        VerifyingKey::from_bytes(&self.fee_payer())
            .is_ok_and(|key| key.verify_strict(&self.bytes, &Signature::from_bytes(signature)).is_ok())
    }
}

/// The slots, then a message that needs as many signatures.
fn whole(bytes: &[u8]) -> Result<Envelope, SolanaError> {
    let mut reader = Reader(bytes);
    let signatures = reader.list(Reader::array)?;
    let message = Message::read(reader.0)?;
    if message.signers != signatures.len() {
        return Err(SolanaError::Slots);
    }
    Ok(Envelope { signatures, bytes: reader.0.to_vec(), message })
}

fn bare(bytes: &[u8]) -> Result<Envelope, SolanaError> {
    let message = Message::read(bytes)?;
    Ok(Envelope { signatures: vec![UNSIGNED; message.signers], bytes: bytes.to_vec(), message })
}

/// A versioned message begins with a bit that no number of signatures has here.
fn is_bare(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & 0x80 != 0)
}
