//! The request that makes a signing session, checked before anything is sealed.

use serde::Deserialize;

use crate::{
    Moment, Refusal, Secret, limits,
    signing::{SessionKind, SignerKind, session::TurnkeyWallet},
};

/// A wallet at Turnkey as the client names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnkeyKey {
    /// The sub-organization.
    pub organization_id: String,
    /// The wallet account's address (`G…`) or the private key's id.
    pub sign_with: String,
    /// Compressed SEC1, hex.
    pub api_public_key: String,
    /// 32 bytes, hex. Not for `client`.
    #[serde(default)]
    pub api_private_key: Option<Secret>,
}

/// The body of `POST /api/v1/signing-sessions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The slot.
    pub kind: SessionKind,
    /// What stands behind it.
    pub signer: SignerKind,
    /// How long it lives, in seconds.
    #[serde(default)]
    pub expires_in: Option<i64>,
    /// For `local`: `S…`. None: a key is made.
    #[serde(default)]
    pub stellar_secret: Option<Secret>,
    /// For `turnkey` and `client`.
    #[serde(default)]
    pub turnkey: Option<TurnkeyKey>,
    /// For `kms`: id or ARN of an `ECC_NIST_EDWARDS25519` key.
    #[serde(default)]
    pub kms_key_id: Option<String>,
    /// The account, `G…`; needed where `sign_with` is not itself the account's address.
    #[serde(default)]
    pub stellar_public_key: Option<String>,
    /// For a service that acts for people: whose session it is.
    #[serde(default)]
    pub telegram_id: Option<crate::TelegramId>,
}

impl NewSession {
    /// Checks what fits together: kind, signer, and what comes with them.
    ///
    /// # Errors
    /// 400 that says what is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        let cloud = self.kind == SessionKind::TelegramCloud;
        if cloud != (self.signer == SignerKind::Client) {
            return Err(Refusal::invalid("kind telegram_cloud goes with signer client, and only with it"));
        }
        let expected = [
            ("stellar_secret", self.stellar_secret.is_some(), self.signer == SignerKind::Local),
            ("turnkey", self.turnkey.is_some(), matches!(self.signer, SignerKind::Turnkey | SignerKind::Client)),
            ("kms_key_id", self.kms_key_id.is_some(), self.signer == SignerKind::Kms),
        ];
        for (name, given, fits) in expected {
            if given && !fits {
                return Err(Refusal::invalid(format!("{name} does not go with signer {}", self.signer.as_str())));
            }
            if fits && !given && name != "stellar_secret" {
                return Err(Refusal::invalid(format!("{name} is missing")));
            }
        }
        // An alias may be moved to another key, and IAM knows no tags of it.
        if self.kms_key_id.as_deref().is_some_and(|id| id.starts_with("alias/") || id.contains(":alias/")) {
            return Err(Refusal::invalid("kms_key_id must be a key's id or ARN, not an alias"));
        }
        let holds_key = self.turnkey.as_ref().is_some_and(|turnkey| turnkey.api_private_key.is_some());
        match self.signer {
            SignerKind::Client if holds_key => {
                Err(Refusal::invalid("signer client keeps its api_private_key: the server must never hold it"))
            }
            SignerKind::Turnkey if !holds_key => Err(Refusal::invalid("turnkey.api_private_key is missing")),
            _ => self.live_until(Moment::from_seconds(0)).map(|_| ()),
        }
    }

    /// The first moment at which the session no longer signs.
    ///
    /// # Errors
    /// 400 where `expires_in` is not between 1 and [`limits::SIGNING_SESSION_MOST_SECONDS`].
    pub fn live_until(&self, now: Moment) -> Result<Moment, Refusal> {
        let seconds = self.expires_in.unwrap_or(limits::SIGNING_SESSION_DEFAULT_SECONDS);
        if !(1..=limits::SIGNING_SESSION_MOST_SECONDS).contains(&seconds) {
            return Err(Refusal::invalid(format!(
                "expires_in must be 1 to {} seconds",
                limits::SIGNING_SESSION_MOST_SECONDS
            )));
        }
        Ok(now.plus_seconds(seconds))
    }
}

impl TurnkeyKey {
    /// The public part, checked for form.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn wallet(&self) -> Result<TurnkeyWallet, Refusal> {
        let named = |name: &str, value: &str| {
            let fine = !value.is_empty() && value.len() <= 128 && value.bytes().all(|byte| byte.is_ascii_graphic());
            if fine { Ok(()) } else { Err(Refusal::invalid(format!("turnkey.{name} is not valid"))) }
        };
        named("organization_id", &self.organization_id)?;
        named("sign_with", &self.sign_with)?;
        let public = self.api_public_key.to_ascii_lowercase();
        let compressed = hex::decode(&public).is_ok_and(|key| key.len() == 33 && matches!(key.first(), Some(2 | 3)));
        if !compressed {
            return Err(Refusal::invalid("turnkey.api_public_key must be a compressed P-256 key in hex"));
        }
        Ok(TurnkeyWallet {
            organization_id: self.organization_id.clone(),
            sign_with: self.sign_with.clone(),
            api_public_key: public,
        })
    }
}
