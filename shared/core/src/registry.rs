//! What the gate's keeper asks of the store: a service's record, and the claim that makes a signed request good once.

use std::future::Future;

use crate::{
    Moment, Refusal, ServiceId,
    gate::{ReplayClaim, StoredService},
};

/// Implemented by the store, so that the edge needs not know it.
pub trait Registry: Sync {
    /// The record of a service.
    fn service(&self, id: ServiceId) -> impl Future<Output = Result<Option<StoredService>, Refusal>> + Send;

    /// Writes down that a service has called. A failure is only logged: nobody is refused for it.
    fn used(&self, id: ServiceId, at: Moment) -> impl Future<Output = ()> + Send;

    /// Claims a signed request for the request of this id; false where another request has claimed it.
    fn claim(&self, claim: &ReplayClaim, request_id: &str) -> impl Future<Output = Result<bool, Refusal>> + Send;
}
