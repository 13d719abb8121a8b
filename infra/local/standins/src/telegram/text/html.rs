//! Telegram's HTML: few tags, strictly nested, each closed; anything else is refused with the byte where it stands.

use super::{
    Entity, Extra, Formatted, Kind, checked_link,
    link::mentioned,
    reference::{decoded, referred},
};

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// A tag that is not closed yet.
struct Open {
    tag: String,
    argument: String,
    offset: usize,
    begin: usize,
}

#[derive(Default)]
struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    offset: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

/// Reads a text written in HTML; the error says where it is wrong.
pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut parser = Parser { source, ..Parser::default() };
    while let Some(c) = parser.peek() {
        match c {
            '<' if parser.rest().starts_with("</") => parser.end_tag()?,
            '<' => parser.start_tag()?,
            '&' => parser.reference()?,
            _ => {
                parser.at += c.len_utf8();
                parser.put(c);
            }
        }
    }
    if let Some(open) = parser.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    for code in parser.entities.iter_mut().filter(|entity| entity.kind == Kind::Code) {
        code.extra = Extra::None;
    }
    Ok(Formatted { text: parser.text, entities: parser.entities })
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn put(&mut self, c: char) {
        self.text.push(c);
        self.offset += c.len_utf16();
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// `&lt;`, `&#60;` and the like; what is none stays as it is.
    fn reference(&mut self) -> Result<(), String> {
        match referred(self.rest()) {
            Some((Some(c), length)) => {
                self.at += length;
                self.put(c);
            }
            Some((None, _)) => {
                return Err("Text contains invalid Unicode characters after decoding HTML entities, check for \
                            unmatched surrogate code units"
                    .to_owned());
            }
            None => {
                self.at += 1;
                self.put('&');
            }
        }
        Ok(())
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let tag = self.take_while(|c| !c.is_whitespace() && c != '>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        loop {
            self.skip_spaces();
            match self.peek() {
                Some('>') => break,
                _ => self.attribute(&tag, begin, &mut argument)?,
            }
        }
        self.at += 1;
        if tag == "span" && argument != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { tag, argument, offset: self.offset, begin: self.text.len() });
        Ok(())
    }

    /// Reads one attribute and keeps the value of the one that says something about the tag.
    fn attribute(&mut self, tag: &str, begin: usize, argument: &mut String) -> Result<(), String> {
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        if self.peek().is_none() {
            return Err(unclosed());
        }
        let name = self.take_while(|c| !c.is_whitespace() && !"=>/\"'".contains(c));
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.skip_spaces();
        let value = match self.peek() {
            None => return Err(unclosed()),
            Some('=') => {
                self.at += 1;
                self.skip_spaces();
                self.peek().ok_or_else(unclosed)?;
                self.value(begin)?
            }
            Some(_) => String::new(),
        };
        let told = match (tag, name) {
            ("a", "href") | ("tg-emoji", "emoji-id") => Some(value.as_str()),
            ("code", "class") => value.strip_prefix("language-"),
            ("span", "class") => value.strip_prefix("tg-"),
            ("blockquote", "expandable") => Some("expandable"),
            _ => None,
        };
        if let Some(told) = told {
            told.clone_into(argument);
        }
        Ok(())
    }

    fn value(&mut self, begin: usize) -> Result<String, String> {
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        let token = self.at;
        let value = match self.peek().ok_or_else(unclosed)? {
            quote @ ('"' | '\'') => {
                self.at += 1;
                let raw = self.take_while(|c| c != quote);
                self.at += self.peek().map_or(0, char::len_utf8);
                decoded(raw)
            }
            _ => self.take_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-').to_ascii_lowercase(),
        };
        match self.peek() {
            None => Err(unclosed()),
            Some(c) if c.is_whitespace() || c == '>' || self.source.get(token..).is_some_and(is_quoted) => Ok(value),
            Some(_) => Err(format!("Unexpected end of name token at byte offset {token}")),
        }
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        let tag = self.take_while(|c| !c.is_whitespace() && c != '>').to_ascii_lowercase();
        self.skip_spaces();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !tag.is_empty() && tag != open.tag {
            let expected = open.tag;
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{tag}>\""
            ));
        }
        if self.offset > open.offset {
            self.close(&open)?;
        }
        Ok(())
    }

    fn close(&mut self, open: &Open) -> Result<(), String> {
        let entity = |kind| Entity::new(kind, open.offset, self.offset - open.offset);
        let whole = match open.tag.as_str() {
            "b" | "strong" => entity(Kind::Bold),
            "i" | "em" => entity(Kind::Italic),
            "u" | "ins" => entity(Kind::Underline),
            "s" | "strike" | "del" => entity(Kind::Strikethrough),
            "span" | "tg-spoiler" => entity(Kind::Spoiler),
            "blockquote" if open.argument.is_empty() => entity(Kind::BlockQuote),
            "blockquote" => entity(Kind::ExpandableBlockQuote),
            "tg-emoji" if open.argument.parse::<i64>().is_ok_and(|id| id != 0) => {
                entity(Kind::CustomEmoji).with(Extra::Emoji(open.argument.clone()))
            }
            "tg-emoji" => return Err("Invalid custom emoji identifier specified".to_owned()),
            "a" => match link(&open.argument, self.text.get(open.begin..).unwrap_or_default()) {
                Some((kind, extra)) => entity(kind).with(extra),
                None => return Ok(()),
            },
            _ => {
                let code = entity(if open.tag == "pre" { Kind::Pre } else { Kind::Code });
                self.code(code, &open.argument);
                return Ok(());
            }
        };
        self.entities.push(whole);
        Ok(())
    }

    /// `<pre>` and `<code class="language-…">` around the same text are one block of code.
    fn code(&mut self, code: Entity, language: &str) {
        let last = self.entities.last_mut().filter(|last| {
            (last.offset, last.length) == (code.offset, code.length)
                && last.kind != code.kind
                && matches!(last.kind, Kind::Pre | Kind::Code)
        });
        match last {
            Some(last) if last.extra != Extra::None || !language.is_empty() => {
                if !language.is_empty() {
                    last.extra = Extra::Language(language.to_owned());
                }
                last.kind = Kind::PreCode;
            }
            _ => {
                let extra = if language.is_empty() { Extra::None } else { Extra::Language(language.to_owned()) };
                self.entities.push(code.with(extra));
            }
        }
    }
}

fn is_quoted(value: &str) -> bool {
    value.starts_with(['"', '\''])
}

/// Where a link goes: its `href`, or its own text.
pub(super) fn link(href: &str, text: &str) -> Option<(Kind, Extra)> {
    let href = if href.is_empty() { text } else { href };
    match mentioned(href) {
        Some(id) => Some((Kind::TextMention, Extra::Person(id))),
        None => checked_link(href).ok().map(|url| (Kind::TextUrl, Extra::Link(url))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (String, Vec<(Kind, usize, usize)>) {
        let read = parse(source).unwrap();
        (read.text, read.entities.iter().map(|entity| (entity.kind, entity.offset, entity.length)).collect())
    }

    #[test]
    fn tags_become_entities() {
        let bold = |offset, length| vec![(Kind::Bold, offset, length)];
        assert_eq!(read("a <b>bold</b>"), ("a bold".to_owned(), bold(2, 4)));
        assert_eq!(read("😀<STRONG  x=\"1\">б</>"), ("😀б".to_owned(), bold(2, 1)));
        assert_eq!(read("<b></b>x"), ("x".to_owned(), vec![]));
        assert_eq!(read("<i>1<u>2</u></i>"), ("12".to_owned(), vec![(Kind::Underline, 1, 1), (Kind::Italic, 0, 2)]));
        assert_eq!(read("<pre><code class=\"language-rust\">x</code></pre>").1, [(Kind::PreCode, 0, 1)]);
        assert_eq!(read("<pre><code>x</code></pre>").1, [(Kind::Code, 0, 1), (Kind::Pre, 0, 1)]);
        assert_eq!(read("<blockquote expandable>x</blockquote>").1, [(Kind::ExpandableBlockQuote, 0, 1)]);
        assert_eq!(read("<span class=\"tg-spoiler\">x</span>").1, [(Kind::Spoiler, 0, 1)]);
    }

    #[test]
    fn links_are_checked() {
        let link = |source: &str| parse(source).unwrap().entities.pop().map(|entity| entity.extra);
        assert_eq!(link("<a href='a.b?x=1&amp;y=2'>x</a>"), Some(Extra::Link("http://a.b/?x=1&y=2".to_owned())));
        assert_eq!(link("<a>a.b</a>"), Some(Extra::Link("http://a.b/".to_owned())));
        assert_eq!(link("<a href=\"tg://user?id=7\">x</a>"), Some(Extra::Person(7)));
        assert_eq!(link("<a href=\"nowhere\">x</a>"), None);
    }

    #[test]
    fn references_are_read() {
        assert_eq!(read("&lt;&gt;&amp;&quot;&#60;&#x1F600;&lt").0, "<>&\"<😀<");
        assert_eq!(read("a & b &nbsp; &#; &#99999999;").0, "a & b &nbsp; &#; &#99999999;");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (source, words) in [
            ("a <b", "Unclosed start tag at byte offset 2"),
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
            ("é<div>x</div>", "Unsupported start tag \"div\" at byte offset 2"),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<b =1>", "Empty attribute name in the tag \"b\" at byte offset 0"),
            ("<b x = ", "Unclosed start tag \"b\" at byte offset 0"),
            ("<b x ", "Unclosed start tag \"b\" at byte offset 0"),
            ("<b x=a,>", "Unexpected end of name token at byte offset 5"),
            ("<b x=\"y>", "Unclosed start tag at byte offset 0"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("<br/>", "Unsupported start tag \"br/\" at byte offset 0"),
        ] {
            assert_eq!(parse(source).unwrap_err(), words, "{source}");
        }
        assert!(parse("&#xD83D;").unwrap_err().contains("invalid Unicode"));
    }
}
