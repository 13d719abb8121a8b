//! getMe.

use serde_json::{Value, json};

use crate::telegram::{params::Params, refusal::Refusal, world::World};

/// The bot, and what it can do.
pub(super) fn get(world: &mut World, _: &Params) -> Result<Value, Refusal> {
    let mut me = world.bot.user_json();
    let can = json!({
        "can_join_groups": true,
        "can_read_all_group_messages": true,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
    });
    if let (Some(me), Value::Object(can)) = (me.as_object_mut(), can) {
        me.extend(can);
    }
    Ok(me)
}
