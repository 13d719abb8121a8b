//! Grants and tokens as tests look at them: by hash, never the tokens themselves.

use serde::Serialize;

use super::{
    calendar::rfc3339,
    grants::{Access, Grant, Refresh},
    world::Known,
};

/// One grant: what a person's consent to one client gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantSummary {
    /// Counts up from 0.
    pub number: usize,
    /// The provider's name.
    pub provider: String,
    /// The client.
    pub client_id: String,
    /// Who consented.
    pub user: String,
    /// To what.
    pub scopes: Vec<String>,
    /// When, RFC 3339 UTC by the stand-in's clock.
    pub consented_at: String,
    /// When the consent ends by date, RFC 3339 UTC.
    pub ends_at: Option<String>,
    /// Why it was ended before.
    pub revoked: Option<&'static str>,
    /// How many refreshes worked.
    pub refreshes: u64,
    /// How often a dead refresh token of it was tried.
    pub reuses: u64,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Shown to the provider's API.
    Access,
    /// Traded for an access token.
    Refresh,
}

/// What has become of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// It is good.
    Live,
    /// Its time is over.
    Expired,
    /// A newer refresh token took its place.
    Rotated,
    /// It, or its grant, was revoked.
    Revoked,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenSummary {
    /// Its SHA-256, lower-case hex (see [`super::token_hash`]).
    pub hash: String,
    /// What it is for.
    pub kind: TokenKind,
    /// Its grant's number.
    pub grant: usize,
    /// What it may do; a refresh token: what was granted.
    pub scopes: Vec<String>,
    /// When it was issued, RFC 3339 UTC by the stand-in's clock.
    pub issued_at: String,
    /// When it expires, RFC 3339 UTC.
    pub expires_at: Option<String>,
    /// What has become of it.
    pub state: TokenState,
}

impl Known {
    pub(super) fn grant_summaries(&self) -> Vec<GrantSummary> {
        self.grants.iter().enumerate().map(|(number, grant)| grant_summary(number, grant)).collect()
    }

    pub(super) fn token_summaries(&self) -> Vec<TokenSummary> {
        let access =
            self.access.iter().filter_map(|(hash, token)| Some((token.number, self.access_summary(hash, token)?)));
        let refresh =
            self.refresh.iter().filter_map(|(hash, token)| Some((token.number, self.refresh_summary(hash, token)?)));
        let mut numbered: Vec<_> = access.chain(refresh).collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, summary)| summary).collect()
    }

    fn access_summary(&self, hash: &str, token: &Access) -> Option<TokenSummary> {
        let grant = self.grants.get(token.grant)?;
        let state = match token.expires_at {
            _ if token.revoked || grant.revoked.is_some() => TokenState::Revoked,
            Some(end) if end <= self.now() => TokenState::Expired,
            _ => TokenState::Live,
        };
        Some(TokenSummary {
            hash: hash.to_owned(),
            kind: TokenKind::Access,
            grant: token.grant,
            scopes: token.scopes.clone(),
            issued_at: rfc3339(token.issued_at),
            expires_at: token.expires_at.map(rfc3339),
            state,
        })
    }

    fn refresh_summary(&self, hash: &str, token: &Refresh) -> Option<TokenSummary> {
        let grant = self.grants.get(token.grant)?;
        let state = match grant.ends_at {
            _ if token.rotated => TokenState::Rotated,
            _ if grant.revoked.is_some() => TokenState::Revoked,
            Some(end) if end <= self.now() => TokenState::Expired,
            _ => TokenState::Live,
        };
        Some(TokenSummary {
            hash: hash.to_owned(),
            kind: TokenKind::Refresh,
            grant: token.grant,
            scopes: grant.scopes.clone(),
            issued_at: rfc3339(token.issued_at),
            expires_at: grant.ends_at.map(rfc3339),
            state,
        })
    }
}

fn grant_summary(number: usize, grant: &Grant) -> GrantSummary {
    GrantSummary {
        number,
        provider: grant.provider.clone(),
        client_id: grant.client_id.clone(),
        user: grant.user.clone(),
        scopes: grant.scopes.clone(),
        consented_at: rfc3339(grant.consented_at),
        ends_at: grant.ends_at.map(rfc3339),
        revoked: grant.revoked,
        refreshes: grant.refreshes,
        reuses: grant.reuses,
    }
}
