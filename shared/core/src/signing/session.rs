//! A signing session: a key that may sign for a person until a moment.

use serde::{Deserialize, Serialize};

use crate::{Moment, Sealed, SessionId};

/// How the person authenticated when the key was made; each has one slot per person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// A KMS-sealed session key.
    SessionKeys,
    /// A Turnkey API key whose private half is in Telegram's cloud storage.
    TelegramCloud,
    /// A legacy temporary key pair.
    Legacy,
}

impl SessionKind {
    /// In the order in which they are tried: first match wins.
    pub const ALL: [Self; 3] = [Self::SessionKeys, Self::TelegramCloud, Self::Legacy];

    /// The wire's `authenticator_type`, and the session's `kind`.
    #[must_use]
    pub const fn authenticator_type(self) -> &'static str {
        match self {
            Self::SessionKeys => "session_keys",
            Self::TelegramCloud => "telegram_cloud",
            Self::Legacy => "legacy",
        }
    }

    /// The wire's `signing_method`; fixed by existing clients.
    #[must_use]
    pub const fn signing_method(self) -> &'static str {
        match self {
            Self::SessionKeys => "python_bot_kms",
            Self::TelegramCloud => "python_bot_tg_cloud",
            Self::Legacy => "python_bot_legacy",
        }
    }

    /// Reads [`Self::authenticator_type`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.authenticator_type() == text)
    }
}

/// What stands behind a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignerKind {
    /// A sealed Ed25519 Stellar secret.
    Local,
    /// A sealed P-256 API key that stamps for a wallet at Turnkey.
    Turnkey,
    /// A KMS key that never leaves KMS.
    Kms,
    /// The client stamps; the server never holds the key.
    Client,
}

impl SignerKind {
    /// The wire's `signer`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Turnkey => "turnkey",
            Self::Kms => "kms",
            Self::Client => "client",
        }
    }
}

/// The wallet at Turnkey that a session signs with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnkeyWallet {
    /// The sub-organization.
    pub organization_id: String,
    /// The wallet account's address or the private key's id.
    pub sign_with: String,
    /// The API key's public half: compressed SEC1, lower-case hex.
    pub api_public_key: String,
}

/// What is needed to sign, beside KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// The sealed seed.
    Local(Sealed),
    /// The wallet and the sealed API key.
    Turnkey(TurnkeyWallet, Sealed),
    /// The KMS key's ARN.
    Kms(String),
    /// The wallet; the key is with the person.
    Client(TurnkeyWallet),
}

impl Material {
    /// The wallet at Turnkey, where there is one.
    #[must_use]
    pub const fn wallet(&self) -> Option<&TurnkeyWallet> {
        match self {
            Self::Turnkey(wallet, _) | Self::Client(wallet) => Some(wallet),
            Self::Local(_) | Self::Kms(_) => None,
        }
    }

    /// Which signer it is for.
    #[must_use]
    pub const fn signer(&self) -> SignerKind {
        match self {
            Self::Local(_) => SignerKind::Local,
            Self::Turnkey(..) => SignerKind::Turnkey,
            Self::Kms(_) => SignerKind::Kms,
            Self::Client(_) => SignerKind::Client,
        }
    }
}

/// The session in a person's slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its slot.
    pub kind: SessionKind,
    /// The account it signs for, `G…`.
    pub stellar_public_key: String,
    /// When it began.
    pub created_at: Moment,
    /// The first moment at which it no longer signs.
    pub live_until: Moment,
    /// What signs.
    pub material: Material,
}

impl Session {
    /// Whether it may sign at this moment.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        now < self.live_until
    }

    /// What lists show of it.
    #[must_use]
    pub fn record(&self) -> SessionRecord {
        SessionRecord {
            id: self.id,
            kind: self.kind,
            signer: self.material.signer(),
            stellar_public_key: self.stellar_public_key.clone(),
            created_at: self.created_at,
            live_until: self.live_until,
            ended: None,
        }
    }
}

/// Why a session's record is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Moment,
    /// By whom: [`crate::gate::Caller::scope`].
    pub by: String,
}

/// What is kept and shown of a session: never its material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// Its slot.
    pub kind: SessionKind,
    /// What stands behind it.
    pub signer: SignerKind,
    /// The account it signs for.
    pub stellar_public_key: String,
    /// When it began.
    pub created_at: Moment,
    /// The first moment at which it no longer signs.
    pub live_until: Moment,
    /// Set once it was ended or replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

impl SessionRecord {
    /// `live`, `expired` or `ended`.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match &self.ended {
            Some(_) => "ended",
            None if now < self.live_until => "live",
            None => "expired",
        }
    }
}
