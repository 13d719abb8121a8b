//! What holds for every envelope, key and stray byte, not only for the vectors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::Secret;
use countersign_stellar::{Appended, Envelope, EnvelopeError, Network, StellarSeed};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::vectors::GENERATED;

proptest! {
    #[test]
    fn reading_and_writing_is_the_identity(pick: Index, signed: bool) {
        let case = pick.get(&GENERATED);
        let text = if signed { &case.signed_xdr } else { &case.unsigned_xdr };
        prop_assert_eq!(&Envelope::read(text).unwrap().to_base64(), text);
    }

    #[test]
    fn appending_never_changes_the_hash_or_what_was_there(pick: Index, seeds in prop::collection::vec(any::<[u8; 32]>(), 1..24)) {
        let case = pick.get(&GENERATED);
        let network = Network::new(&case.passphrase);
        let mut envelope = Envelope::read(&case.signed_xdr).unwrap();
        let (hash, before) = (envelope.hash(&network), envelope.clone());
        for seed in seeds {
            let seed = StellarSeed::from_secret(Secret::new(seed.to_vec())).unwrap();
            let (key, signature) = (seed.public_key(), seed.sign(&hash));
            match envelope.append_signature(key.as_bytes(), &hash, &signature) {
                Ok(Appended::Added) => prop_assert_eq!(envelope.signature_of(key.as_bytes(), &hash), Some(signature)),
                Ok(Appended::AlreadyThere) => prop_assert!(before.signature_of(key.as_bytes(), &hash).is_some()),
                Err(error) => {
                    prop_assert_eq!(error, EnvelopeError::TooManySignatures);
                    prop_assert_eq!(envelope.signature_count(), 20);
                }
            }
            prop_assert_eq!(envelope.hash(&network), hash);
        }
        let again = Envelope::read(&envelope.to_base64()).unwrap();
        prop_assert_eq!(again.hash(&network), hash);
        prop_assert_eq!(again.signature_count(), envelope.signature_count());
        for given in &case.signatures {
            let key = countersign_stellar::AccountKey::from_strkey(&given.public_key).unwrap();
            prop_assert!(again.signature_of(key.as_bytes(), &hash).is_some());
        }
    }

    #[test]
    fn a_changed_byte_never_panics_and_never_gives_a_second_spelling(pick: Index, at: Index, to: u8) {
        let mut bytes = STANDARD.decode(&pick.get(&GENERATED).signed_xdr).unwrap();
        *at.get_mut(&mut bytes) = to;
        let text = STANDARD.encode(bytes);
        if let Ok(envelope) = Envelope::read(&text) {
            prop_assert_eq!(envelope.to_base64(), text);
        }
    }

    #[test]
    fn a_changed_character_never_panics(pick: Index, at: Index, to: char) {
        let mut text: Vec<char> = pick.get(&GENERATED).signed_xdr.chars().collect();
        *at.get_mut(&mut text) = to;
        let text: String = text.into_iter().collect();
        if let Ok(envelope) = Envelope::read(&text) {
            prop_assert_eq!(envelope.to_base64(), text);
        }
    }

    #[test]
    fn stray_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), kind in prop::sample::select(vec![0_u8, 2, 5])) {
        let mut framed = vec![0, 0, 0, kind];
        framed.extend(bytes);
        let _ = Envelope::read(&STANDARD.encode(framed));
    }
}
