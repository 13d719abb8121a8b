//! A client: a person whose trading key is kept here, and the permit to do something with a client's things.

use serde::{Deserialize, Serialize};

use crate::{
    ClientId, Moment, Person, Refusal, UserId,
    bot::BotCommand,
    gate::Caller,
    limits,
    policy::{self, permit, person_role, service_permit, service_role},
};

/// A client as the platform knows it. Its key is a record of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// The name that people read. (`name` is a reserved word of DynamoDB's.)
    #[serde(rename = "client_name")]
    pub name: String,
    /// The person it is: they log in by email or Telegram.
    pub user_id: UserId,
    /// When it was made.
    pub created_at: Moment,
    /// By whom: [`Caller::scope`].
    pub created_by: String,
}

/// Reads a name.
///
/// # Errors
/// 400 where it is not 1 to 64 characters without control characters.
pub fn name(field: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    if (1..=limits::BOT_NAME_CHARS).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Refusal::invalid(format!("{field} must be 1 to {} characters", limits::BOT_NAME_CHARS)))
}

/// The proof that this caller may do this with a client's things. Only [`RoleGrant::of`] makes one, and an open [`KeyForm`](super::KeyForm).
#[derive(Clone, Debug)]
pub struct ClientPermit {
    client_id: ClientId,
    by: String,
    endpoint: &'static str,
    is_own: bool,
}

impl ClientPermit {
    /// Whose records it opens.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.client_id
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

    /// Whether the client itself acts.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.is_own
    }

    /// That it was given for this client.
    ///
    /// # Errors
    /// 404: another client's things are hidden.
    pub fn check(&self, client: ClientId) -> Result<(), Refusal> {
        if self.client_id == client { Ok(()) } else { Err(unknown_client()) }
    }
}

/// 404: not there, or another's.
#[must_use]
pub fn unknown_client() -> Refusal {
    Refusal::not_found("No such client")
}

/// What a caller's role grants, before it is known for which client.
#[derive(Clone, Debug)]
pub struct RoleGrant {
    user: Option<UserId>,
    acts_for_all: bool,
    by: String,
    endpoint: &'static str,
}

/// The proof that a caller may do this with every client's things.
#[derive(Clone, Debug)]
pub struct EveryClientPermit {
    by: String,
}

impl EveryClientPermit {
    /// Who called, as it is written down.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }
}

impl RoleGrant {
    /// The permit for every client, where the role acts for all of them.
    #[must_use]
    pub fn everybodys(&self) -> Option<EveryClientPermit> {
        self.acts_for_all.then(|| EveryClientPermit { by: self.by.clone() })
    }

    /// The permit for one client.
    ///
    /// # Errors
    /// 404 where it is not there or another's.
    pub fn of(&self, client: Option<&Client>) -> Result<ClientPermit, Refusal> {
        let client = client.ok_or_else(unknown_client)?;
        let is_own = self.user == Some(client.user_id);
        if is_own || self.acts_for_all {
            return Ok(ClientPermit { client_id: client.id, by: self.by.clone(), endpoint: self.endpoint, is_own });
        }
        Err(unknown_client())
    }
}

/// Decides whether the caller's role grants `endpoint`: for their own client's things, or for everybody's.
///
/// # Errors
/// 403 where it does not; 404 for an unknown person.
pub fn role_grant(caller: &Caller, person: Option<&Person>, endpoint: &'static str) -> Result<RoleGrant, Refusal> {
    let (user, acts_for_all) = match caller {
        Caller::Service { role, .. } => {
            service_permit(caller, endpoint)?;
            (None, service_role(role).is_some_and(|role| role.acts_for_clients))
        }
        Caller::Person { .. } => {
            let subject = caller.subject().ok_or_else(policy::unknown_person)?;
            permit(caller, person, subject, endpoint)?;
            let person = person.ok_or_else(policy::unknown_person)?;
            (Some(person.user_id), person_role(&person.role).is_some_and(|role| role.acts_for_clients))
        }
    };
    Ok(RoleGrant { user, acts_for_all, by: caller.scope(), endpoint })
}

/// The permit to revoke a client's key with all others, once another admin has approved it.
pub(super) fn emergency_permit(client: ClientId, by: String) -> ClientPermit {
    ClientPermit { client_id: client, by, endpoint: "POST /clients/revoke-all", is_own: false }
}

/// The permit of a client for itself, who wrote `/bots` to the bot.
///
/// # Errors
/// 404 where it is another's; 403 where the permit is for another command.
pub fn own_client(permit: &policy::Permit, person: &Person, client: &Client) -> Result<ClientPermit, Refusal> {
    let endpoint = BotCommand::Bots.slashed();
    if permit.endpoint() != endpoint {
        return Err(Refusal::forbidden("Not allowed"));
    }
    if person.user_id != client.user_id {
        return Err(unknown_client());
    }
    Ok(ClientPermit { client_id: client.id, by: format!("u:{}", person.user_id), endpoint, is_own: true })
}

/// The permit of whoever opens a one-time form: it was given to them for this client alone.
pub(super) fn form_permit(client: ClientId, by: String) -> ClientPermit {
    ClientPermit { client_id: client, by, endpoint: "POST /keys/form", is_own: true }
}
