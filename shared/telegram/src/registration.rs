//! Tells Telegram where the webhook is and which commands are offered to whom.

use countersign_core::{ChatId, Secret, bot::MenuEntry};
use reqwest::Url;
use teloxide_core::{
    payloads::{
        DeleteMyCommands, DeleteMyCommandsSetters as _, SetMyCommands, SetMyCommandsSetters as _, SetWebhook,
        SetWebhookSetters as _,
    },
    types::{AllowedUpdate, BotCommand, BotCommandScope, Recipient},
};

use crate::{
    SendFailure, Telegram,
    request::{Request, Unsendable},
};

/// Who is offered a list of commands. The narrowest list that fits is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandScope {
    /// Everybody, in their own chat with the bot.
    PrivateChats,
    /// Everybody, in every group.
    Groups,
    /// This chat: a person of a role that may do more.
    Chat(ChatId),
}

/// The commands of one chat alone; with none it has everybody's again.
pub(crate) fn for_chat(chat_id: Recipient, commands: &[MenuEntry]) -> Result<Request, Unsendable> {
    let scope = BotCommandScope::Chat { chat_id };
    if commands.is_empty() {
        return Request::of(&DeleteMyCommands::new().scope(scope));
    }
    let commands = commands.iter().map(|entry| BotCommand::new(&entry.command, &entry.description));
    Request::of(&SetMyCommands::new(commands).scope(scope))
}

impl Telegram {
    /// Sets the webhook's address and the secret that Telegram sends along. Messages, presses of buttons and what becomes
    /// of the bot's own membership are asked for.
    ///
    /// # Errors
    /// Where Telegram does not take it.
    pub async fn set_webhook(&self, url: &str, secret: &Secret) -> Result<(), SendFailure> {
        let refused = |why: &str| SendFailure::Refused(why.to_owned());
        let url = Url::parse(url).map_err(|_| refused("the webhook's address is none"))?;
        let secret = secret.expose_str().ok_or_else(|| refused("the webhook's secret is not text"))?;
        let updates = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];
        let set = SetWebhook::new(url).secret_token(secret).allowed_updates(updates);
        self.done(Request::of(&set)).await
    }

    /// Sets the commands (name without `/`, description) of a scope for a language (ISO 639-1; none: all the others).
    ///
    /// # Errors
    /// Where Telegram does not take them.
    pub async fn set_my_commands(
        &self,
        commands: &[(String, String)],
        scope: CommandScope,
        language: Option<&str>,
    ) -> Result<(), SendFailure> {
        let commands = commands.iter().map(|(name, description)| BotCommand::new(name, description));
        let scope = match scope {
            CommandScope::PrivateChats => BotCommandScope::AllPrivateChats,
            CommandScope::Groups => BotCommandScope::AllGroupChats,
            CommandScope::Chat(chat) => {
                BotCommandScope::Chat { chat_id: Recipient::Id(teloxide_core::types::ChatId(chat.get())) }
            }
        };
        let mut set = SetMyCommands::new(commands).scope(scope);
        set.language_code = language.map(str::to_owned);
        self.done(Request::of(&set)).await
    }

    async fn done(&self, request: Result<Request, Unsendable>) -> Result<(), SendFailure> {
        let request = request.map_err(|Unsendable(why)| SendFailure::Refused(why.to_owned()))?;
        self.call(request).await.map(|_| ())
    }
}
