//! The Bot API's methods, by name.

mod chats;
mod commands;
mod edit;
mod me;
mod media;
mod presses;
mod send;
mod updates;
pub(super) mod webhook;

use serde_json::Value;

pub(super) use chats::member_json;

use super::{State, call::Done, params::Params, refusal::Refusal, world::World};

/// A method that only needs the world.
type Plain = fn(&mut World, &Params) -> Result<Value, Refusal>;

/// Runs a method; its name in lower case.
pub(super) async fn run(state: &State, name: &str, params: Params) -> Result<Done, Refusal> {
    match name {
        "getupdates" => updates::get(state, &params).await.map(Done::from),
        "setwebhook" => webhook::set_by_call(state, &params),
        "deletewebhook" => webhook::delete(state, &params),
        "sendphoto" => media::photo(state, &params).await.map(Done::from),
        "senddocument" => media::document(state, &params).await.map(Done::from),
        _ => {
            let method = plain(name).ok_or_else(|| Refusal::new(404, "Not Found: method not found"))?;
            method(&mut state.world(), &params).map(Done::from)
        }
    }
}

fn plain(name: &str) -> Option<Plain> {
    Some(match name {
        "getme" => me::get,
        "getwebhookinfo" => |world, _| Ok(world.updates.webhook_info()),
        "setmycommands" => commands::set,
        "getmycommands" => commands::get,
        "deletemycommands" => commands::delete,
        "sendmessage" => send::message,
        "sendchataction" => send::action,
        "editmessagetext" => edit::text,
        "editmessagecaption" => edit::caption,
        "editmessagereplymarkup" => edit::keyboard,
        "deletemessage" => edit::delete,
        "answercallbackquery" => presses::answer,
        "getfile" => media::get,
        "getchat" => chats::get,
        "getchatmember" => chats::member,
        "setchattitle" => chats::set_title,
        "setchatdescription" => chats::set_description,
        "pinchatmessage" => chats::pin,
        "unpinchatmessage" => chats::unpin,
        _ => return None,
    })
}
