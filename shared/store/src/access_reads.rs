//! Pages of the access log: everybody's requests day by day for an admin, a family's for its owner.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    Moment,
    access::Access,
    family::{FamilyPermit, Permission},
    limits,
    policy::Permit,
};

use crate::{
    Page, Store, StoreError,
    accesses::access_of,
    keys::{self, Key, PK, SK},
    lists::{read_cursor, write_cursor},
    transaction::{number, text},
};

/// Which requests are asked for.
#[derive(Clone, Debug)]
pub struct AccessesWanted<'a> {
    /// From this moment on.
    pub from: Moment,
    /// Before this moment.
    pub to: Moment,
    /// Of this caller alone, as [`Access::caller`].
    pub caller: Option<&'a str>,
    /// With this answer alone.
    pub status: Option<u16>,
    /// How many at most.
    pub limit: u32,
    /// `next_cursor` of the page before.
    pub cursor: Option<&'a str>,
}

impl Store {
    /// Requests of everybody, newest first, day by day: a page may be short, or empty, and have a next one, because it costs
    /// [`limits::ACCESS_QUERIES`] queries at most. What is older than it is kept is not shown, deleted or not.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list or another time.
    pub async fn accesses(
        &self,
        _permit: &Permit,
        now: Moment,
        wanted: &AccessesWanted<'_>,
    ) -> Result<Page<Access>, StoreError> {
        let from = wanted.from.max(oldest(now));
        let mut place = Place::read(wanted.cursor, from, wanted.to)?;
        let mut items = Vec::new();
        if place.before <= from {
            return Ok(Page { items, next_cursor: None });
        }
        for _ in 0..limits::ACCESS_QUERIES {
            let day = keys::access_day(Moment::from_millis(place.before.millis().saturating_sub(1)));
            let begin = keys::access_day_begin(day);
            let partition = keys::access_day_partition(day);
            let left = wanted.limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            let part = Part { partition: &partition, from: from.max(begin), place: &place, filter: Some(wanted) };
            let (found, more) = self.access_part(&part, left).await?;
            items.extend(found);
            place = match more {
                Some(last) => Place::after(&last)?,
                None if begin <= from => return Ok(Page { items, next_cursor: None }),
                None => Place { before: begin, key: None },
            };
            if items.len() >= usize::try_from(wanted.limit).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(Page { items, next_cursor: Some(place.cursor()) })
    }

    /// Requests about a family's things, newest first: who, what, when and with which answer, as the functions saw it. Where
    /// from somebody called is not in it: [`Access::address`] is none.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list; [`StoreError::Refused`] where the permit is for another thing.
    pub async fn family_accesses(
        &self,
        permit: &FamilyPermit,
        now: Moment,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Access>, StoreError> {
        permit.check(permit.family_id(), Permission::SeeAccess).map_err(Box::new).map_err(StoreError::Refused)?;
        // A second ahead: machines' clocks differ.
        let (from, to) = (oldest(now), now.plus_seconds(1));
        let place = Place::read(cursor, from, to)?;
        let partition = keys::family_access_partition(permit.family_id().get());
        let part = Part { partition: &partition, from, place: &place, filter: None };
        let (items, more) = self.access_part(&part, limit).await?;
        let next_cursor = more.map(|last| Place::after(&last)).transpose()?.map(|place| place.cursor());
        Ok(Page { items, next_cursor })
    }

    /// A part of one partition, from the last backwards: at most `most` requests, and the key to go on after where there may
    /// be more.
    async fn access_part(&self, part: &Part<'_>, most: u32) -> Result<(Vec<Access>, Option<Key>), StoreError> {
        let filter = part.filter.and_then(filter);
        let read_most = if filter.is_some() { limits::ACCESS_READ } else { most };
        let (condition, values) = filter.unzip();
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :from AND :before"))
            .expression_attribute_values(":pk", text(part.partition))
            .expression_attribute_values(":from", text(keys::access_bound(part.from)))
            .expression_attribute_values(":before", text(keys::access_bound(part.place.before)))
            .set_filter_expression(condition)
            .scan_index_forward(false)
            .limit(i32::try_from(read_most).unwrap_or(i32::MAX))
            .set_exclusive_start_key(part.place.start(part.partition).map(|key| key.attributes()));
        for (name, value) in values.into_iter().flatten() {
            query = query.expression_attribute_values(name, value);
        }
        let answer = query.send().await.map_err(|error| StoreError::from_sdk(&error))?;
        let mut found = answer.items.unwrap_or_default();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let cut = found.len() > most;
        found.truncate(most);
        let last = if cut { found.last() } else { answer.last_evaluated_key.as_ref() };
        let last = last.and_then(Key::of);
        Ok((found.into_iter().map(access_of).collect::<Result<_, StoreError>>()?, last))
    }
}

/// What one query reads.
struct Part<'a> {
    partition: &'a str,
    from: Moment,
    place: &'a Place,
    filter: Option<&'a AccessesWanted<'a>>,
}

/// Where a list goes on: before a moment, and where it stopped within one, after that request.
struct Place {
    before: Moment,
    key: Option<String>,
}

impl Place {
    /// A cursor is the sort key of the last request, or the bound where a day was read to its begin. It must lie within what
    /// is asked for.
    fn read(cursor: Option<&str>, from: Moment, to: Moment) -> Result<Self, StoreError> {
        let Some(cursor) = cursor else { return Ok(Self { before: to, key: None }) };
        let place = Self::of(&read_cursor::<String>(cursor)?)?;
        if place.before < from || place.before > to.plus_seconds(1) {
            return Err(StoreError::Cursor);
        }
        Ok(place)
    }

    fn after(last: &Key) -> Result<Self, StoreError> {
        Self::of(&last.sk)
    }

    fn of(sort: &str) -> Result<Self, StoreError> {
        let (millis, request_id) = keys::access_of(sort).ok_or(StoreError::Cursor)?;
        Ok(match request_id {
            // The next millisecond: the request itself must lie within the bounds of the query that goes on after it.
            Some(_) => Self { before: Moment::from_millis(millis.saturating_add(1)), key: Some(sort.to_owned()) },
            None => Self { before: Moment::from_millis(millis), key: None },
        })
    }

    fn cursor(&self) -> String {
        write_cursor(self.key.clone().unwrap_or_else(|| keys::access_bound(self.before)))
    }

    fn start(&self, partition: &str) -> Option<Key> {
        self.key.as_ref().map(|sort| Key { pk: partition.to_owned(), sk: sort.clone() })
    }
}

fn oldest(now: Moment) -> Moment {
    now.plus_seconds(-limits::ACCESS_KEPT_SECONDS)
}

/// The condition on what was read, and its values.
fn filter(wanted: &AccessesWanted<'_>) -> Option<(String, Vec<(&'static str, AttributeValue)>)> {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    if let Some(caller) = wanted.caller {
        conditions.push("function_caller = :caller");
        values.push((":caller", text(caller)));
    }
    if let Some(status) = wanted.status {
        // API Gateway's word counts, where it has come: [`Access::status`].
        conditions
            .push("(gateway_status = :status OR (attribute_not_exists(gateway_status) AND function_status = :status))");
        values.push((":status", number(status)));
    }
    (!conditions.is_empty()).then(|| (conditions.join(" AND "), values))
}
