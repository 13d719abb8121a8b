//! Every limit has a name here. Units last.

/// The largest request body, in bytes; a larger one is 413.
pub const BODY_BYTES: usize = 256 * 1024;
/// The longest credential header that is looked at, in bytes.
pub const CREDENTIAL_BYTES: usize = 8 * 1024;
/// How deep the types of an envelope may nest (Soroban values and authorisations recurse).
pub const XDR_DEPTH: u32 = 200;
/// The largest decoded envelope, in bytes. stellar-core refuses Soroban transactions over about 132 KB.
pub const XDR_BYTES: usize = 132 * 1024;
/// The most signatures an envelope holds (XDR: `DecoratedSignature signatures<20>`).
pub const ENVELOPE_SIGNATURES: usize = 20;
/// How far a signed request's timestamp may be off, in seconds, both ways and inclusive.
pub const SIGNED_REQUEST_SKEW_SECONDS: i64 = 30;
/// How old launch data may be by default, in seconds.
pub const LAUNCH_DATA_AGE_SECONDS: i64 = 3600;
/// How far ahead a trusted outside issuer's token may expire, in seconds.
pub const OUTSIDE_TOKEN_SECONDS: i64 = 24 * 3600;
/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;
/// The longest `Idempotency-Key`, in characters.
pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
/// How long an idempotency record is kept, in seconds.
pub const IDEMPOTENCY_SECONDS: i64 = 24 * 3600;
/// A page of a list where no `limit` is given.
pub const PAGE_DEFAULT: u32 = 50;
/// The largest page of a list.
pub const PAGE_MOST: u32 = 200;
/// How long a signing session may live, in seconds.
pub const SIGNING_SESSION_MOST_SECONDS: i64 = 90 * 24 * 3600;
/// How long a signing session lives where nothing is said, in seconds.
pub const SIGNING_SESSION_DEFAULT_SECONDS: i64 = 24 * 3600;
/// The most rows of the old database that one import request carries.
pub const IMPORT_ROWS: usize = 100;
/// How old the timestamp of a Turnkey activity may be when it is sent, in seconds.
pub const TURNKEY_FRESH_SECONDS: i64 = 3600;
/// How long a stamp request handed to a mini-app is good, in seconds.
pub const STAMP_REQUEST_SECONDS: i64 = 300;
/// After this long an intent whose outcome could not be learnt is given up as `lost`, in seconds.
pub const INTENT_GIVEN_UP_SECONDS: i64 = 24 * 3600;
/// How long an intent is kept once nothing is open about it, in seconds. Its events are kept for good.
pub const INTENT_KEPT_SECONDS: i64 = 7 * 24 * 3600;
/// After this long without an outcome an intent counts as `unknown`, in seconds.
pub const INTENT_LEASE_SECONDS: i64 = 30;
