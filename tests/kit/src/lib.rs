//! What the tests share: a Lambda Runtime API with a real function behind it, calls over HTTP, envelopes to sign.
//!
//! One [`Call`] goes either way: over HTTP with [`Client::send`], or as an API Gateway event into a real binary with
//! [`LambdaProcess::call`]. Both give an [`Answer`].

mod answer;
mod call;
mod client;
mod credentials;
mod envelope;
mod event;
mod lambda_process;
mod memory;
mod runtime_api;

pub use answer::Answer;
pub use call::Call;
pub use client::Client;
pub use credentials::{LaunchData, signature};
pub use envelope::{Payment, fresh_account, hash, payment_xdr, signed_by};
pub use event::{api_event, encoded, request_id, schedule_event};
pub use lambda_process::{Invocation, LambdaError, LambdaProcess, Spawned};
pub use memory::MaskedKey;
pub use runtime_api::{Pending, RuntimeApi};
