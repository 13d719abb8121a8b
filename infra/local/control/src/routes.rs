//! The `/_control/` routes that every stand-in has.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Control, Fault};

/// `GET`, `DELETE /_control/requests`; `GET`, `POST`, `DELETE /_control/faults`.
pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/_control/requests", get(list_requests).delete(clear_requests))
        .route("/_control/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .with_state(control)
}

#[derive(Deserialize)]
struct Filter {
    label: Option<String>,
}

async fn list_requests(State(control): State<Control>, Query(filter): Query<Filter>) -> Json<Value> {
    let mut requests = control.requests();
    if let Some(label) = filter.label {
        requests.retain(|request| request.label.contains(&label));
    }
    Json(json!({ "requests": requests }))
}

async fn clear_requests(State(control): State<Control>) -> StatusCode {
    control.clear_requests();
    StatusCode::NO_CONTENT
}

async fn list_faults(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "faults": control.faults() }))
}

/// Reads the body whatever its content type is, because it is typed by hand.
async fn add_fault(State(control): State<Control>, body: String) -> Response {
    match serde_json::from_str::<Fault>(&body) {
        Ok(fault) => {
            control.add_fault(fault.clone());
            (StatusCode::CREATED, Json(fault)).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error.to_string() }))).into_response(),
    }
}

async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.clear_faults();
    StatusCode::NO_CONTENT
}
