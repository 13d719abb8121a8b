//! What is read of families beside a decision: those of a person, and open invitations.

use countersign_core::{
    FamilyId, Person, Subject, UserId, WalletId,
    family::{Family, FamilyPermit, Invitation, Membership},
    idempotency::{IdempotencyKey, IdempotencyRecord},
    policy::Permit,
};

use crate::{
    KeyScope, Store, StoreError,
    items::{kind_of, read},
    keys::{self, Key, family as of},
};

#[derive(serde::Deserialize)]
struct Owner {
    family_id: FamilyId,
}

impl Store {
    /// Who calls, a family, and the record of an idempotency key: for what is only read. One `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn person_and_family(
        &self,
        subject: Subject,
        family: FamilyId,
    ) -> Result<(Option<Person>, Option<Family>), StoreError> {
        let (mut person, mut found) = (None, None);
        for item in self.get_batch(&[keys::person(subject), of::record(family)]).await? {
            match kind_of(&item) {
                "person" => person = Some(read(item, "person")?),
                _ => found = Some(read(item, "family")?),
            }
        }
        Ok((person, found))
    }

    /// Whose a wallet is; none where there is no such wallet.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn family_of_wallet(&self, id: WalletId) -> Result<Option<FamilyId>, StoreError> {
        let found = self.get(&of::wallet_owner(id)).await?;
        let owner = found.map(|item| read::<Owner>(item, "wallet_owner")).transpose()?;
        Ok(owner.map(|owner| owner.family_id))
    }

    /// Who calls, with the record of an idempotency key. One `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn person_and_key(
        &self,
        subject: Subject,
        idempotency: Option<(KeyScope, &IdempotencyKey)>,
    ) -> Result<(Option<Person>, Option<IdempotencyRecord>), StoreError> {
        let mut wanted = vec![keys::person(subject)];
        wanted.extend(idempotency.map(|(scope, key)| keys::idempotency(scope, &key.name)));
        let (mut person, mut record) = (None, None);
        for item in self.get_batch(&wanted).await? {
            match kind_of(&item) {
                "person" => person = Some(read(item, "person")?),
                _ => record = Some(read(item, "idempotency")?),
            }
        }
        Ok((person, record))
    }

    /// The families of the person whose permit this is, oldest first. Their records say what they are there.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn families_of(&self, _permit: &Permit, user: UserId) -> Result<Vec<Family>, StoreError> {
        let memberships = self.all(&of::memberships(user), of::MEMBERSHIP_PREFIX).await?;
        let memberships: Vec<Membership> =
            memberships.into_iter().map(|item| read(item, "membership")).collect::<Result<_, _>>()?;
        let records: Vec<Key> = memberships.iter().map(|membership| of::record(membership.family_id)).collect();
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.get_batch(&records).await?;
        let mut families: Vec<Family> = found.into_iter().map(|item| read(item, "family")).collect::<Result<_, _>>()?;
        families.retain(|family| family.member(user).is_some());
        families.sort_by_key(|family| family.id);
        Ok(families)
    }

    /// The open invitations of a family, oldest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn invitations(&self, permit: &FamilyPermit) -> Result<Vec<Invitation>, StoreError> {
        let found = self.all(&of::partition(permit.family_id()), of::INVITATION_PREFIX).await?;
        found.into_iter().map(|item| read(item, "invitation")).collect()
    }
}
