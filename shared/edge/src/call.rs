//! A call as it came in: what it presents, its raw body, its idempotency key. Every handler takes one.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, MatchedPath, OriginalUri, Path, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use countersign_core::{
    Refusal, RefusalKind, Secret,
    gate::{CLIENT_ID, Presented, SIGNATURE, TIMESTAMP},
    idempotency::IdempotencyKey,
    limits,
};
use lambda_http::request::RequestContext;
use serde::de::DeserializeOwned;

use crate::{Problem, Trace, corridor::RequestId, form};

/// The header of draft-ietf-httpapi-idempotency-key-header.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request whose credentials are of the right form and whose body is within bounds; nothing is verified yet.
pub struct Call {
    presented: Presented,
    is_json: bool,
    is_form: bool,
    body: Secret,
    query: String,
    idempotency: Result<Option<IdempotencyKey>, Refusal>,
    request_id: String,
    trace: Trace,
    source_address: String,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = Secret::new(read_body(&parts.headers, body).await?.into());
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Self {
            presented: Presented::read(&parts.headers, &parts.method, target, body.expose())?,
            is_json: is_json(&parts.headers),
            is_form: essence(&parts.headers).is_some_and(|form| form == "application/x-www-form-urlencoded"),
            query: uri.query().unwrap_or_default().to_owned(),
            idempotency: idempotency_key(&parts, target, body.expose()),
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            trace: parts.extensions.get::<Trace>().cloned().unwrap_or_default(),
            source_address: source_address(&parts),
            body,
        })
    }
}

/// A call of a public route: whatever credential it brings is not even read, so a bad one is in nobody's way. A signature
/// is no credential there, and is read: [`crate::GateKeeper::admit_public`] holds it to be right.
pub struct PublicCall(pub Call);

/// A call of a page that a person opens in a browser: no header that says who calls is read.
pub struct PageCall(pub Call);

impl<S: Send + Sync> FromRequest<S> for PublicCall {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kept = [header::CONTENT_TYPE, header::CONTENT_LENGTH, IDEMPOTENCY_KEY];
        let signature = [CLIENT_ID, TIMESTAMP, SIGNATURE].map(HeaderName::from_static);
        Call::from_request(with_headers(request, kept.into_iter().chain(signature)), state).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for PageCall {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kept = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
        Call::from_request(with_headers(request, kept.into_iter()), state).await.map(Self)
    }
}

/// The request with these of its headers alone.
fn with_headers(mut request: Request, kept: impl Iterator<Item = HeaderName>) -> Request {
    let all = std::mem::take(request.headers_mut());
    for name in kept {
        for value in all.get_all(&name) {
            request.headers_mut().append(name.clone(), value.clone());
        }
    }
    request
}

impl Call {
    /// What it presents to show who calls.
    #[must_use]
    pub fn presented(&self) -> &Presented {
        &self.presented
    }

    /// What is wrong with it beside its credentials and its body: told only to who was let in.
    ///
    /// # Errors
    /// 400 for an idempotency key that is none.
    pub fn well_formed(&self) -> Result<(), Refusal> {
        self.idempotency.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Its idempotency key, where it has one.
    #[must_use]
    pub fn idempotency(&self) -> Option<&IdempotencyKey> {
        self.idempotency.as_ref().ok()?.as_ref()
    }

    /// Its id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// What it leaves in the log: a handler says there whose family's things it is about.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The address that API Gateway took it from; empty where there is none. Headers say nothing of it that could be believed.
    #[must_use]
    pub fn source_address(&self) -> &str {
        &self.source_address
    }

    /// Whether it has a body at all.
    #[must_use]
    pub fn has_body(&self) -> bool {
        !self.body.expose().is_empty()
    }

    /// Its body as JSON.
    ///
    /// # Errors
    /// 415 for another content type; 400 for malformed JSON or a wrong form, naming the field and never its value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if !self.is_json {
            return Err(Refusal::new(RefusalKind::UnsupportedMedia, "The body must be application/json"));
        }
        serde_json::from_slice(self.body.expose()).map_err(|error| wrong_json(&error))
    }

    /// Its body as a JSON object: a list of values in the order of the fields, which serde would take, is none.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub fn object<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.body.expose().iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Err(Refusal::invalid("The body must be a JSON object"));
        }
        self.json()
    }

    /// A field of its body as a browser sends a form; none where it is not there.
    ///
    /// # Errors
    /// 415 for another content type; 400 where the field is there twice.
    pub fn form_field(&self, name: &str) -> Result<Option<Secret>, Refusal> {
        if !self.is_form {
            let public = "The body must be application/x-www-form-urlencoded";
            return Err(Refusal::new(RefusalKind::UnsupportedMedia, public));
        }
        form::field(self.body.expose(), name)
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

/// The one variable of a path, as text; empty where it cannot be read. It is judged only after the caller was let in.
pub struct PathText(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|path| path.0).unwrap_or_default()))
    }
}

/// The two variables of a path, as text; empty where they cannot be read. They are judged only after the caller was let in.
pub struct PathPair(pub String, pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathPair {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let (first, second) = path.map(|path| path.0).unwrap_or_default();
        Ok(Self(first, second))
    }
}

/// `application/json` and `application/*+json`, whatever parameters follow (RFC 6839); nothing said counts as JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(essence) = essence(headers) else { return true };
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The content type without its parameters, in lower case; none where nothing is said.
fn essence(headers: &HeaderMap) -> Option<String> {
    let form = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or_default();
    Some(form.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
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

fn source_address(parts: &Parts) -> String {
    match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone().unwrap_or_default(),
        _ => String::new(),
    }
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

fn idempotency_key(parts: &Parts, target: &str, body: &[u8]) -> Result<Option<IdempotencyKey>, Refusal> {
    let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let route = parts.extensions.get::<MatchedPath>().map_or(target, MatchedPath::as_str);
            let route = format!("{} {route}", parts.method);
            IdempotencyKey::read(value.as_bytes(), &route, target, body).map(Some)
        }
        (Some(_), Some(_)) => Err(Refusal::invalid("Idempotency-Key must be sent once")),
    }
}
