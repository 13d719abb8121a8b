//! Keys of what is left of a linked account once another consent has taken its place.

use countersign_core::{ConnectionId, Subject};

use super::Key;

pub(crate) const REVOCATION_PREFIX: &str = "REVOCATION#";

/// Tokens that are still to be revoked, by the consent that they came of.
pub(crate) fn revocation(subject: Subject, id: ConnectionId) -> Key {
    Key::new(super::subject_partition(subject), format!("{REVOCATION_PREFIX}{:016}", id.get()))
}
