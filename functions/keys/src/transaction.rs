//! A transaction of one of three chains: read for the key's chain, signed by the vault, written out again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_core::{
    Refusal, SealContext, Sealed,
    keyring::{Chain, ClientKey},
};
use countersign_stellar::{AccountKey, Network};
use countersign_vault::Vault;

/// A transaction that was read.
pub(crate) enum Unsigned {
    /// A Stellar envelope and its hash for the network.
    Stellar(Box<countersign_stellar::Envelope>, [u8; 32]),
    /// A Solana transaction.
    Solana(countersign_solana::Envelope),
    /// An EVM transaction.
    Evm(countersign_evm::Transaction),
}

/// A transaction that was signed.
pub(crate) struct Signed {
    /// In the encoding in which it came.
    pub(crate) transaction: String,
    /// The signature as the chain writes it.
    pub(crate) signature: String,
    /// The transaction's hash, or, on Solana, the payer's signature once it is there and good, else ours.
    pub(crate) hash: String,
}

impl Unsigned {
    /// Reads a transaction of this chain.
    ///
    /// # Errors
    /// 400 where it is none, or `encoding` is not the chain's.
    pub(crate) fn read(chain: Chain, text: &str, encoding: Option<&str>, network: &Network) -> Result<Self, Refusal> {
        let own = match chain {
            Chain::Stellar | Chain::Solana => "base64",
            Chain::Evm => "hex",
        };
        if encoding.is_some_and(|encoding| encoding != own) {
            return Err(Refusal::invalid(format!("encoding must be {own} for {}", chain.as_str())));
        }
        match chain {
            Chain::Stellar => {
                let envelope = countersign_stellar::Envelope::read(text).map_err(|error| wrong(chain, &error))?;
                let hash = envelope.hash(network);
                Ok(Self::Stellar(Box::new(envelope), hash))
            }
            Chain::Solana => {
                countersign_solana::Envelope::decode(text).map(Self::Solana).map_err(|error| wrong(chain, &error))
            }
            Chain::Evm => {
                countersign_evm::Transaction::decode(text).map(Self::Evm).map_err(|error| wrong(chain, &error))
            }
        }
    }

    /// What leaves the key's account at most, in the chain's smallest unit; none where it cannot be read.
    pub(crate) fn outflow(&self, key: &ClientKey) -> Option<u128> {
        match self {
            Self::Stellar(envelope, _) => envelope.native_outflow(&AccountKey::new(ed25519(key)?)),
            Self::Solana(envelope) => envelope.outflow(&ed25519(key)?),
            Self::Evm(transaction) => transaction.outflow(),
        }
    }

    /// Signs it with the sealed key.
    ///
    /// # Errors
    /// 400 where the transaction has no place for a signature of this key; those of the vault.
    pub(crate) async fn sign(
        self,
        vault: &Vault,
        context: &SealContext,
        sealed: &Sealed,
        key: &ClientKey,
    ) -> Result<Signed, Refusal> {
        let chain = key.facts.chain;
        match self {
            Self::Stellar(mut envelope, hash) => {
                let public = ed25519(key).ok_or_else(no_public_half)?;
                let signature = vault.sign(context, sealed, &hash).await?;
                let _there_or_added =
                    envelope.append_signature(&public, &hash, &signature).map_err(|error| wrong(chain, &error))?;
                let transaction = envelope.to_base64();
                Ok(Signed { transaction, signature: STANDARD.encode(signature), hash: hex::encode(hash) })
            }
            Self::Solana(envelope) => {
                let public = ed25519(key).ok_or_else(no_public_half)?;
                if !envelope.needs(&public) {
                    return Err(Refusal::invalid("The transaction needs no signature of this key"));
                }
                let signature = vault.sign(context, sealed, envelope.message()).await?;
                let signed = envelope.sign_with(&public, signature).map_err(|error| wrong(chain, &error))?;
                let signature = bs58::encode(signature).into_string();
                // While its payer has not signed, a transaction has no name on the chain: our signature tells it then.
                let hash = signed.id.unwrap_or_else(|| signature.clone());
                Ok(Signed { transaction: signed.raw_base64, hash, signature })
            }
            Self::Evm(transaction) => {
                let signature = vault.sign_secp256k1(context, sealed, &transaction.signing_hash()).await?;
                let signed =
                    transaction.sign_with(&signature.r_s, signature.y_odd).map_err(|error| wrong(chain, &error))?;
                let v = 27 + u8::from(signature.y_odd);
                let signature = format!("0x{}{v:02x}", hex::encode(signature.r_s));
                Ok(Signed { transaction: signed.raw_hex, signature, hash: signed.hash })
            }
        }
    }
}

fn ed25519(key: &ClientKey) -> Option<[u8; 32]> {
    hex::decode(&key.facts.public_key).ok()?.try_into().ok()
}

fn no_public_half() -> Refusal {
    Refusal::internal("a key without its public half")
}

fn wrong(chain: Chain, error: &impl std::fmt::Display) -> Refusal {
    Refusal::invalid(format!("transaction is not one of {}: {error}", chain.as_str()))
}
