//! Linked accounts: providers, the one-time state and code, the connection with its tokens, and when a person is told what.

mod access;
mod button;
mod code;
mod proof;
mod provider;
mod record;
mod reminder;
mod state;
mod tokens;

pub use access::{Access, Lease};
pub use button::{connect_data, connect_of};
pub use code::{CodeId, Redemption, StoredCode};
pub use proof::{Proof, VerifierKey};
pub use provider::{ClientAuth, ConsentLife, PROVIDERS, Provider, RefreshTokens, Revoke, provider};
pub use record::{Connection, NewConnection, Refreshed, Status};
pub use reminder::{Notice, REMINDER_DAYS};
pub use state::{State, StoredState, unknown_state};
pub use tokens::{TokenSet, join, split};
