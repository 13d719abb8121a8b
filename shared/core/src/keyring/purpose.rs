//! For what a key was used: what a transaction says of itself beside its amount, as far as it is read anyway, and bounded.

use serde::{Deserialize, Serialize};

/// What a signed transaction is about. Numbers are decimal text, which has no most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "read_as")]
pub enum Purpose {
    /// A Stellar envelope.
    Stellar {
        /// The account that it runs for.
        source: String,
        /// Its kinds of operations, each once, in their order: at most [`PURPOSE_ITEMS`](crate::limits::PURPOSE_ITEMS).
        operations: Vec<String>,
    },
    /// A Solana transaction.
    Solana {
        /// Who pays its fee.
        fee_payer: String,
        /// The programs that it calls, each once, in their order: at most [`PURPOSE_ITEMS`](crate::limits::PURPOSE_ITEMS).
        programs: Vec<String>,
    },
    /// An EVM transaction.
    Evm {
        /// The chain's number.
        chain_id: String,
        /// Whom it pays or calls; none: it makes a contract.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The account's number of it.
        nonce: String,
    },
}

#[cfg(test)]
mod tests {
    use crate::keyring::KeyUse;

    #[test]
    fn a_use_from_before_is_read() {
        let old = r#"{"id":1,"client_id":1,"key_version":1,"chain":"evm","bot_id":1,"runner_token_id":1,
            "transaction_hash":"0x00","signed_at":1800000000000,"request_id":"r"}"#;
        let used: KeyUse = serde_json::from_str(old).unwrap();
        assert_eq!((used.purpose, used.amount), (None, None));
    }
}
