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
/// Deny wins, silence denies. A person acts for themself alone; a service acts where its role may act for people; for
/// either the person's own role must grant it too.
///
/// # Errors
/// 404 for an unknown person; 403 for anything not granted.
pub fn permit(
    caller: &Caller,
    person: Option<&Person>,
    subject: Subject,
    endpoint: &'static str,
) -> Result<Permit, Refusal> {
    let caller_may = match caller {
        Caller::Person { user_id, telegram_id, origin, .. } => {
            own_subject(*user_id, *telegram_id, subject)?;
            *origin != PersonOrigin::OutsideToken || OUTSIDE.contains(&endpoint)
        }
        Caller::Service { role, .. } => {
            service_role(role).is_some_and(|role| role.acts_for_people && role.grants(endpoint))
        }
    };
    if !caller_may {
        return Err(Refusal::forbidden("The role of the caller does not allow this"));
    }
    let person = person.ok_or_else(unknown_person)?;
    // A token outlives a changed binding by minutes; the facts decide.
    if let Caller::Person { user_id: Some(id), .. } = caller
        && *id != person.user_id
    {
        return Err(unknown_person());
    }
    // Whoever acts for a person may do no more than the person themself.
    if !person_role(&person.role).is_some_and(|role| role.grants(endpoint)) {
        return Err(Refusal::forbidden("The person's role does not allow this"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Moment, RefusalKind, ServiceId, TelegramId, UserId};

    const SIGN: &str = "POST /api/sign";
    const MINI_APP: &str = "POST /mini-app/sign-transaction";

    fn person(user_id: u64, role: &str) -> Person {
        Person {
            user_id: UserId::new(user_id).unwrap(),
            telegram_id: TelegramId::new(7),
            role: role.into(),
            from_old_database: false,
            created_at: Moment::from_seconds(0),
        }
    }

    fn caller(user_id: u64, origin: PersonOrigin) -> Caller {
        Caller::person_in_test(UserId::new(user_id), TelegramId::new(7), origin)
    }

    fn seven() -> Subject {
        Subject::Telegram(TelegramId::new(7).unwrap())
    }

    fn kind(result: Result<Permit, Refusal>) -> Option<RefusalKind> {
        result.err().map(|refusal| refusal.kind)
    }

    #[test]
    fn a_person_acts_for_themself_alone() {
        let me = caller(1, PersonOrigin::AccessToken);
        assert!(permit(&me, Some(&person(1, "user")), seven(), SIGN).is_ok());
        let other = Subject::Telegram(TelegramId::new(8).unwrap());
        assert_eq!(kind(permit(&me, Some(&person(1, "user")), other, SIGN)), Some(RefusalKind::Forbidden));
        assert_eq!(kind(permit(&me, None, seven(), SIGN)), Some(RefusalKind::NotFound));
    }

    #[test]
    fn a_token_of_a_former_owner_of_the_telegram_id_is_nobody() {
        let former = caller(1, PersonOrigin::AccessToken);
        assert_eq!(kind(permit(&former, Some(&person(2, "user")), seven(), SIGN)), Some(RefusalKind::NotFound));
    }

    #[test]
    fn silence_denies() {
        let me = caller(1, PersonOrigin::AccessToken);
        let import = "POST /api/v1/signing-sessions/import";
        assert_eq!(kind(permit(&me, Some(&person(1, "user")), seven(), import)), Some(RefusalKind::Forbidden));
        assert!(permit(&me, Some(&person(1, "admin")), seven(), import).is_ok());
        assert_eq!(kind(permit(&me, Some(&person(1, "nobody")), seven(), SIGN)), Some(RefusalKind::Forbidden));
        assert_eq!(kind(permit(&me, Some(&person(1, "admin")), seven(), "GET /new")), Some(RefusalKind::Forbidden));
    }

    #[test]
    fn an_outside_token_signs_and_nothing_else() {
        let outside = Caller::person_in_test(None, TelegramId::new(7), PersonOrigin::OutsideToken);
        assert!(permit(&outside, Some(&person(1, "admin")), seven(), SIGN).is_ok());
        let sessions = "GET /api/v1/signing-sessions";
        assert_eq!(kind(permit(&outside, Some(&person(1, "admin")), seven(), sessions)), Some(RefusalKind::Forbidden));
    }

    #[test]
    fn a_service_acts_where_its_role_may_act_for_people() {
        let service = |role| Caller::service_in_test(ServiceId::new(3).unwrap(), role);
        let record = person(1, "user");
        assert!(permit(&service("mini_app_backend"), Some(&record), seven(), MINI_APP).is_ok());
        assert_eq!(kind(permit(&service("mini_app_backend"), None, seven(), MINI_APP)), Some(RefusalKind::NotFound));
        let suspended = person(1, "suspended");
        assert_eq!(
            kind(permit(&service("mini_app_backend"), Some(&suspended), seven(), MINI_APP)),
            Some(RefusalKind::Forbidden)
        );
        for role in ["notifier", "token_reader", "bot_runner", "admin", ""] {
            assert_eq!(kind(permit(&service(role), None, seven(), MINI_APP)), Some(RefusalKind::Forbidden), "{role}");
        }
        assert_eq!(kind(permit(&service("mini_app_backend"), None, seven(), SIGN)), Some(RefusalKind::Forbidden));
    }

    #[test]
    fn only_an_import_gives_a_permit_for_another() {
        let admin = caller(1, PersonOrigin::AccessToken);
        let (record, other) = (person(1, "admin"), Subject::Telegram(TelegramId::new(8).unwrap()));
        let import = permit(&admin, Some(&record), seven(), "POST /api/v1/signing-sessions/import").unwrap();
        assert_eq!(import.to_import_for(other).unwrap().subject(), other);
        assert!(permit(&admin, Some(&record), seven(), SIGN).unwrap().to_import_for(other).is_err());
    }
}
