//! What Lambda and HTTP need: configuration, clock, randomness, telemetry, extractors, refusal → problem+json.

pub mod answer;
mod aws_http;
pub mod call;
pub mod clock;
pub mod corridor;
pub mod doors;
pub mod environment;
mod form;
pub mod gatekeeper;
pub mod http_client;
pub mod page;
pub mod paging;
pub mod problem;
pub mod secrets;
pub mod start;
pub mod telemetry;
pub mod trace;

pub use answer::Answer;
pub use call::{Call, PageCall, PathPair, PathText, PublicCall};
pub use environment::Environment;
pub use gatekeeper::GateKeeper;
pub use paging::PageQuery;
pub use problem::{Problem, ProblemDocument};
pub use secrets::Secrets;
pub use trace::{RequestLine, Trace};
