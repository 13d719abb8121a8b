//! A family's money in the bot: what waits, wallets, invitations, and approval by buttons.

mod approval;
mod invitations;
mod lists;
mod paying;
mod plans;

use serde_json::Value;

use super::heard;
use crate::{money::house::House, world::World};

/// The family's owner and member in Telegram; both are read to in English.
pub(super) fn people(house: &House) -> [u64; 2] {
    let family = &house.world.system.demo().families[0];
    [family.owner.telegram_id, family.member.telegram_id]
}

/// A chat of somebody's own with the bot.
pub(super) fn chat(person: u64) -> i64 {
    i64::try_from(person).unwrap()
}

/// The bot's last message in somebody's own chat.
pub(super) async fn last(world: &World, person: u64) -> Value {
    heard(world, chat(person)).await.pop().unwrap()
}
