//! What Telegram finds in a text by itself: commands, mentions, hashtags, and links that name their scheme.

use super::{Entity, Formatted, Kind};

/// The longest command, without its slash.
const COMMAND_LENGTH: usize = 64;

/// Entities found where no code and no link is.
pub(super) fn found(text: &Formatted) -> Vec<Entity> {
    let mut entities = Vec::new();
    let mut offset = 0;
    let mut before = None;
    let mut rest = text.text.as_str();
    while let Some(c) = rest.chars().next() {
        let length = at(rest, before).filter(|(kind, length)| is_free(text, &Entity::new(*kind, offset, *length)));
        let taken = match length {
            Some((kind, length)) => {
                entities.push(Entity::new(kind, offset, length));
                rest.chars().take(length).map(char::len_utf8).sum()
            }
            None => c.len_utf8(),
        };
        let (seen, left) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        offset += super::units(seen);
        before = seen.chars().next_back();
        rest = left;
    }
    entities
}

fn is_free(text: &Formatted, found: &Entity) -> bool {
    !text.entities.iter().any(|other| {
        (other.kind.is_verbatim() || other.kind == found.kind)
            && other.offset < found.end()
            && found.offset < other.end()
    })
}

/// What begins here, and its length; it is ASCII, so that its characters, bytes and units are as many.
fn at(rest: &str, before: Option<char>) -> Option<(Kind, usize)> {
    if before.is_some_and(is_word) {
        return None;
    }
    match rest.chars().next()? {
        '/' if before != Some('/') && before != Some('<') => command(rest),
        '@' => tagged(rest, 3).map(|length| (Kind::Mention, length)),
        '#' => tagged(rest, 1).map(|length| (Kind::Hashtag, length)),
        'h' | 'H' => link(rest),
        _ => None,
    }
}

/// `/name` or `/name@bot`.
fn command(rest: &str) -> Option<(Kind, usize)> {
    let length = tagged(rest, 1)?;
    if length > COMMAND_LENGTH {
        return None;
    }
    let to = rest.get(length..).and_then(|tail| tail.starts_with('@').then(|| tagged(tail, 3)).flatten());
    let tail = rest.get(length + to.unwrap_or(0)..)?;
    let ends = !tail.starts_with('/') && !tail.chars().next().is_some_and(is_word);
    ends.then_some((Kind::BotCommand, length + to.unwrap_or(0)))
}

/// A sign and at least so many word characters behind it.
fn tagged(rest: &str, least: usize) -> Option<usize> {
    let word = rest.chars().skip(1).take_while(|c| c.is_ascii() && is_word(*c)).count();
    (word >= least).then_some(word + 1)
}

fn link(rest: &str) -> Option<(Kind, usize)> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let length = rest.find(|c: char| !c.is_ascii_graphic() || "<>\"'".contains(c)).unwrap_or(rest.len());
    let whole = rest.get(..length)?.trim_end_matches(['.', ',', ':', ';', '!', '?', ')', ']']);
    (whole.len() > scheme.len()).then_some((Kind::Url, whole.len()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, usize, usize)> {
        let entities = Formatted::typed(text).entities;
        entities.iter().map(|entity| (entity.kind, entity.offset, entity.length)).collect()
    }

    #[test]
    fn commands_mentions_and_links_are_found() {
        assert_eq!(kinds("/start abc"), [(Kind::BotCommand, 0, 6)]);
        assert_eq!(kinds("/start@some_bot x"), [(Kind::BotCommand, 0, 15)]);
        assert_eq!(kinds("😀 @person #tag"), [(Kind::Mention, 3, 7), (Kind::Hashtag, 11, 4)]);
        assert_eq!(kinds("see https://a.b/c?d=e."), [(Kind::Url, 4, 17)]);
    }

    #[test]
    fn paths_and_addresses_are_no_commands() {
        for text in ["a/b", "and/or", "mail@host", "//x", "/", "50/50", "/usr/bin"] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn code_is_left_alone() {
        let code = Entity::new(Kind::Code, 0, 6);
        let text = Formatted { text: "/start /help".to_owned(), entities: vec![code] };
        assert_eq!(found(&text), [Entity::new(Kind::BotCommand, 7, 5)]);
    }
}
