//! The one verb that hands a secret out: tokens and codes of linked accounts, which exist to be shown to others.

use countersign_core::{Purpose, SealContext, Sealed, Secret};

use crate::{Vault, VaultError};

impl Vault {
    /// Opens what was sealed for a linked account: its provider wants the code and the refresh token, services want the
    /// access token. A signing key does not come out here, whatever the caller asks for.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where it does not open here or is not of a linked account, [`VaultError::Unavailable`] where
    /// KMS does not answer.
    pub async fn reveal_token(&self, context: &SealContext, sealed: &Sealed) -> Result<Secret, VaultError> {
        if may_leave(context.purpose) { self.opened(context, sealed, Ok).await } else { Err(VaultError::Sealed) }
    }
}

/// What a secret is for decides, and the cipher holds it to that: in another context it does not open.
const fn may_leave(purpose: Purpose) -> bool {
    match purpose {
        Purpose::OauthCode | Purpose::OauthToken => true,
        Purpose::SigningSession | Purpose::TradingKey => false,
    }
}

#[test]
fn a_signing_key_never_leaves() {
    assert!(may_leave(Purpose::OauthCode) && may_leave(Purpose::OauthToken));
    assert!(!may_leave(Purpose::SigningSession) && !may_leave(Purpose::TradingKey));
}
