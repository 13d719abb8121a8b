//! Passwords: Argon2id, one at a time, with as much work for an unknown address as for a wrong password.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use countersign_core::{Refusal, Secret};
use countersign_edge::{clock, start::Error};
use tokio::{sync::Semaphore, task};

/// Memory, in KiB: docs/decisions/0015-passwords.md.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes. A function has less than two processors.
const LANES: u32 = 1;

/// Hashes and verifies.
pub struct Passwords {
    argon2: Argon2<'static>,
    /// Of a password that nobody has: for addresses without an account.
    nobody: String,
    one_at_a_time: Arc<Semaphore>,
}

impl Passwords {
    /// With the parameters that new passwords get.
    ///
    /// # Errors
    /// Where they are out of Argon2's bounds.
    pub fn new() -> Result<Self, Error> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &clock::random_bytes()).map_err(|refusal| refusal.to_string())?;
        Ok(Self { argon2, nobody, one_at_a_time: Arc::new(Semaphore::new(1)) })
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// 500 where there is no memory for it.
    pub async fn hash(&self, password: Secret) -> Result<String, Refusal> {
        let argon2 = self.argon2.clone();
        self.work(move || hash(&argon2, password.expose())).await?
    }

    /// Whether it is the password of this hash. Without one it takes as long, and is not.
    pub(crate) async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<bool, Refusal> {
        let (argon2, given) = (self.argon2.clone(), Secret::new(password.expose().to_vec()));
        let (known, stored) = (stored.is_some(), stored.unwrap_or(&self.nobody).to_owned());
        let right = self.work(move || argon2.verify_password(given.expose(), stored.as_str()).is_ok()).await?;
        Ok(right && known)
    }

    /// Whether a hash was made with other parameters than today's.
    pub(crate) fn is_old(&self, stored: &str) -> bool {
        let params = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
        params.is_none_or(|params| (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES))
    }

    /// One at a time: each takes its memory, and a function has little. Its turn ends with the work, also where nobody waits
    /// for it any more.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.one_at_a_time).acquire_owned().await;
        let turn = turn.map_err(|error| Refusal::internal(error.to_string()))?;
        let worked = task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        worked.await.map_err(|error| Refusal::internal(error.to_string()))
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, Refusal> {
    let salt = clock::random_bytes();
    let salt = salt.get(..SALT_BYTES).unwrap_or(&salt);
    let hash = argon2.hash_password_with_salt(password, salt).map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// How many bytes the salt has (RFC 9106, section 3.1).
const SALT_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_its_own_and_nobody_has_none() {
        let passwords = Passwords::new().unwrap();
        let secret = |text: &str| Secret::from(text.to_owned());
        let stored = passwords.hash(secret("correct horse")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify(&secret("correct horse"), Some(&stored)).await.unwrap());
        assert!(!passwords.verify(&secret("correct horsf"), Some(&stored)).await.unwrap());
        assert!(!passwords.verify(&secret("correct horse"), None).await.unwrap());
        assert!(!passwords.is_old(&stored));
        assert!(passwords.is_old(&stored.replace("t=2", "t=1")) && passwords.is_old("nothing"));
        assert_ne!(stored, passwords.hash(secret("correct horse")).await.unwrap(), "each has its own salt");
    }
}
