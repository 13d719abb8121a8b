//! A one-time form for a key: no key is ever typed into a chat.

use serde::{Deserialize, Serialize};

use super::client::{ClientPermit, form_permit};
use crate::{ClientId, KeyFormId, Moment, Refusal, limits};

/// What a form is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "form_kind")]
pub enum FormPurpose {
    /// A bot of this type is made and started.
    Setup {
        /// The bot's type.
        bot_type: String,
    },
    /// The current key is replaced.
    Rotate,
}

/// What is stored of a form, under the hash of its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyForm {
    /// Its id; the code is derived from it.
    pub id: KeyFormId,
    /// Whose key.
    pub client_id: ClientId,
    /// What for.
    #[serde(flatten)]
    pub purpose: FormPurpose,
    /// To whom the link was given.
    pub given_to: String,
    /// `en` or `ru`.
    pub spoken: String,
    /// From then on it is good for nothing. (In the table `expires_at` is the TTL.)
    pub open_until: Moment,
    /// When the key ends that is entered with it, where the page says nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Moment>,
    /// How often something was sent with it.
    pub tries: u32,
    /// It was used.
    #[serde(default)]
    pub used: bool,
}

impl KeyForm {
    /// Whether it may be shown and sent.
    ///
    /// # Errors
    /// 404, whatever is wrong with it.
    pub fn open(&self, now: Moment) -> Result<ClientPermit, Refusal> {
        if self.used || self.open_until <= now || self.tries >= limits::KEY_FORM_TRIES {
            return Err(unknown_form());
        }
        Ok(form_permit(self.client_id, self.given_to.clone()))
    }
}

/// 404: not there, over, or used.
#[must_use]
pub fn unknown_form() -> Refusal {
    Refusal::not_found("This link is not valid any more. Ask the bot for a new one.")
}
