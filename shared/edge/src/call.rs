//! A call as it came in: what it presents, its raw body, its idempotency key. Every handler takes one.

use axum::{
    body::Bytes,
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderMap, HeaderName, header},
};
use countersign_core::{Refusal, RefusalKind, gate::Presented, idempotency::IdempotencyKey, limits};
use serde::de::DeserializeOwned;

use crate::{Problem, corridor::RequestId};

/// The header of draft-ietf-httpapi-idempotency-key-header.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request whose credentials are of the right form and whose body is within bounds; nothing is verified yet.
pub struct Call {
    presented: Presented,
    headers: HeaderMap,
    body: Bytes,
    query: String,
    idempotency: Option<IdempotencyKey>,
    request_id: String,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = read_body(&parts.headers, body).await?;
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let presented = Presented::read(&parts.headers, &parts.method, target, &body)?;
        let endpoint = format!("{} {target}", parts.method);
        let idempotency = idempotency_key(&parts.headers, &endpoint, &body)?;
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let query = uri.query().unwrap_or_default().to_owned();
        Ok(Self { presented, headers: parts.headers, body, query, idempotency, request_id })
    }
}

impl Call {
    /// What it presents to show who calls.
    #[must_use]
    pub fn presented(&self) -> &Presented {
        &self.presented
    }

    /// Its idempotency key, where it has one.
    #[must_use]
    pub fn idempotency(&self) -> Option<&IdempotencyKey> {
        self.idempotency.as_ref()
    }

    /// Its id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Its body as JSON.
    ///
    /// # Errors
    /// 415 for another content type; 400 for malformed JSON or a wrong form, naming the field and never its value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let form = self.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        if form.is_some_and(|form| !is_json(form)) {
            return Err(Refusal::new(RefusalKind::UnsupportedMedia, "The body must be application/json"));
        }
        serde_json::from_slice(&self.body).map_err(|error| wrong_json(&error))
    }

    /// Its query.
    ///
    /// # Errors
    /// 400 where a parameter is not of its form.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let uri = format!("/?{}", self.query).parse().map_err(|_| Refusal::invalid("The query is malformed"))?;
        let query = axum::extract::Query::try_from_uri(&uri);
        query.map(|query| query.0).map_err(|_| Refusal::invalid("A query parameter is not of its form"))
    }
}

/// `application/json` and `application/*+json`, whatever parameters follow (RFC 6839).
fn is_json(form: &str) -> bool {
    let essence = form.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// serde's own text may quote the value, so only its place and kind are told.
fn wrong_json(error: &serde_json::Error) -> Refusal {
    let place = format!("line {} column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data => {
            Refusal::invalid(format!("The body is not of the form that this route takes ({place}{})", named(error)))
        }
        _ => Refusal::invalid(format!("The body is not valid JSON ({place})")),
    }
}

/// The field, where serde names one of ours: such names are in our own types.
fn named(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let field = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    field.map(|field| format!("; {field} is missing")).unwrap_or_default()
}

async fn read_body(headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes, Refusal> {
    let too_large = || {
        let most = limits::BODY_BYTES / 1024;
        Refusal::new(RefusalKind::TooLarge, format!("The body is larger than {most} KiB"))
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits::BODY_BYTES) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, limits::BODY_BYTES).await.map_err(|_| too_large())
}

fn idempotency_key(headers: &HeaderMap, endpoint: &str, body: &[u8]) -> Result<Option<IdempotencyKey>, Refusal> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => IdempotencyKey::read(value.as_bytes(), endpoint, body).map(Some),
        (Some(_), Some(_)) => Err(Refusal::invalid("Idempotency-Key must be sent once")),
    }
}
