//! A part of a text that is special: bold, a link, a command.

use std::cmp::Reverse;

use serde_json::{Value, json};

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::telegram) enum Kind {
    Mention,
    Hashtag,
    BotCommand,
    Url,
    BlockQuote,
    ExpandableBlockQuote,
    PreCode,
    Pre,
    Code,
    TextUrl,
    TextMention,
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    CustomEmoji,
}

impl Kind {
    /// The entity's `type` on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Hashtag => "hashtag",
            Self::BotCommand => "bot_command",
            Self::Url => "url",
            Self::BlockQuote => "blockquote",
            Self::ExpandableBlockQuote => "expandable_blockquote",
            Self::PreCode | Self::Pre => "pre",
            Self::Code => "code",
            Self::TextUrl => "text_link",
            Self::TextMention => "text_mention",
            Self::Bold => "bold",
            Self::Italic => "italic",
            Self::Underline => "underline",
            Self::Strikethrough => "strikethrough",
            Self::Spoiler => "spoiler",
            Self::CustomEmoji => "custom_emoji",
        }
    }

    /// The kind that is named so on the wire, of those that a bot may give itself.
    pub(super) fn named(name: &str) -> Option<Self> {
        const GIVEN: [Kind; 14] = [
            Kind::Mention,
            Kind::Hashtag,
            Kind::BotCommand,
            Kind::Url,
            Kind::BlockQuote,
            Kind::ExpandableBlockQuote,
            Kind::Pre,
            Kind::Code,
            Kind::Bold,
            Kind::Italic,
            Kind::Underline,
            Kind::Strikethrough,
            Kind::Spoiler,
            Kind::CustomEmoji,
        ];
        GIVEN.into_iter().chain([Self::TextUrl, Self::TextMention]).find(|kind| kind.name() == name)
    }

    /// Whether nothing is found inside it: code is shown as it is.
    pub(super) fn is_verbatim(self) -> bool {
        matches!(self, Self::Pre | Self::PreCode | Self::Code | Self::TextUrl | Self::TextMention | Self::Url)
    }
}

/// What belongs to an entity beside its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::telegram) enum Extra {
    #[default]
    None,
    /// Where a link goes.
    Link(String),
    /// The person who is mentioned.
    Person(i64),
    /// The language of a block of code.
    Language(String),
    /// Which emoji it is.
    Emoji(String),
}

/// A part of a text; offset and length in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::telegram) struct Entity {
    pub(super) kind: Kind,
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(in crate::telegram) extra: Extra,
}

impl Entity {
    pub(super) fn new(kind: Kind, offset: usize, length: usize) -> Self {
        Self { kind, offset, length, extra: Extra::None }
    }

    pub(super) fn with(self, extra: Extra) -> Self {
        Self { extra, ..self }
    }

    /// Sorts by place; an entity stands before those inside it.
    pub(super) fn order(&self) -> (usize, Reverse<usize>, Kind) {
        (self.offset, Reverse(self.length), self.kind)
    }

    pub(super) fn end(&self) -> usize {
        self.offset + self.length
    }

    /// As it is on the wire; a mentioned person is `user`.
    pub(in crate::telegram) fn json(&self, user: Option<Value>) -> Value {
        let mut entity = json!({ "type": self.kind.name(), "offset": self.offset, "length": self.length });
        let extra = match &self.extra {
            Extra::None => None,
            Extra::Link(url) => Some(("url", json!(url))),
            Extra::Person(_) => user.map(|user| ("user", user)),
            Extra::Language(language) => Some(("language", json!(language))),
            Extra::Emoji(id) => Some(("custom_emoji_id", json!(id))),
        };
        if let (Some(fields), Some((name, value))) = (entity.as_object_mut(), extra) {
            fields.insert(name.to_owned(), value);
        }
        entity
    }
}
