//! A gateway that behaves like an API Gateway HTTP API: routes of the template, request ids, payload limit, 30 s.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_lambda_events::apigw::{ApiGatewayV2httpRequestContext, ApiGatewayV2httpRequestContextHttpDescription};
use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lambda_http::request::RequestContext;
use serde_json::json;
use tower::ServiceExt as _;

use crate::routes::Routes;

/// API Gateway's limit for a payload, in bytes.
const PAYLOAD_BYTES: usize = 10 * 1024 * 1024;
/// API Gateway's limit for an integration.
const INTEGRATION: Duration = Duration::from_secs(30);
/// Its own header for the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// The functions behind the gateway.
pub(crate) struct Gateway {
    routes: Routes,
    functions: BTreeMap<&'static str, Router>,
    numbers: AtomicU64,
}

impl Gateway {
    /// A gateway to these functions, by their logical ids in the template.
    pub(crate) fn new(routes: Routes, functions: BTreeMap<&'static str, Router>) -> Self {
        Self { routes, functions, numbers: AtomicU64::new(1) }
    }

    /// Functions of the template that are not behind this gateway: none, or the local system is not whole.
    pub(crate) fn missing(&self) -> Vec<String> {
        let known = |function: &&str| !self.functions.contains_key(*function);
        self.routes.functions().into_keys().filter(known).map(str::to_owned).collect()
    }

    /// The router to serve.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(pass).with_state(Arc::new(self))
    }
}

async fn pass(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let number = gateway.numbers.fetch_add(1, Ordering::Relaxed);
    let id = format!("local-{number:08}");
    let mut response = match tokio::time::timeout(INTEGRATION, invoke(&gateway, request, &id)).await {
        Ok(response) => response,
        Err(_) => own_message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

async fn invoke(gateway: &Gateway, request: Request, id: &str) -> Response {
    let function = gateway.routes.function(request.method().as_str(), request.uri().path());
    let Some(router) = function.and_then(|function| gateway.functions.get(function)) else {
        return own_message(StatusCode::NOT_FOUND, "Not Found");
    };
    let (parts, body) = request.into_parts();
    // The real gateway hands a function the whole payload at once.
    let Ok(body) = axum::body::to_bytes(body, PAYLOAD_BYTES).await else {
        return own_message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let mut request = Request::from_parts(parts, Body::from(body));
    let context = context(&request, id);
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    request.headers_mut().remove(header::TRANSFER_ENCODING);
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn context(request: &Request, id: &str) -> ApiGatewayV2httpRequestContext {
    let mut http = ApiGatewayV2httpRequestContextHttpDescription::default();
    http.method = request.method().clone();
    http.path = Some(request.uri().path().to_owned());
    http.source_ip = Some("127.0.0.1".into());
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.request_id = Some(id.to_owned());
    context.stage = Some("$default".into());
    context.http = http;
    context
}

/// What API Gateway itself says, in its own form.
fn own_message(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
