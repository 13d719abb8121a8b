//! The text of a message: its entities, its length as Telegram counts it, and the ways a bot writes them.

mod detect;
mod entity;
mod given;
mod html;
mod link;
mod markdown;
mod reference;

use super::{params::Params, refusal::Refusal};

pub(super) use entity::{Entity, Extra, Kind};
pub(super) use link::checked_link;

/// How many entities a message keeps.
const MOST_ENTITIES: usize = 100;

/// A text and what is special about its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Formatted {
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
}

impl Formatted {
    /// The text of a call: `name` by `parse_mode`, or with the entities named `entities_name`.
    pub(super) fn of_call(params: &Params, name: &str, entities_name: &str) -> Result<Self, Refusal> {
        let text = params.text(name).unwrap_or_default();
        let mode = params.text("parse_mode").unwrap_or_default();
        let written = match mode.to_ascii_lowercase().as_str() {
            "" | "none" => given::parse(params, text, entities_name)?,
            "html" => html::parse(&text).map_err(unreadable)?,
            "markdownv2" => markdown::parse(&text).map_err(unreadable)?,
            _ => return Err(Refusal::bad("unsupported parse_mode")),
        };
        Ok(written.tidied())
    }

    /// What a person typed: only what Telegram finds by itself.
    pub(super) fn typed(text: &str) -> Self {
        Self { text: text.to_owned(), entities: Vec::new() }.tidied()
    }

    /// The length in UTF-16 units, as Telegram counts.
    pub(super) fn length(&self) -> usize {
        units(&self.text)
    }

    /// Without white space around it and control characters in it, with links and commands found.
    fn tidied(mut self) -> Self {
        self.text = self.text.chars().filter(|c| *c != '\r').map(visible).collect();
        self.trim();
        self.entities.extend(detect::found(&self));
        self.entities.sort_by_key(Entity::order);
        self.entities.truncate(MOST_ENTITIES);
        self
    }

    fn trim(&mut self) {
        let cut = units(&self.text) - units(self.text.trim_start());
        self.text = self.text.trim().to_owned();
        let end = units(&self.text);
        for entity in &mut self.entities {
            let last = (entity.offset + entity.length).saturating_sub(cut).min(end);
            entity.offset = entity.offset.saturating_sub(cut);
            entity.length = last.saturating_sub(entity.offset);
        }
        self.entities.retain(|entity| entity.length > 0);
    }
}

/// The length of a text in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Control characters are shown as spaces.
fn visible(c: char) -> char {
    if c.is_control() && c != '\n' { ' ' } else { c }
}

fn unreadable(words: String) -> Refusal {
    Refusal::bad(format!("can't parse entities: {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_with_its_entities() {
        let bold = Entity::new(Kind::Bold, 0, 6);
        let text = Formatted { text: " \n a b \n".to_owned(), entities: vec![bold] }.tidied();
        assert_eq!((text.text.as_str(), text.length()), ("a b", 3));
        assert_eq!(text.entities, [Entity::new(Kind::Bold, 0, 3)]);
    }

    #[test]
    fn lengths_are_utf16() {
        assert_eq!(Formatted::typed("a😀").length(), 3);
        assert_eq!(Formatted::typed("a\u{7}b").text, "a b");
    }
}
