//! Judges a press or an answer in words against the facts: it counts, or it does nothing and is told why.

use super::{
    Mint,
    button::{ButtonData, text_hash},
    change::{Change, SeenCopy},
    close::{closing, edit_copy},
    proposal::{Copy, Proposal},
    shown,
    state::{Ending, State, Status, Vote},
};
use crate::{
    ChatId, TelegramId, limits,
    messaging::{
        MessageRef,
        words::{Language, approvals as words},
    },
};

/// What is known of the proposal that an answer is for.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The proposal.
    pub proposal: Option<Proposal>,
    /// Its state.
    pub state: Option<State>,
    /// The copy in the chat that the answer comes from.
    pub copy: Option<Copy>,
}

/// Who answers.
#[derive(Clone, Debug)]
pub struct Voter {
    /// Who.
    pub telegram_id: TelegramId,
    /// Their name, as Telegram says it.
    pub name: String,
    /// Where.
    pub chat_id: ChatId,
    /// The language in which they are answered.
    pub language: Language,
}

/// How somebody answers.
pub enum Answering<'a> {
    /// By a button under a message that shows this text; none where Telegram does not say it any more.
    Press {
        /// The button's data.
        button: &'a ButtonData,
        /// The message's text.
        text: Option<&'a str>,
        /// Telegram's number of that message.
        message_id: Option<i64>,
    },
    /// In words.
    Words(&'a str),
}

/// Why an answer does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The button is none of ours, or of another chat.
    Forged,
    /// Somebody else is asked.
    NotAsked,
    /// It was decided before.
    Decided,
    /// Its time is over.
    Expired,
    /// This person has answered.
    Voted,
    /// The message does not show what is decided.
    OutOfDate,
    /// The answer has too many characters.
    TooLong,
}

/// The judgement, and what the person is told, in their language.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It counts once the change is committed.
    Counted {
        /// What is committed.
        change: Box<Change>,
        /// What is said.
        said: String,
    },
    /// It does nothing.
    Refused {
        /// Why.
        why: Why,
        /// The same in words.
        said: String,
    },
}

/// Judges an answer at the mint's moment. Whether the person may be there at all is looked at before.
#[must_use]
pub fn judge(facts: &Facts, voter: &Voter, answering: &Answering<'_>, mint: &mut Mint) -> Verdict {
    let language = voter.language;
    let refused = |why: Why, said: String| Verdict::Refused { why, said };
    let Facts { proposal: Some(proposal), state: Some(state), copy: Some(copy) } = facts else {
        return refused(Why::Forged, words::forged(language).to_owned());
    };
    if !is_of(copy, proposal, voter, answering) {
        return refused(Why::Forged, words::forged(language).to_owned());
    }
    if let Some(why) = wrong(proposal, state, copy, voter, answering, mint.now()) {
        return refused(why, said(why, proposal, state, voter));
    }
    let Some(answer) = answer(proposal, answering) else {
        return refused(Why::Forged, words::forged(language).to_owned());
    };
    let vote = Vote { telegram_id: voter.telegram_id, name: super::name_of(&voter.name), answer, at: mint.now() };
    let next = state.with(proposal, vote.clone());
    let told = shown::counted(proposal, &next, &vote, language);
    let mut change = Change::of(proposal.clone(), next, mint.now());
    change.vote = Some(vote);
    let pressed = answering.pressed_message();
    change.seen = pressed.filter(|_| copy.message_id.is_none()).map(|message_id| SeenCopy {
        chat_id: copy.chat_id,
        out_id: copy.out_id,
        message_id,
    });
    let mut change = if change.closes() { closing(change, mint) } else { change };
    // The question is there twice, because the answer to its first message was lost: this one shows the outcome as well.
    if let (true, Some(pressed), Some(_)) =
        (change.closes(), pressed, copy.message_id.filter(|id| Some(*id) != pressed))
    {
        let edit = edit_copy(&change, copy, MessageRef::Id(pressed), mint);
        change.messages.extend(edit);
    }
    Verdict::Counted { change: Box::new(change), said: told }
}

impl Answering<'_> {
    /// The message under which a button was pressed.
    fn pressed_message(&self) -> Option<i64> {
        match self {
            Self::Press { message_id, .. } => *message_id,
            Self::Words(_) => None,
        }
    }
}

/// The copy is this proposal's, in this chat, and a button carries its token.
fn is_of(copy: &Copy, proposal: &Proposal, voter: &Voter, answering: &Answering<'_>) -> bool {
    let known = match answering {
        Answering::Press { button, .. } => button.id == proposal.id && button.token.is_of(&copy.token_hash),
        Answering::Words(_) => copy.in_words,
    };
    known && copy.approval_id == proposal.id && copy.chat_id == voter.chat_id
}

/// The first thing that is wrong with an answer, in the order in which a person would want to know.
fn wrong(
    proposal: &Proposal,
    state: &State,
    copy: &Copy,
    voter: &Voter,
    answering: &Answering<'_>,
    now: crate::Moment,
) -> Option<Why> {
    // The copy is this chat's: the group, whatever its id has become.
    if !proposal.is_open_to_all() && !state.people.contains(&voter.telegram_id) {
        return Some(Why::NotAsked);
    }
    if state.status == Status::Closed {
        return Some(Why::Decided);
    }
    if proposal.expires_at <= now {
        return Some(Why::Expired);
    }
    if state.vote_of(voter.telegram_id).is_some() {
        return Some(Why::Voted);
    }
    match answering {
        Answering::Press { text, .. } => {
            (text.map(text_hash).as_ref() != Some(&copy.text_hash)).then_some(Why::OutOfDate)
        }
        Answering::Words(text) => (text.encode_utf16().count() > limits::TEXT_ANSWER_UNITS).then_some(Why::TooLong),
    }
}

fn said(why: Why, proposal: &Proposal, state: &State, voter: &Voter) -> String {
    let language = voter.language;
    match why {
        Why::Forged => words::forged(language).to_owned(),
        Why::NotAsked => words::not_asked(language).to_owned(),
        Why::Decided => {
            let outcome = shown::outcome(proposal, state, language);
            let decided = state.outcome.as_ref().is_some_and(|outcome| outcome.ending == Ending::Answered);
            if decided { words::already(language, &outcome) } else { outcome }
        }
        Why::Expired => words::expired(language, proposal.expires_at),
        Why::Voted => {
            let answer = state.vote_of(voter.telegram_id).map(|vote| vote.answer.as_str()).unwrap_or_default();
            words::voted(language, &shown::answer(proposal, answer, language))
        }
        Why::OutOfDate => words::out_of_date(language).to_owned(),
        Why::TooLong => words::too_long(language, limits::TEXT_ANSWER_UNITS),
    }
}

fn answer(proposal: &Proposal, answering: &Answering<'_>) -> Option<String> {
    match answering {
        Answering::Press { button, .. } => proposal.answers().get(button.choice).map(|answer| (*answer).to_owned()),
        Answering::Words(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
    }
}
