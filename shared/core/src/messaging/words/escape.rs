//! The one way by which what people and services wrote gets into a message with markup.

/// Escapes text for Telegram's HTML (Bot API, "HTML style": `<`, `>` and `&`; `"` as well, so that it may stand in an attribute).
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_markup() {
        assert_eq!(escape(r#"<b>"Tom" & Jerry</b> 'я'"#), "&lt;b&gt;&quot;Tom&quot; &amp; Jerry&lt;/b&gt; 'я'");
        assert_eq!(escape("&amp;"), "&amp;amp;");
    }
}
