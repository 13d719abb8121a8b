//! The ciphertext blob: AES-256-GCM, with its header and the encryption context as associated data.
//!
//! `magic 5 | key id 16 | material id 32 | filler 71 | nonce 12 | ciphertext | tag 16`. The header names the key and the
//! material, so that `Decrypt` needs no key id and old blobs open after a rotation. The filler makes a blob as long as
//! the real service's (184 bytes for a 32-byte data key), so that size limits are met here as they are there.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::material::{ID_BYTES, Secret, random};
use crate::error::AwsError;

/// What the real service's blobs begin with.
const MAGIC: [u8; 5] = [1, 2, 2, 0, 0x78];
const TAG_BYTES: usize = 16;
const FILLER_BYTES: usize = 71;
const HEADER_BYTES: usize = MAGIC.len() + 16 + ID_BYTES + FILLER_BYTES;
/// The longest encryption context, written out, in bytes.
const CONTEXT_BYTES: usize = 8_192;

/// An encryption context: sorted by name, so that the order it was sent in does not count.
pub(super) type Context = BTreeMap<String, String>;

/// A blob that has been read and not yet opened.
pub(super) struct Blob<'a> {
    /// The id of the key it was made with.
    pub(super) key_id: String,
    /// The id of that key's material.
    pub(super) material_id: String,
    header: &'a [u8],
    nonce: &'a [u8],
    sealed: &'a [u8],
}

/// `InvalidCiphertextException`: the same for everything that may be wrong with a blob.
pub(super) fn invalid_ciphertext() -> AwsError {
    AwsError::new("InvalidCiphertextException", "")
}

/// Seals a plaintext.
pub(super) fn seal(
    key_id: &str,
    material_id: &str,
    secret: &Secret,
    context: &Context,
    plaintext: &[u8],
) -> Result<Vec<u8>, AwsError> {
    let key_id = Uuid::try_parse(key_id).map_err(|_| AwsError::internal())?;
    let material_id = hex::decode(material_id).map_err(|_| AwsError::internal())?;
    let mut blob = [MAGIC.as_slice(), key_id.as_bytes(), &material_id, &random(FILLER_BYTES)?].concat();
    let associated = associated_data(&blob, context)?;
    // Room for the tag, so that growing leaves no copy of the plaintext behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len() + TAG_BYTES));
    buffer.extend_from_slice(plaintext);
    let nonce = cipher(secret)?
        .seal_in_place_append_tag(Aad::from(associated), &mut *buffer)
        .map_err(|_| AwsError::internal())?;
    blob.extend_from_slice(nonce.as_ref());
    blob.extend_from_slice(&buffer);
    Ok(blob)
}

impl<'a> Blob<'a> {
    /// Takes a blob apart.
    ///
    /// # Errors
    /// `InvalidCiphertextException` where it is none of ours.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, AwsError> {
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(invalid_ciphertext)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(invalid_ciphertext)?;
        let ids = header.strip_prefix(&MAGIC).ok_or_else(invalid_ciphertext)?;
        let (key_id, rest) = ids.split_at_checked(16).ok_or_else(invalid_ciphertext)?;
        let material_id = rest.get(..ID_BYTES).ok_or_else(invalid_ciphertext)?;
        let key_id = Uuid::from_slice(key_id).map_err(|_| invalid_ciphertext())?.to_string();
        Ok(Self { key_id, material_id: hex::encode(material_id), header, nonce, sealed })
    }

    /// Opens it.
    ///
    /// # Errors
    /// `InvalidCiphertextException` where a bit or the context differs.
    pub(super) fn open(&self, secret: &Secret, context: &Context) -> Result<Zeroizing<Vec<u8>>, AwsError> {
        let associated = associated_data(self.header, context)?;
        let nonce = Nonce::try_assume_unique_for_key(self.nonce).map_err(|_| invalid_ciphertext())?;
        let mut buffer = Zeroizing::new(self.sealed.to_vec());
        let length = cipher(secret)?
            .open_in_place(nonce, Aad::from(associated), &mut buffer)
            .map_err(|_| invalid_ciphertext())?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

fn cipher(secret: &Secret) -> Result<RandomizedNonceKey, AwsError> {
    RandomizedNonceKey::new(&AES_256_GCM, secret).map_err(|_| AwsError::internal())
}

/// The header, then each name and value with its length before it, so that no two contexts read the same.
fn associated_data(header: &[u8], context: &Context) -> Result<Vec<u8>, AwsError> {
    let mut data = header.to_vec();
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        let length = u32::try_from(text.len()).map_err(|_| AwsError::internal())?;
        data.extend_from_slice(&length.to_be_bytes());
        data.extend_from_slice(text.as_bytes());
    }
    if data.len() - header.len() > CONTEXT_BYTES {
        return Err(AwsError::validation("The encryption context is too long."));
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &str)]) -> Context {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_flipped_bit_of_a_blob_keeps_it_shut() {
        let (key_id, material_id) = (Uuid::new_v4().to_string(), hex::encode([7; ID_BYTES]));
        let secret = random(32).unwrap();
        let context = context(&[("purpose", "test")]);
        let blob = seal(&key_id, &material_id, &secret, &context, b"plaintext").unwrap();
        let read = Blob::read(&blob).unwrap();
        assert_eq!((&read.key_id, &read.material_id), (&key_id, &material_id));
        assert_eq!(read.open(&secret, &context).unwrap().as_slice(), b"plaintext");
        for bit in 0..blob.len() * 8 {
            let mut flipped = blob.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let opened = Blob::read(&flipped).and_then(|blob| blob.open(&secret, &context));
            assert_eq!(opened.unwrap_err().code, "InvalidCiphertextException", "bit {bit}");
        }
        for length in 0..blob.len() {
            let opened = Blob::read(&blob[..length]).and_then(|blob| blob.open(&secret, &context));
            assert_eq!(opened.unwrap_err().code, "InvalidCiphertextException", "length {length}");
        }
    }

    #[test]
    fn contexts_that_differ_only_in_where_words_end_are_different() {
        let one = associated_data(&[], &context(&[("ab", "c")])).unwrap();
        let other = associated_data(&[], &context(&[("a", "bc")])).unwrap();
        assert_ne!(one, other);
    }

    #[test]
    fn a_data_key_blob_is_as_long_as_the_real_one() {
        let (key_id, material_id) = (Uuid::new_v4().to_string(), hex::encode([7; ID_BYTES]));
        let blob = seal(&key_id, &material_id, &random(32).unwrap(), &Context::new(), &[0; 32]).unwrap();
        assert_eq!(blob.len(), 184);
    }
}
