//! A signature made at Turnkey: the intent is committed before the call and the outcome after it.

use axum::http::StatusCode;
use countersign_core::{
    Refusal, SealContext,
    idempotency::{IdempotencyRecord, Progress},
    signing::{Intent, IntentState, Material, Outcome, SignatureRecord, Step, remote, session::TurnkeyWallet},
};
use countersign_edge::{Answer, clock, problem};
use countersign_store::{Closing, Guard, KeptAnswer};
use countersign_turnkey::{SIGN_RAW_PAYLOAD_PATH, SignRawPayload, check_stamp};
use serde_json::json;

use crate::{
    look,
    settle::Settled,
    sign_request::{StampAnswer, StampRequest},
    signing::Work,
};

/// When to ask again for an outcome that is not known, in seconds.
const LOOK_AGAIN_SECONDS: u32 = 2;

/// Takes the one step that the intent's state allows.
pub(crate) async fn sign(work: Work<'_>, intent: Option<&Intent>) -> Result<Answer, Refusal> {
    let public_key = work.public_key()?;
    if work.job.envelope.signature_of(&public_key, &work.job.hash).is_some() {
        return work.record_and_answer().await;
    }
    work.room()?;
    let (session, stamp, now) = (work.session.id, work.job.stamp, work.job.now);
    match &work.session.material {
        Material::Turnkey(wallet, _) => match remote::step(intent, session, now) {
            Step::Begin => work.begin(wallet, intent).await,
            step => work.follow(step).await,
        },
        Material::Client(wallet) => match remote::step_stamped(intent, session, stamp.is_some(), now) {
            Step::Begin => work.ask_for_stamp(wallet, intent).await,
            Step::Forward(intent) => work.forward(wallet, intent, stamp.unwrap_or_default()).await,
            step => work.follow(step).await,
        },
        Material::Local(_) | Material::Kms(_) => Err(Refusal::internal("not a remote signer")),
    }
}

impl Work<'_> {
    /// The steps that are alike for both remote signers.
    async fn follow(mut self, step: Step<'_>) -> Result<Answer, Refusal> {
        match step {
            Step::AskAgain(intent) => self.stamp_answer(intent),
            Step::Reuse(intent) => self.reuse(intent),
            Step::Look(intent) => {
                let settled =
                    look::look(&self.job.sign.signers, self.permit.subject(), Some(self.session), intent, self.job.now)
                        .await?;
                self.finish(intent, settled).await
            }
            Step::Running => Err(Refusal::conflict("This transaction is being signed; ask again").retry_after(1)),
            Step::NothingToStamp => {
                Err(Refusal::conflict("No stamp is awaited for this transaction; repeat the call without stamp"))
            }
            Step::Begin | Step::Forward(_) => Err(Refusal::internal("a step of another signer")),
        }
    }

    /// A new body, stamped here. The stamp comes before the commit: without KMS nothing is begun.
    async fn begin(self, wallet: &TurnkeyWallet, before: Option<&Intent>) -> Result<Answer, Refusal> {
        let Material::Turnkey(_, sealed) = &self.session.material else {
            return Err(Refusal::internal("not a Turnkey session"));
        };
        let record = self.record(Outcome::Pending);
        let intent = self.new_intent(wallet, &record, before, IntentState::Pending)?;
        let context = SealContext::signing_session(self.permit.subject(), self.session.id);
        let stamp = self.job.sign.signers.vault.stamp(&context, sealed, intent.body.as_bytes()).await?;
        self.send(intent, &record, &stamp).await
    }

    /// Commits the intent, sends the body once, commits what became of it.
    async fn send(self, intent: Intent, record: &SignatureRecord, stamp: &str) -> Result<Answer, Refusal> {
        let store = &self.job.sign.signers.store;
        let kept = self.kept_open(Progress::Running);
        let committed = store.commit_intent(&self.permit, self.session, &intent, record, kept.as_ref()).await;
        match committed {
            Ok(()) => {}
            Err(error) if error.failed(Guard::Intent) || error.failed(Guard::Signature) => {
                return Err(Refusal::conflict("This transaction is being signed; ask again").retry_after(1));
            }
            Err(error) => return self.lost(error).await,
        }
        let settled = look::submit(&self.job.sign.signers, intent.body.as_bytes(), stamp).await;
        self.finish(&intent, settled).await
    }

    /// Hands out a body to be stamped.
    async fn ask_for_stamp(self, wallet: &TurnkeyWallet, before: Option<&Intent>) -> Result<Answer, Refusal> {
        let record = self.record(Outcome::Pending);
        let intent = self.new_intent(wallet, &record, before, IntentState::AwaitingStamp)?;
        match self.job.sign.signers.store.commit_stamp_request(&self.permit, self.session, &intent).await {
            Ok(()) => self.stamp_answer(&intent),
            Err(error) if error.failed(Guard::Intent) => {
                Err(Refusal::conflict("A stamp was asked for at the same moment; ask again").retry_after(1))
            }
            Err(error) => self.lost(error).await,
        }
    }

    /// Forwards exactly the body that was handed out, once, with a stamp that was checked here first.
    async fn forward(self, wallet: &TurnkeyWallet, waiting: &Intent, stamp: &str) -> Result<Answer, Refusal> {
        check_stamp(stamp, waiting.body.as_bytes(), &wallet.api_public_key)
            .map_err(|error| Refusal::invalid("stamp is not this key's over the body").because(error.to_string()))?;
        let record = self.record(Outcome::Pending);
        let intent = Intent {
            stamp: Some(stamp.to_owned()),
            signature_id: record.id,
            ..waiting.moved(IntentState::Pending, self.job.now)
        };
        self.send(intent, &record, stamp).await
    }

    /// Commits what is known now and answers.
    async fn finish(mut self, intent: &Intent, settled: Settled) -> Result<Answer, Refusal> {
        let settled = settled.checked(&self.public_key()?, &self.job.hash);
        let now = clock::now();
        let (moved, reason) = settled.moves(intent, now);
        let answer = self.answer_to(&settled, &moved)?;
        let kept = match (&settled, self.job.call.idempotency()) {
            (Settled::Signed(_) | Settled::Failed(_), Some(key)) => {
                Some(KeptAnswer { scope: self.scope, key, record: answer.record(key, now) })
            }
            _ => self.kept_open(Progress::Unknown),
        };
        let closing = Closing { intent: &moved, reason, at: now, kept };
        let committed = self.job.sign.signers.store.commit_outcome(self.permit.subject(), &closing).await;
        if let Err(error) = committed {
            return self.overtaken(error).await;
        }
        Ok(answer)
    }

    /// Somebody else moved the intent first: what they found counts.
    async fn overtaken(mut self, error: countersign_store::StoreError) -> Result<Answer, Refusal> {
        if error.failed(Guard::Intent) || error.failed(Guard::Signature) {
            let found = self.job.sign.signers.store.intent(self.permit.subject(), &self.job.hash_hex).await?;
            if let Some(intent) = found.filter(|intent| intent.state == IntentState::Signed) {
                return self.reuse(&intent);
            }
        }
        Err(error.into())
    }

    /// Hands out a signature that was recorded before.
    fn reuse(&mut self, intent: &Intent) -> Result<Answer, Refusal> {
        let mut signature = [0; 64];
        hex::decode_to_slice(intent.signature.as_deref().unwrap_or_default(), &mut signature)
            .map_err(|_| Refusal::internal("a signed intent without its signature"))?;
        let signature = self.verified(signature)?;
        self.append(self.public_key()?, signature)?;
        self.answer()
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
            Settled::Waiting { .. } | Settled::Unknown(_) | Settled::Lost => {
                let refusal = Refusal::new(
                    countersign_core::RefusalKind::Unavailable,
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

    fn stamp_answer(&self, intent: &Intent) -> Result<Answer, Refusal> {
        Answer::ok(&StampAnswer {
            success: false,
            stamp_request: StampRequest {
                url: self.job.sign.signers.turnkey.url(SIGN_RAW_PAYLOAD_PATH),
                body: intent.body.clone(),
                expires_at: intent.stamp_by().to_rfc3339(),
            },
            signing_method: self.session.kind.signing_method(),
        })
    }

    fn new_intent(
        &self,
        wallet: &TurnkeyWallet,
        record: &SignatureRecord,
        before: Option<&Intent>,
        state: IntentState,
    ) -> Result<Intent, Refusal> {
        let now = self.job.now;
        let body = SignRawPayload {
            organization_id: &wallet.organization_id,
            sign_with: &wallet.sign_with,
            payload: &self.job.hash,
            timestamp_ms: u64::try_from(now.millis()).unwrap_or_default(),
        };
        Ok(Intent {
            hash: self.job.hash_hex.clone(),
            version: before.map_or(1, |before| before.version + 1),
            signature_id: record.id,
            session_id: self.session.id,
            state,
            body: String::from_utf8(body.body()).map_err(|_| Refusal::internal("a body that is not UTF-8"))?,
            made_at: now,
            changed_at: now,
            stamp: None,
            activity_id: None,
            signature: None,
        })
    }

    fn kept_open(&self, progress: Progress) -> Option<KeptAnswer<'_>> {
        let key = self.job.call.idempotency()?;
        let record = IdempotencyRecord::open(key, progress, clock::now());
        Some(KeptAnswer { scope: self.scope, key, record })
    }
}
