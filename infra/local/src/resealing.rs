//! `reseal`: puts clients' keys under the sealing key of now, one by one, while everything goes on; says who is behind.

use std::path::Path;

use aws_config::{BehaviorVersion, SdkConfig};
use countersign_core::{ClientId, SealContext};
use countersign_edge::Environment;
use countersign_store::{KeyPlace, SealedKey, Store};
use countersign_vault::{Vault, VaultError};

use crate::{LocalError, second_gateway::Told};

/// Clients of one page of the directory.
const PAGE: u32 = 100;
/// How often a client is looked at again whose key changed meanwhile.
const ROUNDS: u32 = 5;

/// The table, and KMS with the keys that are told of.
#[derive(Debug)]
pub struct Resealing {
    store: Store,
    vault: Vault,
}

/// What there is to say of a key.
#[derive(Debug)]
pub enum KeySeen {
    /// It is under another KMS key (its ARN).
    Behind(String),
    /// It was under another KMS key (its ARN) and is under the sealing key of now.
    Resealed(String),
    /// It cannot be looked at, or not be put under another key.
    Failed(VaultError),
}

/// How many there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Clients that were looked at.
    pub clients: usize,
    /// Keys of theirs, current and staged.
    pub keys: usize,
    /// Keys that were put under the sealing key of now.
    pub resealed: usize,
    /// Keys that are not under it.
    pub left: usize,
}

/// What came of looking at one key.
enum Look {
    /// It is under the sealing key of now.
    Current,
    /// There is something to say of it.
    Said(KeySeen),
    /// It changed meanwhile.
    Changed,
}

impl Resealing {
    /// On the local system whose demo.json this is, else with what the environment says: `TABLE_NAME`, `SEALING_KEY_ID` and what
    /// leads the SDK to its account. `previous` are the KMS keys of before, if not those of `PREVIOUS_SEALING_KEY_IDS`; `key` is
    /// the one of now, if not `SEALING_KEY_ID`'s.
    ///
    /// # Errors
    /// Where one of them is missing.
    pub async fn of(demo: Option<&Path>, key: Option<String>, previous: Vec<String>) -> Result<Self, LocalError> {
        let (environment, config) = match demo {
            Some(demo) => Told::read(demo)?.into_parts(None),
            None => (Environment::of_process(), aws_config::load_defaults(BehaviorVersion::latest()).await),
        };
        Self::with(&environment, &config, key, previous)
    }

    fn with(
        environment: &Environment,
        config: &SdkConfig,
        key: Option<String>,
        previous: Vec<String>,
    ) -> Result<Self, LocalError> {
        let required = |name| environment.required(name).map_err(|error| LocalError::Aws(error.to_string()));
        let key = match key {
            Some(key) => key,
            None => required("SEALING_KEY_ID")?.to_owned(),
        };
        let previous = if previous.is_empty() { environment.previous_sealing_keys() } else { previous };
        let vault = Vault::new(config, key).with_previous_keys(previous);
        Ok(Self { store: Store::new(config, required("TABLE_NAME")?), vault })
    }

    /// Looks at every client's keys; where `fix` says so, puts them under the sealing key of now. It may be stopped and run again
    /// at any time: what is done stays done.
    ///
    /// # Errors
    /// Where the table does not answer. A key that does not let itself be resealed is told of, and the next one follows.
    pub async fn walk(&self, fix: bool, mut tell: impl FnMut(&SealedKey, &KeySeen)) -> Result<Resealed, LocalError> {
        let (mut sum, mut cursor) = (Resealed::default(), None);
        loop {
            let page = self.store.client_ids(PAGE, cursor.as_deref()).await.map_err(LocalError::refused)?;
            for client in &page.0 {
                let keys = self.client(*client, fix).await?;
                sum.clients += 1;
                sum.keys += keys.len();
                for (key, seen) in keys {
                    let Some(seen) = seen else { continue };
                    let is_done = matches!(seen, KeySeen::Resealed(_));
                    *(if is_done { &mut sum.resealed } else { &mut sum.left }) += 1;
                    tell(&key, &seen);
                }
            }
            cursor = page.1;
            if cursor.is_none() {
                return Ok(sum);
            }
        }
    }

    /// A client's keys, each with what there is to say of it: nothing where it is under the sealing key of now.
    async fn client(&self, client: ClientId, fix: bool) -> Result<Vec<(SealedKey, Option<KeySeen>)>, LocalError> {
        'rounds: for _ in 0..ROUNDS {
            let mut looked = Vec::new();
            for key in self.store.bootstrap().sealed_keys(client).await.map_err(LocalError::refused)? {
                match self.look(&key, fix).await? {
                    Look::Current => looked.push((key, None)),
                    Look::Said(seen) => looked.push((key, Some(seen))),
                    Look::Changed => continue 'rounds,
                }
            }
            return Ok(looked);
        }
        Err(LocalError::Aws(format!("the key of client {client} changes all the time")))
    }

    async fn look(&self, key: &SealedKey, fix: bool) -> Result<Look, LocalError> {
        let context = SealContext::trading_key(key.client_id, key.version);
        let under = match self.vault.sealed_under(&context, &key.sealed).await {
            Ok(under) if under.is_current => return Ok(Look::Current),
            Ok(under) => under.key_arn,
            Err(error) => return Ok(Look::Said(KeySeen::Failed(error))),
        };
        if !fix {
            return Ok(Look::Said(KeySeen::Behind(under)));
        }
        match self.vault.reseal(&context, &key.sealed).await {
            Ok(None) => Ok(Look::Current),
            Ok(Some(resealed)) => {
                let done = self.store.bootstrap().commit_resealed(key, &resealed).await.map_err(LocalError::refused)?;
                Ok(if done { Look::Said(KeySeen::Resealed(under)) } else { Look::Changed })
            }
            // A KMS key that was not told of: it is not taken, and it is said which one it is.
            Err(VaultError::Sealed) => Ok(Look::Said(KeySeen::Behind(under))),
            Err(error) => Ok(Look::Said(KeySeen::Failed(error))),
        }
    }
}

/// How a line of the command names a key.
#[must_use]
pub fn words(key: &SealedKey, seen: &KeySeen) -> String {
    let place = match key.place {
        KeyPlace::Current => "",
        KeyPlace::Staged => " (staged)",
    };
    let is = match seen {
        KeySeen::Behind(under) => format!("behind, under {under}"),
        KeySeen::Resealed(under) => format!("resealed, was under {under}"),
        KeySeen::Failed(error) => format!("cannot be resealed: {error}"),
    };
    format!("client {} \"{}\", key {}{place}: {is}", key.client_id, key.client_name, key.version)
}
