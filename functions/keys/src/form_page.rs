//! The page of a one-time form: no script, nothing from elsewhere, for a phone as well, light and dark.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use countersign_core::{
    Moment, Refusal,
    keyring::{FormPurpose, KeyForm},
    messaging::words::{Language, escape, key_forms as words},
};
use countersign_edge::page;

/// What a page may do: look as [`STYLE`] says, whose SHA-256 this is, and send its form to where it came from.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'sha256-PJckQY8qUZTLSjEeg2vGjkgTEaO9DX83oB4mpXYIdoc='; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'",
);

const STYLE: &str = ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;\
    padding:0 1rem;overflow-wrap:anywhere}label{display:block;margin:1rem 0 .25rem}input{width:100%;box-sizing:border-box;\
    font:1rem/1.5 monospace;padding:.6rem}button{margin-top:1.25rem;width:100%;padding:.8rem;font-size:1.05rem}\
    .wrong{border-left:.3rem solid #c33;padding-left:.75rem}";

/// A form as it is shown.
pub(crate) struct Shown<'a> {
    language: Language,
    purpose: &'a FormPurpose,
    ends_at: Option<Moment>,
    code: &'a str,
}

impl<'a> Shown<'a> {
    pub(crate) fn of(form: &'a KeyForm, code: &'a str) -> Self {
        let language = Language::read(&form.spoken).unwrap_or_default();
        Self { language, purpose: &form.purpose, ends_at: form.ends_at, code }
    }

    fn title(&self) -> &'static str {
        words::title(self.language, matches!(self.purpose, FormPurpose::Rotate))
    }
}

/// The form, with what was wrong with what was sent.
pub(crate) fn form(shown: &Shown<'_>, wrong: Option<Refusal>) -> Response {
    let language = shown.language;
    let said = wrong.as_ref().map(|refusal| format!("<p class=\"wrong\">{}</p>\n", escape(&refusal.public)));
    let html = html(
        language,
        shown.title(),
        &format!(
            "<p>{}</p>\n{}<form method=\"post\" action=\"/keys/form\" autocomplete=\"off\">\n\
             <input type=\"hidden\" name=\"code\" value=\"{}\">\n\
             <label for=\"key\">{}</label>\n<input id=\"key\" name=\"private_key\" type=\"password\" required autocomplete=\"off\" \
             autocapitalize=\"none\" spellcheck=\"false\">\n\
             <label for=\"address\">{}</label>\n<input id=\"address\" name=\"address\" autocomplete=\"off\" autocapitalize=\"none\" \
             spellcheck=\"false\">\n<label for=\"day\">{}</label>\n<input id=\"day\" name=\"expires_at\" type=\"date\">\n\
             <button>{}</button>\n</form>\n",
            words::advice(language),
            said.unwrap_or_default(),
            escape(shown.code),
            words::private_key(language),
            words::address(language),
            words::last_day(language, shown.ends_at),
            words::send(language),
        ),
    );
    match wrong {
        Some(refusal) => guarded(page::refused(refusal, html)),
        None => guarded((StatusCode::OK, Html(html)).into_response()),
    }
}

/// The key is sealed.
pub(crate) fn done(shown: &Shown<'_>) -> Response {
    let said = match shown.purpose {
        FormPurpose::Setup { .. } => words::set_up(shown.language),
        FormPurpose::Rotate => words::rotated(shown.language),
    };
    let html = html(shown.language, shown.title(), &format!("<p>✅ {said}</p>\n"));
    guarded((StatusCode::OK, Html(html)).into_response())
}

/// The link is not good; nobody knows in which language it was given.
pub(crate) fn over(refusal: Refusal) -> Response {
    let said =
        format!("<p>{}</p>\n<p lang=\"ru\">{}</p>\n", words::over(Language::English), words::over(Language::Russian));
    guarded(page::refused(refusal, html(Language::English, "Countersign", &said)))
}

fn html(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n",
        language.code(),
    )
}

/// Nothing of it is kept by a browser, shown in a frame, or told to where a link leads.
fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
