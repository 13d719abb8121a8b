//! What is delivered to a service: the callback of something it asked, or a command that a person gave it.

use serde::{Deserialize, Serialize};

use crate::{ChatId, DeliveryId, Moment, ServiceId};

/// One delivery, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id; `webhook-id` of every try is made from it.
    pub id: DeliveryId,
    /// To whom.
    pub service_id: ServiceId,
    /// What for.
    pub kind: DeliveryKind,
    /// Where to, as the service registered or named it. It is checked again before every try.
    pub url: String,
    /// The exact JSON that is sent, and signed.
    pub body: String,
    /// When it was decided.
    pub created_at: Moment,
    /// The chat that a `{"reply"}` goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// How often it has been tried.
    #[serde(default)]
    pub attempt: u32,
    /// How far it is.
    #[serde(default)]
    pub status: DeliveryStatus,
    /// Why it failed, or the last try did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Moment>,
}

/// Which delivery a message of the queue `deliveries` is about. JSON is the message's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRef {
    /// To whom.
    pub service_id: ServiceId,
    /// Which.
    pub delivery_id: DeliveryId,
}

impl DeliveryRef {
    /// The body of a message.
    #[must_use]
    pub fn to_json(self) -> String {
        serde_json::json!({ "service_id": self.service_id, "delivery_id": self.delivery_id }).to_string()
    }

    /// Reads [`DeliveryRef::to_json`].
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}

/// What a delivery is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// The outcome of something that the service asked.
    Callback,
    /// A command that a person gave.
    Command,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Not delivered yet.
    #[default]
    Queued,
    /// The service answered 2xx.
    Delivered,
    /// Given up.
    Failed,
}
