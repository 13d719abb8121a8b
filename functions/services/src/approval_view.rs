//! What is shown of an approval, or of a question by its approval id.

use countersign_core::{
    Moment,
    approval::{Proposal, State, Status, outcome_word},
};
use serde::Serialize;

/// An approval.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ApprovalView {
    /// Its id.
    approval_id: u64,
    /// `approval`; `yes_no`, `choice` or `text` for a question.
    kind: &'static str,
    /// What it is about.
    subject: String,
    /// What else is to be known, or null.
    details: Option<String>,
    /// Who is asked by now; empty: anybody in the group.
    approvers: Vec<u64>,
    /// How many must agree.
    quorum: usize,
    /// `open` or `closed`.
    status: &'static str,
    /// Once closed: `approved` or `denied`, `answered` for a question; `expired`; `failed` where nobody could be asked.
    outcome: Option<&'static str>,
    /// The answer that was sufficient, or null.
    answer: Option<String>,
    /// All answers, in the order in which they counted.
    answers: Vec<AnswerView>,
    /// Why nobody could be asked, or null.
    reason: Option<String>,
    /// When it was asked for.
    created_at: String,
    /// From then on nothing counts.
    expires_at: String,
    /// When it ended, or null.
    closed_at: Option<String>,
}

/// One person's answer.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AnswerView {
    /// Who.
    telegram_id: u64,
    /// What: `approve` or `deny` for an approval.
    answer: String,
    /// When.
    at: String,
}

impl ApprovalView {
    /// At this moment: one past its end is shown as expired, whether that has been written down or not.
    pub(crate) fn of(proposal: &Proposal, state: &State, now: Moment) -> Self {
        let outcome = state.outcome.as_ref();
        let lapsed = state.status == Status::Open && proposal.expires_at <= now;
        let open = state.status == Status::Open && !lapsed;
        let closed_at = outcome.map(|outcome| outcome.at).or(lapsed.then_some(proposal.expires_at));
        Self {
            approval_id: proposal.id.get(),
            kind: proposal.kind.as_str(),
            subject: proposal.question.clone(),
            details: proposal.details.clone(),
            approvers: state.people.iter().map(|person| person.get()).collect(),
            quorum: proposal.quorum,
            status: if open { "open" } else { "closed" },
            outcome: if lapsed { Some("expired") } else { outcome_word(proposal, state) },
            answer: outcome.and_then(|outcome| outcome.answer.clone()),
            answers: state.votes.iter().map(AnswerView::of).collect(),
            reason: outcome.and_then(|outcome| outcome.reason.clone()),
            created_at: proposal.made_at.to_rfc3339(),
            expires_at: proposal.expires_at.to_rfc3339(),
            closed_at: closed_at.map(Moment::to_rfc3339),
        }
    }
}

impl AnswerView {
    fn of(vote: &countersign_core::approval::Vote) -> Self {
        Self { telegram_id: vote.telegram_id.get(), answer: vote.answer.clone(), at: vote.at.to_rfc3339() }
    }
}
