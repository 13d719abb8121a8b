//! Buttons that people pressed, and how the bot answered: once, and in time.

use serde::Serialize;
use uuid::Uuid;

/// How long a press may be answered unless another time is set, in seconds.
const ANSWER_SECONDS: u64 = 15;
/// How many presses are kept.
const KEPT: usize = 1_000;

/// A press that the bot was told of.
#[derive(Clone, Debug, Serialize)]
pub(in crate::telegram) struct Press {
    pub(in crate::telegram) id: String,
    /// Who pressed.
    pub(in crate::telegram) from: i64,
    pub(in crate::telegram) chat_id: i64,
    pub(in crate::telegram) message_id: i64,
    pub(in crate::telegram) data: String,
    /// What the bot answered, if it has.
    pub(in crate::telegram) answer: Option<Answer>,
    #[serde(skip)]
    at_ms: u64,
}

/// What a person is shown after a press.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::telegram) struct Answer {
    pub(in crate::telegram) text: String,
    pub(in crate::telegram) show_alert: bool,
    pub(in crate::telegram) url: Option<String>,
}

/// All presses, oldest first.
pub(in crate::telegram) struct Presses {
    presses: Vec<Press>,
    /// How long a press may be answered.
    pub(in crate::telegram) answer_seconds: u64,
}

impl Default for Presses {
    fn default() -> Self {
        Self { presses: Vec::new(), answer_seconds: ANSWER_SECONDS }
    }
}

impl Presses {
    pub(in crate::telegram) fn all(&self) -> &[Press] {
        &self.presses
    }

    /// Remembers a press and gives its id.
    pub(in crate::telegram) fn add(
        &mut self,
        from: i64,
        (chat_id, message_id): (i64, i64),
        data: &str,
        now_ms: u64,
    ) -> String {
        let (high, _) = Uuid::new_v4().as_u64_pair();
        let id = (high >> 1).to_string();
        if self.presses.len() >= KEPT {
            self.presses.remove(0);
        }
        let press =
            Press { id: id.clone(), from, chat_id, message_id, data: data.to_owned(), answer: None, at_ms: now_ms };
        self.presses.push(press);
        id
    }

    /// Takes the bot's answer; false where the press is unknown, answered already or too old.
    pub(in crate::telegram) fn answer(&mut self, id: &str, answer: Answer, now_ms: u64) -> bool {
        let latest = self.answer_seconds.saturating_mul(1_000);
        let open = |press: &&mut Press| {
            press.id == id && press.answer.is_none() && now_ms.saturating_sub(press.at_ms) <= latest
        };
        match self.presses.iter_mut().find(open) {
            Some(press) => {
                press.answer = Some(answer);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_is_answered_once_and_in_time() {
        let mut presses = Presses::default();
        let id = presses.add(7, (7, 1), "yes", 1_000);
        assert!(!presses.answer("1", Answer::default(), 1_000));
        assert!(presses.answer(&id, Answer::default(), 16_000));
        assert!(!presses.answer(&id, Answer::default(), 1_000));
        let late = presses.add(7, (7, 1), "yes", 1_000);
        assert!(!presses.answer(&late, Answer::default(), 16_001));
    }
}
