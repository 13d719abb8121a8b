//! Lists of transactions and wallets, newest first, and a transaction by its id.

use std::collections::HashMap;

use countersign_core::{
    Moment, MovementId, Person, Subject,
    family::{FamilyPermit, unknown_family},
    idempotency::{IdempotencyKey, IdempotencyRecord},
    ids::time_ordered,
    ledger::{Closing, Entry, List, Movement, ReversalMark, Standing, Status, Wallet},
};
use serde::Deserialize;

use crate::{
    KeyScope, Page, Store, StoreError,
    family_facts::movement_keys,
    items::{kind_of, read},
    keys::{self, Key, family as of},
    lists::{read_cursor, write_cursor},
    table::Item,
};

/// How many lines of a list one page looks at, about, where it is narrowed by status.
const LOOKED_AT: u32 = 1000;
/// How many lines are read at once where the first ones did not fill the page.
const ROUND: u32 = 100;
/// Transactions whose three records fit one `BatchGetItem`.
pub(super) const AT_ONCE: usize = 33;

/// What a list of transactions is narrowed by.
#[derive(Clone, Copy, Debug)]
pub struct Narrowed {
    /// Which list.
    pub list: List,
    /// How they stand.
    pub status: Option<Status>,
    /// Entered then or later.
    pub from: Option<Moment>,
    /// Entered before.
    pub to: Option<Moment>,
}

/// A transaction, found by its id, and who asks for it.
#[derive(Clone, Debug, Default)]
pub struct MovementFacts {
    /// The person.
    pub person: Option<Person>,
    /// The transaction with what became of it.
    pub standing: Option<Standing>,
    /// The record of an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
}

#[derive(Deserialize)]
struct Line {
    movement_id: MovementId,
}

/// The records of transactions, as they come.
#[derive(Default)]
struct Standings {
    movements: HashMap<MovementId, Movement>,
    closings: HashMap<MovementId, Closing>,
    reversals: HashMap<MovementId, ReversalMark>,
}

impl Standings {
    fn take(&mut self, item: Item) -> Result<(), StoreError> {
        match kind_of(&item) {
            "movement" => {
                let movement: Movement = read(item, "movement")?;
                self.movements.insert(movement.id, movement);
            }
            "closing" => {
                let closing: Closing = read(item, "closing")?;
                self.closings.insert(closing.movement_id, closing);
            }
            _ => {
                let mark: ReversalMark = read(item, "reversal")?;
                self.reversals.insert(mark.movement_id, mark);
            }
        }
        Ok(())
    }

    fn standing(&mut self, id: MovementId) -> Option<Standing> {
        let movement = self.movements.remove(&id)?;
        Some(Standing { movement, closing: self.closings.remove(&id), reversal: self.reversals.remove(&id) })
    }
}

impl Store {
    /// A transaction by its id, who asks for it, and the record of an idempotency key, with one `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn movement_facts(
        &self,
        subject: Option<Subject>,
        id: MovementId,
        idempotency: Option<(KeyScope, &IdempotencyKey)>,
    ) -> Result<MovementFacts, StoreError> {
        let mut wanted: Vec<Key> = movement_keys(id).into();
        wanted.extend(subject.map(keys::person));
        wanted.extend(idempotency.map(|(scope, key)| keys::idempotency(scope, &key.name)));
        let (mut facts, mut standings) = (MovementFacts::default(), Standings::default());
        for item in self.get_batch(&wanted).await? {
            match kind_of(&item) {
                "person" => facts.person = Some(read(item, "person")?),
                "idempotency" => facts.idempotency = Some(read(item, "idempotency")?),
                _ => standings.take(item)?,
            }
        }
        facts.standing = standings.standing(id);
        Ok(facts)
    }

    /// A page of a family's transactions, newest first.
    ///
    /// Where it is narrowed by status a page may be short although there is a next one: it looks at so many lines only.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn movements(
        &self,
        permit: &FamilyPermit,
        narrowed: Narrowed,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Standing>, StoreError> {
        let mut before = cursor.map(read_cursor::<MovementId>).transpose()?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut looked_at, mut round) = (Vec::new(), 0_u32, limit);
        loop {
            let lines = self.lines(permit, narrowed, round, before).await?;
            let more = u32::try_from(lines.len()).is_ok_and(|lines| lines == round);
            looked_at = looked_at.saturating_add(round);
            round = limit.max(ROUND);
            for standing in self.standings(&lines).await? {
                before = Some(standing.movement.id);
                if narrowed.status.is_none_or(|status| status == standing.status()) {
                    found.push(standing);
                }
                if found.len() == most {
                    break;
                }
            }
            let full = found.len() >= most;
            if full || !more || looked_at >= LOOKED_AT {
                let next = before.filter(|_| more || full && lines.last() != before.as_ref());
                return Ok(Page { items: found, next_cursor: next.map(write_cursor) });
            }
        }
    }

    /// The ids of a list, newest first, before this one. Those that wait stand in a list of their own.
    async fn lines(
        &self,
        permit: &FamilyPermit,
        narrowed: Narrowed,
        limit: u32,
        before: Option<MovementId>,
    ) -> Result<Vec<MovementId>, StoreError> {
        let waiting = narrowed.status == Some(Status::PendingApproval) && narrowed.list == List::All;
        let prefix = if waiting { of::OPEN_PREFIX.to_owned() } else { of::list_prefix(narrowed.list) };
        let at = |moment: Option<Moment>| moment.map(|moment| time_ordered(moment, 0));
        let first = at(narrowed.from).unwrap_or(0);
        let last = [at(narrowed.to), before.map(MovementId::get)].into_iter().flatten().min();
        let last = last.map_or_else(|| format!("{prefix}~"), |id| format!("{prefix}{:016}", id.saturating_sub(1)));
        let key = |sk: String| Key { pk: of::partition(permit.family_id()), sk };
        let (first, last) = (key(format!("{prefix}{first:016}")), key(last));
        let found = self.between(&first, &last, true, Some(limit)).await?;
        let line = |item| read::<Line>(item, "booking").map(|line| line.movement_id);
        found.into_iter().map(line).collect()
    }

    /// Transactions with what became of them, in this order.
    pub(super) async fn standings(&self, ids: &[MovementId]) -> Result<Vec<Standing>, StoreError> {
        let mut standings = Standings::default();
        for part in ids.chunks(AT_ONCE) {
            let keys: Vec<Key> = part.iter().flat_map(|id| movement_keys(*id)).collect();
            for item in self.get_batch(&keys).await? {
                standings.take(item)?;
            }
        }
        Ok(ids.iter().filter_map(|id| standings.standing(*id)).collect())
    }

    /// The transactions of a family that wait, newest first, at most so many.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn waiting_movements(&self, permit: &FamilyPermit, limit: u32) -> Result<Vec<Standing>, StoreError> {
        let narrowed = Narrowed { list: List::All, status: Some(Status::PendingApproval), from: None, to: None };
        Ok(self.movements(permit, narrowed, limit, None).await?.items)
    }

    /// All wallets of a family, archived ones too, oldest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn wallets(&self, permit: &FamilyPermit) -> Result<Vec<Wallet>, StoreError> {
        let found = self.all(&of::partition(permit.family_id()), of::WALLET_PREFIX).await?;
        found.into_iter().map(|item| read(item, "wallet")).collect()
    }

    /// All entries of a wallet, oldest first: for whoever proves its balance.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn entries(&self, permit: &FamilyPermit, wallet: &Wallet) -> Result<Vec<Entry>, StoreError> {
        if wallet.family_id != permit.family_id() {
            return Err(StoreError::Refused(Box::new(unknown_family())));
        }
        let found = self.all(&of::partition(permit.family_id()), &of::entry_prefix(wallet.id)).await?;
        found.into_iter().map(|item| read(item, "entry")).collect()
    }
}
