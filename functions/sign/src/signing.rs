//! One signature, from the request to the answer: facts → permit → decision → signature → commit → reply.

use countersign_core::{
    Moment, Refusal, SealContext, ServiceId, SignatureId, Subject,
    gate::Caller,
    idempotency::{Replay, replay},
    policy::{self, Permit},
    signing::{Material, Outcome, Session, SignatureRecord, Standing, no_active_session, standing},
};
use countersign_edge::{Answer, Call, clock};
use countersign_stellar::{Envelope, stroops_to_xlm_number};
use countersign_store::{Facts, Guard, KeptAnswer, KeyScope, StoreError, Wanted};

use crate::{
    Sign, remote,
    sign_request::{SignAnswer, SignRequest},
};

/// How often a signature's id is drawn anew where it is taken.
const ID_TRIES: usize = 3;

/// A signing request that was read: what it asks for, whose it is, and when.
pub(crate) struct Job<'a> {
    pub(crate) sign: &'a Sign,
    pub(crate) call: &'a Call,
    pub(crate) subject: Subject,
    pub(crate) endpoint: &'static str,
    pub(crate) envelope: Envelope,
    pub(crate) hash: [u8; 32],
    pub(crate) hash_hex: String,
    pub(crate) action_type: &'a str,
    pub(crate) include_fee: bool,
    pub(crate) stamp: Option<&'a str>,
    pub(crate) fee_stroops: u128,
    pub(crate) now: Moment,
}

impl<'a> Job<'a> {
    /// Reads the envelope and everything else that can be wrong before any call.
    pub(crate) fn read(
        sign: &'a Sign,
        call: &'a Call,
        request: &'a SignRequest,
        subject: Subject,
        endpoint: &'static str,
    ) -> Result<Self, Refusal> {
        let envelope = Envelope::read(request.envelope_text()?)
            .map_err(|error| Refusal::invalid(format!("Invalid XDR: {error}")))?;
        request.only_signs()?;
        let hash = envelope.hash(&sign.network);
        let fee_stroops = sign.fee_wallet.as_ref().map_or(0, |wallet| envelope.native_paid_to(wallet));
        Ok(Self {
            sign,
            call,
            subject,
            endpoint,
            envelope,
            hash,
            hash_hex: hex::encode(hash),
            action_type: request.action_type()?,
            include_fee: request.include_fee.unwrap_or_default(),
            stamp: request.stamp()?,
            fee_stroops,
            now: clock::now(),
        })
    }

    /// The one read of a signature.
    pub(crate) fn wanted(&self, service: Option<ServiceId>) -> Wanted<'_> {
        let scope = service.map_or(KeyScope::Subject(self.subject), KeyScope::Service);
        Wanted {
            subject: Some(self.subject),
            sessions: true,
            service,
            idempotency: self.call.idempotency().map(|key| (scope, key)),
            intent: Some(&self.hash_hex),
            ..Wanted::default()
        }
    }

    /// Decides on the facts and does it.
    pub(crate) async fn run(self, caller: &Caller, facts: &Facts) -> Result<Answer, Refusal> {
        let permit = policy::permit(caller, facts.person.as_ref(), self.subject, self.endpoint)?;
        let person = facts.person.as_ref().ok_or_else(policy::unknown_person)?;
        let replayed = match self.call.idempotency() {
            Some(key) => replay(key, facts.idempotency.as_ref(), self.now)?,
            None => Replay::Fresh,
        };
        if let Replay::Answer(record) = replayed {
            return Ok(Answer::replay(record));
        }
        let session = match standing(person, &facts.sessions, self.now) {
            Standing::Live(session) => session,
            Standing::None(method) => return Err(no_active_session(method)),
        };
        let scope = caller.service_id().map_or(KeyScope::Subject(self.subject), KeyScope::Service);
        let work = Work { job: self, permit, session, scope };
        match &session.material {
            Material::Local(_) | Material::Kms(_) if replayed == Replay::Look => Err(remote::left_elsewhere()),
            Material::Local(_) | Material::Kms(_) => work.sign_here().await,
            Material::Turnkey(wallet, _) | Material::Client(wallet) => {
                remote::sign(work, wallet, facts.intent.as_ref(), replayed == Replay::Look).await
            }
        }
    }
}

/// A job that is permitted, with the session that signs.
pub(crate) struct Work<'a> {
    pub(crate) job: Job<'a>,
    pub(crate) permit: Permit,
    pub(crate) session: &'a Session,
    pub(crate) scope: KeyScope,
}

impl Work<'_> {
    /// Signs with a local or KMS key, commits, and only then answers.
    async fn sign_here(mut self) -> Result<Answer, Refusal> {
        let public_key = self.public_key()?;
        if self.job.envelope.signature_of(&public_key, &self.job.hash).is_some() {
            return self.record_and_answer(Outcome::Repeated).await;
        }
        self.may_sign(&public_key)?;
        let signature = self.signature_here().await?;
        self.append(public_key, signature)?;
        self.record_and_answer(Outcome::Signed).await
    }

    /// Commits the record of a signature that the envelope holds, and only then answers.
    pub(crate) async fn record_and_answer(self, outcome: Outcome) -> Result<Answer, Refusal> {
        let answer = self.answer()?;
        for _ in 0..ID_TRIES {
            let record = self.record(outcome);
            let kept = self.kept(&answer);
            let committed =
                self.job.sign.signers.store.commit_signature(&self.permit, self.session, &record, kept.as_ref()).await;
            match committed {
                Ok(()) => return Ok(answer),
                Err(error) if error.failed(Guard::Signature) => {}
                Err(error) => return self.lost(error).await,
            }
        }
        Err(Refusal::unavailable("no free signature id"))
    }

    async fn signature_here(&self) -> Result<[u8; 64], Refusal> {
        let (sign, hash) = (self.job.sign, &self.job.hash);
        match &self.session.material {
            Material::Local(sealed) => {
                let context = SealContext::signing_session(self.permit.subject(), self.session.id);
                Ok(sign.signers.vault.sign(&context, sealed, hash).await?)
            }
            Material::Kms(arn) => self.verified(sign.signers.vault.kms_sign(arn, hash).await?),
            Material::Turnkey(..) | Material::Client(_) => Err(Refusal::internal("not a signer of this house")),
        }
    }

    /// What speaks against this key's signature is told before anything is spent or asked for.
    pub(crate) fn may_sign(&self, public_key: &[u8; 32]) -> Result<(), Refusal> {
        self.job.envelope.may_be_signed_by(public_key).map_err(invalid)
    }

    /// A commit that did not go through: says why, from what is stored now.
    pub(crate) async fn lost(&self, error: StoreError) -> Result<Answer, Refusal> {
        let store = &self.job.sign.signers.store;
        if error.failed(Guard::Idempotency)
            && let Some(key) = self.job.call.idempotency()
        {
            let record = store.idempotency_record(self.scope, key).await?;
            if let Replay::Answer(record) = replay(key, record.as_ref(), clock::now())? {
                return Ok(Answer::replay(record));
            }
        }
        if error.failed(Guard::Session) {
            let subject = Some(self.permit.subject());
            let facts = store.facts(&Wanted { subject, sessions: true, ..Wanted::default() }).await?;
            let person = facts.person.as_ref().ok_or_else(policy::unknown_person)?;
            if let Standing::None(method) = standing(person, &facts.sessions, clock::now()) {
                return Err(no_active_session(method));
            }
        }
        Err(error.into())
    }

    pub(crate) fn public_key(&self) -> Result<[u8; 32], Refusal> {
        let key = countersign_stellar::AccountKey::from_strkey(&self.session.stellar_public_key);
        key.map(|key| *key.as_bytes()).map_err(|_| Refusal::internal("a session without a public key"))
    }

    /// A signature made elsewhere is checked before anything is told of it.
    pub(crate) fn verified(&self, signature: [u8; 64]) -> Result<[u8; 64], Refusal> {
        if countersign_stellar::verify(&self.public_key()?, &self.job.hash, &signature) {
            return Ok(signature);
        }
        Err(Refusal::new(
            countersign_core::RefusalKind::Upstream,
            "The signer returned a signature that does not verify",
        ))
    }

    pub(crate) fn append(&mut self, public_key: [u8; 32], signature: [u8; 64]) -> Result<(), Refusal> {
        self.job.envelope.append_signature(&public_key, &self.job.hash, &signature).map(|_| ()).map_err(invalid)
    }

    pub(crate) fn answer(&self) -> Result<Answer, Refusal> {
        let job = &self.job;
        let reported = if job.include_fee { 0 } else { job.fee_stroops };
        Answer::ok(&SignAnswer {
            success: true,
            signed_xdr: job.envelope.to_base64(),
            hash: job.hash_hex.clone(),
            fee: stroops_to_xlm_number(reported),
            fee_stroops: reported.to_string(),
            signing_method: self.session.kind.signing_method(),
        })
    }

    pub(crate) fn record(&self, outcome: Outcome) -> SignatureRecord {
        let job = &self.job;
        SignatureRecord {
            id: SignatureId::fresh(job.now, clock::random()),
            at: job.now,
            by: self.permit.by().to_owned(),
            endpoint: self.permit.endpoint().to_owned(),
            session_id: self.session.id,
            kind: self.session.kind,
            signer: self.session.material.signer(),
            key: self.session.stellar_public_key.clone(),
            hash: job.hash_hex.clone(),
            envelope: job.envelope.envelope_kind().as_str().to_owned(),
            action_type: job.action_type.to_owned(),
            fee_stroops: job.fee_stroops.to_string(),
            include_fee: job.include_fee,
            outcome,
            request_id: job.call.request_id().to_owned(),
        }
    }

    pub(crate) fn kept(&self, answer: &Answer) -> Option<KeptAnswer<'_>> {
        let key = self.job.call.idempotency()?;
        Some(KeptAnswer { scope: self.scope, key, record: answer.record(key, self.job.now) })
    }
}

fn invalid(error: countersign_stellar::EnvelopeError) -> Refusal {
    Refusal::invalid(format!("Invalid XDR: {error}"))
}
