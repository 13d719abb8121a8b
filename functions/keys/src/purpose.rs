//! For what a key was used: what is kept of a transaction, and how its client sees it.

use countersign_core::{keyring::Purpose, limits::PURPOSE_ITEMS};
use serde::Serialize;

use crate::transaction::Unsigned;

impl Unsigned {
    /// What it is about.
    pub(crate) fn purpose(&self) -> Purpose {
        let base58 = |key: &[u8; 32]| bs58::encode(key).into_string();
        match self {
            Self::Stellar(envelope, _) => Purpose::Stellar {
                source: envelope.source_account().to_strkey(),
                operations: envelope.operation_kinds().into_iter().take(PURPOSE_ITEMS).collect(),
            },
            Self::Solana(envelope) => Purpose::Solana {
                fee_payer: base58(&envelope.fee_payer()),
                programs: envelope.programs().iter().take(PURPOSE_ITEMS).map(base58).collect(),
            },
            Self::Evm(transaction) => Purpose::Evm {
                chain_id: transaction.chain_id().to_string(),
                to: transaction.to(),
                nonce: transaction.nonce().to_string(),
            },
        }
    }
}

/// What a signed transaction is about: the members of its chain.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(crate) struct PurposeView {
    /// Stellar: the account that it runs for.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Stellar: its kinds of operations (`payment`, `manage_sell_offer`, …), each once; the first 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<Vec<String>>,
    /// Solana: who pays its fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_payer: Option<String>,
    /// Solana: the programs that it calls, each once; the first 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    programs: Option<Vec<String>>,
    /// EVM: the chain's number, as decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_id: Option<String>,
    /// EVM: whom it pays or calls; left out where it makes a contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// EVM: the account's number of it, as decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

impl PurposeView {
    pub(crate) fn of(purpose: &Purpose) -> Self {
        match purpose.clone() {
            Purpose::Stellar { source, operations } => {
                Self { source: Some(source), operations: Some(operations), ..Self::default() }
            }
            Purpose::Solana { fee_payer, programs } => {
                Self { fee_payer: Some(fee_payer), programs: Some(programs), ..Self::default() }
            }
            Purpose::Evm { chain_id, to, nonce } => {
                Self { chain_id: Some(chain_id), to, nonce: Some(nonce), ..Self::default() }
            }
        }
    }
}
