//! Trading keys of clients: three chains' spellings told apart by their form, and what is public of a key.

use aws_lc_rs::digest::{Context, SHA256};
use countersign_core::{
    Secret,
    keyring::{Chain, EvmAddress},
};
use ed25519_dalek::SigningKey;
use stellar_strkey::ed25519::{PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::{VaultError, clean_stack::clean_stack, keypair_file};

/// What the digest behind a fingerprint begins with: no other digest of this system is of the same text.
const DIGEST_LABEL: &[u8] = b"countersign/trading-key/v1";
/// Bytes of a private key on each of the chains.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of Solana's key pair: the seed, then its public key.
const PAIR_BYTES: usize = 64;
/// Characters of a Stellar strkey.
const STRKEY_CHARS: usize = 56;
/// The most characters of any spelling: 64 numbers of three digits with room for commas and spaces.
const TEXT_CHARS: usize = 512;

const FORMS: &str = "the key is not one of a known form: Stellar S…, Solana base58 of 64 bytes or a JSON list of 64 numbers, or EVM 64 hex digits";
const IS_ADDRESS: &str = "this is a public address; enter the private key";
const IS_WORDS: &str = "a phrase of words is not taken; enter the private key of one account";
const IS_HALF: &str =
    "base58 of 32 bytes may be a public address or a seed; enter the whole Solana key pair of 64 bytes";
const NOT_STELLAR: &str = "not a Stellar secret key: its length or checksum is wrong";
const NOT_SOLANA: &str = "not a Solana key pair: it must be 64 bytes, a seed and its own public key";
const NOT_EVM: &str = "not an EVM private key: its number is zero or not below the curve's order";

/// A spelling's bytes while it is read: on the heap, wiped when dropped.
type Seed = Box<Zeroizing<[u8; KEY_BYTES]>>;

/// What is public of a trading key, and the digest its fingerprint is made of.
pub struct TradingKey {
    /// Which chain it is for.
    pub chain: Chain,
    /// Ed25519: 32 bytes; EVM: 33 bytes, compressed SEC1.
    pub public_key: Vec<u8>,
    /// Stellar `G…`, Solana base58, EVM `0x…` with EIP-55's checksum.
    pub address: String,
    digest: [u8; 32],
}

impl TradingKey {
    /// Reads a private key in its chain's own spelling; white space around it does not count. The second value is the raw
    /// 32 bytes, to be sealed.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`], which says what is wrong and never repeats the text.
    pub fn read(text: &Secret) -> Result<(Self, Secret), VaultError> {
        clean_stack(|| {
            let (chain, seed) = spelled(text)?;
            let (public_key, address) = public_half(chain, &seed)?;
            let key = Self { chain, public_key, address, digest: digest(&seed) };
            Ok((key, Secret::new(seed.to_vec())))
        })
    }

    /// Whether `given` is this key's address. EVM: in one case, or with the right checksum.
    #[must_use]
    pub fn is_address(&self, given: &str) -> bool {
        match self.chain {
            Chain::Stellar | Chain::Solana => given == self.address,
            Chain::Evm => EvmAddress::read(given).is_some_and(|address| address.to_string() == self.address),
        }
    }

    /// A digest of the secret, that goes no further than KMS.
    pub(crate) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// The chain and the raw key behind a spelling.
fn spelled(text: &Secret) -> Result<(Chain, Seed), VaultError> {
    let text = text.expose_str().ok_or(VaultError::NotAKey(FORMS))?.trim();
    if text.len() > TEXT_CHARS {
        return Err(VaultError::NotAKey(FORMS));
    }
    if text.starts_with('[') {
        return keypair_file::read(text).ok_or(VaultError::NotAKey(NOT_SOLANA)).and_then(|pair| solana(&pair));
    }
    if text.contains(char::is_whitespace) {
        return Err(VaultError::NotAKey(IS_WORDS));
    }
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        match digits.len() {
            64 => return evm(digits),
            40 => return Err(VaultError::NotAKey(IS_ADDRESS)),
            _ => {}
        }
    }
    match (text.len(), text.as_bytes().first()) {
        (STRKEY_CHARS, Some(b'S')) => stellar(text),
        (STRKEY_CHARS, Some(b'G')) => Err(VaultError::NotAKey(IS_ADDRESS)),
        _ => base58(text),
    }
}

fn stellar(text: &str) -> Result<(Chain, Seed), VaultError> {
    let key = PrivateKey::from_string(text).map_err(|_| VaultError::NotAKey(NOT_STELLAR))?;
    let mut seed = empty();
    seed.copy_from_slice(&key.0);
    Ok((Chain::Stellar, seed))
}

fn evm(digits: &str) -> Result<(Chain, Seed), VaultError> {
    let mut seed = empty();
    hex::decode_to_slice(digits, &mut seed[..]).map_err(|_| VaultError::NotAKey(NOT_EVM))?;
    Ok((Chain::Evm, seed))
}

fn base58(text: &str) -> Result<(Chain, Seed), VaultError> {
    let mut pair = Box::new(Zeroizing::new([0; PAIR_BYTES]));
    match bs58::decode(text).onto(&mut pair[..]) {
        Ok(PAIR_BYTES) => solana(&pair),
        Ok(KEY_BYTES) => Err(VaultError::NotAKey(IS_HALF)),
        _ => Err(VaultError::NotAKey(FORMS)),
    }
}

/// The seed of a key pair, after proof that the public half is its own.
fn solana(pair: &[u8; PAIR_BYTES]) -> Result<(Chain, Seed), VaultError> {
    let (half, public) = pair.split_first_chunk::<KEY_BYTES>().ok_or(VaultError::NotAKey(NOT_SOLANA))?;
    if SigningKey::from_bytes(half).verifying_key().as_bytes() != public {
        return Err(VaultError::NotAKey(NOT_SOLANA));
    }
    let mut seed = empty();
    seed.copy_from_slice(half);
    Ok((Chain::Solana, seed))
}

fn empty() -> Seed {
    Box::new(Zeroizing::new([0; KEY_BYTES]))
}

/// The public key and the address.
fn public_half(chain: Chain, seed: &[u8; KEY_BYTES]) -> Result<(Vec<u8>, String), VaultError> {
    match chain {
        Chain::Stellar => {
            let key = SigningKey::from_bytes(seed).verifying_key().to_bytes();
            Ok((key.to_vec(), PublicKey(key).to_string().as_str().to_owned()))
        }
        Chain::Solana => {
            let key = SigningKey::from_bytes(seed).verifying_key().to_bytes();
            Ok((key.to_vec(), bs58::encode(key).into_string()))
        }
        Chain::Evm => {
            let wrong = || VaultError::NotAKey(NOT_EVM);
            let key = k256::ecdsa::SigningKey::from_slice(seed).map_err(|_| wrong())?;
            let point = key.verifying_key().to_encoded_point(false);
            let half = point.as_bytes().get(1..).and_then(|half| half.try_into().ok()).ok_or_else(wrong)?;
            let compressed = key.verifying_key().to_encoded_point(true).as_bytes().to_vec();
            Ok((compressed, EvmAddress::of_public_key(half).to_string()))
        }
    }
}

fn digest(seed: &[u8; KEY_BYTES]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(DIGEST_LABEL);
    context.update(seed);
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
#[path = "trading_tests.rs"]
mod tests;
