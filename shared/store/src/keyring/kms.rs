//! How KMS is, as the monitor saw it last.

use countersign_core::{keyring::KmsHealth, messaging::OutMessage};

use crate::{
    Guard, Store, StoreError,
    items::{item, read},
    keys::keyring as of,
    transaction::{Transaction, number},
};

impl Store {
    /// What the monitor saw last; none before anything was wrong.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn kms_health(&self) -> Result<Option<KmsHealth>, StoreError> {
        self.get(&of::kms()).await?.map(|item| read(item, "kms_health")).transpose()
    }

    /// Writes a change over the version before, with those who are told.
    ///
    /// # Errors
    /// [`Guard::KmsHealth`] where another run was faster.
    pub async fn commit_kms_health(&self, health: &KmsHealth, messages: &[OutMessage]) -> Result<(), StoreError> {
        let (condition, values) = match health.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        let record = item(&of::kms(), "kms_health", health)?;
        let mut transaction = Transaction::new(self).put(Guard::KmsHealth, record, Some(condition), values);
        for message in messages {
            transaction = transaction.tell(message)?;
        }
        transaction.commit().await
    }
}
