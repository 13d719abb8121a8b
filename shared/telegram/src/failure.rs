//! What an answer of the Bot API means for a message: done, to be tried again, over, or not known.

use countersign_core::ChatId;
use serde::Deserialize;
use serde_json::Value;
use teloxide_core::ApiError;

/// How much of Telegram's words is kept, in characters.
const WORDS_CHARS: usize = 300;
/// The wait where Telegram names none, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Why a call was not done. Each kind says what may follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// Too many calls: nothing was done; wait so long, in seconds.
    #[error("Telegram asks to wait {0} s")]
    RetryAfter(u32),
    /// The bot cannot write there any more: blocked, kicked, or the chat is no more.
    #[error("{0}")]
    Gone(String),
    /// The group has become a supergroup, which has another id: what is to be said is to be said there.
    #[error("the group is now {0}")]
    Moved(ChatId),
    /// Telegram will not do it, whenever it is asked.
    #[error("{0}")]
    Refused(String),
    /// Nothing was done, for sure: try again.
    #[error("{0}")]
    NotSent(String),
    /// No answer, or none that says anything: it may have been done.
    #[error("{0}")]
    Unknown(String),
}

/// An answer of the Bot API.
#[derive(Deserialize)]
struct Reply {
    ok: bool,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    error_code: Option<u16>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u32>,
    migrate_to_chat_id: Option<i64>,
}

/// Reads an answer with this status and body.
pub(crate) fn read(status: u16, body: &[u8]) -> Result<Value, SendFailure> {
    let Ok(reply) = serde_json::from_slice::<Reply>(body) else {
        return Err(without_words(status));
    };
    if reply.ok {
        return Ok(reply.result);
    }
    let code = reply.error_code.unwrap_or(status);
    let words: String = reply.description.unwrap_or_default().chars().take(WORDS_CHARS).collect();
    if let Some(seconds) = reply.parameters.retry_after {
        return Err(SendFailure::RetryAfter(seconds.max(1)));
    }
    if let Some(chat) = reply.parameters.migrate_to_chat_id.and_then(ChatId::new) {
        return Err(SendFailure::Moved(chat));
    }
    match code {
        429 => Err(SendFailure::RetryAfter(RETRY_AFTER_SECONDS)),
        // The bot's token is wrong or was revoked: the message can do nothing for it.
        401 | 404 => Err(SendFailure::NotSent("Telegram does not know the bot".to_owned())),
        403 => Err(SendFailure::Gone(words)),
        400..500 => refusal(words),
        504 => Err(SendFailure::Unknown(words)),
        _ => Err(SendFailure::NotSent(words)),
    }
}

/// Something before Telegram's own servers answered.
fn without_words(status: u16) -> SendFailure {
    match status {
        429 => SendFailure::RetryAfter(RETRY_AFTER_SECONDS),
        // A gateway that gave up waiting: what is behind it may go on.
        504 | 200..300 => SendFailure::Unknown(format!("Telegram's answer with status {status} cannot be read")),
        _ => SendFailure::NotSent(format!("Telegram answered with status {status}")),
    }
}

/// What Telegram refuses because it is so already counts as done: it may be our own earlier try.
fn refusal(words: String) -> Result<Value, SendFailure> {
    // The library knows an older spelling of Telegram's.
    match serde_json::from_value(Value::String(words.replace("query ID", "query id"))) {
        // A press that waits no more was answered, or nobody looks at its button any longer.
        Ok(ApiError::MessageNotModified | ApiError::ChatDescriptionIsNotModified | ApiError::InvalidQueryId) => {
            Ok(Value::Bool(true))
        }
        Ok(ApiError::ChatNotFound | ApiError::GroupDeactivated | ApiError::UserDeactivated) => {
            Err(SendFailure::Gone(words))
        }
        _ => Err(SendFailure::Refused(words)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(code: u16, words: &str) -> Result<Value, SendFailure> {
        read(code, json!({ "ok": false, "error_code": code, "description": words }).to_string().as_bytes())
    }

    #[test]
    fn an_answer_says_what_may_follow() {
        assert_eq!(read(200, br#"{"ok":true,"result":{"message_id":7}}"#), Ok(json!({ "message_id": 7 })));
        let flood =
            br#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}"#;
        assert_eq!(read(429, flood), Err(SendFailure::RetryAfter(7)));
        let gone = |words: &str| Err(SendFailure::Gone(words.to_owned()));
        assert_eq!(
            refused(403, "Forbidden: bot was blocked by the user"),
            gone("Forbidden: bot was blocked by the user")
        );
        assert_eq!(refused(400, "Bad Request: chat not found"), gone("Bad Request: chat not found"));
        let moved = br#"{"ok":false,"error_code":400,"description":"upgraded","parameters":{"migrate_to_chat_id":-7}}"#;
        assert_eq!(read(400, moved), Err(SendFailure::Moved(ChatId::new(-7).unwrap())));
        assert!(matches!(refused(400, "Bad Request: can't parse entities"), Err(SendFailure::Refused(_))));
        assert!(matches!(refused(401, "Unauthorized"), Err(SendFailure::NotSent(_))));
        assert!(matches!(refused(500, "Internal Server Error"), Err(SendFailure::NotSent(_))));
        assert!(matches!(refused(504, "Gateway Timeout"), Err(SendFailure::Unknown(_))));
    }

    #[test]
    fn what_is_so_already_is_done() {
        let words = "Bad Request: message is not modified: specified new message content and reply markup are exactly the \
                     same as a current content and reply markup of the message";
        assert_eq!(refused(400, words), Ok(json!(true)));
        let words = "Bad Request: query is too old and response timeout expired or query ID is invalid";
        assert_eq!(refused(400, words), Ok(json!(true)));
    }

    #[test]
    fn an_answer_without_words_is_read_by_its_status() {
        for (status, unknown) in [(200, true), (504, true), (502, false), (500, false), (403, false)] {
            let failure = read(status, b"<html>").unwrap_err();
            assert_eq!(matches!(failure, SendFailure::Unknown(_)), unknown, "{status}");
        }
        assert_eq!(read(429, b""), Err(SendFailure::RetryAfter(1)));
    }
}
