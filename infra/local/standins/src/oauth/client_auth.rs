//! Which client calls the token or revocation endpoint, by Basic or in the body (RFC 6749, 2.3.1).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use url::form_urlencoded;

use super::{form::Form, provider::ClientAuth, refusal::Refusal, world::Known};

/// The media type of a token request's body.
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads the body of a token or revocation request.
pub(super) fn form_of(headers: &HeaderMap, body: &[u8]) -> Result<Form, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM)) {
        return Err(Refusal::Request("the body is not application/x-www-form-urlencoded"));
    }
    let form = Form::parse(body);
    if form.has_repeated() { Err(Refusal::Request("a parameter is there more than once")) } else { Ok(form) }
}

/// The client that proved who it is.
pub(super) fn client_of(known: &Known, provider: &str, headers: &HeaderMap, form: &Form) -> Result<String, Refusal> {
    let (basic, body) = (basic(headers)?, form.get("client_secret"));
    let ways = known.rules(provider).map_or(ClientAuth::Either, |rules| rules.client_auth);
    let (client_id, secret) = match (basic, body) {
        (Some(_), Some(_)) => return Err(Refusal::Request("a client authenticates in one way, not in two")),
        (None, None) => return Err(Refusal::Client("the client did not authenticate")),
        (Some(_), None) if ways == ClientAuth::Body => return Err(Refusal::Client("not by Basic here")),
        (None, Some(_)) if ways == ClientAuth::Basic => return Err(Refusal::Client("by Basic here")),
        (Some((client_id, _)), None) if form.get("client_id").is_some_and(|named| named != client_id) => {
            return Err(Refusal::Request("client_id is not the one that authenticates"));
        }
        (Some(pair), None) => pair,
        (None, Some(secret)) => {
            (form.get("client_id").ok_or(Refusal::Request("client_id is missing"))?.to_owned(), secret.to_owned())
        }
    };
    let good = |real: &str| verify_slices_are_equal(real.as_bytes(), secret.as_bytes()).is_ok();
    match known.client(provider, &client_id) {
        Some(client) if good(&client.secret) => Ok(client_id),
        _ => Err(Refusal::Client("the client is not known or its secret is wrong")),
    }
}

/// The id and secret of a Basic header, each form-urlencoded before they were joined.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let malformed = Refusal::Client("the Authorization header is not Basic with id and secret");
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        scheme.eq_ignore_ascii_case("basic").then(|| Some((decoded(id)?, decoded(secret)?)))?
    };
    if values.next().is_some() { Err(malformed) } else { read().map(Some).ok_or(malformed) }
}

/// Undoes `application/x-www-form-urlencoded` on one value.
fn decoded(text: &str) -> Option<String> {
    let pair = format!("v={}", text.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_form_encoding() {
        assert_eq!(decoded("a%3Ab+c%2B%25").unwrap(), "a:b c+%");
        assert_eq!(decoded("a&b=c").unwrap(), "a&b=c");
        assert_eq!(decoded("").unwrap(), "");
    }
}
