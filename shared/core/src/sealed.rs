//! Ciphertext and what it is bound to: the words that the vault and the records share.

use crate::{ClientId, ConnectionId, SessionId, Subject};

/// A sealed secret: opaque bytes that only the vault opens, and only in the context they were sealed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps stored or freshly sealed bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes as they are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a secret is for. KMS grants are given per purpose (`kms:EncryptionContext:purpose`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A signing session's key.
    SigningSession,
    /// A provider's code with its verifier, between the callback and the person.
    OauthCode,
    /// The tokens of a linked account.
    OauthToken,
    /// A client's trading key.
    TradingKey,
}

impl Purpose {
    /// The value in the encryption context.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SigningSession => "signing-session",
            Self::OauthCode => "oauth-code",
            Self::OauthToken => "oauth-token",
            Self::TradingKey => "trading-key",
        }
    }
}

/// What a ciphertext is bound to: KMS's encryption context and the associated data of the cipher, both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SealContext {
    /// What for.
    pub purpose: Purpose,
    /// Whose.
    pub owner: String,
    /// Which record it is stored in.
    pub record: String,
}

impl SealContext {
    /// The context of a signing session's key.
    #[must_use]
    pub fn signing_session(owner: Subject, session: SessionId) -> Self {
        Self { purpose: Purpose::SigningSession, owner: owner.to_string(), record: session.to_string() }
    }

    /// The context of a provider's code; `name` is the hash under which it is stored.
    #[must_use]
    pub fn oauth_code(owner: Subject, name: &str) -> Self {
        Self { purpose: Purpose::OauthCode, owner: owner.to_string(), record: name.to_owned() }
    }

    /// The context of a connection's tokens.
    #[must_use]
    pub fn oauth_token(owner: Subject, connection: ConnectionId) -> Self {
        Self { purpose: Purpose::OauthToken, owner: owner.to_string(), record: connection.to_string() }
    }

    /// The context of one version of a client's trading key.
    #[must_use]
    pub fn trading_key(client: ClientId, version: u32) -> Self {
        Self {
            purpose: Purpose::TradingKey,
            owner: format!("client:{client}"),
            record: format!("trading-key:{version}"),
        }
    }

    /// Names and values in KMS's encryption context.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [("owner", &self.owner), ("purpose", self.purpose.as_str()), ("record", &self.record)]
    }

    /// The cipher's associated data: every name and value with its length, so that no two contexts share one.
    #[must_use]
    pub fn associated_data(&self, format_version: u8) -> Vec<u8> {
        let mut data = vec![format_version];
        for part in self.pairs().iter().flat_map(|(name, value)| [*name, *value]) {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}
