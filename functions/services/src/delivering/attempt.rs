//! One try: signed with the service's live secrets, posted once, and what came of it in the words of the schedule.

use countersign_core::{
    Refusal,
    messaging::{Delivery, TryOutcome},
    registry::Registry as _,
};
use countersign_edge::clock;
use countersign_outbound::{Letter, NotPosted};

use super::Courier;

/// A try and the answer's body, where there is one.
pub(super) struct Tried {
    pub(super) outcome: TryOutcome,
    pub(super) body: Option<Vec<u8>>,
}

impl Tried {
    fn without_answer(outcome: TryOutcome) -> Self {
        Self { outcome, body: None }
    }
}

/// Tries a delivery.
///
/// # Errors
/// Where the service's record cannot be read: the claim runs out, and it is tried again.
pub(super) async fn attempt(courier: &Courier, delivery: &Delivery) -> Result<Tried, Refusal> {
    let Some(service) = courier.store.service(delivery.service_id).await?.filter(|service| !service.disabled) else {
        return Ok(Tried::without_answer(TryOutcome::Impossible("the service has ended".into())));
    };
    let gate = courier.gate.current_gate().await;
    let secrets = gate.clients().webhook_secrets(service.id, &service.client_versions);
    let id = format!("msg_{}", delivery.id);
    let letter = Letter { id: &id, body: &delivery.body, secrets: &secrets };
    Ok(match courier.outbound.post(&delivery.url, &letter, clock::now()).await {
        Ok(answered) => {
            let (status, retry_after_seconds) = (answered.status, answered.retry_after_seconds);
            Tried { outcome: TryOutcome::Answered { status, retry_after_seconds }, body: answered.body }
        }
        Err(error @ NotPosted::Url(_)) => Tried::without_answer(TryOutcome::Impossible(error.to_string())),
        Err(error) => Tried::without_answer(TryOutcome::NoAnswer(error.to_string())),
    })
}
