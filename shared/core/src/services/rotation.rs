//! Rotation of a service's credentials: a second set becomes live, and one of the two ends later.

use serde::Deserialize;

use crate::{
    Refusal,
    gate::{KeyHash, StoredService},
};

/// A step of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A new set of credentials becomes live beside the one in use.
    #[default]
    Begin,
    /// The older set ends.
    Finish,
    /// The newer set ends: it was lost, or is not wanted.
    Cancel,
}

impl StoredService {
    /// The version that the next set of credentials gets: none is ever used twice.
    #[must_use]
    pub fn next_version(&self) -> u32 {
        let live = self.client_versions.iter().copied().max().unwrap_or_default();
        live.max(self.last_version).saturating_add(1)
    }

    /// Whether two sets of credentials are live.
    #[must_use]
    pub fn is_rotating(&self) -> bool {
        self.client_versions.len() > 1
    }
}

/// The service after this step. `new` is the hash of the key of [`StoredService::next_version`], for a beginning.
///
/// # Errors
/// 409 where a rotation runs already, or none does.
pub fn rotated(service: &StoredService, step: Step, new: Option<KeyHash>) -> Result<StoredService, Refusal> {
    let (mut keys, mut versions) = (service.key_hashes.clone(), service.client_versions.clone());
    match (step, service.is_rotating()) {
        (Step::Begin, true) => {
            return Err(Refusal::conflict("Two sets of credentials are live: finish or cancel that rotation first"));
        }
        (Step::Begin, false) => {
            keys.truncate(1);
            keys.splice(0..0, new);
            versions.insert(0, service.next_version());
        }
        (Step::Finish | Step::Cancel, false) => {
            return Err(Refusal::conflict("Only one set of credentials is live: no rotation is running"));
        }
        (Step::Finish, true) => {
            keys.truncate(1);
            versions.truncate(1);
        }
        (Step::Cancel, true) => {
            keys.rotate_left(1);
            versions.rotate_left(1);
            keys.truncate(1);
            versions.truncate(1);
        }
    }
    let last_version = service.last_version.max(versions.first().copied().unwrap_or_default());
    Ok(StoredService { key_hashes: keys, client_versions: versions, last_version, ..service.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ServiceId, gate::mint};

    fn hash(byte: u8) -> KeyHash {
        mint(ServiceId::new(3).unwrap(), [byte; 32]).1
    }

    fn service() -> StoredService {
        StoredService {
            id: ServiceId::new(3).unwrap(),
            name: "test".into(),
            role: "notifier".into(),
            key_hashes: vec![hash(1)],
            client_versions: vec![1],
            last_version: 0,
            last_used_at: None,
            disabled: false,
        }
    }

    #[test]
    fn two_sets_live_until_the_older_ends() {
        let both = rotated(&service(), Step::Begin, Some(hash(2))).unwrap();
        assert_eq!((both.key_hashes.clone(), both.client_versions.clone()), (vec![hash(2), hash(1)], vec![2, 1]));
        assert!(rotated(&both, Step::Begin, Some(hash(3))).is_err());
        let done = rotated(&both, Step::Finish, None).unwrap();
        assert_eq!((done.key_hashes.clone(), done.client_versions.clone()), (vec![hash(2)], vec![2]));
        assert!(rotated(&done, Step::Finish, None).is_err());
        assert!(rotated(&done, Step::Cancel, None).is_err());
    }

    #[test]
    fn a_cancelled_version_never_comes_back() {
        let both = rotated(&service(), Step::Begin, Some(hash(2))).unwrap();
        let back = rotated(&both, Step::Cancel, None).unwrap();
        assert_eq!((back.key_hashes.clone(), back.client_versions.clone()), (vec![hash(1)], vec![1]));
        assert_eq!(back.next_version(), 3);
    }
}
