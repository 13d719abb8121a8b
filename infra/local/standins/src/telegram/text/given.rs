//! Entities that a bot gives itself in place of a parse mode.

use serde::Deserialize;

use super::{Entity, Extra, Formatted, Kind, checked_link, units};
use crate::telegram::{params::Params, refusal::Refusal};

#[derive(Deserialize)]
struct Given {
    #[serde(rename = "type")]
    kind: String,
    offset: i64,
    length: i64,
    url: Option<String>,
    user: Option<GivenUser>,
    language: Option<String>,
    custom_emoji_id: Option<String>,
}

#[derive(Deserialize)]
struct GivenUser {
    id: i64,
}

/// The text with the entities of this parameter.
pub(super) fn parse(params: &Params, text: String, name: &str) -> Result<Formatted, Refusal> {
    let Some(list) = params.json(name).map_err(|_| Refusal::bad("can't parse entities JSON object"))? else {
        return Ok(Formatted { text, entities: Vec::new() });
    };
    let given: Vec<Given> = serde_json::from_value(list)
        .map_err(|error| Refusal::bad(format!("can't parse entities: can't parse MessageEntity: {error}")))?;
    let end = units(&text);
    let entities = given.into_iter().map(|given| entity(given, end)).collect::<Result<Vec<_>, _>>()?;
    Ok(Formatted { text, entities: entities.into_iter().flatten().collect() })
}

fn entity(given: Given, end: usize) -> Result<Option<Entity>, Refusal> {
    let kind = Kind::named(&given.kind)
        .ok_or_else(|| Refusal::bad("can't parse entities: can't parse MessageEntity: unsupported type specified"))?;
    let (Ok(offset), Ok(length)) = (usize::try_from(given.offset), usize::try_from(given.length)) else {
        return Err(Refusal::bad("receive an entity with incorrect offset or length"));
    };
    if offset.saturating_add(length) > end {
        return Err(Refusal::bad(format!(
            "entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
        )));
    }
    let extra = match kind {
        Kind::TextUrl => match checked_link(given.url.as_deref().unwrap_or_default()) {
            Ok(url) => Extra::Link(url),
            Err(_) => return Ok(None),
        },
        Kind::TextMention => given.user.map(|user| Extra::Person(user.id)).unwrap_or_default(),
        Kind::Pre => given.language.map(Extra::Language).unwrap_or_default(),
        Kind::CustomEmoji => given.custom_emoji_id.map(Extra::Emoji).unwrap_or_default(),
        _ => Extra::None,
    };
    Ok(Some(Entity::new(kind, offset, length).with(extra)))
}
