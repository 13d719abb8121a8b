//! What a caller may do: the tables of infra/permissions.yaml, and the permit that writing verbs demand.

use crate::{
    Person, Refusal, ServiceId, Subject, TelegramId,
    bot::BotCommand,
    gate::{Caller, FromTelegram, PersonOrigin},
    messaging::TaskType,
};

/// What one role may do.
#[derive(Debug)]
pub struct Role {
    /// Its name in the file.
    pub name: &'static str,
    /// Its own name and those that it inherits from: what is open to them is open to it.
    pub includes: &'static [&'static str],
    /// `METHOD /path` as routed.
    pub endpoints: &'static [&'static str],
    /// Endpoints refused whatever else grants them.
    pub deny: &'static [&'static str],
    /// A service that may name the person it acts for.
    pub acts_for_people: bool,
    /// It may act for every client, not only for its own.
    pub acts_for_clients: bool,
    /// Task types it may enqueue.
    pub task_types: &'static [&'static str],
    /// Commands of the bot.
    pub telegram_commands: &'static [&'static str],
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

/// The proof that a service may do this for itself, or an admin with it. Only [`service_permit`], [`task_permit`] and
/// [`permit_over_service`] make one.
#[derive(Clone, Debug)]
pub struct ServicePermit {
    service_id: ServiceId,
    by: String,
    endpoint: &'static str,
}

impl ServicePermit {
    /// Whose records it opens.
    #[must_use]
    pub fn service_id(&self) -> ServiceId {
        self.service_id
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
}

/// Decides whether `caller` is a service whose role may call `endpoint` for itself.
///
/// # Errors
/// 403 for a person, and for a role that is not granted it.
pub fn service_permit(caller: &Caller, endpoint: &'static str) -> Result<ServicePermit, Refusal> {
    match caller {
        Caller::Service { id, role, .. } if service_role(role).is_some_and(|role| role.grants(endpoint)) => {
            Ok(ServicePermit { service_id: *id, by: caller.scope(), endpoint })
        }
        Caller::Service { .. } => Err(Refusal::forbidden("The role of the caller does not allow this")),
        Caller::Person { .. } => Err(Refusal::forbidden("This is for services")),
    }
}

/// Decides whether `caller` is a service whose role may call `endpoint` and enqueue tasks of this type.
///
/// # Errors
/// 403 for a person, and for a role that is not granted both.
pub fn task_permit(caller: &Caller, endpoint: &'static str, task_type: TaskType) -> Result<ServicePermit, Refusal> {
    let permit = service_permit(caller, endpoint)?;
    let granted = match caller {
        Caller::Service { role, .. } => {
            service_role(role).is_some_and(|role| role.task_types.contains(&task_type.as_str()))
        }
        Caller::Person { .. } => false,
    };
    if granted {
        return Ok(permit);
    }
    Err(Refusal::forbidden(format!("The role of the caller does not allow tasks of type {}", task_type.as_str())))
}

/// Decides whether `caller` may do this with a service: a person whose role grants it with any, a service with itself alone.
///
/// # Errors
/// 403 where the role does not grant it; 404 where a service names another.
pub fn permit_over_service(
    caller: &Caller,
    person: Option<&Person>,
    service_id: ServiceId,
    endpoint: &'static str,
) -> Result<ServicePermit, Refusal> {
    match caller {
        Caller::Service { id, .. } => {
            let own = service_permit(caller, endpoint)?;
            if *id == service_id { Ok(own) } else { Err(unknown_service()) }
        }
        Caller::Person { .. } => {
            let subject = caller.subject().ok_or_else(unknown_person)?;
            let permit = permit(caller, person, subject, endpoint)?;
            Ok(ServicePermit { service_id, by: permit.by, endpoint })
        }
    }
}

/// 404: the service is not known here, or is another's.
#[must_use]
pub fn unknown_service() -> Refusal {
    Refusal::not_found("No such service")
}

/// The permit of whoever wrote to the bot, for themself: to be noted as having been there, and to answer what they are asked.
#[must_use]
pub fn chat_permit(_: FromTelegram, sender: TelegramId) -> Permit {
    Permit { subject: Subject::Telegram(sender), by: format!("t:{sender}"), endpoint: "POST /telegram/webhook" }
}

/// Decides whether the person who wrote to the bot may use this command, for themself.
///
/// # Errors
/// 403 where their role does not grant it.
pub fn command_permit(
    telegram: FromTelegram,
    sender: TelegramId,
    person: &Person,
    command: BotCommand,
) -> Result<Permit, Refusal> {
    if person.telegram_id == Some(sender) && person_role(&person.role).is_some_and(|role| role.may_use(command)) {
        return Ok(Permit { endpoint: command.slashed(), ..chat_permit(telegram, sender) });
    }
    Err(Refusal::forbidden("The person's role does not allow this command"))
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
    if let Caller::Person { user_id, telegram_id, .. } = caller {
        own_subject(*user_id, *telegram_id, subject)?;
    }
    caller_may(caller, endpoint)?;
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

/// Whether `caller` may call `endpoint` for anybody at all: what is wrong with a request is told only to those.
///
/// # Errors
/// 403 for a service whose role may not act for people, or not there; for an outside issuer's token on another route.
pub fn caller_may(caller: &Caller, endpoint: &'static str) -> Result<(), Refusal> {
    let may = match caller {
        Caller::Person { origin, .. } => *origin != PersonOrigin::OutsideToken || OUTSIDE.contains(&endpoint),
        Caller::Service { role, .. } => {
            service_role(role).is_some_and(|role| role.acts_for_people && role.grants(endpoint))
        }
    };
    if may { Ok(()) } else { Err(Refusal::forbidden("The role of the caller does not allow this")) }
}

/// Decides whether `caller` is a service that may be told something of a person by its own right: its role grants the
/// endpoint, whether it may act for people or not. A person may not, not even of themself.
///
/// # Errors
/// 403 for anything not granted; 404 for an unknown person, and for one whose role is none.
pub fn about_permit(
    caller: &Caller,
    person: Option<&Person>,
    subject: Subject,
    endpoint: &'static str,
) -> Result<Permit, Refusal> {
    let service = service_permit(caller, endpoint)?;
    person.filter(|person| person_role(&person.role).is_some()).ok_or_else(unknown_person)?;
    Ok(Permit { subject, by: service.by().to_owned(), endpoint })
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
            profile: crate::Profile::default(),
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
    fn a_command_is_granted_by_the_role() {
        let (telegram, seven) = (FromTelegram::IN_TEST, TelegramId::new(7).unwrap());
        let granted = command_permit(telegram, seven, &person(1, "user"), BotCommand::Sessions).unwrap();
        assert_eq!((granted.endpoint(), granted.by()), ("/sessions", "t:7"));
        for (sender, role) in [(7, "suspended"), (7, ""), (8, "user")] {
            let sender = TelegramId::new(sender).unwrap();
            let refused = command_permit(telegram, sender, &person(1, role), BotCommand::Help);
            assert_eq!(kind(refused), Some(RefusalKind::Forbidden), "{sender} {role}");
        }
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
    fn a_service_does_for_itself_what_its_role_grants() {
        let service = |id, role| Caller::service_in_test(ServiceId::new(id).unwrap(), role);
        let kind = |result: Result<ServicePermit, Refusal>| result.err().map(|refusal| refusal.kind);
        let (enqueue, commands) = ("POST /enqueue_command", "PUT /api/v1/services/{id}/commands");
        let permit = task_permit(&service(3, "notifier"), enqueue, TaskType::SendMessage).unwrap();
        assert_eq!((permit.service_id().get(), permit.by()), (3, "s:3"));
        for role in ["token_reader", "admin", ""] {
            let refused = task_permit(&service(3, role), enqueue, TaskType::SendMessage);
            assert_eq!(kind(refused), Some(RefusalKind::Forbidden), "{role}");
        }
        let me = caller(1, PersonOrigin::AccessToken);
        assert_eq!(kind(service_permit(&me, enqueue)), Some(RefusalKind::Forbidden));
        let (three, four) = (ServiceId::new(3).unwrap(), service(4, "notifier"));
        assert!(permit_over_service(&service(3, "notifier"), None, three, commands).is_ok());
        assert_eq!(kind(permit_over_service(&four, None, three, commands)), Some(RefusalKind::NotFound));
        let admin = permit_over_service(&me, Some(&person(1, "admin")), three, commands).unwrap();
        assert_eq!((admin.service_id(), admin.by()), (three, "u:1"));
        let refused = permit_over_service(&me, Some(&person(1, "user")), three, commands);
        assert_eq!(kind(refused), Some(RefusalKind::Forbidden));
    }

    #[test]
    fn only_a_service_is_told_of_people_and_by_its_role() {
        let token = "GET /api/v1/connections/{provider}/token";
        let service = |role| Caller::service_in_test(ServiceId::new(3).unwrap(), role);
        let (known, suspended) = (person(1, "user"), person(1, "suspended"));
        assert_eq!(about_permit(&service("token_reader"), Some(&known), seven(), token).unwrap().by(), "s:3");
        for (caller, record, expected) in [
            (service("token_reader"), None, RefusalKind::NotFound),
            (service("token_reader"), Some(&suspended), RefusalKind::NotFound),
            (service("notifier"), Some(&known), RefusalKind::Forbidden),
            (service("mini_app_backend"), Some(&known), RefusalKind::Forbidden),
            (caller(1, PersonOrigin::AccessToken), Some(&known), RefusalKind::Forbidden),
        ] {
            assert_eq!(kind(about_permit(&caller, record, seven(), token)), Some(expected), "{caller:?}");
        }
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
