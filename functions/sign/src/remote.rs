//! A signature made at Turnkey: the intent is committed before the call and the outcome after it.

use countersign_core::{
    Refusal, SealContext,
    idempotency::{IdempotencyRecord, Progress},
    signing::{Intent, IntentState, Material, Outcome, SignatureRecord, Step, remote, session::TurnkeyWallet},
};
use countersign_edge::{Answer, clock};
use countersign_store::{Guard, KeptAnswer, NextIntent, StoreError};
use countersign_turnkey::{SIGN_RAW_PAYLOAD_PATH, SignRawPayload, check_stamp};

use crate::{
    look,
    sign_request::{StampAnswer, StampRequest},
    signing::Work,
};

/// Takes the one step that the intent's state allows. `looking`: the request's idempotency key was used before and its
/// outcome was not known then.
pub(crate) async fn sign(
    work: Work<'_>,
    wallet: &TurnkeyWallet,
    intent: Option<&Intent>,
    looking: bool,
) -> Result<Answer, Refusal> {
    let public_key = work.public_key()?;
    if work.job.envelope.signature_of(&public_key, &work.job.hash).is_some() {
        return work.record_and_answer(Outcome::Repeated).await;
    }
    work.may_sign(&public_key)?;
    let ours = intent.is_some_and(|intent| look::is_of_wallet(intent, wallet));
    if looking && !ours {
        return Err(left_elsewhere());
    }
    if let Some(intent) = intent.filter(|intent| looking && intent.is_over()) {
        return work.ended(intent).await;
    }
    let (stamp, now) = (work.job.stamp, work.job.now);
    let by_client = matches!(work.session.material, Material::Client(_));
    let step = match by_client {
        true => remote::step_stamped(intent, ours, stamp.is_some(), now),
        false => remote::step(intent, ours, now),
    };
    if let (true, Some(stamp), Step::Forward(intent) | Step::Look(intent) | Step::Reuse(intent)) =
        (by_client, stamp, &step)
    {
        check_stamp(stamp, intent.body.as_bytes(), &wallet.api_public_key)
            .map_err(|error| Refusal::invalid("stamp is not this key's over the body").because(error.to_string()))?;
    }
    match step {
        Step::Begin if by_client => work.ask_for_stamp(wallet, intent).await,
        Step::Begin => work.begin(wallet, intent).await,
        Step::AskAgain(intent) => work.stamp_answer(intent),
        Step::Forward(intent) => work.forward(intent, stamp.unwrap_or_default()).await,
        Step::Look(intent) => work.look(intent).await,
        Step::Reuse(intent) => work.reuse(intent).await,
        Step::Running => Err(running()),
        Step::NothingToStamp => {
            Err(Refusal::conflict("No stamp is awaited for this transaction; repeat the call without stamp"))
        }
    }
}

/// The key's first request went to a wallet that signs for the person no more: only there could its outcome be seen, and the
/// key never begins anything else.
pub(crate) fn left_elsewhere() -> Refusal {
    Refusal::conflict(
        "The first request with this Idempotency-Key went to another signer, and its outcome is not known; use a new key",
    )
}

fn running() -> Refusal {
    Refusal::conflict("This transaction is being signed; ask again").retry_after(1)
}

impl Work<'_> {
    /// A new body, stamped here. The stamp comes before the commit: without KMS nothing is begun.
    async fn begin(self, wallet: &TurnkeyWallet, before: Option<&Intent>) -> Result<Answer, Refusal> {
        let Material::Turnkey(_, sealed) = &self.session.material else {
            return Err(Refusal::internal("not a Turnkey session"));
        };
        let record = self.record(Outcome::Pending);
        let intent = self.new_intent(wallet, &record, before, IntentState::Pending)?;
        let context = SealContext::signing_session(self.permit.subject(), self.session.id);
        let stamp = self.job.sign.signers.vault.stamp(&context, sealed, intent.body.as_bytes()).await?;
        self.send(&next(&intent, before), &record, &stamp).await
    }

    /// Commits the intent, sends the body once, commits what became of it.
    async fn send(self, next: &NextIntent<'_>, record: &SignatureRecord, stamp: &str) -> Result<Answer, Refusal> {
        let (signers, intent) = (&self.job.sign.signers, next.intent);
        let kept = self.kept_open(Progress::Running);
        match signers.store.commit_intent(&self.permit, self.session, next, record, kept.as_ref()).await {
            Ok(()) => {}
            Err(error) if error.failed(Guard::Intent) || error.failed(Guard::Signature) => {
                self.is_committed(intent).await?;
            }
            Err(error) => return self.lost(error).await,
        }
        let settled = look::submit(signers, intent.body.as_bytes(), stamp).await;
        self.finish(intent, settled).await
    }

    /// A condition that fails after a silent retry may be our own first write; else another request is sending.
    async fn is_committed(&self, intent: &Intent) -> Result<(), Refusal> {
        let found = self.job.sign.signers.store.intent(self.permit.subject(), &intent.hash).await?;
        if found.as_ref() == Some(intent) { Ok(()) } else { Err(running()) }
    }

    /// Hands out a body to be stamped.
    async fn ask_for_stamp(self, wallet: &TurnkeyWallet, before: Option<&Intent>) -> Result<Answer, Refusal> {
        let record = self.record(Outcome::Pending);
        let intent = self.new_intent(wallet, &record, before, IntentState::AwaitingStamp)?;
        let store = &self.job.sign.signers.store;
        match store.commit_stamp_request(&self.permit, self.session, &next(&intent, before)).await {
            Ok(()) => self.stamp_answer(&intent),
            Err(error) if error.failed(Guard::Intent) => self.asked_already(wallet, error).await,
            Err(error) => self.lost(error).await,
        }
    }

    /// Another call asked for the stamp at the same moment: both are handed the same body.
    async fn asked_already(&self, wallet: &TurnkeyWallet, error: StoreError) -> Result<Answer, Refusal> {
        let found = self.job.sign.signers.store.intent(self.permit.subject(), &self.job.hash_hex).await?;
        let ours = found.as_ref().is_some_and(|intent| look::is_of_wallet(intent, wallet));
        match remote::step_stamped(found.as_ref(), ours, false, clock::now()) {
            Step::AskAgain(intent) => self.stamp_answer(intent),
            Step::Running => Err(running()),
            _ => Err(error.into()),
        }
    }

    /// Forwards exactly the body that was handed out, once; its stamp has been checked.
    async fn forward(self, waiting: &Intent, stamp: &str) -> Result<Answer, Refusal> {
        let record = self.record(Outcome::Pending);
        let intent = Intent {
            stamp: Some(stamp.to_owned()),
            signature_id: record.id,
            session_id: self.session.id,
            ..waiting.moved(IntentState::Pending, self.job.now)
        };
        self.send(&next(&intent, None), &record, stamp).await
    }

    /// Looks for the outcome of a body that was sent before.
    async fn look(self, intent: &Intent) -> Result<Answer, Refusal> {
        let job = &self.job;
        let looking =
            look::look(&job.sign.signers, self.permit.subject(), Some(self.session), intent, job.stamp, job.now);
        let settled = looking.await?;
        self.finish(intent, settled).await
    }

    fn stamp_answer(&self, intent: &Intent) -> Result<Answer, Refusal> {
        Answer::ok(&StampAnswer {
            success: false,
            stamp_request: StampRequest {
                url: self.job.sign.signers.turnkey.url(SIGN_RAW_PAYLOAD_PATH),
                body: intent.body.clone(),
                expires_at: intent.stamp_by(self.job.now).to_rfc3339(),
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

    pub(crate) fn kept_open(&self, progress: Progress) -> Option<KeptAnswer<'_>> {
        let key = self.job.call.idempotency()?;
        let record = IdempotencyRecord::open(key, progress, clock::now());
        Some(KeptAnswer { scope: self.scope, key, record })
    }
}

/// An attempt that has no outcome is left behind only for another wallet's.
fn next<'a>(intent: &'a Intent, before: Option<&'a Intent>) -> NextIntent<'a> {
    NextIntent { intent, left_behind: before.filter(|before| before.is_open()) }
}
