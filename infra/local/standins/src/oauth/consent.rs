//! `GET` and `POST /{provider}/authorize`: the browser comes with a request and leaves with the person's decision.

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    authorize::NotAsked,
    form::Form,
    page,
    world::{Decision, World},
};

/// The longest name of a person, in characters.
const USER_CHARS: usize = 64;

/// Shows the consent page.
pub(super) async fn ask(
    State(world): State<World>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let opened = world.known().open_page(&provider, &query.unwrap_or_default());
    match opened {
        Ok((page, ask)) => page::consent(&page, &ask),
        Err(NotAsked::NoSuchProvider) => page::problem(StatusCode::NOT_FOUND, "There is no provider of this name"),
        Err(NotAsked::Shown(text)) => page::problem(StatusCode::BAD_REQUEST, text),
        Err(NotAsked::Redirected(to)) => redirect(StatusCode::FOUND, &to),
    }
}

/// Takes the consent page's form; 303, so that the browser never posts it on (RFC 9700, 4.12).
pub(super) async fn decide(State(world): State<World>, Path(provider): Path<String>, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let decision = match form.get("decision") {
        Some("approve") => Decision::Approve,
        Some("deny") => Decision::Deny,
        _ => return page::problem(StatusCode::BAD_REQUEST, "The form is not one of ours"),
    };
    let Some(user) = user_named(form.get("user")) else {
        return page::problem(StatusCode::BAD_REQUEST, "The name is too long");
    };
    let mut known = world.known();
    let Some(ask) = form.get("page").and_then(|page| known.close_page(&provider, page)) else {
        return page::problem(StatusCode::BAD_REQUEST, "This page was used before or has expired");
    };
    let to = known.decide(ask, decision, &user);
    redirect(StatusCode::SEE_OTHER, &to)
}

/// The person's name, the usual one where there is none; none where it is too long.
pub(super) fn user_named(name: Option<&str>) -> Option<String> {
    let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(page::USUAL_USER);
    (name.chars().count() <= USER_CHARS).then(|| name.to_owned())
}

fn redirect(status: StatusCode, to: &str) -> Response {
    let headers =
        [(header::LOCATION, to), (header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    (status, headers).into_response()
}
