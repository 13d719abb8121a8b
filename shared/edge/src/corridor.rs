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

use crate::{answer::Written, clock, problem};

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
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = finished(next.run(request).await, &id);
    secure(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let written = response.extensions().get::<Written>().map(|written| &written.0);
    let refusal = response.extensions().get::<Refusal>().or(written);
    tracing::info!(
        request_id = id,
        method = %method,
        route = route.as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        code = refusal.map_or("ok", |refusal| refusal.kind.code()),
        reason = refusal.and_then(|refusal| refusal.internal.as_deref()).unwrap_or_default(),
        millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
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

fn request_id(request: &Request) -> String {
    match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    }
    .unwrap_or_else(|| format!("{:016x}", clock::random()))
}
