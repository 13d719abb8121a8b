//! Messages to Telegram, tasks of services, and what is delivered to services: what they are and when they end.

pub(crate) mod button_data;
pub mod call;
pub mod delivery;
pub mod delivery_try;
mod made;
mod markup;
pub mod out;
mod payload;
pub mod task;
pub mod words;

pub use call::{BotCall, Button, ButtonAction, Buttons, FileRef, MessageRef, Text};
pub use delivery::{Delivery, DeliveryKind, DeliveryRef, DeliveryStatus};
pub use delivery_try::{DeliveryRecord, TryOutcome, Turn};
pub use made::Made;
pub use out::{Found, Origin, OutEnd, OutMessage, OutRecord, OutRef, OutState};
pub use task::{Task, TaskQuestion, TaskStatus, TaskType, read_task};
