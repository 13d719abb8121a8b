//! A refusal for a browser: a small readable page. Whoever asks for JSON gets the problem document.

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use countersign_core::{Refusal, messaging::words::escape};
use countersign_edge::{Problem, page};

/// For a phone as well: a provider's error may be one word of 200 letters.
const STYLE: &str =
    "body{font:1rem/1.5 sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}";

pub(crate) fn refused(refusal: Refusal, headers: &HeaderMap, bot_username: &str) -> Response {
    if !wants_page(headers) {
        return Problem(refusal).into_response();
    }
    let (detail, bot) = (escape(&refusal.public), escape(bot_username));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Not connected</title>\n\
         <style>{STYLE}</style>\n</head>\n\
         <body>\n<h1>The account was not connected</h1>\n<p>{detail}</p>\n\
         <p><a href=\"https://t.me/{bot}\">Back to Telegram</a></p>\n</body>\n</html>\n"
    );
    page::refused(refusal, html)
}

/// A browser names HTML; a program that names JSON, or nothing, wants a problem document.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|range| {
        let form = range.split(';').next().unwrap_or_default().trim();
        form.eq_ignore_ascii_case("text/html") || form.eq_ignore_ascii_case("application/xhtml+xml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_a_page() {
        let wants = |accept: &str| wants_page(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]));
        assert!(wants("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(wants("TEXT/HTML"));
        assert!(!wants("application/json") && !wants("*/*") && !wants_page(&HeaderMap::new()));
    }
}
