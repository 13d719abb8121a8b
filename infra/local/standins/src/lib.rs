//! Stand-ins for Turnkey, Stellar RPC, Telegram and OAuth providers: they speak the real protocols over HTTP, and `/_control/` beside them for tests.

mod asked;
mod clock;
pub mod oauth;
mod served;
pub mod stellar_rpc;
pub mod telegram;
pub mod turnkey;
