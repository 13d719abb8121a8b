//! Posts to addresses that others registered: signed as Standard Webhooks says, bounded, and never into our own network.
//!
//! Whoever registers a URL decides where this house connects to, so nothing of it is trusted: the URL is read strictly
//! ([`Rules::check`]), its host is resolved by our own resolver, the addresses that were checked are the ones that are
//! connected to, and neither redirects nor proxies lead elsewhere.

mod address;
mod letter;
mod names;
mod outbound;
mod rules;

pub use address::{AddressClass, class};
pub use letter::{Letter, LetterError};
pub use names::{Found, Names, SystemNames};
pub use outbound::{ANSWER_BYTES, Answered, NotPosted, Outbound, TIMEOUT};
pub use rules::{BadUrl, Rules};
