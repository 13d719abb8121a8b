//! Registers the bot with Telegram: an installation's by hand, the local system's own at every start.

use aws_config::SdkConfig;
use countersign_edge::Environment;
use countersign_telegram_bot::registration;

use crate::LocalError;

/// Tells Telegram, or what stands in for it, where the webhook is and which commands are offered. Variables: `BASE_URL`,
/// `TELEGRAM_SECRET_ID`, `GATE_SECRET_ID`, `TELEGRAM_API_URL`.
///
/// # Errors
/// Where a variable is missing, a secret cannot be read, or Telegram refuses.
pub async fn register_bot(environment: &Environment, aws: &SdkConfig) -> Result<(), LocalError> {
    Ok(registration::run(environment, aws).await?)
}
