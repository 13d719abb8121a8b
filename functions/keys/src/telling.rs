//! placeholder until telling is written
use countersign_core::{
    Moment,
    keyring::{Client, KeyNotice},
    messaging::OutMessage,
};
use countersign_store::{Store, StoreError};
#[allow(clippy::unused_async, reason = "placeholder")]
pub(crate) async fn messages(
    _: &Store,
    _: Option<&Client>,
    _: &KeyNotice,
    _: bool,
    _: Moment,
) -> Result<Vec<OutMessage>, StoreError> {
    Ok(Vec::new())
}
