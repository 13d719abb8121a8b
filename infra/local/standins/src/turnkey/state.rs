//! What the stand-in knows: organizations, activities, how the next ones go. One lock, held briefly, never across an await.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use super::{
    activity::{Activity, Ask, Mode, Status, Summary, Vote},
    journal::{Journal, Line},
    limits::{Buckets, RateLimits},
    organization::{AddError, AddedOrganization, NewOrganization, Organization},
};
use crate::clock::now_ms;

/// How many activities are kept; older ones are forgotten.
const ACTIVITIES: usize = 10_000;

/// What the stand-in knows; clones share it.
#[derive(Clone)]
pub struct State {
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
pub(super) struct Known {
    pub(super) organizations: BTreeMap<String, Organization>,
    activities: HashMap<String, Activity>,
    by_fingerprint: HashMap<String, String>,
    /// Activity ids, oldest first.
    order: VecDeque<String>,
    pub(super) modes: VecDeque<Mode>,
    pub(super) buckets: Buckets,
    journal: Option<Journal>,
}

/// Why an activity is not set to a state.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SetError {
    NoSuchActivity,
    AlreadyFinal,
    Storage(String),
}

impl State {
    /// Reads what the file knows, or begins with nothing.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not one of ours.
    pub fn open(path: Option<PathBuf>) -> io::Result<Self> {
        let mut known = Known::default();
        if let Some(path) = path {
            for line in Journal::read(&path)? {
                known.take_in(line);
            }
            let lines = known.lines();
            known.journal = Some(Journal::rewrite(&path, lines.iter())?);
        }
        Ok(Self { known: Arc::new(Mutex::new(known)) })
    }

    /// Adds an organization, or a key and a wallet to one that is there.
    ///
    /// # Errors
    /// See [`AddError`].
    pub fn add_organization(&self, new: NewOrganization) -> Result<AddedOrganization, AddError> {
        let mut known = self.known();
        let there = new.organization_id.as_ref().and_then(|id| known.organizations.get(id)).cloned();
        let mut organization = match there {
            Some(there) => there,
            None => Organization::new(new.organization_id)?,
        };
        let added = organization.add(new.api_public_key, new.stellar_secret.as_deref())?;
        known.keep(Line::Organization(organization))?;
        Ok(added)
    }

    /// How the next activities go, after those that were asked for already.
    pub fn add_mode(&self, mode: Mode) {
        self.known().modes.push_back(mode);
    }

    /// Sets the rate limits; all buckets are full again.
    pub fn set_limits(&self, limits: RateLimits) {
        self.known().buckets.set(limits);
    }

    /// All activities, oldest first.
    #[must_use]
    pub fn activities(&self) -> Vec<Summary> {
        let mut known = self.known();
        known.complete_due();
        known.order.iter().filter_map(|id| known.activities.get(id)).map(Activity::summary).collect()
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The activity of a submitted body: the one that is there, or a new one.
    pub(super) fn submit(
        &mut self,
        organization_id: &str,
        fingerprint: String,
        ask: Ask,
        vote: Vote,
    ) -> io::Result<Activity> {
        self.complete_due();
        if let Some(activity) = self.by_fingerprint.get(&fingerprint).and_then(|id| self.activities.get(id)) {
            let mut again = activity.clone();
            again.submissions += 1;
            self.keep(Line::Activity(again.clone()))?;
            return Ok(again);
        }
        let mode = self.next_mode();
        let now = now_ms();
        let mut activity = Activity {
            id: Uuid::new_v4().to_string(),
            organization_id: organization_id.to_owned(),
            fingerprint,
            status: mode.status,
            ask,
            vote,
            created_ms: now,
            updated_ms: now,
            complete_at_ms: mode.complete_after_ms.map(|after| now.saturating_add(after)),
            signature: None,
            submissions: 1,
            signatures: 0,
        };
        if mode.status == Status::Completed {
            self.complete(&mut activity);
        }
        self.keep(Line::Activity(activity.clone()))?;
        Ok(activity)
    }

    /// Sets an activity to a state, as the people who approve would.
    pub(super) fn set_status(&mut self, id: &str, status: Status) -> Result<Activity, SetError> {
        self.complete_due();
        let mut activity = self.activities.get(id).cloned().ok_or(SetError::NoSuchActivity)?;
        if activity.status.is_final() {
            return Err(SetError::AlreadyFinal);
        }
        if status == Status::Completed {
            self.complete(&mut activity);
        } else {
            activity.status = status;
            activity.updated_ms = now_ms();
        }
        self.keep(Line::Activity(activity.clone())).map_err(|error| SetError::Storage(error.to_string()))?;
        Ok(activity)
    }

    /// One activity of an organization.
    pub(super) fn activity(&mut self, organization_id: &str, id: &str) -> Option<&Activity> {
        self.complete_due();
        self.activities.get(id).filter(|activity| activity.organization_id == organization_id)
    }

    /// An organization's activities, newest first.
    pub(super) fn activities_of(&mut self, organization_id: &str) -> Vec<&Activity> {
        self.complete_due();
        let newest_first = self.order.iter().rev().filter_map(|id| self.activities.get(id));
        newest_first.filter(|activity| activity.organization_id == organization_id).collect()
    }

    fn next_mode(&mut self) -> Mode {
        let usual = Mode { status: Status::Completed, count: 1, complete_after_ms: None };
        let Some(mode) = self.modes.front_mut() else { return usual };
        let next = mode.clone();
        mode.count = mode.count.saturating_sub(1);
        if mode.count == 0 {
            self.modes.pop_front();
        }
        next
    }

    fn complete(&self, activity: &mut Activity) {
        let organization = self.organizations.get(&activity.organization_id);
        match organization.and_then(|organization| organization.wallet(&activity.ask.sign_with)) {
            Some(wallet) => activity.complete(wallet, now_ms()),
            None => activity.status = Status::Failed,
        }
    }

    /// Completes what was to complete by itself by now.
    fn complete_due(&mut self) {
        let now = now_ms();
        let due: Vec<_> = self.activities.values().filter(|activity| activity.is_due(now)).cloned().collect();
        for mut activity in due {
            self.complete(&mut activity);
            if let Err(error) = self.keep(Line::Activity(activity)) {
                tracing::warn!(%error, "an activity could not be kept");
            }
        }
    }

    /// Writes a thing down, then knows it.
    fn keep(&mut self, line: Line) -> io::Result<()> {
        if let Some(journal) = &mut self.journal {
            journal.append(&line)?;
        }
        self.take_in(line);
        Ok(())
    }

    fn take_in(&mut self, line: Line) {
        match line {
            Line::Organization(organization) => {
                self.organizations.insert(organization.id.clone(), organization);
            }
            Line::Activity(activity) => {
                if !self.activities.contains_key(&activity.id) {
                    self.order.push_back(activity.id.clone());
                }
                self.by_fingerprint.insert(activity.fingerprint.clone(), activity.id.clone());
                self.activities.insert(activity.id.clone(), activity);
                self.forget_old();
            }
        }
    }

    fn forget_old(&mut self) {
        while self.order.len() > ACTIVITIES {
            let Some(activity) = self.order.pop_front().and_then(|id| self.activities.remove(&id)) else { return };
            self.by_fingerprint.remove(&activity.fingerprint);
        }
    }

    fn lines(&self) -> Vec<Line> {
        let organizations = self.organizations.values().cloned().map(Line::Organization);
        let activities = self.order.iter().filter_map(|id| self.activities.get(id)).cloned().map(Line::Activity);
        organizations.chain(activities).collect()
    }
}
