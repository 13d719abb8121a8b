//! The two pages a person sees: the consent, and why there is none.

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::authorize::Ask;

/// The person whom the consent page proposes.
pub(super) const USUAL_USER: &str = "alex";

/// A page is for a browser's window alone: no frame, no script, kept nowhere.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
];

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}\
    input,button{font:inherit;padding:.4rem .8rem;margin:.3rem .3rem .3rem 0}";

/// The consent page; its form names the request only by the page's secret name.
pub(super) fn consent(page: &str, ask: &Ask) -> Response {
    let (provider, client) = (escaped(&ask.provider), escaped(&ask.client_id));
    let wanted: String = ask.terms.scopes.iter().map(|scope| format!("<li>{}</li>", escaped(scope))).collect();
    let wanted = if wanted.is_empty() { "<li>to know who you are</li>".to_owned() } else { wanted };
    let body = format!(
        "<h1>Sign in to {provider}</h1>\
         <p><strong>{client}</strong> asks for:</p><ul>{wanted}</ul>\
         <form method=\"post\" action=\"/{provider}/authorize\">\
         <input type=\"hidden\" name=\"page\" value=\"{page}\">\
         <p><label>You are <input name=\"user\" value=\"{USUAL_USER}\" maxlength=\"64\" autocomplete=\"off\"></label></p>\
         <button name=\"decision\" value=\"approve\">Approve</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></form>\
         <p>This page stands in for {provider} on this machine.</p>",
        page = escaped(page),
    );
    shown(StatusCode::OK, &format!("{provider}: consent"), &body)
}

/// Why there is no consent to give.
pub(super) fn problem(status: StatusCode, text: &str) -> Response {
    shown(status, "This request cannot be answered", &format!("<h1>Sorry</h1><p>{}.</p>", escaped(text)))
}

fn shown(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\
         <body>{body}</body></html>"
    );
    (status, HEADERS, Html(page)).into_response()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            char => safe.push(char),
        }
    }
    safe
}
