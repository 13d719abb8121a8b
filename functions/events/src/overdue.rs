//! Queues again what was decided and has no end in time: its record of the stream was lost, or its message died in a queue.
//!
//! Whatever is in its queue after all is there twice then, which is harmless: a chat's group lets one message through at a
//! time and its courier's claim makes one call of the two, and a delivery's record says when it is tried.

use std::collections::BTreeMap;

use countersign_core::{Moment, Refusal, messaging::OutRef};
use countersign_edge::clock;
use countersign_store::{Outgoing, Store};
use futures_util::{StreamExt as _, stream};

use crate::{Events, hand_on};

/// How many one run queues again: some seconds' work, and more in an hour than the bot may say in one (Telegram: 30 a second)
/// only where a whole day was lost; the rest follows in the next minutes.
const MOST: i32 = 500;
/// How many chats and deliveries at once.
const AT_ONCE: usize = 8;

/// How many were queued again, and how many the queue or the table did not take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) queued: usize,
    pub(crate) failed: usize,
}

/// Queues again what is overdue, a chat's messages in their order.
pub(crate) async fn run(store: &Store, events: &Events) -> Result<Run, Refusal> {
    let now = clock::now();
    let overdue = store.due_outgoing(now, MOST).await?;
    let found = overdue.len();
    let lanes = stream::iter(lanes(overdue)).map(|lane| queue_again(store, events, now, lane));
    let queued =
        lanes.buffer_unordered(AT_ONCE).fold(0_usize, |sum, lane| async move { sum.saturating_add(lane) }).await;
    if queued > 0 {
        tracing::warn!(queued_again = queued, "what was overdue is queued again");
    }
    Ok(Run { queued, failed: found.saturating_sub(queued) })
}

/// What must keep its order together: a chat's messages. Deliveries stand alone.
fn lanes(overdue: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let (mut chats, mut lanes) = (BTreeMap::<_, Vec<Outgoing>>::new(), Vec::new());
    for outgoing in overdue {
        match outgoing {
            Outgoing::Message(OutRef { chat_id, .. }) => chats.entry(chat_id.get()).or_default().push(outgoing),
            Outgoing::Delivery(_) => lanes.push(vec![outgoing]),
        }
    }
    lanes.extend(chats.into_values());
    lanes
}

/// How many of a lane were queued. It ends at the first that is not: what follows must not pass it.
async fn queue_again(store: &Store, events: &Events, now: Moment, lane: Vec<Outgoing>) -> usize {
    let mut queued = 0_usize;
    for outgoing in lane {
        if let Err(error) = hand_on(events, outgoing).await {
            tracing::warn!(%error, "a queue did not take what is overdue");
            break;
        }
        queued = queued.saturating_add(1);
        // The next run queues it again where this is not written.
        if let Err(error) = store.postpone_outgoing(outgoing, now).await {
            tracing::warn!(%error, "what was queued again is not marked so");
        }
    }
    queued
}
