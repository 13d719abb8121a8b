//! What became of a body at Turnkey: committed, and only then told.

use axum::http::StatusCode;
use countersign_core::{
    Refusal, RefusalKind,
    idempotency::Progress,
    signing::{Intent, IntentState, Outcome},
};
use countersign_edge::{Answer, clock, problem};
use countersign_store::{Closing, Guard, StoreError};
use serde_json::json;

use crate::{settle::Settled, signing::Work};

/// When to ask again for an outcome that is not known, in seconds.
const LOOK_AGAIN_SECONDS: u32 = 2;
/// How often an outcome is written over what another look wrote at the same moment.
const RACES: usize = 3;

impl Work<'_> {
    /// Commits what is known now and answers.
    pub(crate) async fn finish(mut self, intent: &Intent, settled: Settled) -> Result<Answer, Refusal> {
        let settled = settled.checked(&self.public_key()?, &self.job.hash);
        let answer = self.answer_to(&settled, intent)?;
        let mut seen = intent.clone();
        let mut races = 0;
        loop {
            match self.close(&seen, &settled, &answer).await {
                Ok(()) => return Ok(answer),
                Err(error) if races < RACES && (error.failed(Guard::Intent) || error.failed(Guard::Signature)) => {
                    races += 1;
                    seen = match self.overtaken(&seen, error).await? {
                        found if found.state == IntentState::Signed => return self.reuse(&found).await,
                        found => found,
                    };
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn close(&self, seen: &Intent, settled: &Settled, answer: &Answer) -> Result<(), StoreError> {
        let now = clock::now();
        let (moved, reason) = settled.moves(seen, now);
        let key = self.job.call.idempotency();
        let (kept, released) = match settled {
            Settled::Signed(_) | Settled::Failed(_) | Settled::Lost => (self.kept(answer), None),
            Settled::NotRun(_) => (None, key.map(|key| (self.scope, key))),
            Settled::Waiting { .. } | Settled::Unknown(_) => (self.kept_open(Progress::Unknown), None),
        };
        let closing = Closing { intent: &moved, reason, at: now, kept, released };
        self.job.sign.signers.store.commit_outcome(self.permit.subject(), &closing).await
    }

    /// Somebody else moved the intent first. What they found counts; where they found nothing, ours does.
    async fn overtaken(&self, seen: &Intent, error: StoreError) -> Result<Intent, Refusal> {
        let found = self.job.sign.signers.store.intent(self.permit.subject(), &self.job.hash_hex).await?;
        let counts = |found: &Intent| {
            found.state == IntentState::Signed || (found.signature_id == seen.signature_id && found.is_open())
        };
        found.filter(counts).ok_or_else(|| error.into())
    }

    /// Hands out a signature that was recorded before.
    pub(crate) async fn reuse(mut self, intent: &Intent) -> Result<Answer, Refusal> {
        let mut signature = [0; 64];
        hex::decode_to_slice(intent.signature.as_deref().unwrap_or_default(), &mut signature)
            .map_err(|_| Refusal::internal("a signed intent without its signature"))?;
        let signature = self.verified(signature)?;
        let public_key = self.public_key()?;
        if self.job.envelope.signature_of(&public_key, &self.job.hash).is_none() {
            self.append(public_key, signature)?;
        }
        // Handing it out is an event of its own, and the session must be live for it.
        self.record_and_answer(Outcome::Repeated).await
    }

    /// What the request's idempotency key asked for is over without a signature, and is not run again under it.
    pub(crate) async fn ended(self, intent: &Intent) -> Result<Answer, Refusal> {
        let answer = match intent.state {
            IntentState::Lost => self.problem(never_learnt(), intent, "lost"),
            _ => self.problem(Refusal::new(RefusalKind::Upstream, "Turnkey did not sign"), intent, "failed"),
        };
        self.kept_beside(answer).await
    }

    /// Keeps an answer whose effect was committed before.
    async fn kept_beside(self, answer: Answer) -> Result<Answer, Refusal> {
        if let Some(kept) = self.kept(&answer) {
            self.job.sign.signers.store.keep_answer(&self.permit, &kept).await?;
        }
        Ok(answer)
    }

    fn answer_to(&mut self, settled: &Settled, intent: &Intent) -> Result<Answer, Refusal> {
        match settled {
            Settled::Signed(signature) => {
                self.append(self.public_key()?, *signature)?;
                self.answer()
            }
            Settled::Waiting { consensus: true, .. } => Answer::new(
                StatusCode::ACCEPTED,
                &json!({
                    "success": false, "outcome": "pending", "signature_id": intent.signature_id,
                    "hash": intent.hash, "signing_method": self.session.kind.signing_method(),
                }),
            ),
            Settled::Failed(refusal) | Settled::NotRun(refusal) => Ok(self.problem(refusal.clone(), intent, "failed")),
            Settled::Lost => Ok(self.problem(never_learnt(), intent, "lost")),
            Settled::Waiting { .. } | Settled::Unknown(_) => {
                let refusal = Refusal::new(
                    RefusalKind::Unavailable,
                    "Whether the transaction was signed is not known yet; ask again for the same transaction",
                );
                Ok(self.problem(refusal.retry_after(LOOK_AGAIN_SECONDS), intent, "unknown"))
            }
        }
    }

    fn problem(&self, refusal: Refusal, intent: &Intent, outcome: &str) -> Answer {
        let refusal = refusal.with("outcome", outcome).with("signature_id", intent.signature_id.get());
        problem::answer(refusal, self.job.call.request_id())
    }
}

fn never_learnt() -> Refusal {
    Refusal::new(RefusalKind::Upstream, "Whether the transaction was signed was never learnt; it can be asked for anew")
}
