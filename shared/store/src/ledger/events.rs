//! The event log of a family: a page of it, and the proof that it is whole.

use countersign_core::{
    chain::{Broken, Event, Head, START, prove},
    family::FamilyPermit,
};

use crate::{
    Page, Store, StoreError,
    items::read,
    keys::family as of,
    lists::{read_cursor, write_cursor},
};

/// How far a proof has come.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The last event that was proved; 0: none.
    pub proved_to: u64,
    /// Its hash.
    pub hash: String,
    /// How far the log is.
    pub head: Head,
    /// The first event that does not fit.
    pub broken: Option<Broken>,
}

impl Proof {
    /// Whether every event is proved, and the last one is the head's.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.broken.is_none() && (self.proved_to, self.hash.as_str()) == (self.head.seq, self.head.hash.as_str())
    }
}

impl Store {
    /// A page of a family's events, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn events(
        &self,
        permit: &FamilyPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Event>, StoreError> {
        let (pk, start) = (of::partition(permit.family_id()), cursor.map(read_cursor::<u64>).transpose()?);
        let start = start.map(|seq| of::event(permit.family_id(), seq));
        let (found, more) = self.newest(&pk, of::EVENT_PREFIX, limit, start).await?;
        let items: Vec<Event> = found.into_iter().map(|item| read(item, "event")).collect::<Result<_, _>>()?;
        let next_cursor = items.last().filter(|_| more).map(|last| write_cursor(last.seq));
        Ok(Page { items, next_cursor })
    }

    /// Proves the events after this one (0: from the start), at most so many, against each other and the head.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn prove_events(&self, permit: &FamilyPermit, after: u64, limit: u32) -> Result<Proof, StoreError> {
        let family = permit.family_id();
        // The head goes first: events that are written meanwhile only make the log longer than it.
        let head: Head = match self.get(&of::head(family)).await? {
            Some(item) => read(item, "head")?,
            None => Head::default(),
        };
        let before = match after {
            0 => (0, START.to_owned()),
            seq => match self.get(&of::event(family, seq)).await? {
                Some(item) => (seq, read::<Event>(item, "event")?.hash),
                None => return Err(StoreError::Cursor),
            },
        };
        let events = self.events_between(permit, after + 1, head.seq, limit).await?;
        let enough = u64::try_from(events.len()).unwrap_or(0) == (head.seq.saturating_sub(after)).min(u64::from(limit));
        let (proved_to, hash, broken) = match prove(family, before.clone(), &events) {
            Ok((seq, hash)) if enough => (seq, hash, None),
            Ok((seq, hash)) => (seq, hash, Some(Broken { seq: seq + 1, reason: "an event is missing" })),
            Err(broken) => {
                let last = events.iter().find(|event| event.seq + 1 == broken.seq).map(|event| event.hash.clone());
                (broken.seq.saturating_sub(1), last.unwrap_or(before.1), Some(broken))
            }
        };
        Ok(Proof { proved_to, hash, head, broken })
    }

    async fn events_between(
        &self,
        permit: &FamilyPermit,
        first: u64,
        last: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let (first, last) = (of::event(permit.family_id(), first), of::event(permit.family_id(), last));
        let found = self.between(&first, &last, false, Some(limit)).await?;
        found.into_iter().map(|item| read(item, "event")).collect()
    }
}
