//! Services: how one is made, how its credentials change, which commands it gives the bot.

pub mod arguments;
mod command;
mod rotation;

pub use command::{ServiceCommand, read_commands};
pub use rotation::{Step, rotated};

use serde::{Deserialize, Serialize};

use crate::{Moment, Refusal, ServiceId, limits, policy};

/// A service as the directory lists it; what the gate needs of it stands in its own record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEntry {
    /// Its id.
    pub id: ServiceId,
    /// When it was made.
    pub created_at: Moment,
    /// By whom: [`crate::gate::Caller::scope`], or `installation`.
    pub created_by: String,
}

/// What is asked for when a service is made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    /// What people call it: they read it where the service asks them something.
    pub name: String,
    /// A key of `services` in infra/permissions.yaml.
    pub role: String,
}

impl NewService {
    /// Checks both.
    ///
    /// # Errors
    /// 400 naming what is wrong, and the roles there are.
    pub fn check(&self) -> Result<(), Refusal> {
        let fits = (1..=limits::SERVICE_NAME_CHARS).contains(&self.name.chars().count());
        if !fits || self.name.trim() != self.name || self.name.chars().any(char::is_control) {
            let most = limits::SERVICE_NAME_CHARS;
            return Err(Refusal::invalid(format!("name must be 1 to {most} visible characters")));
        }
        if policy::service_role(&self.role).is_none() {
            let known: Vec<_> = policy::SERVICES.iter().map(|role| role.name).collect();
            return Err(Refusal::invalid(format!("role must be one of {}", known.join(", "))));
        }
        Ok(())
    }
}

/// Checks that a person's new role is one that there is.
///
/// # Errors
/// 400 naming the roles there are.
pub fn check_person_role(role: &str) -> Result<(), Refusal> {
    if policy::person_role(role).is_some() {
        return Ok(());
    }
    let known: Vec<_> = policy::PEOPLE.iter().map(|role| role.name).collect();
    Err(Refusal::invalid(format!("role must be one of {}", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_name_and_a_known_role() {
        let check = |name: &str, role: &str| NewService { name: name.into(), role: role.into() }.check();
        assert!(check("Deploy bot", "notifier").is_ok());
        for name in ["", " x", "x ", "a\nb", &"x".repeat(limits::SERVICE_NAME_CHARS + 1)] {
            assert!(check(name, "notifier").is_err(), "{name}");
        }
        let refusal = check("x", "admin").unwrap_err();
        assert!(refusal.public.contains("notifier"), "{refusal}");
        assert!(check_person_role("admin").is_ok());
        assert!(check_person_role("notifier").is_err());
    }
}
