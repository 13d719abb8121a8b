//! JSON-RPC 2.0 (jsonrpc.org/specification): one call, a batch of calls, and the errors of both.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{World, methods};

/// A JSON-RPC error.
#[derive(Debug)]
pub(super) struct RpcError {
    code: i32,
    message: String,
}

impl RpcError {
    /// -32602: the parameters are wrong.
    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self { code: -32602, message: message.into() }
    }

    /// -32603: the stand-in itself failed.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self { code: -32603, message: message.into() }
    }

    fn method_not_found(method: &str) -> Self {
        Self { code: -32601, message: format!("no such method {method:?}") }
    }

    fn invalid_request(message: &str) -> Self {
        Self { code: -32600, message: message.to_owned() }
    }

    fn parse_error() -> Self {
        Self { code: -32700, message: "invalid request value".to_owned() }
    }

    fn show(&self, id: &Value) -> Value {
        json!({"jsonrpc": "2.0", "id": id, "error": {"code": self.code, "message": self.message}})
    }
}

/// `POST /`.
pub(super) async fn answer(State(world): State<World>, body: Bytes) -> Response {
    let answer = match serde_json::from_slice::<Value>(&body) {
        Err(_) => Some(RpcError::parse_error().show(&Value::Null)),
        Ok(Value::Array(calls)) if calls.is_empty() => {
            Some(RpcError::invalid_request("empty request batch").show(&Value::Null))
        }
        Ok(Value::Array(calls)) => {
            let answers: Vec<_> = calls.iter().filter_map(|call| answer_one(&world, call)).collect();
            (!answers.is_empty()).then_some(Value::Array(answers))
        }
        Ok(call) => answer_one(&world, &call),
    };
    match answer {
        Some(answer) => Json(answer).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// The answer to one call; none to a notification (a call without an id).
fn answer_one(world: &World, call: &Value) -> Option<Value> {
    let id = call.get("id").cloned();
    let outcome = read(call).and_then(|(method, params)| {
        methods::call(world, method, params).unwrap_or_else(|| Err(RpcError::method_not_found(method)))
    });
    match (outcome, id) {
        (Ok(result), Some(id)) => Some(json!({"jsonrpc": "2.0", "id": id, "result": result})),
        (Err(error), Some(id)) => Some(error.show(&id)),
        (Err(error), None) if error.code == -32600 => Some(error.show(&Value::Null)),
        (_, None) => None,
    }
}

fn read(call: &Value) -> Result<(&str, Map<String, Value>), RpcError> {
    let call = call.as_object().ok_or_else(|| RpcError::invalid_request("a call is an object"))?;
    if call.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(RpcError::invalid_request("jsonrpc is not \"2.0\""));
    }
    let id_is_good = call.get("id").is_none_or(|id| id.is_string() || id.is_number() || id.is_null());
    let method = call.get("method").and_then(Value::as_str).filter(|_| id_is_good);
    let method =
        method.ok_or_else(|| RpcError::invalid_request("a call has a method, and its id is text or a number"))?;
    match call.get("params") {
        None | Some(Value::Null) => Ok((method, Map::new())),
        Some(Value::Object(params)) => Ok((method, params.clone())),
        Some(_) => Err(RpcError::invalid_params("params are an object of names")),
    }
}
