//! Who is calling: the stamp over the exact bytes, by a key of the organization that the body names.

use std::time::Instant;

use axum::http::HeaderMap;
use countersign_turnkey::{STAMP_HEADER, Stamp};
use serde::Deserialize;

use super::{State, limits::Empty, organization::is_uuid, refusal::Refusal};

/// Who is calling, as the stamp proved.
pub(super) struct Caller {
    pub(super) organization_id: String,
    pub(super) organization_name: String,
    pub(super) user_id: String,
    pub(super) username: String,
    pub(super) public_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Addressed {
    organization_id: String,
}

/// Checks the stamp and the rate limits.
pub(super) fn admit(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<Caller, Refusal> {
    let stamp = the_stamp(headers)?;
    let addressed: Addressed =
        serde_json::from_slice(body).map_err(|error| Refusal::invalid(format!("bad request body: {error}")))?;
    let organization_id = addressed.organization_id;
    if !is_uuid(&organization_id) {
        return Err(Refusal::invalid("malformed organization ID provided"));
    }
    let caller = find_caller(state, organization_id, stamp.public_key())?;
    stamp
        .verify(body)
        .map_err(|_| Refusal::unauthenticated("could not verify api key signature").with_code("SIGNATURE_INVALID"))?;
    match state.known().buckets.take(&caller.organization_id, Instant::now()) {
        Ok(()) => Ok(caller),
        Err(Empty::SubOrganization) => {
            Err(Refusal::exhausted("this organization cannot execute activities because it has been rate limited", 1))
        }
        Err(Empty::Plan) => Err(Refusal::exhausted(
            "this sub-organization cannot execute activities because its parent has been rate limited",
            1,
        )),
    }
}

fn the_stamp(headers: &HeaderMap) -> Result<Stamp, Refusal> {
    let mut values = headers.get_all(STAMP_HEADER).iter();
    let Some(value) = values.next() else {
        let message =
            "cannot authenticate public API activity request without a stamp (X-Stamp/X-Stamp-Webauthn header)";
        return Err(Refusal::unauthenticated(message));
    };
    if values.next().is_some() {
        return Err(Refusal::unauthenticated("malformed activity stamp: more than one"));
    }
    let value = value.to_str().map_err(|_| Refusal::unauthenticated("malformed activity stamp"))?;
    Stamp::parse(value).map_err(|error| Refusal::unauthenticated(format!("could not extract api key stamp: {error}")))
}

fn find_caller(state: &State, organization_id: String, public_key: &str) -> Result<Caller, Refusal> {
    let known = state.known();
    let Some(organization) = known.organizations.get(&organization_id) else {
        let message = "no organization found with the given ID";
        return Err(Refusal::not_found(message).with_code("ORGANIZATION_NOT_FOUND"));
    };
    let Some(user) = organization.user(public_key) else {
        let message = format!(
            "could not find public key in organization or its parent organization \
             organizationId={organization_id} publicKey={public_key}"
        );
        return Err(Refusal::unauthenticated(message).with_code("PUBLIC_KEY_NOT_FOUND"));
    };
    Ok(Caller {
        organization_name: organization.name.clone(),
        user_id: user.id.clone(),
        username: user.name.clone(),
        public_key: public_key.to_owned(),
        organization_id,
    })
}
