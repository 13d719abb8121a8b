//! How a question is read: the payload of a task of type `ask`, and the body of `POST /api/v1/approvals`.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Opening, name_of,
    proposal::{Asked, Escalation, Kind, Proposal},
};
use crate::{ChatId, Moment, Refusal, TelegramId, limits};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskForm {
    question: String,
    kind: String,
    choices: Option<Vec<String>>,
    #[serde(default)]
    people: Vec<TelegramId>,
    quorum: Option<usize>,
    expires_in: Option<i64>,
    escalate: Option<EscalateForm>,
    callback_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApprovalForm {
    subject: String,
    details: Option<String>,
    approvers: Vec<TelegramId>,
    chat_id: Option<ChatId>,
    quorum: Option<usize>,
    expires_in: Option<i64>,
    escalate: Option<EscalateForm>,
    callback_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EscalateForm {
    after_seconds: i64,
    people: Vec<TelegramId>,
}

/// A question that was read and is within every limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    kind: Kind,
    question: String,
    details: Option<String>,
    choices: Vec<String>,
    group: Option<ChatId>,
    people: Vec<TelegramId>,
    quorum: usize,
    expires_in: i64,
    escalate: Option<(i64, Vec<TelegramId>)>,
    callback_url: Option<String>,
}

/// Reads the payload of a task of type `ask` for this chat.
///
/// In a group one message goes to the chat, in private one to every person who is asked: the chat's own where nobody is
/// named.
///
/// # Errors
/// 400 naming the field and the limit.
pub fn read_ask(payload: Value, chat: ChatId) -> Result<Question, Refusal> {
    let form: AskForm = read("payload", payload)?;
    let kind = match form.kind.as_str() {
        "yes_no" => Kind::YesNo,
        "choice" => Kind::Choice,
        "text" => Kind::Text,
        _ => return Err(Refusal::invalid("kind must be yes_no, choice or text")),
    };
    let group = chat.person().is_none().then_some(chat);
    let people = match (chat.person(), form.people.is_empty()) {
        (Some(own), true) => vec![own],
        _ => people("people", form.people)?,
    };
    Ok(Question {
        kind,
        question: shown("question", &form.question, 1, limits::QUESTION_UNITS)?,
        details: None,
        choices: choices(kind, form.choices)?,
        group,
        quorum: quorum(form.quorum, &people)?,
        escalate: escalation(form.escalate, form.expires_in, &people)?,
        people,
        expires_in: expires_in(form.expires_in)?,
        callback_url: form.callback_url.map(callback_url).transpose()?,
    })
}

/// Reads the body of `POST /api/v1/approvals`.
///
/// # Errors
/// 400 naming the field and the limit.
pub fn read_approval(body: Value) -> Result<Question, Refusal> {
    let form: ApprovalForm = read("body", body)?;
    if form.chat_id.is_some_and(|chat| chat.person().is_some()) {
        return Err(Refusal::invalid("chat_id must be a group; without it each approver is asked in private"));
    }
    let people = people("approvers", form.approvers)?;
    if people.is_empty() {
        return Err(Refusal::invalid(format!("approvers must name 1 to {} people", limits::ASKED_PEOPLE)));
    }
    let details = form.details.as_deref().map(|text| shown("details", text, 0, limits::DETAILS_UNITS)).transpose()?;
    Ok(Question {
        kind: Kind::Approval,
        question: shown("subject", &form.subject, 1, limits::QUESTION_UNITS)?,
        details: details.filter(|text| !text.is_empty()),
        choices: Vec::new(),
        group: form.chat_id,
        quorum: quorum(form.quorum, &people)?,
        escalate: escalation(form.escalate, form.expires_in, &people)?,
        people,
        expires_in: expires_in(form.expires_in)?,
        callback_url: form.callback_url.map(callback_url).transpose()?,
    })
}

impl Question {
    /// The proposal of this question.
    pub(super) fn propose(self, opening: &Opening<'_>, now: Moment) -> Proposal {
        let asked = |telegram_id| Asked { telegram_id, language: (opening.language_of)(telegram_id) };
        let escalate = self.escalate.map(|(after, people)| Escalation {
            at: now.plus_seconds(after),
            people: people.into_iter().map(asked).collect(),
        });
        Proposal {
            id: opening.id,
            asker: opening.asker,
            asked_by: name_of(opening.asked_by),
            kind: self.kind,
            question: self.question,
            details: self.details,
            choices: self.choices,
            group: self.group,
            people: self.people,
            quorum: self.quorum,
            made_at: now,
            expires_at: now.plus_seconds(self.expires_in),
            escalate,
            callback_url: self.callback_url,
            movement: None,
            remind_at: None,
        }
    }

    /// Everybody who is asked, now or later: their records say in which language.
    #[must_use]
    pub fn everybody(&self) -> Vec<TelegramId> {
        let later = self.escalate.iter().flat_map(|(_, people)| people);
        self.people.iter().chain(later).copied().collect()
    }

    /// The group that is asked.
    #[must_use]
    pub fn group(&self) -> Option<ChatId> {
        self.group
    }

    /// Where the outcome is to be delivered.
    #[must_use]
    pub fn callback_url(&self) -> Option<&str> {
        self.callback_url.as_deref()
    }
}

/// What serde says names the field; a question holds nothing that must not be shown to whoever sent it.
fn read<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| Refusal::invalid(format!("{what}: {error}")))
}

/// A text as a message shows it: trimmed, of so many UTF-16 units, without characters that hide or turn others.
fn shown(name: &str, text: &str, least: usize, most: usize) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if !(least..=most).contains(&text.encode_utf16().count()) {
        return Err(Refusal::invalid(format!("{name} must have {least} to {most} UTF-16 units")));
    }
    if text.chars().any(|letter| (letter.is_control() && letter != '\n') || hides(letter)) {
        return Err(Refusal::invalid(format!("{name} must not hold control characters or ones that turn the text")));
    }
    Ok(text)
}

/// Characters that turn the direction of what follows, or that Telegram takes out.
pub(super) fn hides(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn choices(kind: Kind, given: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    if kind != Kind::Choice {
        return match given {
            None => Ok(Vec::new()),
            Some(_) => Err(Refusal::invalid("choices are for kind choice")),
        };
    }
    let given = given.unwrap_or_default();
    if !(limits::CHOICES_LEAST..=limits::CHOICES_MOST).contains(&given.len()) {
        let (least, most) = (limits::CHOICES_LEAST, limits::CHOICES_MOST);
        return Err(Refusal::invalid(format!("choices must have {least} to {most} entries")));
    }
    let mut choices: Vec<String> = Vec::with_capacity(given.len());
    for choice in given {
        let choice = shown("each of choices", &choice, 1, limits::BUTTON_TEXT_CHARS)?;
        if choice.contains('\n') || choices.contains(&choice) {
            return Err(Refusal::invalid("choices must be single lines that differ"));
        }
        choices.push(choice);
    }
    Ok(choices)
}

/// Each person once, in the order in which they were named.
fn people(name: &str, given: Vec<TelegramId>) -> Result<Vec<TelegramId>, Refusal> {
    let mut people = Vec::with_capacity(given.len().min(limits::ASKED_PEOPLE));
    for person in given {
        if !people.contains(&person) {
            people.push(person);
        }
        if people.len() > limits::ASKED_PEOPLE {
            return Err(Refusal::invalid(format!("{name} may name at most {} people", limits::ASKED_PEOPLE)));
        }
    }
    Ok(people)
}

fn quorum(given: Option<usize>, people: &[TelegramId]) -> Result<usize, Refusal> {
    let most = if people.is_empty() { limits::ASKED_PEOPLE } else { people.len() };
    match given.unwrap_or(1) {
        quorum if (1..=most).contains(&quorum) => Ok(quorum),
        _ => Err(Refusal::invalid(format!("quorum must be 1 to {most}: as many people as are asked"))),
    }
}

fn expires_in(given: Option<i64>) -> Result<i64, Refusal> {
    let (least, most) = (limits::ASK_LEAST_SECONDS, limits::ASK_MOST_SECONDS);
    let seconds = given.unwrap_or(limits::ASK_DEFAULT_SECONDS);
    if (least..=most).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Refusal::invalid(format!("expires_in must be {least} to {most} seconds")))
}

fn escalation(
    form: Option<EscalateForm>,
    expires: Option<i64>,
    asked: &[TelegramId],
) -> Result<Option<(i64, Vec<TelegramId>)>, Refusal> {
    let Some(form) = form else { return Ok(None) };
    let end = expires_in(expires)?;
    if !(1..end).contains(&form.after_seconds) {
        return Err(Refusal::invalid(format!("escalate.after_seconds must be 1 to {}: before expires_in", end - 1)));
    }
    let mut later = people("escalate.people", form.people)?;
    later.retain(|person| !asked.contains(person));
    if later.is_empty() {
        return Err(Refusal::invalid("escalate.people must name somebody who is not asked already"));
    }
    Ok(Some((form.after_seconds, later)))
}

/// Here only its length: where it leads is judged by whoever posts, when it is named and again before it is called.
fn callback_url(text: String) -> Result<String, Refusal> {
    if (1..=limits::URL_BYTES).contains(&text.len()) {
        return Ok(text);
    }
    Err(Refusal::invalid(format!("callback_url must have 1 to {} bytes", limits::URL_BYTES)))
}
