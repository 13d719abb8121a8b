//! Registers the bot with Telegram: where its webhook is, and which commands everybody is offered. Run by `cargo run -- register-bot`
//! and by the local system; no function needs it.

use aws_config::SdkConfig;
use countersign_core::{
    Secret,
    bot::{Menu, NEWCOMER},
    gate::GateSettings,
    messaging::words::Language,
};
use countersign_edge::{Environment, Secrets, start::Error};
use countersign_telegram::{CommandScope, SendFailure, Telegram};

use crate::{menus, sending::telegram};

/// Registers the bot of this configuration. Variables: `BASE_URL` (the API's public address), `TELEGRAM_SECRET_ID`,
/// `GATE_SECRET_ID`, `TELEGRAM_API_URL`.
///
/// # Errors
/// Where a variable is missing, a secret cannot be read, or Telegram refuses.
pub async fn run(environment: &Environment, aws: &SdkConfig) -> Result<(), Error> {
    let (telegram, webhook_secret) = tokio::join!(telegram(environment, aws), webhook_secret(environment, aws));
    register(&telegram?, environment.required("BASE_URL")?, &webhook_secret?).await?;
    Ok(())
}

/// What the log may say of a secret that cannot be used: never its content.
async fn webhook_secret(environment: &Environment, aws: &SdkConfig) -> Result<Secret, Error> {
    let text = Secrets::new(aws).text(environment.required("GATE_SECRET_ID")?).await?;
    let settings: Option<GateSettings> = serde_json::from_slice(text.expose()).ok();
    let secret = settings.and_then(|settings| settings.webhook_secret);
    Ok(secret.ok_or_else(|| environment.wrong("GATE_SECRET_ID", "has no webhook_secret"))?)
}

/// Where Telegram sends updates, below the API's address.
pub const WEBHOOK_PATH: &str = "/telegram/webhook";

/// Sets the webhook and everybody's menus: in people's own chats and in groups, in every language, and in English for all
/// others. What waits at Telegram stays. Run again it changes nothing. People of other roles, and those whom a service
/// offers something, are given their own menu by their next message.
///
/// # Errors
/// Where Telegram cannot be reached or refuses.
pub async fn register(telegram: &Telegram, base_url: &str, webhook_secret: &Secret) -> Result<(), SendFailure> {
    let url = format!("{}{WEBHOOK_PATH}", base_url.trim_end_matches('/'));
    for (scope, in_groups) in [(CommandScope::PrivateChats, false), (CommandScope::Groups, true)] {
        let menu = |language| commands(menus::of_role(NEWCOMER, &[], in_groups, language));
        telegram.set_my_commands(&menu(Language::default()), scope, None).await?;
        for language in Language::ALL {
            telegram.set_my_commands(&menu(language), scope, Some(language.code())).await?;
        }
    }
    telegram.set_webhook(&url, webhook_secret).await
}

fn commands(menu: Menu) -> Vec<(String, String)> {
    menu.into_iter().map(|entry| (entry.command, entry.description)).collect()
}
