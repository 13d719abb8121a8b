//! A call over HTTP: `/bot<token>/<method>`, and files by `/file/bot<token>/<path>`.

use axum::{
    Json,
    extract::{Request, State as Knowing},
    http::{Method, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{State, methods, params, refusal::Refusal};

/// What a method gives back.
pub(super) struct Done {
    result: Value,
    description: Option<&'static str>,
}

impl From<Value> for Done {
    fn from(result: Value) -> Self {
        Self { result, description: None }
    }
}

impl Done {
    /// `true`, and in words what was done.
    pub(super) fn saying(description: &'static str) -> Self {
        Self { result: json!(true), description: Some(description) }
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        match self.description {
            None => Json(json!({ "ok": true, "result": self.result })),
            Some(words) => Json(json!({ "ok": true, "result": self.result, "description": words })),
        }
        .into_response()
    }
}

/// Answers whatever is no control route.
pub(super) async fn answer(Knowing(state): Knowing<State>, request: Request) -> Response {
    let path = request.uri().path().replace("%3A", ":").replace("%3a", ":");
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return file(&state, rest).unwrap_or_else(IntoResponse::into_response);
    }
    match path.strip_prefix("/bot") {
        Some(rest) => method(&state, rest, request).await.into_response(),
        None => Refusal::not_found().into_response(),
    }
}

async fn method(state: &State, rest: &str, request: Request) -> Result<Done, Refusal> {
    let name = admitted(state, rest)?;
    if name.is_empty() || name.contains('/') {
        return Err(Refusal::not_found());
    }
    if request.method() != Method::GET && request.method() != Method::POST {
        return Err(Refusal::new(405, "Method Not Allowed"));
    }
    let params = params::from_request(request).await?;
    methods::run(state, &name.to_ascii_lowercase(), params).await
}

fn file(state: &State, rest: &str) -> Result<Response, Refusal> {
    let path = admitted(state, rest)?;
    let world = state.world();
    let stored = world.files.at(path).ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], stored.content.clone()).into_response())
}

/// What stands behind the token, if it is the bot's.
fn admitted<'a>(state: &State, rest: &'a str) -> Result<&'a str, Refusal> {
    let (token, path) = rest.split_once('/').ok_or_else(Refusal::not_found)?;
    if token == state.world().bot.token {
        return Ok(path);
    }
    let id = token.split_once(':').and_then(|(id, _)| id.parse::<u64>().ok());
    Err(if id.is_some() { Refusal::new(401, "Unauthorized") } else { Refusal::not_found() })
}
