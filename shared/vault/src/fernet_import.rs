//! Keys of the old database: Fernet tokens that are opened once, to be sealed anew.

use countersign_core::Secret;
use fernet::Fernet;

use crate::VaultError;

/// The old database's Fernet keys, the current one first.
pub struct FernetKeys(Vec<Fernet>);

impl FernetKeys {
    /// From base64url keys of 32 bytes.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`] where one is not.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, VaultError> {
        let read = |key: &str| Fernet::new(key).ok_or(VaultError::NotAKey("not a Fernet key"));
        keys.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Opens a token with whichever key made it. Its age is not judged: stored keys are as old as they are.
    ///
    /// # Errors
    /// [`VaultError::Sealed`], whatever is wrong with it.
    pub fn open(&self, token: &str) -> Result<Secret, VaultError> {
        self.0.iter().find_map(|key| key.decrypt(token).ok()).map(Secret::new).ok_or(VaultError::Sealed)
    }
}
