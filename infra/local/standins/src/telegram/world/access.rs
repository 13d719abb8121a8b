//! Which chat a call means, and whether the bot may read or write there.

use std::time::Instant;

use super::{Chat, Group, Standing, World};
use crate::telegram::{params::Params, refusal::Refusal};

impl World {
    /// The chat where the bot wants to write, and may.
    pub(in crate::telegram) fn writable(&self, params: &Params) -> Result<i64, Refusal> {
        let id = self.readable(params)?;
        if id > 0 {
            let person = self.people.get(&id).ok_or_else(|| Refusal::bad("chat not found"))?;
            if person.deactivated {
                return Err(Refusal::forbidden("user is deactivated"));
            }
            if person.blocked {
                return Err(Refusal::forbidden("bot was blocked by the user"));
            }
        }
        Ok(id)
    }

    /// Takes a message to this chat from the limits: the last check before it is posted.
    pub(in crate::telegram) fn spend(&mut self, chat: i64) -> Result<(), Refusal> {
        self.limits.take(chat, Instant::now()).map_err(Refusal::too_many)
    }

    /// The chat that the call names, which the bot may read.
    pub(in crate::telegram) fn readable(&self, params: &Params) -> Result<i64, Refusal> {
        let name = params.text("chat_id").unwrap_or_default();
        let name = name.trim();
        if name.is_empty() {
            return Err(Refusal::bad("chat_id is empty"));
        }
        let id = self.named_chat(name).ok_or_else(|| Refusal::bad("chat not found"))?;
        match self.chats.get(&id) {
            Some(Chat { group: Some(group), .. }) => may_be_in(group).map(|()| id),
            Some(_) => Ok(id),
            None if id == self.bot.id => Err(Refusal::forbidden("bot can't send messages to the bot")),
            None if self.people.contains_key(&id) => {
                Err(Refusal::forbidden("bot can't initiate conversation with a user"))
            }
            None => Err(Refusal::bad("chat not found")),
        }
    }

    /// By id, or a group by `@username`.
    fn named_chat(&self, name: &str) -> Option<i64> {
        let Some(username) = name.strip_prefix('@') else { return name.parse().ok() };
        let is_it = |chat: &&Chat| {
            let public = chat.group.as_ref().and_then(|group| group.username.as_deref());
            public.is_some_and(|public| public.eq_ignore_ascii_case(username))
        };
        self.chats.values().find(is_it).map(|chat| chat.id)
    }

    /// The group that the call names, where the bot must be an administrator to do this.
    pub(in crate::telegram) fn administered(
        &mut self,
        params: &Params,
        in_private: &str,
        to_do_this: &str,
    ) -> Result<&mut Group, Refusal> {
        let id = self.readable(params)?;
        let group = self.chats.get_mut(&id).and_then(|chat| chat.group.as_mut());
        let group = group.ok_or_else(|| Refusal::bad(in_private))?;
        if group.bot.is_admin() { Ok(group) } else { Err(Refusal::bad(format!("not enough rights to {to_do_this}"))) }
    }
}

fn may_be_in(group: &Group) -> Result<(), Refusal> {
    let kind = group.kind_name();
    if let Some(id) = group.migrated_to {
        return Err(Refusal::migrated(id));
    }
    if group.deleted {
        return Err(Refusal::forbidden("the group chat was deleted"));
    }
    match group.bot {
        Standing::Kicked => Err(Refusal::forbidden(format!("bot was kicked from the {kind} chat"))),
        Standing::Left => Err(Refusal::forbidden(format!("bot is not a member of the {kind} chat"))),
        _ => Ok(()),
    }
}
