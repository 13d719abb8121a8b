//! Commands that services give the bot: each name once in the whole house, each service's list replaced at once.

use countersign_core::{ServiceId, policy::ServicePermit, services::ServiceCommand};
use serde::{Deserialize, Serialize};

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item, read},
    keys::{self, PK},
    table::Item,
    transaction::{Transaction, number, text},
};

/// A command and the service that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedCommand {
    /// Whose it is.
    pub service_id: ServiceId,
    /// The command.
    pub command: ServiceCommand,
}

/// Which commands a service had when they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandList {
    /// How often the list was replaced.
    #[serde(default)]
    list_version: u32,
    /// The names.
    names: Vec<String>,
}

/// Which change of the commands of all services was the last.
#[derive(Serialize, Deserialize)]
pub(crate) struct CommandsRevision {
    pub(crate) revision: String,
}

/// A command as it is stored.
#[derive(Serialize, Deserialize)]
struct CommandItem {
    service_id: ServiceId,
    command: String,
    description: String,
    url: String,
    roles: Vec<String>,
    /// JSON text: a schema may nest deeper than DynamoDB's maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments_schema: Option<String>,
}

impl CommandItem {
    fn of(service_id: ServiceId, command: &ServiceCommand) -> Self {
        Self {
            service_id,
            command: command.command.clone(),
            description: command.description.clone(),
            url: command.url.clone(),
            roles: command.roles.clone(),
            arguments_schema: command.arguments_schema.as_ref().map(serde_json::Value::to_string),
        }
    }
}

pub(crate) fn owned(found: Item) -> Result<OwnedCommand, StoreError> {
    let item: CommandItem = read(found, "command")?;
    let schema = item.arguments_schema.map(|text| serde_json::from_str(&text)).transpose();
    let command = ServiceCommand {
        command: item.command,
        description: item.description,
        url: item.url,
        roles: item.roles,
        arguments_schema: schema.map_err(|error| StoreError::Unreadable(format!("a command's schema: {error}")))?,
    };
    Ok(OwnedCommand { service_id: item.service_id, command })
}

impl Store {
    /// The commands of all services, by name: there are under a hundred.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn commands(&self) -> Result<Vec<OwnedCommand>, StoreError> {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        let query = query.key_condition_expression(format!("{PK} = :pk"));
        let mut pages = query.expression_attribute_values(":pk", text(keys::COMMANDS)).into_paginator().items().send();
        let mut commands = Vec::new();
        while let Some(found) = pages.next().await {
            commands.push(owned(found.map_err(|error| StoreError::from_sdk(&error))?)?);
        }
        Ok(commands)
    }

    /// One service's command.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn command(&self, name: &str) -> Result<Option<OwnedCommand>, StoreError> {
        self.get(&keys::command(name)).await?.map(owned).transpose()
    }

    /// Which commands a service has.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn command_list(&self, service_id: ServiceId) -> Result<CommandList, StoreError> {
        let found = self.get(&keys::command_list(service_id)).await?;
        Ok(found.map(|item| read(item, "command_list")).transpose()?.unwrap_or_default())
    }

    /// Replaces a service's commands.
    ///
    /// # Errors
    /// [`Guard::Service`] where the service has ended, [`Guard::CommandList`] where its list changed meanwhile,
    /// [`Guard::Command`] where a name is another's, [`Guard::Idempotency`].
    pub async fn commit_commands(
        &self,
        permit: &ServicePermit,
        seen: &CommandList,
        commands: &[ServiceCommand],
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        Transaction::new(self)
            .while_enabled(permit.service_id())
            .replace_commands(permit.service_id(), seen, commands)?
            .keep(kept)?
            .commit()
            .await
    }
}

impl Transaction<'_> {
    /// Replaces the list as it was `seen`.
    pub(crate) fn replace_commands(
        self,
        service_id: ServiceId,
        seen: &CommandList,
        commands: &[ServiceCommand],
    ) -> Result<Self, StoreError> {
        let next = CommandList {
            list_version: seen.list_version.saturating_add(1),
            names: commands.iter().map(|command| command.command.clone()).collect(),
        };
        let gone: Vec<_> = seen.names.iter().filter(|name| !next.names.contains(name)).collect();
        let condition = "attribute_not_exists(pk) OR list_version = :seen";
        let values = vec![(":seen", number(seen.list_version))];
        let list = item(&keys::command_list(service_id), "command_list", &next)?;
        let mut transaction = self.put(Guard::CommandList, list, Some(condition), values);
        // No two changes write the same, so whoever holds the whole list knows whether it is still the one.
        let revision = CommandsRevision { revision: format!("{service_id}:{}", next.list_version) };
        let revision = item(&keys::commands_revision(), "commands_revision", &revision)?;
        transaction = transaction.put(Guard::CommandList, revision, None, vec![]);
        for command in commands {
            let record = item(&keys::command(&command.command), "command", CommandItem::of(service_id, command))?;
            let values = vec![(":service", number(service_id))];
            let free = "attribute_not_exists(pk) OR service_id = :service";
            transaction = transaction.put(Guard::Command, record, Some(free), values);
        }
        for name in gone {
            let values = vec![(":service", number(service_id))];
            let own = "service_id = :service";
            transaction = transaction.delete(Guard::CommandList, &keys::command(name), own, values);
        }
        Ok(transaction)
    }
}
