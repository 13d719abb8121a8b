//! Signing: which key signs, what is recorded, and what is done while an outside signer's outcome is not known.

pub mod method;
pub mod new_session;
pub mod record;
pub mod remote;
pub mod session;

pub use method::{Standing, no_active_session, standing};
pub use new_session::{NewSession, TurnkeyKey};
pub use record::{Outcome, SignatureRecord};
pub use remote::{Intent, IntentState, Step};
pub use session::{Ended, Material, Session, SessionKind, SessionRecord, SignerKind};
