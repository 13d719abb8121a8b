//! A gateway that behaves like an API Gateway HTTP API: routes of the template, request ids, payload limit, 30 s.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lambda_events::apigw::{ApiGatewayV2httpRequestContext, ApiGatewayV2httpRequestContextHttpDescription};
use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_edge::{RequestLine, clock};
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access_log::{Lines, Seen},
    routes::Routes,
};

/// API Gateway's limit for a payload, in bytes.
const PAYLOAD_BYTES: usize = 10 * 1024 * 1024;
/// How much of a larger body is read before it is answered, in bytes.
const THROWN_AWAY_BYTES: usize = 64 * 1024 * 1024;
/// API Gateway's limit for an integration.
const INTEGRATION: Duration = Duration::from_secs(30);
/// Its own header for the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// Nobody else reaches it: it listens on this machine alone.
const ADDRESS: &str = "127.0.0.1";

/// The functions behind the gateway.
pub(crate) struct Gateway {
    routes: Routes,
    functions: BTreeMap<&'static str, Router>,
    log: Option<Lines>,
}

impl Gateway {
    /// A gateway to these functions, by their logical ids in the template, and where its log goes.
    pub(crate) fn new(routes: Routes, functions: BTreeMap<&'static str, Router>, log: Option<Lines>) -> Self {
        Self { routes, functions, log }
    }

    /// Functions of the template that are not behind this gateway: none, or the local system is not whole.
    pub(crate) fn missing(&self) -> Vec<String> {
        let known = |function: &&str| !self.functions.contains_key(*function);
        self.routes.functions().into_keys().filter(known).map(str::to_owned).collect()
    }

    /// Writes the lines of a request: what the function left, and the gateway's own.
    fn write(&self, arrival: &Arrival, response: &Response) {
        let Some(log) = &self.log else { return };
        if let Some(line) = response.extensions().get::<RequestLine>() {
            log.function(line);
        }
        log.gateway(&Seen {
            request_id: &arrival.id,
            epoch_millis: arrival.epoch_millis,
            address: ADDRESS,
            method: &arrival.method,
            route_key: &self.routes.key(&arrival.method, &arrival.path),
            status: response.status().as_u16(),
            millis: arrival.since.elapsed().as_millis(),
        });
    }

    /// The router to serve.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(pass).with_state(Arc::new(self))
    }
}

/// A request as it came in.
struct Arrival {
    id: String,
    method: String,
    path: String,
    epoch_millis: i64,
    since: Instant,
}

impl Arrival {
    fn of(request: &Request) -> Self {
        Self {
            id: format!("{:016x}", clock::random()),
            method: request.method().as_str().to_owned(),
            path: request.uri().path().to_owned(),
            epoch_millis: clock::now().millis(),
            since: Instant::now(),
        }
    }
}

async fn pass(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let arrival = Arc::new(Arrival::of(&request));
    let (front, came) = (Arc::clone(&gateway), Arc::clone(&arrival));
    // A task of its own: on Lambda an invocation goes on when its client is gone, and the log has it all the same.
    let running = tokio::spawn(async move {
        let invoked = tokio::time::timeout(INTEGRATION, invoke(&gateway, request, &arrival)).await;
        let response = invoked.unwrap_or_else(|_| own_message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"));
        gateway.write(&arrival, &response);
        response
    });
    let mut response = running.await.unwrap_or_else(|_| {
        let response = own_message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        front.write(&came, &response);
        response
    });
    if let Ok(value) = HeaderValue::from_str(&came.id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

async fn invoke(gateway: &Gateway, request: Request, arrival: &Arrival) -> Response {
    let function = gateway.routes.function(request.method().as_str(), request.uri().path());
    let Some(router) = function.and_then(|function| gateway.functions.get(function)) else {
        return own_message(StatusCode::NOT_FOUND, "Not Found");
    };
    let (mut parts, body) = request.into_parts();
    parts.headers = joined(&parts.headers);
    // The real gateway hands a function the whole payload at once.
    let Ok(body) = whole(body).await else {
        return own_message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let mut request = Request::from_parts(parts, Body::from(body));
    let context = context(&request, arrival);
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    request.headers_mut().remove(header::TRANSFER_ENCODING);
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// A body of at most [`PAYLOAD_BYTES`]. More is read all the same, to its end or as far as [`THROWN_AWAY_BYTES`]: whoever is
/// answered while still writing may see a broken connection in place of the answer.
async fn whole(mut body: Body) -> Result<Vec<u8>, axum::Error> {
    let (mut kept, mut thrown_away) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame?.into_data() else { continue };
        if kept.len() + part.len() <= PAYLOAD_BYTES && thrown_away == 0 {
            kept.extend_from_slice(&part);
            continue;
        }
        thrown_away += part.len();
        if thrown_away > THROWN_AWAY_BYTES {
            break;
        }
    }
    if thrown_away > 0 { Err(axum::Error::new("too large")) } else { Ok(kept) }
}

/// A header that comes more than once reaches a function once, with commas: payload version 2.0 has one value a name.
fn joined(headers: &HeaderMap) -> HeaderMap {
    let mut joined = HeaderMap::with_capacity(headers.len());
    for name in headers.keys() {
        let values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(value) = HeaderValue::from_bytes(&values.join(&b","[..])) {
            joined.insert(name, value);
        }
    }
    joined
}

fn context(request: &Request, arrival: &Arrival) -> ApiGatewayV2httpRequestContext {
    let mut http = ApiGatewayV2httpRequestContextHttpDescription::default();
    http.method = request.method().clone();
    http.path = Some(request.uri().path().to_owned());
    http.source_ip = Some(ADDRESS.into());
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.request_id = Some(arrival.id.clone());
    context.time_epoch = arrival.epoch_millis;
    context.stage = Some("$default".into());
    context.http = http;
    context
}

/// What API Gateway itself says, in its own form.
fn own_message(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
