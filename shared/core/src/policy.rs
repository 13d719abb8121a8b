//! What a caller may do: the tables of infra/permissions.yaml, and the permit that writing verbs demand.

use crate::{
    Person, Refusal, Subject,
    gate::{Caller, PersonOrigin},
};

/// What one role may do.
#[derive(Debug)]
pub struct Role {
    /// Its name in the file.
    pub name: &'static str,
    /// `METHOD /path` as routed.
    pub endpoints: &'static [&'static str],
    /// Endpoints refused whatever else grants them.
    pub deny: &'static [&'static str],
    /// A service that may name the person it acts for.
    pub acts_for_people: bool,
    /// Task types it may enqueue.
    pub task_types: &'static [&'static str],
    /// Commands of the bot.
    pub telegram_commands: &'static [&'static str],
    /// Permissions within a family.
    pub family_permissions: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/permissions.rs"));

impl Role {
    fn grants(&self, endpoint: &str) -> bool {
        self.endpoints.contains(&endpoint) && !self.deny.contains(&endpoint)
    }
}

/// The platform role of this name.
#[must_use]
pub fn person_role(name: &str) -> Option<&'static Role> {
    PEOPLE.iter().find(|role| role.name == name)
}

/// The service role of this name.
#[must_use]
pub fn service_role(name: &str) -> Option<&'static Role> {
    SERVICES.iter().find(|role| role.name == name)
}

/// The proof that this caller may do this for this subject. Only [`permit`] makes one.
#[derive(Clone, Debug)]
pub struct Permit {
    subject: Subject,
    by: String,
    endpoint: &'static str,
}

impl Permit {
    /// Whose records it opens.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Who called, as it is written down: [`Caller::scope`].
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// The endpoint it was given for.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        self.endpoint
    }

    /// A permit to import for another person; only the import's own permit gives one.
    ///
    /// # Errors
    /// 403 from any other permit.
    pub fn to_import_for(&self, subject: Subject) -> Result<Self, Refusal> {
        if self.endpoint == "POST /api/v1/signing-sessions/import" {
            return Ok(Self { subject, ..self.clone() });
        }
        Err(Refusal::forbidden("Not an import"))
    }
}

/// Decides whether `caller` may call `endpoint` for `subject`, whose record is `person`.
///
/// Deny wins, silence denies. A person acts for themself alone; a service acts where its role may act for people.
///
/// # Errors
/// 404 for an unknown person; 403 for anything not granted.
pub fn permit(
    caller: &Caller,
    person: Option<&Person>,
    subject: Subject,
    endpoint: &'static str,
) -> Result<Permit, Refusal> {
    let person = match caller {
        Caller::Person { user_id, telegram_id, .. } => {
            own_subject(*user_id, *telegram_id, subject)?;
            let person = person.ok_or_else(unknown_person)?;
            // A token outlives a changed binding by minutes; the facts decide.
            if user_id.is_some_and(|id| id != person.user_id) {
                return Err(unknown_person());
            }
            Some(person)
        }
        Caller::Service { .. } => None,
    };
    let granted = match caller {
        Caller::Person { origin: PersonOrigin::OutsideToken, .. } => OUTSIDE.contains(&endpoint),
        Caller::Person { .. } => {
            person.and_then(|person| person_role(&person.role)).is_some_and(|role| role.grants(endpoint))
        }
        Caller::Service { role, .. } => {
            service_role(role).is_some_and(|role| role.acts_for_people && role.grants(endpoint))
        }
    };
    if !granted {
        return Err(Refusal::forbidden("The role of the caller does not allow this"));
    }
    Ok(Permit { subject, by: caller.scope(), endpoint })
}

fn own_subject(
    user_id: Option<crate::UserId>,
    telegram_id: Option<crate::TelegramId>,
    subject: Subject,
) -> Result<(), Refusal> {
    if Subject::of(user_id, telegram_id) == Some(subject) {
        return Ok(());
    }
    Err(Refusal::forbidden("A person acts for themself alone"))
}

/// 404: the person is not known here.
#[must_use]
pub fn unknown_person() -> Refusal {
    Refusal::not_found("Unknown person")
}
