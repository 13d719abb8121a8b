//! The accounts of the demo's people: one password for all of them, hashed once a process, for hashing is slow on purpose.

use countersign_auth::Passwords;
use countersign_core::{
    Secret, UserId,
    account::{Account, Email},
};
use countersign_edge::clock;
use countersign_store::Store;
use tokio::sync::OnceCell;

use crate::{LocalError, seed::random_text};

/// The password of every system that this process makes up, and its hash.
static MADE: OnceCell<(String, String)> = OnceCell::const_new();

/// The password of people that are made up now.
pub(crate) async fn password() -> Result<String, LocalError> {
    Ok(made().await?.0.clone())
}

async fn made() -> Result<&'static (String, String), LocalError> {
    MADE.get_or_try_init(async || {
        let password = random_text()?;
        let hash = hash(&password).await?;
        Ok((password, hash))
    })
    .await
}

async fn hash(password: &str) -> Result<String, LocalError> {
    let passwords = Passwords::new().map_err(LocalError::refused)?;
    passwords.hash(Secret::from(password.to_owned())).await.map_err(LocalError::refused)
}

/// Gives these people accounts, where their addresses have none, and notes who is admin.
pub(crate) async fn seed(
    store: &Store,
    password: &str,
    people: &[(UserId, String)],
    admin: Option<UserId>,
) -> Result<(), LocalError> {
    let made = made().await?;
    let password_hash = if made.0 == password { made.1.clone() } else { hash(password).await? };
    for (user_id, email) in people {
        let email = Email::read(email).map_err(LocalError::refused)?;
        let password_hash = password_hash.clone();
        let account = Account { email, user_id: *user_id, password_hash, created_at: clock::now() };
        store.bootstrap().add_account(&account).await.map_err(LocalError::refused)?;
    }
    if let Some(admin) = admin {
        store.bootstrap().note_admin(admin).await.map_err(LocalError::refused)?;
    }
    Ok(())
}
