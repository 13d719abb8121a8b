//! Why a request is not granted: the one error type of the house.

use std::borrow::Cow;

/// What kind of refusal it is. Each kind has one status, one public code and one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The request itself is wrong.
    Invalid,
    /// No credential, or one that is not good.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Not there, or hidden.
    NotFound,
    /// No such method on this path.
    MethodNotAllowed,
    /// The state does not allow it, or another request is still running.
    Conflict,
    /// The body is larger than `limits::BODY_BYTES`.
    TooLarge,
    /// Not JSON.
    UnsupportedMedia,
    /// The idempotency key was used with another body.
    KeyReused,
    /// Too many requests.
    Throttled,
    /// Something outside answered, and what it said is of no use.
    Upstream,
    /// Something we need is not there now.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl RefusalKind {
    /// Each of them, by status.
    pub const ALL: [Self; 13] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::KeyReused,
        Self::Throttled,
        Self::Internal,
        Self::Upstream,
        Self::Unavailable,
    ];

    /// What a client can do about it, for the page of the API.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Invalid => "Something in the request is wrong; detail says what. Sent again as it is it fails again.",
            Self::Unauthenticated => "No credential, one that is not good, or no live session. Log in, or sign anew.",
            Self::Forbidden => "The caller is known and may not do this.",
            Self::NotFound => "It is not there, or not for this caller to see.",
            Self::MethodNotAllowed => "The path is there; Allow names its methods.",
            Self::Conflict => {
                "What is there now does not allow it, or a request with this key is still running. Look, then decide."
            }
            Self::TooLarge => "A body may have 256 KiB.",
            Self::UnsupportedMedia => "A body is application/json.",
            Self::KeyReused => "An Idempotency-Key stands for one request with one body. Take a new one.",
            Self::Throttled => "Too many requests; Retry-After says for how many seconds to wait.",
            Self::Internal => "A fault of ours. instance finds it in the log.",
            Self::Upstream => "A system outside did not answer as it should.",
            Self::Unavailable => {
                "Something that is needed is not there now. Send it again after Retry-After, with the same Idempotency-Key."
            }
        }
    }

    /// The HTTP status (RFC 9110, section 15).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::KeyReused => 422,
            Self::Throttled => 429,
            Self::Internal => 500,
            Self::Upstream => 502,
            Self::Unavailable => 503,
        }
    }

    /// The public code: the last part of the problem's `type`, and the metric's dimension.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid-request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict => "conflict",
            Self::TooLarge => "too-large",
            Self::UnsupportedMedia => "unsupported-media-type",
            Self::KeyReused => "idempotency-key-reused",
            Self::Throttled => "throttled",
            Self::Upstream => "upstream",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The problem's `title`.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Invalid => "The request is not valid",
            Self::Unauthenticated => "Who is calling is not known",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Conflict => "Conflict",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMedia => "The content type is not supported",
            Self::KeyReused => "The idempotency key was used for another request",
            Self::Throttled => "Too many requests",
            Self::Upstream => "An outside system did not answer as it should",
            Self::Unavailable => "Not available now",
            Self::Internal => "Internal error",
        }
    }
}

/// A named refusal: what the client is told and what the log is told are different fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Status, code and metric.
    pub kind: RefusalKind,
    /// What the client reads: `detail`, and `error` for clients that read only that field. Never a secret or an internal name.
    pub public: Cow<'static, str>,
    /// What the log reads beside it. Never a secret.
    pub internal: Option<String>,
    /// Extra members of the problem document.
    pub members: Vec<(&'static str, serde_json::Value)>,
    /// `Retry-After`, in seconds; 429 and 503 always have one.
    pub retry_after_seconds: Option<u32>,
}

impl Refusal {
    /// A refusal of this kind with what the client is told.
    pub fn new(kind: RefusalKind, public: impl Into<Cow<'static, str>>) -> Self {
        let retry_after_seconds = match kind {
            RefusalKind::Throttled | RefusalKind::Unavailable => Some(1),
            _ => None,
        };
        Self { kind, public: public.into(), internal: None, members: Vec::new(), retry_after_seconds }
    }

    /// 400 with what is wrong.
    pub fn invalid(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::Invalid, public)
    }

    /// 401 with what is wrong.
    pub fn unauthenticated(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::Unauthenticated, public)
    }

    /// 403 with what is not allowed.
    pub fn forbidden(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::Forbidden, public)
    }

    /// 404 with what was not found.
    pub fn not_found(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::NotFound, public)
    }

    /// 409 with what is in the way.
    pub fn conflict(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::Conflict, public)
    }

    /// 503 with `Retry-After`; the client reads one sentence, the log reads why.
    pub fn unavailable(internal: impl Into<String>) -> Self {
        Self::new(RefusalKind::Unavailable, "The service cannot do this now; try again").because(internal)
    }

    /// 500; the client reads nothing of the cause.
    pub fn internal(internal: impl Into<String>) -> Self {
        Self::new(RefusalKind::Internal, RefusalKind::Internal.title()).because(internal)
    }

    /// Adds what the log reads. Never a secret.
    #[must_use]
    pub fn because(mut self, internal: impl Into<String>) -> Self {
        self.internal = Some(internal.into());
        self
    }

    /// Adds a member to the problem document.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// Sets `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.status(), self.public)
    }
}

impl std::error::Error for Refusal {}
