//! How every change of what is planned goes: read at one moment, permitted, decided, committed in turn with all else.

use countersign_core::{
    FamilyId, Moment, Refusal, WalletId,
    family::{Change, Family, FamilyPermit, Permission, unknown_family},
    planning::Ground,
};
use countersign_edge::{Answer, Call, clock};
use countersign_store::{Along, FamilyFacts, FamilyWanted, Undone};

use crate::{
    Money,
    entry::{self, Entered},
};

/// A call that changes what a family plans.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) money: &'a Money,
    pub(super) entered: &'a Entered,
    pub(super) call: &'a Call,
    /// What is said to whoever is not of the family.
    pub(super) unknown: fn() -> Refusal,
}

/// What was found.
pub(super) enum Opened {
    /// The call was answered before.
    Replayed(Answer),
    /// The family, and that whoever calls may.
    Read(Box<Read>),
}

/// A family as it was read, and the permit.
pub(super) struct Read {
    pub(super) permit: FamilyPermit,
    pub(super) family: Family,
    pub(super) found: FamilyFacts,
    pub(super) now: Moment,
}

impl Read {
    pub(super) fn ground(&self) -> Ground<'_> {
        Ground { family: &self.family, head: &self.found.head }
    }
}

impl Asked<'_> {
    /// Reads the family. Whatever is read of it afterwards is of the same moment, or the commit fails.
    pub(super) async fn open(
        &self,
        family: FamilyId,
        permission: Permission,
        wallets: Vec<WalletId>,
    ) -> Result<Opened, Undone> {
        let wanted = FamilyWanted { wallets, ..self.entered.wanted(self.call, Some(family)) };
        let found = self.money.store.family_facts(&wanted).await?;
        let person = found.person.as_ref();
        self.entered.platform(person)?;
        if let Some(answer) = entry::replayed(self.call, family, &found)? {
            return Ok(Opened::Replayed(answer));
        }
        let is_in = found.family.as_ref().zip(person);
        if is_in.is_none_or(|(family, person)| family.member(person.user_id).is_none()) {
            return Err((self.unknown)().into());
        }
        let permit = self.entered.permit(person, found.family.as_ref(), permission)?;
        self.call.trace().family(family);
        let family = found.family.clone().ok_or_else(unknown_family)?;
        Ok(Opened::Read(Box::new(Read { permit, family, found, now: clock::now() })))
    }

    /// Commits, and keeps the answer for the call's idempotency key.
    pub(super) async fn commit(&self, change: &Change, answer: Answer, now: Moment) -> Result<Answer, Undone> {
        let kept = entry::kept(self.call, self.entered.scope(), &answer, now);
        self.money.store.commit_family(change, Along { kept: kept.as_ref(), contact: None }).await?;
        Ok(answer)
    }
}

impl Money {
    /// Refuses whoever the platform does not know before anything is said of an id.
    pub(super) async fn known(&self, entered: &Entered) -> Result<(), Refusal> {
        let (person, _) = self.store.person_and_key(entered.subject, None).await?;
        entered.platform(person.as_ref()).map(|_| ())
    }

    /// The same, with the answer of a call that was made before: what it took away is not there any more.
    pub(super) async fn known_again(&self, entered: &Entered, call: &Call) -> Result<Option<Answer>, Refusal> {
        let key = call.idempotency().map(|key| (entered.scope(), key));
        let (person, record) = self.store.person_and_key(entered.subject, key).await?;
        entered.platform(person.as_ref())?;
        entry::answered(call, record.as_ref())
    }
}
