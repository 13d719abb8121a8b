//! The body of the signing routes: fixed field names, lenient about what else a client sends.

use countersign_core::{Refusal, TelegramId, limits};
use serde::{Deserialize, Serialize};

/// `POST /api/sign`, `POST /sign`, `POST /mini-app/sign-transaction`.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct SignRequest {
    /// The transaction envelope, base64 XDR.
    #[schema(value_type = String)]
    pub xdr: Option<serde_json::Value>,
    /// What the client calls it; `payment` where nothing is said.
    pub action_type: Option<String>,
    /// Whether the caller accounts for the fee itself; `fee` is then 0. False where nothing is said.
    #[serde(default)]
    #[schema(value_type = bool, default = false)]
    pub include_fee: Option<bool>,
    /// For `python_bot_tg_cloud`: the value of `X-Stamp` over the body that was handed out.
    pub stamp: Option<String>,
    /// For `/mini-app/sign-transaction`: whose signature it is.
    #[schema(value_type = Option<i64>)]
    pub telegram_id: Option<serde_json::Value>,
    /// Not offered yet: true is refused, so that nobody takes a signed transaction for a sent one.
    pub submit: Option<bool>,
}

/// The answer of the signing routes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SignAnswer {
    /// Always true.
    pub success: bool,
    /// The envelope with the signature appended.
    pub signed_xdr: String,
    /// The transaction's hash, hex.
    pub hash: String,
    /// What the envelope pays natively to the fee wallet, in XLM.
    #[schema(value_type = f64)]
    pub fee: serde_json::Number,
    /// The same, in stroops, exact.
    pub fee_stroops: String,
    /// Which key signed.
    pub signing_method: &'static str,
}

/// 200 of the signing routes, for the OpenAPI document: signed, or what is to be stamped first.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "documents the answers; each is written by itself")]
pub(crate) enum SignedOrStamp {
    /// Signed.
    Signed(SignAnswer),
    /// A stamp is needed.
    Stamp(StampAnswer),
}

/// What the mini-app is to stamp.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct StampAnswer {
    /// Always false: nothing is signed yet.
    pub success: bool,
    /// What to stamp.
    pub stamp_request: StampRequest,
    /// `python_bot_tg_cloud`.
    pub signing_method: &'static str,
}

/// A body to be stamped with the key from Telegram's cloud storage; the same call is then repeated with `stamp`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct StampRequest {
    /// Where the server will send it.
    pub url: String,
    /// The exact bytes to stamp.
    pub body: String,
    /// Until when the stamp is taken.
    pub expires_at: String,
}

/// The longest `action_type`, in characters.
const ACTION_TYPE_CHARS: usize = 64;

impl SignRequest {
    /// Whether it asks for no more than a signature.
    ///
    /// # Errors
    /// 400 where the signed transaction should also be sent to the network.
    pub(crate) fn only_signs(&self) -> Result<(), Refusal> {
        if self.submit == Some(true) {
            return Err(Refusal::invalid("submit is not offered yet: send signed_xdr to the network yourself"));
        }
        Ok(())
    }

    /// The envelope's text.
    ///
    /// # Errors
    /// The two fixed texts for a missing and an unreadable one.
    pub(crate) fn envelope_text(&self) -> Result<&str, Refusal> {
        match &self.xdr {
            None | Some(serde_json::Value::Null) => Err(Refusal::invalid("Missing XDR")),
            Some(serde_json::Value::String(text)) if text.is_empty() => Err(Refusal::invalid("Missing XDR")),
            Some(serde_json::Value::String(text)) => Ok(text),
            Some(_) => Err(Refusal::invalid("Invalid XDR: not a string")),
        }
    }

    /// What the client calls it.
    ///
    /// # Errors
    /// 400 where it is too long or has control characters.
    pub(crate) fn action_type(&self) -> Result<&str, Refusal> {
        let name = self.action_type.as_deref().unwrap_or("payment");
        if name.is_empty() || name.chars().count() > ACTION_TYPE_CHARS || name.chars().any(char::is_control) {
            return Err(Refusal::invalid("action_type must be 1 to 64 printable characters"));
        }
        Ok(name)
    }

    /// Whose signature it is: read on the one route that takes it.
    ///
    /// # Errors
    /// 400 where it is missing or no Telegram id.
    pub(crate) fn telegram_id(&self) -> Result<TelegramId, Refusal> {
        let value = self.telegram_id.as_ref().filter(|value| !value.is_null());
        let value = value.ok_or_else(|| Refusal::invalid("telegram_id is missing"))?;
        TelegramId::deserialize(value).map_err(|_| Refusal::invalid("telegram_id is not a Telegram id"))
    }

    /// The stamp, within bounds.
    ///
    /// # Errors
    /// 400 where it is too long to be one.
    pub(crate) fn stamp(&self) -> Result<Option<&str>, Refusal> {
        match self.stamp.as_deref() {
            Some(stamp) if stamp.len() > limits::CREDENTIAL_BYTES => Err(Refusal::invalid("stamp is too long")),
            stamp => Ok(stamp),
        }
    }
}
