//! Stand-ins for Turnkey and Stellar RPC: they speak the real protocols over HTTP, and `/_control/` beside them for tests.

mod asked;
mod clock;
mod served;
pub mod stellar_rpc;
pub mod turnkey;
