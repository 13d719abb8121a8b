//! The corridor around every router: request ids, problems for whatever was refused, security headers, one log line.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use countersign_core::{Refusal, RefusalKind};
use lambda_http::request::RequestContext;

use crate::{RequestLine, Trace, answer::Written, clock, problem};

/// Where the log's line of a request comes from: what the access log subscribes to.
pub const TARGET: &str = "countersign_edge::corridor";

/// The request's id on every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: API Gateway's, or one made here where there is none.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Puts the corridor around a router. What the router does not route is 404.
pub fn around(router: Router) -> Router {
    with_fallback(router.fallback(|| async { problem::Problem(Refusal::not_found("No such route")) }))
}

/// Puts the corridor around a router that has a fallback of its own.
pub fn with_fallback(router: Router) -> Router {
    router.layer(middleware::from_fn(walk))
}

async fn walk(mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (id, epoch_millis) = arrival(&request);
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    let trace = Trace::default();
    request.extensions_mut().insert(trace.clone());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = finished(next.run(request).await, &id);
    secure(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let written = response.extensions().get::<Written>().map(|written| &written.0);
    let refusal = response.extensions().get::<Refusal>().or(written);
    let families = trace.known_families();
    let line = RequestLine {
        request_id: id,
        epoch_millis,
        method,
        route,
        status: response.status().as_u16(),
        code: refusal.map_or("ok", |refusal| refusal.kind.code()),
        caller: trace.known_caller().map(str::to_owned),
        family_id: families.first().copied(),
        family_ids: several(&families),
        millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        message: "request",
        target: TARGET,
    };
    write(&line, refusal.and_then(|refusal| refusal.internal.as_deref()).unwrap_or_default());
    response.extensions_mut().insert(line);
    response
}

fn several(families: &[u64]) -> Option<String> {
    (families.len() > 1).then(|| families.iter().map(u64::to_string).collect::<Vec<_>>().join(","))
}

/// Writes the line, field by field as it is; the reason is the log's alone.
fn write(line: &RequestLine, reason: &str) {
    tracing::info!(
        target: TARGET,
        request_id = line.request_id,
        epoch_millis = line.epoch_millis,
        method = line.method,
        route = line.route,
        status = line.status,
        code = line.code,
        caller = line.caller,
        family_id = line.family_id,
        family_ids = line.family_ids,
        reason,
        millis = line.millis,
        "request"
    );
}

/// Turns what was refused, here or by the router itself, into a problem document.
fn finished(response: Response, id: &str) -> Response {
    let refusal = match (response.extensions().get::<Refusal>(), response.status()) {
        (Some(refusal), _) => refusal.clone(),
        (None, StatusCode::METHOD_NOT_ALLOWED) => {
            Refusal::new(RefusalKind::MethodNotAllowed, RefusalKind::MethodNotAllowed.title())
        }
        _ => return response,
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut rendered = problem::render(&refusal, id, allow);
    rendered.extensions_mut().insert(refusal);
    rendered
}

fn secure(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// The request's id and when API Gateway received it, in milliseconds since the epoch: API Gateway's own, so that its line and
/// ours name the same; made here where there is none.
fn arrival(request: &Request) -> (String, i64) {
    let (id, at) = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => (context.request_id.clone(), context.time_epoch),
        _ => (None, 0),
    };
    let id = id.unwrap_or_else(|| format!("{:016x}", clock::random()));
    (id, if at > 0 { at } else { clock::now().millis() })
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use serde_json::Value;

    use super::*;
    use crate::telemetry;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What the log has of this line, at this level.
    fn logged(line: &RequestLine, level: &str) -> Vec<u8> {
        let written = Written::default();
        let into = written.clone();
        let environment = crate::Environment::default().with("LOG_LEVEL", level);
        let log = telemetry::subscriber(&environment, &[], move || into.clone());
        tracing::subscriber::with_default(log, || write(line, "why"));
        written.0.lock().unwrap().clone()
    }

    fn line(caller: Option<&str>, family_id: Option<u64>) -> RequestLine {
        RequestLine {
            request_id: "JKJaXmPLvHcESHA=".into(),
            epoch_millis: 1_795_000_000_123,
            method: "GET".into(),
            route: "/api/v1/me".into(),
            status: 200,
            code: "ok",
            caller: caller.map(str::to_owned),
            family_id,
            family_ids: family_id.map(|id| format!("{id},43")),
            millis: 7,
            message: "request",
            target: TARGET,
        }
    }

    #[test]
    fn the_log_has_the_line_as_it_is() {
        for line in [line(Some("u:7"), Some(41)), line(None, None)] {
            let mut written: Value = serde_json::from_slice(&logged(&line, "info")).unwrap();
            let fields = written.as_object_mut().unwrap();
            let more = ["level", "reason", "timestamp"].map(|name| fields.remove(name).unwrap());
            assert_eq!(more[1], "why");
            assert_eq!(written, serde_json::to_value(&line).unwrap());
        }
    }

    #[tokio::test]
    async fn what_a_handler_says_is_in_the_line_of_its_request_alone() {
        let handler = async |call: crate::Call| {
            if call.has_body() {
                call.trace().called_by("telegram");
                call.trace().family(41_u64);
                call.trace().family(42_u64);
                call.trace().family(41_u64);
            }
        };
        let router = around(Router::new().route("/things/{id}", axum::routing::post(handler)));
        for (body, caller, family_id) in [("{}", Some("telegram"), Some(41)), ("", None, None)] {
            let request = Request::post("/things/secret?code=secret").body(axum::body::Body::from(body)).unwrap();
            let response = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
            let line = response.extensions().get::<RequestLine>().unwrap();
            assert_eq!((line.caller.as_deref(), line.family_id, line.status), (caller, family_id, 200));
            assert_eq!(line.family_ids.as_deref(), family_id.map(|_| "41,42"));
            assert_eq!((line.method.as_str(), line.route.as_str()), ("POST", "/things/{id}"));
            assert_eq!(Some(line.request_id.as_str()), response.headers()[REQUEST_ID].to_str().ok());
            assert!(line.epoch_millis > 1_700_000_000_000 && !format!("{line:?}").contains("secret"));
        }
    }

    #[test]
    fn a_quiet_log_has_it_all_the_same() {
        assert!(!logged(&line(None, None), "error").is_empty(), "the access log is made of it");
    }
}
