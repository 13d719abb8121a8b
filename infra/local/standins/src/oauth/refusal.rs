//! What the token and revocation endpoints refuse, in the words of RFC 6749, 5.2, or in GitHub's.

use axum::http::StatusCode;

/// Why a token request is refused; the text says more to a developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Something is missing, malformed or there twice.
    Request(&'static str),
    /// The client is not known, or did not prove who it is.
    Client(&'static str),
    /// The code is not good.
    Code(&'static str),
    /// The redirect URI is not the one the code was asked for with.
    RedirectUri,
    /// The refresh token is not good.
    RefreshToken(&'static str),
    /// The grant type is not one of ours.
    GrantType,
    /// More is asked for than was granted.
    Scope,
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        if matches!(self, Self::Client(_)) { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST }
    }

    /// The `error`, as the RFC names it or as GitHub does.
    pub(super) fn error(self, github: bool) -> &'static str {
        match self {
            Self::Client(_) if github => "incorrect_client_credentials",
            Self::Code(_) if github => "bad_verification_code",
            Self::RedirectUri if github => "redirect_uri_mismatch",
            Self::RefreshToken(_) if github => "bad_refresh_token",
            Self::Request(_) => "invalid_request",
            Self::Client(_) => "invalid_client",
            Self::Code(_) | Self::RedirectUri | Self::RefreshToken(_) => "invalid_grant",
            Self::GrantType => "unsupported_grant_type",
            Self::Scope => "invalid_scope",
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Request(text) | Self::Client(text) | Self::Code(text) | Self::RefreshToken(text) => text,
            Self::RedirectUri => "redirect_uri is not the one of the authorization request",
            Self::GrantType => "grant_type is authorization_code or refresh_token",
            Self::Scope => "scope goes beyond what was granted",
        }
    }
}
