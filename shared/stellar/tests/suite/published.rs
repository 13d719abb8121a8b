//! The vectors other projects published, read from where `PUBLISHED_VECTORS` points and never copied.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_stellar::{AccountKey, Appended, Envelope, KeyError, Network, parse_secret, verify};
use serde::Deserialize;

use crate::vectors::{bytes, published};

#[derive(Deserialize)]
struct ThirdParty {
    passphrases: HashMap<String, String>,
    count: usize,
    cases: Vec<ThirdPartyCase>,
}

#[derive(Deserialize)]
struct ThirdPartyCase {
    repo: String,
    path: String,
    line: u32,
    xdr: String,
    hashes: HashMap<String, String>,
    signatures: Vec<ThirdPartySignature>,
}

#[derive(Deserialize)]
struct ThirdPartySignature {
    hint: String,
    signature: String,
    verified: bool,
    network: Option<String>,
    public_key: Option<String>,
    secret: Option<String>,
}

impl ThirdParty {
    /// Networks are named, or written out behind `custom:`.
    fn network(&self, name: &str) -> Network {
        Network::new(name.strip_prefix("custom:").unwrap_or_else(|| &self.passphrases[name]))
    }
}

impl ThirdPartyCase {
    fn place(&self) -> String {
        format!("{} {}:{}", self.repo, self.path, self.line)
    }
}

#[test]
fn third_party_envelopes_hash_verify_and_sign_as_published() {
    let Some(file) = published::<ThirdParty>("stellar_xdr_thirdparty.json") else { return };
    assert_eq!((file.count, file.cases.len()), (180, 180));
    let (mut verified, mut resigned) = (0, 0);
    for case in &file.cases {
        let envelope = Envelope::read(&case.xdr).unwrap_or_else(|error| panic!("{}: {error}", case.place()));
        assert_eq!(envelope.to_base64(), case.xdr, "{}", case.place());
        for (network, hash) in &case.hashes {
            assert_eq!(hex::encode(envelope.hash(&file.network(network))), *hash, "{}", case.place());
        }
        // Two "signatures" are preimages of a hash(x) signer: they have no key.
        for given in case.signatures.iter().filter(|given| given.verified) {
            let (Some(network), Some(key)) = (&given.network, &given.public_key) else { continue };
            let hash = envelope.hash(&file.network(network));
            let key = AccountKey::from_strkey(key).unwrap();
            assert_eq!(hex::encode(&key.as_bytes()[28..]), given.hint, "{}", case.place());
            assert!(verify(key.as_bytes(), &hash, &bytes(&given.signature)), "{}", case.place());
            assert!(envelope.signature_of(key.as_bytes(), &hash).is_some(), "{}", case.place());
            verified += 1;
            if let Some(secret) = &given.secret {
                signs_the_same(&envelope, secret, &hash, &given.signature);
                resigned += 1;
            }
        }
    }
    assert_eq!((verified, resigned), (150, 65), "{verified} verified, {resigned} signed again");
}

fn signs_the_same(envelope: &Envelope, secret: &str, hash: &[u8; 32], signature: &str) {
    let seed = parse_secret(secret).unwrap();
    assert_eq!(hex::encode(seed.sign(hash)), signature);
    let mut again = envelope.clone();
    let appended = again.append_signature(seed.public_key().as_bytes(), hash, &seed.sign(hash));
    assert_eq!(appended, Ok(Appended::AlreadyThere));
    assert_eq!(again.to_base64(), envelope.to_base64());
}

#[derive(Deserialize)]
struct Strkeys {
    valid: Vec<Strkey>,
    invalid: Vec<Strkey>,
    extra: Vec<Strkey>,
}

#[derive(Deserialize)]
struct Strkey {
    strkey: String,
    valid: Option<bool>,
}

#[test]
fn strkeys_are_read_as_sep_23_says() {
    let Some(file) = published::<Strkeys>("stellar_sep23_strkeys.json") else { return };
    let extra = file.extra.iter().map(|key| (key, key.valid.unwrap()));
    let all = file.valid.iter().map(|key| (key, true)).chain(file.invalid.iter().map(|key| (key, false))).chain(extra);
    let (mut checked, mut accounts) = (0, 0);
    for (key, valid) in all {
        let text = key.strkey.as_str();
        let account = AccountKey::from_strkey(text);
        assert_eq!(account.is_ok(), valid && text.starts_with(['G', 'M']), "{text}");
        assert_eq!(parse_secret(text).is_ok(), valid && text.starts_with('S'), "{text}");
        if let Ok(account) = account {
            assert_eq!(AccountKey::from_strkey(&account.to_strkey()), Ok(account));
            assert_eq!(text.starts_with('G'), account.to_strkey() == text);
            accounts += 1;
        }
        checked += 1;
    }
    assert!(checked == 80 && accounts > 10, "{checked}, {accounts}");
}

#[derive(Deserialize)]
struct Sep5 {
    cases: Vec<Mnemonic>,
}

#[derive(Deserialize)]
struct Mnemonic {
    accounts: Vec<KeyPair>,
}

#[derive(Deserialize)]
struct KeyPair {
    public: String,
    secret: String,
}

#[test]
fn secrets_of_sep_5_give_their_accounts() {
    let Some(file) = published::<Sep5>("stellar_sep5.json") else { return };
    let pairs: Vec<_> = file.cases.iter().flat_map(|case| &case.accounts).collect();
    assert_eq!(pairs.len(), 50);
    for pair in pairs {
        assert_eq!(parse_secret(&pair.secret).unwrap().public_key().to_strkey(), pair.public);
        assert_eq!(AccountKey::from_strkey(&pair.secret), Err(KeyError::Account));
        assert!(parse_secret(&pair.public).is_err());
    }
}

#[derive(Deserialize)]
struct Sep53 {
    cases: Vec<SignedMessage>,
}

#[derive(Deserialize)]
struct SignedMessage {
    message: String,
    message_is_base64: bool,
    seed: String,
    address: String,
    signature_hex: String,
}

#[test]
fn messages_of_sep_53_are_signed_as_published() {
    let Some(file) = published::<Sep53>("stellar_sep53_messages.json") else { return };
    assert_eq!(file.cases.len(), 3);
    for case in &file.cases {
        let mut message = b"Stellar Signed Message:\n".to_vec();
        if case.message_is_base64 {
            message.extend(STANDARD.decode(&case.message).unwrap());
        } else {
            message.extend(case.message.as_bytes());
        }
        let hash = digest(&SHA256, &message);
        let seed = parse_secret(&case.seed).unwrap();
        assert_eq!(seed.public_key().to_strkey(), case.address);
        assert_eq!(hex::encode(seed.sign(hash.as_ref())), case.signature_hex);
        assert!(verify(seed.public_key().as_bytes(), hash.as_ref(), &bytes(&case.signature_hex)));
    }
}
