//! Commands that a service gives the bot: their form, checked when they are registered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arguments;
use crate::{Refusal, bot::BotCommand, limits, policy};

/// Names that are the bot's own now, or will be: a service that took one would lose it later.
const KEPT: &[&str] = &["balance", "bots", "budget", "cancel", "goals", "pay", "pending", "report", "settings", "sign"];

/// A command that a service gives the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCommand {
    /// Its name, without the slash: 1 to 32 of `a-z 0-9 _`.
    pub command: String,
    /// What it does, 1 to 256 characters: people read it in their menu.
    pub description: String,
    /// Where it is delivered to. Which addresses may be, the rules for outbound calls say.
    pub url: String,
    /// Platform roles of people who may use it.
    pub roles: Vec<String>,
    /// JSON schema of the words behind it: see [`arguments`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments_schema: Option<Value>,
}

/// Checks a service's whole list, but for the addresses.
///
/// # Errors
/// 400 naming the command and what is wrong with it.
pub fn read_commands(commands: Vec<ServiceCommand>) -> Result<Vec<ServiceCommand>, Refusal> {
    if commands.len() > limits::SERVICE_COMMANDS {
        return Err(Refusal::invalid(format!("A service has at most {} commands", limits::SERVICE_COMMANDS)));
    }
    for (index, command) in commands.iter().enumerate() {
        command.check().map_err(|why| Refusal::invalid(format!("commands[{index}]: {why}")))?;
        if commands.iter().take(index).any(|other| other.command == command.command) {
            return Err(Refusal::invalid(format!("commands[{index}]: {} comes twice", command.command)));
        }
    }
    Ok(commands)
}

impl ServiceCommand {
    fn check(&self) -> Result<(), String> {
        check_name(&self.command)?;
        let length = self.description.chars().count();
        let fits = (1..=limits::COMMAND_DESCRIPTION_CHARS).contains(&length);
        if !fits || self.description.trim().is_empty() || self.description.chars().any(char::is_control) {
            return Err(format!("description must be 1 to {} characters", limits::COMMAND_DESCRIPTION_CHARS));
        }
        if self.roles.is_empty() || self.roles.iter().any(|role| policy::person_role(role).is_none()) {
            let known: Vec<_> = policy::PEOPLE.iter().map(|role| role.name).collect();
            return Err(format!("roles must name one or more of {}", known.join(", ")));
        }
        match &self.arguments_schema {
            Some(schema) => arguments::check_schema(schema).map_err(|refusal| refusal.public.into_owned()),
            None => Ok(()),
        }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=limits::COMMAND_NAME_CHARS).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(format!("command must be 1 to {} of a-z, 0-9 and _", limits::COMMAND_NAME_CHARS));
    }
    if BotCommand::named(name).is_some() || KEPT.contains(&name) {
        return Err(format!("/{name} is the bot's own"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn command(changed: Value) -> Result<Vec<ServiceCommand>, Refusal> {
        let mut command = json!({
            "command": "deploy", "description": "Deploys", "url": "https://example.org/hook", "roles": ["user"],
        });
        for (name, value) in changed.as_object().unwrap() {
            command[name] = value.clone();
        }
        read_commands(vec![serde_json::from_value(command).unwrap()])
    }

    #[test]
    fn a_good_command_is_read() {
        assert!(command(json!({})).is_ok());
        assert!(command(json!({ "roles": ["user", "admin"], "arguments_schema": { "maxItems": 1 } })).is_ok());
        assert!(read_commands(vec![]).is_ok());
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        for (changed, words) in [
            (json!({ "command": "Deploy" }), "command must"),
            (json!({ "command": "" }), "command must"),
            (json!({ "command": "a".repeat(33) }), "command must"),
            (json!({ "command": "start" }), "the bot's own"),
            (json!({ "command": "pay" }), "the bot's own"),
            (json!({ "description": "" }), "description"),
            (json!({ "description": " " }), "description"),
            (json!({ "description": "a\nb" }), "description"),
            (json!({ "roles": [] }), "roles"),
            (json!({ "roles": ["notifier"] }), "roles"),
            (json!({ "arguments_schema": { "type": 1 } }), "arguments_schema"),
        ] {
            let refusal = command(changed.clone()).unwrap_err();
            assert!(
                refusal.public.starts_with("commands[0]: ") && refusal.public.contains(words),
                "{changed}: {refusal}"
            );
        }
    }

    #[test]
    fn a_list_has_an_end_and_no_name_twice() {
        let one = command(json!({})).unwrap().remove(0);
        assert!(read_commands(vec![one.clone(), one.clone()]).unwrap_err().public.contains("twice"));
        let named = |index: usize| ServiceCommand { command: format!("c{index}"), ..one.clone() };
        assert!(read_commands((0..limits::SERVICE_COMMANDS).map(named).collect()).is_ok());
        assert!(read_commands((0..=limits::SERVICE_COMMANDS).map(named).collect()).is_err());
    }
}
