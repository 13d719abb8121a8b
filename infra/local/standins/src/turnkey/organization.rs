//! Organizations with their API keys and Stellar wallets, and how a test makes one.

use std::io;

use aws_lc_rs::{
    encoding::{AsBigEndian, EcPrivateKeyBin, EcPublicKeyCompressedBin},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use countersign_turnkey::check_public_key;
use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use stellar_strkey::ed25519::{PrivateKey, PublicKey};
use uuid::Uuid;

/// An organization.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) users: Vec<User>,
    pub(super) wallets: Vec<Wallet>,
}

/// Someone who may stamp for it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) api_public_key: String,
}

/// A wallet account: its address, and the secret that signs.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Wallet {
    pub(super) address: String,
    secret: String,
}

/// What is wanted of an organization; what is left out is made up.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    /// A UUID; where it is one that is there already, the key and the wallet are added to it.
    pub organization_id: Option<String>,
    /// A compressed P-256 public key in hex that may stamp for it.
    pub api_public_key: Option<String>,
    /// The wallet's Stellar secret (`S…`).
    pub stellar_secret: Option<String>,
}

/// What an organization was made with.
#[derive(Serialize)]
pub struct AddedOrganization {
    /// Its id, a UUID.
    pub organization_id: String,
    /// The wallet's address (`G…`).
    pub sign_with: String,
    /// The public key that may stamp for it.
    pub api_public_key: String,
    /// The private key in hex, where the stand-in made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_private_key: Option<String>,
}

/// Why an organization was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The id is no UUID.
    #[error("organization_id is not a UUID in lower case")]
    OrganizationId,
    /// The key is none.
    #[error("api_public_key is not a compressed P-256 public key in hex")]
    ApiPublicKey,
    /// The secret is none.
    #[error("stellar_secret is not a Stellar secret seed")]
    StellarSecret,
    /// No key could be made.
    #[error("no key could be made")]
    Randomness,
    /// The file could not be written.
    #[error("the organization could not be kept: {0}")]
    Storage(#[from] io::Error),
}

impl Organization {
    /// An empty one.
    pub(super) fn new(id: Option<String>) -> Result<Self, AddError> {
        let id = match id {
            Some(id) if !is_uuid(&id) => return Err(AddError::OrganizationId),
            Some(id) => id,
            None => Uuid::new_v4().to_string(),
        };
        Ok(Self { name: format!("local {}", id.get(..8).unwrap_or(&id)), id, users: Vec::new(), wallets: Vec::new() })
    }

    /// Adds a key and a wallet; those that are there already are left as they are.
    pub(super) fn add(
        &mut self,
        api_public_key: Option<String>,
        stellar_secret: Option<&str>,
    ) -> Result<AddedOrganization, AddError> {
        let (api_public_key, api_private_key) = match api_public_key {
            Some(key) => (key.to_ascii_lowercase(), None),
            None => make_api_key().map(|(public, private)| (public, Some(private)))?,
        };
        check_public_key(&api_public_key).map_err(|_| AddError::ApiPublicKey)?;
        let sign_with = self.wallet_for(stellar_secret)?;
        if self.user(&api_public_key).is_none() {
            self.users.push(User {
                id: Uuid::new_v4().to_string(),
                name: format!("user {}", self.users.len() + 1),
                api_public_key: api_public_key.clone(),
            });
        }
        Ok(AddedOrganization { organization_id: self.id.clone(), sign_with, api_public_key, api_private_key })
    }

    fn wallet_for(&mut self, secret: Option<&str>) -> Result<String, AddError> {
        let wallet = match (secret, self.wallets.first()) {
            (Some(secret), _) => Wallet::from_secret(secret).ok_or(AddError::StellarSecret)?,
            (None, Some(first)) => first.clone(),
            (None, None) => Wallet::fresh()?,
        };
        let address = wallet.address.clone();
        if self.wallet(&address).is_none() {
            self.wallets.push(wallet);
        }
        Ok(address)
    }

    /// Who stamps with this public key.
    pub(super) fn user(&self, api_public_key: &str) -> Option<&User> {
        self.users.iter().find(|user| user.api_public_key == api_public_key)
    }

    /// The wallet with this address.
    pub(super) fn wallet(&self, address: &str) -> Option<&Wallet> {
        self.wallets.iter().find(|wallet| wallet.address == address)
    }
}

impl Wallet {
    fn from_secret(secret: &str) -> Option<Self> {
        let seed = PrivateKey::from_string(secret).ok()?;
        let public = SigningKey::from_bytes(&seed.0).verifying_key();
        Some(Self { address: PublicKey(public.to_bytes()).to_string().to_string(), secret: secret.to_owned() })
    }

    fn fresh() -> Result<Self, AddError> {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| AddError::Randomness)?;
        let secret = PrivateKey(seed).as_unredacted().to_string().to_string();
        Self::from_secret(&secret).ok_or(AddError::Randomness)
    }

    /// Signs, as Ed25519 does.
    pub(super) fn sign(&self, payload: &[u8]) -> Option<[u8; 64]> {
        let seed = PrivateKey::from_string(&self.secret).ok()?;
        Some(SigningKey::from_bytes(&seed.0).sign(payload).to_bytes())
    }
}

/// Whether it is a UUID the way Turnkey writes them: lower case, with hyphens.
pub(super) fn is_uuid(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|uuid| uuid.to_string() == text)
}

fn make_api_key() -> Result<(String, String), AddError> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| AddError::Randomness)?;
    let public: EcPublicKeyCompressedBin<'_> = pair.public_key().as_be_bytes().map_err(|_| AddError::Randomness)?;
    let private: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(|_| AddError::Randomness)?;
    Ok((hex::encode(public.as_ref()), hex::encode(private.as_ref())))
}
