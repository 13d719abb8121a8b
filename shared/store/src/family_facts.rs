//! Everything that a change of a family is decided on, of one consistent moment.

use countersign_core::{
    ApprovalId, FamilyId, MovementId, Person, Subject, UserId, WalletId,
    approval::{self, Proposal, State},
    chain::Head,
    family::{Family, Invitation},
    idempotency::{IdempotencyKey, IdempotencyRecord},
    ledger::{Closing, Movement, ReversalMark, Spent, Standing, Wallet},
};

use crate::{
    KeyScope, Store, StoreError, approval_reads,
    items::{kind_of, read},
    keys::{self, Key, family as of},
    table::Item,
};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct FamilyWanted<'a> {
    /// The person who calls.
    pub subject: Option<Subject>,
    /// The family, and how far its log is.
    pub family: Option<FamilyId>,
    /// Wallets of the family.
    pub wallets: Vec<WalletId>,
    /// A transaction with what became of it.
    pub movement: Option<MovementId>,
    /// What somebody paid without approval.
    pub spent: Option<UserId>,
    /// An approval.
    pub approval: Option<ApprovalId>,
    /// An invitation, by the hash of its code.
    pub invitation: Option<&'a str>,
    /// The record of an idempotency key.
    pub idempotency: Option<(KeyScope, &'a IdempotencyKey)>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct FamilyFacts {
    /// The person.
    pub person: Option<Person>,
    /// The family.
    pub family: Option<Family>,
    /// How far its log is.
    pub head: Head,
    /// Its wallets, in no order.
    pub wallets: Vec<Wallet>,
    /// What somebody paid without approval.
    pub spent: Option<Spent>,
    /// An invitation.
    pub invitation: Option<Invitation>,
    /// The idempotency record.
    pub idempotency: Option<IdempotencyRecord>,
    approval: approval::Facts,
    movement: Option<Movement>,
    closing: Option<Closing>,
    reversal: Option<ReversalMark>,
}

impl Store {
    /// Reads what is wanted with one `TransactGetItems`: no other transaction lies between any two of it.
    ///
    /// # Errors
    /// Where the table cannot be read, or an item is not of our form.
    pub async fn family_facts(&self, wanted: &FamilyWanted<'_>) -> Result<FamilyFacts, StoreError> {
        let mut facts = FamilyFacts::default();
        for item in self.get_snapshot(&wanted.keys()).await? {
            facts.take(item)?;
        }
        Ok(facts)
    }
}

impl FamilyWanted<'_> {
    fn keys(&self) -> Vec<Key> {
        let mut wanted = Vec::with_capacity(12);
        wanted.extend(self.subject.map(keys::person));
        if let Some(family) = self.family {
            wanted.extend([of::head(family), of::record(family)]);
            wanted.extend(self.wallets.iter().map(|id| of::wallet(family, *id)));
            wanted.extend(self.spent.map(|user| of::spent(family, user)));
        }
        wanted.extend(self.movement.into_iter().flat_map(movement_keys));
        wanted.extend(self.approval.into_iter().flat_map(|id| [keys::approval_proposal(id), keys::approval_state(id)]));
        wanted.extend(self.invitation.map(of::invitation_code));
        wanted.extend(self.idempotency.map(|(scope, key)| keys::idempotency(scope, &key.name)));
        wanted
    }
}

/// A transaction with what became of it.
pub(crate) fn movement_keys(id: MovementId) -> [Key; 3] {
    [of::movement(id), of::closing(id), of::reversal(id)]
}

impl FamilyFacts {
    fn take(&mut self, item: Item) -> Result<(), StoreError> {
        match kind_of(&item) {
            "person" => self.person = Some(read(item, "person")?),
            "family" => self.family = Some(read(item, "family")?),
            "head" => self.head = read(item, "head")?,
            "wallet" => self.wallets.push(read(item, "wallet")?),
            "spent" => self.spent = Some(read(item, "spent")?),
            "movement" => self.movement = Some(read(item, "movement")?),
            "closing" => self.closing = Some(read(item, "closing")?),
            "reversal" => self.reversal = Some(read(item, "reversal")?),
            "invitation" => self.invitation = Some(read(item, "invitation")?),
            "idempotency" => self.idempotency = Some(read(item, "idempotency")?),
            "proposal" | "approval_state" => approval_reads::take(&mut self.approval, item)?,
            _ => return Err(StoreError::Unreadable("an item that was not asked for".into())),
        }
        Ok(())
    }

    /// The wallet of this id.
    #[must_use]
    pub fn wallet(&self, id: Option<WalletId>) -> Option<Wallet> {
        let id = id?;
        self.wallets.iter().find(|wallet| wallet.id == id).cloned()
    }

    /// The transaction with what became of it.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        let movement = self.movement.clone()?;
        Some(Standing { movement, closing: self.closing.clone(), reversal: self.reversal.clone() })
    }

    /// The approval.
    #[must_use]
    pub fn approval(&self) -> Option<(Proposal, State)> {
        self.approval.proposal.clone().zip(self.approval.state.clone())
    }
}
