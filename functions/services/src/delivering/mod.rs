//! The courier of deliveries: from the queue to the service, with the schedule of Standard Webhooks in between.
//!
//! The table decides, the queue only reminds: a message that comes too early is hidden again, one that comes twice finds
//! the claim, and one whose delivery has ended is taken away. Nothing is delivered that no transaction decided, and what
//! follows from an answer (the end, the reply to the chat) is one transaction again.

mod attempt;
mod courier;
mod reply;

pub use courier::{Courier, handle};
