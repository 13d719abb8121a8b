//! A chat: who is in it and what was said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Message, Person};

/// A group to be made, or what shall change in one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewChat {
    /// The id, negative; without one a new group gets the next free.
    pub chat_id: Option<i64>,
    /// The name; a new group without one is called `Group`.
    pub title: Option<String>,
    /// `group` or `supergroup`.
    #[serde(rename = "type")]
    pub kind: Option<GroupKind>,
    /// The public name, without `@`.
    pub username: Option<String>,
    /// The owner's id.
    pub owner: Option<i64>,
    /// The administrators' ids.
    #[serde(default)]
    pub admins: Vec<i64>,
    /// The other members' ids.
    #[serde(default)]
    pub members: Vec<i64>,
    /// Ids of people who have left.
    #[serde(default)]
    pub left: Vec<i64>,
    /// What the bot is in it; a member of a new group.
    pub bot: Option<Standing>,
    /// Whether the group is deleted.
    pub deleted: Option<bool>,
    /// The supergroup that the group has become.
    pub migrated_to: Option<i64>,
}

/// The two kinds of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A basic group.
    Group,
    /// A supergroup; its id begins with -100.
    Supergroup,
}

/// What somebody is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The owner.
    Creator,
    /// An administrator with all rights.
    Administrator,
    /// A member.
    Member,
    /// Not a member, or not any more.
    Left,
    /// Banned.
    Kicked,
}

impl Standing {
    /// Whether they may write here.
    pub(in crate::telegram) fn is_in(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator | Self::Member)
    }

    /// Whether they may change the chat.
    pub(in crate::telegram) fn is_admin(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator)
    }
}

/// A chat the bot knows.
#[derive(Clone, Debug)]
pub(in crate::telegram) struct Chat {
    pub(in crate::telegram) id: i64,
    /// None: a private chat.
    pub(in crate::telegram) group: Option<Group>,
    pub(in crate::telegram) messages: BTreeMap<i64, Message>,
    /// Messages pinned, the last one last.
    pub(in crate::telegram) pinned: Vec<i64>,
    pub(in crate::telegram) next_message: i64,
}

/// What only a group has.
#[derive(Clone, Debug)]
pub(in crate::telegram) struct Group {
    pub(in crate::telegram) kind: GroupKind,
    pub(in crate::telegram) title: String,
    pub(in crate::telegram) username: Option<String>,
    pub(in crate::telegram) description: String,
    pub(in crate::telegram) people: BTreeMap<i64, Standing>,
    pub(in crate::telegram) bot: Standing,
    pub(in crate::telegram) deleted: bool,
    pub(in crate::telegram) migrated_to: Option<i64>,
}

impl Group {
    pub(super) fn new(kind: GroupKind) -> Self {
        Self {
            kind,
            title: "Group".to_owned(),
            username: None,
            description: String::new(),
            people: BTreeMap::new(),
            bot: Standing::Member,
            deleted: false,
            migrated_to: None,
        }
    }

    /// Takes over what is said of it.
    pub(super) fn learn(&mut self, new: NewChat) {
        self.title = new.title.unwrap_or_else(|| std::mem::take(&mut self.title));
        self.kind = new.kind.unwrap_or(self.kind);
        self.username = new.username.or(self.username.take());
        self.bot = new.bot.unwrap_or(self.bot);
        self.deleted = new.deleted.unwrap_or(self.deleted);
        self.migrated_to = new.migrated_to.or(self.migrated_to);
        let stand = |ids: Vec<i64>, standing| ids.into_iter().map(move |id| (id, standing));
        self.people.extend(stand(new.members, Standing::Member));
        self.people.extend(stand(new.left, Standing::Left));
        self.people.extend(stand(new.admins, Standing::Administrator));
        self.people.extend(new.owner.map(|id| (id, Standing::Creator)));
    }

    pub(in crate::telegram) fn standing(&self, person: i64) -> Standing {
        self.people.get(&person).copied().unwrap_or(Standing::Left)
    }

    /// `group` or `supergroup`, as Telegram's refusals call it.
    pub(in crate::telegram) fn kind_name(&self) -> &'static str {
        match self.kind {
            GroupKind::Group => "group",
            GroupKind::Supergroup => "supergroup",
        }
    }
}

impl Chat {
    pub(super) fn new(id: i64, group: Option<Group>, next_message: i64) -> Self {
        Self { id, group, messages: BTreeMap::new(), pinned: Vec::new(), next_message }
    }

    /// A `Chat` object.
    pub(in crate::telegram) fn json(&self, person: Option<&Person>) -> Value {
        let mut chat = Map::from_iter([("id".to_owned(), json!(self.id))]);
        let mut set = |name: &str, value: Option<Value>| value.and_then(|value| chat.insert(name.to_owned(), value));
        match &self.group {
            Some(group) => {
                set("type", Some(json!(group.kind)));
                set("title", Some(json!(group.title)));
                set("username", group.username.as_ref().map(|name| json!(name)));
            }
            None => {
                set("type", Some(json!("private")));
                set("first_name", person.map(|person| json!(person.first_name)));
                set("last_name", person.and_then(|person| person.last_name.as_ref()).map(|name| json!(name)));
                set("username", person.and_then(|person| person.username.as_ref()).map(|name| json!(name)));
            }
        }
        Value::Object(chat)
    }
}
