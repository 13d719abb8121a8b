//! Telegram's MarkdownV2: every reserved character is markup or has a backslash before it.

use super::{Entity, Extra, Formatted, Kind, html::link};

/// Characters that are markup outside of code.
const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

/// A part that has begun.
struct Open {
    kind: Kind,
    language: String,
    offset: usize,
    /// Where its mark stands in the source, in bytes.
    mark: usize,
    /// Where its text begins, in bytes of the text.
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
    /// Whether nothing stands in this line yet.
    line_begins: bool,
}

/// Reads a text written in MarkdownV2; the error says where it is wrong.
pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut parser = Parser { source, line_begins: true, ..Parser::default() };
    while let Some(c) = parser.peek() {
        parser.step(c)?;
    }
    if parser.is_quoting() {
        parser.end_quote()?;
    }
    match parser.open.last() {
        Some(open) => Err(endless(open)),
        None => Ok(Formatted { text: parser.text, entities: parser.entities }),
    }
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
        self.line_begins = c == '\n' || (c == '\r' && self.line_begins);
    }

    fn innermost(&self) -> Option<Kind> {
        self.open.last().map(|open| open.kind)
    }

    fn is_quoting(&self) -> bool {
        self.open.iter().any(|open| open.kind == Kind::BlockQuote)
    }

    fn step(&mut self, c: char) -> Result<(), String> {
        if c == '\\' && self.escape() {
            return Ok(());
        }
        let in_code = matches!(self.innermost(), Some(Kind::Code | Kind::Pre | Kind::PreCode));
        if c == '\n' && !in_code {
            return self.line_break();
        }
        let is_markup = if in_code { c == '`' } else { RESERVED.contains(c) };
        if !is_markup {
            self.at += c.len_utf8();
            self.put(c);
            return Ok(());
        }
        match self.ends() {
            Some(mark) => self.end(mark),
            None => self.begin(c),
        }
    }

    /// Takes a backslash and the ASCII character behind it.
    fn escape(&mut self) -> bool {
        let escaped = self.rest().chars().nth(1).filter(char::is_ascii);
        if let Some(c) = escaped {
            self.at += 2;
            self.put(c);
        }
        escaped.is_some()
    }

    fn line_break(&mut self) -> Result<(), String> {
        if self.is_quoting() && !self.rest().starts_with("\n>") {
            self.end_quote()?;
        }
        self.at += 1;
        self.put('\n');
        Ok(())
    }

    /// The mark here, if it ends the innermost part.
    fn ends(&self) -> Option<&'static str> {
        let rest = self.rest();
        let mark = match self.innermost()? {
            Kind::Bold => "*",
            Kind::Italic if rest.starts_with("__") => return None,
            Kind::Italic => "_",
            Kind::Underline => "__",
            Kind::Strikethrough => "~",
            Kind::Spoiler => "||",
            Kind::Code => "`",
            Kind::Pre | Kind::PreCode => "```",
            Kind::TextUrl | Kind::CustomEmoji => "]",
            _ => return None,
        };
        rest.starts_with(mark).then_some(mark)
    }

    fn begin(&mut self, c: char) -> Result<(), String> {
        let rest = self.rest();
        let (kind, length) = match c {
            '_' if rest.starts_with("__") => (Kind::Underline, 2),
            '_' => (Kind::Italic, 1),
            '*' => (Kind::Bold, 1),
            '~' => (Kind::Strikethrough, 1),
            '|' if rest.starts_with("||") => (Kind::Spoiler, 2),
            '[' => (Kind::TextUrl, 1),
            '!' if rest.starts_with("![") => (Kind::CustomEmoji, 2),
            '`' if rest.starts_with("```") => return self.begin_block(),
            '`' => (Kind::Code, 1),
            '>' if self.line_begins && self.is_quoting() => {
                self.at += 1;
                return Ok(());
            }
            '>' if self.line_begins => (Kind::BlockQuote, 1),
            _ => return Err(format!("Character '{c}' is reserved and must be escaped with the preceding '\\'")),
        };
        self.push(kind, String::new());
        self.at += length;
        Ok(())
    }

    /// A block of code: its language stands before the first white space; one line break behind it is left out.
    fn begin_block(&mut self) -> Result<(), String> {
        let inside = self.rest().get(3..).unwrap_or_default();
        let length = inside.find(|c: char| c.is_whitespace() || c == '`').unwrap_or(inside.len());
        let (language, code) = inside.split_at_checked(length).unwrap_or_default();
        let named = !language.is_empty() && !code.is_empty() && !code.starts_with('`');
        let (kind, language, code) = if named { (Kind::PreCode, language, code) } else { (Kind::Pre, "", inside) };
        self.push(kind, language.to_owned());
        let line_break = ["\r\n", "\n\r", "\n", "\r"].into_iter().find(|line_break| code.starts_with(line_break));
        self.at += 3 + language.len() + line_break.map_or(0, str::len);
        Ok(())
    }

    fn push(&mut self, kind: Kind, language: String) {
        self.open.push(Open { kind, language, offset: self.offset, mark: self.at, begin: self.text.len() });
    }

    fn end(&mut self, mark: &str) -> Result<(), String> {
        self.at += mark.len();
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (kind, extra) = match open.kind {
            Kind::TextUrl => match self.link(open.begin)? {
                Some(link) => link,
                None => return Ok(()),
            },
            Kind::CustomEmoji => (Kind::CustomEmoji, Extra::Emoji(self.emoji()?)),
            Kind::PreCode => (Kind::PreCode, Extra::Language(open.language)),
            kind => (kind, Extra::None),
        };
        if self.offset > open.offset {
            self.entities.push(Entity::new(kind, open.offset, self.offset - open.offset).with(extra));
        }
        Ok(())
    }

    fn link(&mut self, begin: usize) -> Result<Option<(Kind, Extra)>, String> {
        let address = self.address("a URL")?;
        let shown = self.text.get(begin..).unwrap_or_default();
        match address {
            None => Ok(link("", shown)),
            Some(address) if address.is_empty() => Ok(None),
            Some(address) => Ok(link(&address, "")),
        }
    }

    fn emoji(&mut self) -> Result<String, String> {
        let none = "Custom emoji entity must contain a tg://emoji URL";
        let address = self.address("a custom emoji URL")?.ok_or(none)?;
        let id = address.strip_prefix("tg://emoji?id=").ok_or(none)?;
        id.parse::<i64>().map_err(|_| "Invalid custom emoji identifier specified")?;
        Ok(id.to_owned())
    }

    /// What stands in the round brackets behind a link's text, where there are some.
    fn address(&mut self, what: &str) -> Result<Option<String>, String> {
        if self.peek() != Some('(') {
            return Ok(None);
        }
        self.at += 1;
        let begin = self.at;
        let mut address = String::new();
        loop {
            let mut ahead = self.rest().chars();
            let c = match (ahead.next(), ahead.next()) {
                (None, _) => return Err(format!("Can't find end of {what} at byte offset {begin}")),
                (Some(')'), _) => break,
                (Some('\\'), Some(c)) if c.is_ascii() => {
                    self.at += 1;
                    c
                }
                (Some(c), _) => c,
            };
            self.at += c.len_utf8();
            address.push(c);
        }
        self.at += 1;
        Ok(Some(address))
    }

    /// Ends a quotation; `||` that has just begun makes it one that is shown folded.
    fn end_quote(&mut self) -> Result<(), String> {
        let fresh = |open: &Open| open.kind == Kind::Spoiler && open.mark + 2 == self.at;
        let folded = self.open.last().is_some_and(fresh);
        if folded {
            self.open.pop();
        }
        match self.open.pop() {
            Some(open) if open.kind == Kind::BlockQuote => {
                let kind = if folded { Kind::ExpandableBlockQuote } else { Kind::BlockQuote };
                if self.offset > open.offset {
                    self.entities.push(Entity::new(kind, open.offset, self.offset - open.offset));
                }
                Ok(())
            }
            Some(open) => Err(endless(&open)),
            None => Ok(()),
        }
    }
}

fn endless(open: &Open) -> String {
    format!("Can't find end of {:?} entity at byte offset {}", open.kind, open.mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (String, Vec<(Kind, usize, usize)>) {
        let read = parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        (read.text, read.entities.iter().map(|entity| (entity.kind, entity.offset, entity.length)).collect())
    }

    #[test]
    fn marks_become_entities() {
        assert_eq!(read("a *bold* _it_"), ("a bold it".to_owned(), vec![(Kind::Bold, 2, 4), (Kind::Italic, 7, 2)]));
        assert_eq!(
            read("😀__ж__ ~s~ ||p||").1,
            [(Kind::Underline, 2, 1), (Kind::Strikethrough, 4, 1), (Kind::Spoiler, 6, 1)]
        );
        assert_eq!(read("_a *b*_"), ("a b".to_owned(), vec![(Kind::Bold, 2, 1), (Kind::Italic, 0, 3)]));
        assert_eq!(read("`a.b*`").1, [(Kind::Code, 0, 4)]);
        assert_eq!(read("```rust\nlet x\\`;```"), ("let x`;".to_owned(), vec![(Kind::PreCode, 0, 7)]));
        assert_eq!(read("```\nx```"), ("x".to_owned(), vec![(Kind::Pre, 0, 1)]));
        assert_eq!(read(">a\n>b\nc"), ("a\nb\nc".to_owned(), vec![(Kind::BlockQuote, 0, 3)]));
        assert_eq!(read(">a||\nb").1, [(Kind::ExpandableBlockQuote, 0, 1)]);
    }

    #[test]
    fn links_are_checked() {
        let link = |source: &str| parse(source).unwrap().entities.pop().map(|entity| entity.extra);
        assert_eq!(link("[x](a.b?\\)y)"), Some(Extra::Link("http://a.b/?)y".to_owned())));
        assert_eq!(link("[a\\.b]"), Some(Extra::Link("http://a.b/".to_owned())));
        assert_eq!(link("[x](tg://user?id=7)"), Some(Extra::Person(7)));
        assert_eq!(link("[x](nowhere)"), None);
        assert_eq!(link("[a\\.b]()"), None);
    }

    #[test]
    fn every_reserved_character_wants_its_backslash() {
        for c in RESERVED.chars().filter(|c| !"_*[~`>".contains(*c)) {
            let words = format!("Character '{c}' is reserved and must be escaped with the preceding '\\'");
            assert_eq!(parse(&format!("a{c}b")).unwrap_err(), words);
        }
        for c in RESERVED.chars() {
            assert_eq!(read(&format!("a\\{c}b")).0, format!("a{c}b"));
        }
        assert_eq!(read("\\я\\").0, "\\я\\");
    }

    #[test]
    fn what_has_no_end_is_said() {
        for (source, words) in [
            ("é*a", "Can't find end of Bold entity at byte offset 2"),
            ("*a _b* c_", "Can't find end of Italic entity at byte offset 8"),
            ("__a_", "Can't find end of Italic entity at byte offset 3"),
            ("`a", "Can't find end of Code entity at byte offset 0"),
            ("```a", "Can't find end of Pre entity at byte offset 0"),
            ("```a b", "Can't find end of PreCode entity at byte offset 0"),
            ("[a](b.c", "Can't find end of a URL at byte offset 4"),
            (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
            ("![x]", "Custom emoji entity must contain a tg://emoji URL"),
        ] {
            assert_eq!(parse(source).unwrap_err(), words, "{source}");
        }
    }
}
