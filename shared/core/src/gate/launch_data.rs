//! Verifies a mini-app's launch data (`initData`), by the bot's token or by Telegram's own signature.
//!
//! Both proofs are over the decoded fields, sorted by name, one `name=value` a line:
//! - `hash`: HMAC-SHA256 over every other field, `signature` among them, keyed with HMAC-SHA256("WebAppData", token);
//! - `signature`: Ed25519 over `<bot id>:WebAppData` and every field but `hash` and `signature`.
//!
//! Where both are configured either one is enough: whoever configures a key trusts it, and a field that only one of
//! them covers (`signature`) is never used. `hash` is tried first because it is the cheaper one.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;

use super::digest::read_lower_hex;
use super::launch_fields::Fields;
use super::settings::{BadSettings, LaunchDataSettings, TelegramKey, ThirdPartySettings};
use crate::{Moment, TelegramId, limits};

/// Telegram's published Ed25519 key of the production environment.
const PRODUCTION_KEY: &str = "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d";
/// Telegram's published Ed25519 key of the test environment.
const TEST_KEY: &str = "40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec";
/// The longest `auth_date` that is read: enough for every date until the year 33658.
const AUTH_DATE_DIGITS: usize = 12;

/// Why launch data is not good. For the log alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchDataRefusal {
    /// Too long, not strictly percent-encoded fields, or a field that comes twice.
    #[error("launch data malformed")]
    Malformed,
    /// Neither `hash` nor `signature` is right, or the one that is cannot be checked here.
    #[error("launch data not proven")]
    NotProven,
    /// No `auth_date`, or not in plain digits.
    #[error("launch data has no usable auth_date")]
    AuthDate,
    /// `auth_date` lies ahead.
    #[error("launch data comes from the future")]
    Future,
    /// Older than configured.
    #[error("launch data too old")]
    TooOld,
    /// Genuine, but it names no person.
    #[error("launch data names no person")]
    Identity,
}

/// What good launch data says. The names are what the person chose: show them, decide nothing by them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchData {
    /// Who opened the mini-app.
    pub telegram_id: TelegramId,
    /// Without the `@`.
    pub username: Option<String>,
    /// The name shown in Telegram.
    pub first_name: Option<String>,
    /// IETF language tag of the person's Telegram.
    pub language_code: Option<String>,
    /// When Telegram made this launch data.
    pub auth_date: Moment,
    /// From the link that opened the mini-app: whoever wrote the link chose it.
    pub start_param: Option<String>,
}

/// The keys that prove launch data, prepared once.
pub struct LaunchDataCheck {
    bot: Option<hmac::Key>,
    third_party: Option<ThirdParty>,
    max_age_seconds: i64,
}

struct ThirdParty {
    prefix: String,
    key: VerifyingKey,
}

#[derive(Deserialize)]
struct User {
    id: TelegramId,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    language_code: Option<String>,
}

impl LaunchDataCheck {
    /// Prepares the keys.
    ///
    /// # Errors
    /// With neither proof, a token that is none, a key that is none, or an age of no use.
    pub fn new(settings: &LaunchDataSettings) -> Result<Self, BadSettings> {
        let bot = settings.bot_token.as_ref().map(|token| bot_key(token.expose())).transpose()?;
        let third_party = settings.third_party.as_ref().map(ThirdParty::new).transpose()?;
        if bot.is_none() && third_party.is_none() {
            return Err(BadSettings("launch data needs a bot token or a public key"));
        }
        let max_age_seconds = settings.max_age_seconds.unwrap_or(limits::LAUNCH_DATA_AGE_SECONDS);
        if max_age_seconds <= 0 {
            return Err(BadSettings("launch data's age is positive"));
        }
        Ok(Self { bot, third_party, max_age_seconds })
    }

    /// What the launch data says, if it is proven and fresh at this moment. A date ahead by any second is refused.
    ///
    /// # Errors
    /// Why it is not good, for the log.
    pub fn verify(&self, init_data: &str, now: Moment) -> Result<LaunchData, LaunchDataRefusal> {
        let fields = Fields::read(init_data).ok_or(LaunchDataRefusal::Malformed)?;
        if !self.hash_is_right(&fields) && !self.signature_is_right(&fields) {
            return Err(LaunchDataRefusal::NotProven);
        }
        let auth_date = self.fresh(&fields, now)?;
        let user = fields.get("user").and_then(read_user).ok_or(LaunchDataRefusal::Identity)?;
        Ok(LaunchData {
            telegram_id: user.id,
            username: user.username,
            first_name: user.first_name,
            language_code: user.language_code,
            auth_date,
            start_param: fields.get("start_param").map(str::to_owned),
        })
    }

    fn hash_is_right(&self, fields: &Fields) -> bool {
        let (Some(key), Some(hash)) = (&self.bot, fields.get("hash").and_then(read_lower_hex)) else {
            return false;
        };
        hmac::verify(key, fields.lines_without(&["hash"]).as_bytes(), &hash).is_ok()
    }

    fn signature_is_right(&self, fields: &Fields) -> bool {
        let (Some(third_party), Some(signature)) = (&self.third_party, fields.get("signature")) else {
            return false;
        };
        let bytes = URL_SAFE_NO_PAD.decode(signature).ok();
        let Some(signature) = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok()) else {
            return false;
        };
        let message = format!("{}{}", third_party.prefix, fields.lines_without(&["hash", "signature"]));
        third_party.key.verify_strict(message.as_bytes(), &signature).is_ok()
    }

    fn fresh(&self, fields: &Fields, now: Moment) -> Result<Moment, LaunchDataRefusal> {
        let seconds = fields.get("auth_date").and_then(read_seconds).ok_or(LaunchDataRefusal::AuthDate)?;
        let age_seconds = now.seconds().saturating_sub(seconds);
        match age_seconds {
            ..0 => Err(LaunchDataRefusal::Future),
            age if age > self.max_age_seconds => Err(LaunchDataRefusal::TooOld),
            _ => Ok(Moment::from_seconds(seconds)),
        }
    }
}

impl ThirdParty {
    fn new(settings: &ThirdPartySettings) -> Result<Self, BadSettings> {
        let hex = match &settings.public_key {
            TelegramKey::Production => PRODUCTION_KEY,
            TelegramKey::Test => TEST_KEY,
            TelegramKey::Hex(hex) => hex,
        };
        let key = read_lower_hex(hex)
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .filter(|key| !key.is_weak())
            .ok_or(BadSettings("launch data's public key is no Ed25519 key"))?;
        if settings.bot_id == 0 {
            return Err(BadSettings("launch data's bot id is positive"));
        }
        Ok(Self { prefix: format!("{}:WebAppData\n", settings.bot_id), key })
    }
}

/// The key of `hash`: note that "WebAppData" is the key and the token the message, not the other way round.
fn bot_key(token: &[u8]) -> Result<hmac::Key, BadSettings> {
    let id_digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if id_digits == 0 || token.get(id_digits) != Some(&b':') || token.len() < id_digits + 2 {
        return Err(BadSettings("a bot token is <bot id>:<secret>"));
    }
    let constant = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
    Ok(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&constant, token).as_ref()))
}

/// Plain digits in their one spelling.
fn read_seconds(text: &str) -> Option<i64> {
    let plain = (1..=AUTH_DATE_DIGITS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

/// An object with a positive integer `id`, each member once, of a person and not of a bot.
fn read_user(json: &str) -> Option<User> {
    // Without this check serde would read a list as the members in order.
    if !json.starts_with('{') {
        return None;
    }
    serde_json::from_str::<User>(json).ok().filter(|user| !user.is_bot)
}
