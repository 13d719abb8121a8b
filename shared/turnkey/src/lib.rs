//! Speaks Turnkey's public API: the bodies it takes, the answers it gives, the stamps it checks. It holds no key and decides nothing.

mod activity;
mod client;
mod request;
mod stamp;

pub use activity::{Activity, Outcome, Unreadable, read_activities, read_activity};
pub use client::{Connect, REQUEST_SECONDS, SubmitError, Turnkey};
pub use request::{
    GET_ACTIVITY_PATH, LIST_ACTIVITIES_PATH, SIGN_RAW_PAYLOAD_PATH, SIGN_RAW_PAYLOAD_TYPE, STAMP_HEADER,
    SignRawPayload, asks_wallet, fingerprint, get_activity_body, list_activities_body,
};
pub use stamp::{STAMP_BYTES, STAMP_SCHEME, Stamp, StampError, check_public_key, check_stamp};
