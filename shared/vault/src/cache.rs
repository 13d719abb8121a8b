//! Data keys that are warm: bounded in age, in uses and in number, wiped when they leave.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use countersign_core::{SealContext, Secret};

/// How long an opened data key may be kept.
const AGE: Duration = Duration::from_secs(300);
/// How often it may be used.
const USES: u32 = 1000;
/// How many are kept.
const KEYS: usize = 256;

/// Opened data keys by a hash of their wrapped form and context. A key is found only in the context KMS opened it in.
#[derive(Default)]
pub(crate) struct DataKeys(Mutex<HashMap<[u8; 32], Entry>>);

struct Entry {
    key: Arc<Secret>,
    since: Instant,
    uses: u32,
}

/// The name of a data key in the cache.
pub(crate) fn name(wrapped_key: &[u8], context: &SealContext) -> [u8; 32] {
    let mut text = context.associated_data(0);
    text.extend_from_slice(wrapped_key);
    let mut name = [0; 32];
    name.copy_from_slice(digest(&SHA256, &text).as_ref());
    name
}

impl DataKeys {
    pub(crate) fn find(&self, name: &[u8; 32]) -> Option<Arc<Secret>> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, entry| entry.since.elapsed() < AGE && entry.uses < USES);
        let entry = keys.get_mut(name)?;
        entry.uses += 1;
        Some(Arc::clone(&entry.key))
    }

    pub(crate) fn keep(&self, name: [u8; 32], key: Secret) -> Arc<Secret> {
        let key = Arc::new(key);
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, entry| entry.since.elapsed() < AGE);
        if keys.len() >= KEYS {
            let oldest = keys.iter().min_by_key(|(_, entry)| entry.since).map(|(name, _)| *name);
            oldest.map(|name| keys.remove(&name));
        }
        keys.insert(name, Entry { key: Arc::clone(&key), since: Instant::now(), uses: 1 });
        key
    }
}

impl std::fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKeys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bounded_in_uses_and_number() {
        let keys = DataKeys::default();
        keys.keep([0; 32], Secret::new(vec![0; 32]));
        let found = (0..USES * 2).take_while(|_| keys.find(&[0; 32]).is_some()).count();
        assert_eq!(found, USES as usize - 1);
        for number in 0..KEYS * 2 {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&(number as u64).to_be_bytes());
            keys.keep(name, Secret::new(vec![0; 32]));
        }
        assert_eq!(keys.0.lock().unwrap().len(), KEYS);
    }
}
