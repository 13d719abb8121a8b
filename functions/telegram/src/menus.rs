//! The commands of services, as menus need them: held until they change, so that a command costs no read of its own.

use std::sync::{Arc, PoisonError, RwLock};

use countersign_core::{
    Refusal,
    bot::{Menu, Offered, menu},
    messaging::words::Language,
};
use countersign_store::{OwnedCommand, Store};

/// The list that is held.
#[derive(Default)]
pub(crate) struct Menus(RwLock<Option<Held>>);

#[derive(Clone)]
struct Held {
    commands: Arc<[OwnedCommand]>,
    revision: Option<String>,
}

impl Menus {
    /// The commands of all services as of this revision, which the facts say.
    pub(crate) async fn commands(&self, store: &Store, revision: Option<&str>) -> Result<Arc<[OwnedCommand]>, Refusal> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(held) = held.filter(|held| held.revision.as_deref() == revision) {
            return Ok(held.commands);
        }
        // Never changed: there are none.
        let commands: Arc<[OwnedCommand]> = match revision {
            Some(_) => store.commands().await?.into(),
            None => Arc::default(),
        };
        let fresh = Held { commands: Arc::clone(&commands), revision: revision.map(str::to_owned) };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        Ok(commands)
    }
}

/// The menu of a role, in groups or not.
pub(crate) fn of_role(role: &str, services: &[OwnedCommand], in_groups: bool, language: Language) -> Menu {
    let offered: Vec<Offered<'_>> = services
        .iter()
        .map(|OwnedCommand { command, .. }| Offered {
            name: &command.command,
            description: &command.description,
            roles: &command.roles,
        })
        .collect();
    menu(role, &offered, in_groups, language)
}
