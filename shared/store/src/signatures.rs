//! Signatures made here: handed out only after this commit.

use countersign_core::{
    policy::Permit,
    signing::{Session, SignatureRecord},
};

use crate::{Guard, KeptAnswer, Store, StoreError, items::item, keys, transaction::Transaction};

impl Store {
    /// Records a signature that a local or KMS key has made; its session must still be live at `record.at`.
    ///
    /// # Errors
    /// [`Guard::Session`] where the session ended meanwhile, [`Guard::Idempotency`] where a twin was first,
    /// [`Guard::Signature`] where the id is taken.
    pub async fn commit_signature(
        &self,
        permit: &Permit,
        session: &Session,
        record: &SignatureRecord,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let subject = permit.subject();
        let event = item(&keys::signature(subject, record.id), "signature", record)?;
        Transaction::new(self)
            .while_live(subject, session, record.at)
            .put(Guard::Signature, event, Some("attribute_not_exists(pk)"), vec![])
            .keep(kept)?
            .commit()
            .await
    }
}
