//! What a person sees of a proposal: the message that asks, its buttons, and the same message once there is an outcome.

use super::{
    button::{ButtonData, Token},
    proposal::{Asker, Kind, Proposal},
    request::hides,
    state::{Ending, State, Status, Vote},
};
use crate::{
    limits,
    messaging::{
        Button, Buttons, Text,
        words::{
            Language,
            approvals::{self as words, Needed},
            escape, movements, revoke_all,
        },
    },
};

/// A message in paragraphs; the first one is bold.
pub(super) struct Shown(Vec<String>);

impl Shown {
    /// As it is sent.
    pub(super) fn text(&self) -> Text {
        let paragraph = |(index, text): (usize, &String)| match index {
            0 => format!("<b>{}</b>", escape(text)),
            _ => escape(text),
        };
        Text::html(self.0.iter().enumerate().map(paragraph).collect::<Vec<_>>().join("\n\n"))
    }

    /// As it is seen, without its markup.
    pub(super) fn seen(&self) -> String {
        self.0.join("\n\n")
    }
}

/// The message that asks.
pub(super) fn asking(proposal: &Proposal, language: Language) -> Shown {
    let mut shown = question(proposal, language);
    let mut closing = vec![words::asked_by(language, &proposal.asked_by)];
    if proposal.quorum > 1 {
        closing.push(words::needed(language, proposal.quorum, needed(proposal.kind)));
    }
    closing.push(words::open_until(language, proposal.expires_at));
    shown.push(closing.join(" "));
    if proposal.kind == Kind::Text {
        shown.push(words::reply_with_words(language).to_owned());
    }
    Shown(shown)
}

/// The message once there is an outcome.
pub(super) fn ended(proposal: &Proposal, state: &State, language: Language) -> Shown {
    let mut shown = question(proposal, language);
    shown.push(words::asked_by(language, &proposal.asked_by));
    shown.push(outcome(proposal, state, language));
    Shown(shown)
}

fn question(proposal: &Proposal, language: Language) -> Vec<String> {
    if let Some(asked) = &proposal.movement {
        let (question, details) = movements::asked(language, &proposal.asked_by, asked);
        return vec![question, details];
    }
    if let Asker::KeyRevocation { .. } = proposal.asker {
        let reason = proposal.details.as_deref().unwrap_or_default();
        return vec![revoke_all::asked(language).to_owned(), revoke_all::reason(language, reason)];
    }
    [Some(&proposal.question), proposal.details.as_ref()].into_iter().flatten().cloned().collect()
}

const fn needed(kind: Kind) -> Needed {
    match kind {
        Kind::Approval => Needed::Approvals,
        Kind::YesNo | Kind::Choice => Needed::SameAnswers,
        Kind::Text => Needed::Answers,
    }
}

/// The buttons of one copy: two side by side, choices below each other; none where it is answered in words.
pub(super) fn buttons(proposal: &Proposal, language: Language, token: &Token) -> Option<Buttons> {
    let button = |(index, wire): (usize, &&str)| {
        Button::callback(label(proposal, wire, language), ButtonData::write(proposal.id, index, token))
    };
    let answers = proposal.answers();
    let buttons: Vec<Button> = answers.iter().enumerate().map(button).collect();
    match proposal.kind {
        Kind::Text => None,
        Kind::YesNo | Kind::Approval => Some(Buttons::row(buttons)),
        Kind::Choice => Some(Buttons(buttons.into_iter().map(|button| vec![button]).collect())),
    }
}

/// Choices are shown as they were written, also where one is called `yes`.
fn label<'a>(proposal: &Proposal, wire: &'a str, language: Language) -> &'a str {
    match proposal.kind {
        Kind::YesNo | Kind::Approval => words::answer(language, wire),
        Kind::Choice | Kind::Text => wire,
    }
}

/// An answer as an outcome repeats it: a long one is cut.
pub(super) fn answer(proposal: &Proposal, wire: &str, language: Language) -> String {
    let clean: String = label(proposal, wire, language).chars().filter(|letter| !hides(*letter)).collect();
    cut(&clean.split_whitespace().collect::<Vec<_>>().join(" "), limits::SHOWN_ANSWER_CHARS)
}

/// The outcome in one line: what, by whom and when. Empty while there is none.
pub(super) fn outcome(proposal: &Proposal, state: &State, language: Language) -> String {
    let Some(outcome) = &state.outcome else { return String::new() };
    let wire = outcome.answer.as_deref().unwrap_or_default();
    let counts = |vote: &&Vote| proposal.kind == Kind::Text || vote.answer == wire;
    let names: Vec<&str> = state.votes.iter().filter(counts).map(|vote| vote.name.as_str()).collect();
    let names = outcome.decided_by.clone().unwrap_or_else(|| words::names(language, &names));
    match (outcome.ending, proposal.kind) {
        (Ending::Expired, _) => words::nobody_in_time(language, outcome.at),
        (Ending::Failed, _) => words::nobody_asked(language, outcome.at),
        (Ending::Withdrawn, _) => words::withdrawn(language, &names, outcome.at),
        (Ending::Answered, Kind::Approval) if wire == "approve" => words::approved(language, &names, outcome.at),
        (Ending::Answered, Kind::Approval) => words::denied(language, &names, outcome.at),
        (Ending::Answered, _) => words::answered(language, &answer(proposal, wire, language), &names, outcome.at),
    }
}

/// What a person is told whose answer counts.
pub(super) fn counted(proposal: &Proposal, state: &State, vote: &Vote, language: Language) -> String {
    let answer = answer(proposal, &vote.answer, language);
    match (state.status, proposal.quorum) {
        (Status::Closed, 1) => words::noted(language, &answer),
        (Status::Closed, _) => words::decided(language, &answer),
        (Status::Open, quorum) => {
            let number = if proposal.kind == Kind::Text { state.votes.len() } else { state.count(&vote.answer) };
            words::so_far(language, &answer, number, quorum)
        }
    }
}

/// A name as it is shown: one line, without what hides or turns other text, cut.
#[must_use]
pub fn name_of(given: &str) -> String {
    let name = cut(&one_line(given), limits::SHOWN_NAME_CHARS);
    if name.is_empty() { "?".to_owned() } else { name }
}

/// A text on one line, without what hides or turns other text.
#[must_use]
pub fn one_line(given: &str) -> String {
    let shown = given.chars().filter(|letter| !hides(*letter));
    let clean: String = shown.map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters; where some are left out, `…` stands for them.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A text as the answer to a press may show it: at most [`limits::PRESS_ANSWER_CHARS`] UTF-16 units.
#[must_use]
pub fn as_note(text: &str) -> String {
    if text.encode_utf16().count() <= limits::PRESS_ANSWER_CHARS {
        return text.to_owned();
    }
    let mut left = limits::PRESS_ANSWER_CHARS.saturating_sub(1);
    let fits = |letter: &char| left.checked_sub(letter.len_utf16()).map(|rest| left = rest).is_some();
    text.chars().take_while(fits).chain(['…']).collect()
}
