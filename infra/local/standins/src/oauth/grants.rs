//! Grants and their tokens: each grant's tokens are one family, and this says how they come and what ends them.

use super::{
    authorize::Terms,
    calendar::add_months,
    opaque::{fresh, token_hash},
    provider::RefreshTokens,
    refusal::Refusal,
    signer::Claims,
    world::Known,
};

/// What one code gave: all its tokens are one family and end together.
pub(super) struct Grant {
    pub(super) provider: String,
    pub(super) client_id: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) consented_at: u64,
    /// When the consent ends by date.
    pub(super) ends_at: Option<u64>,
    /// Why it was ended before.
    pub(super) revoked: Option<&'static str>,
    pub(super) refreshes: u64,
    /// How often a dead refresh token of it was tried.
    pub(super) reuses: u64,
    has_refresh: bool,
    /// For the first `id_token` alone (OpenID Connect Core, 12.2).
    nonce: Option<String>,
}

pub(super) struct Access {
    pub(super) grant: usize,
    /// Counts all tokens, so that they can be put in order.
    pub(super) number: usize,
    pub(super) scopes: Vec<String>,
    pub(super) issued_at: u64,
    /// None: never.
    pub(super) expires_at: Option<u64>,
    pub(super) revoked: bool,
}

pub(super) struct Refresh {
    pub(super) grant: usize,
    pub(super) number: usize,
    pub(super) issued_at: u64,
    /// A newer one took its place.
    pub(super) rotated: bool,
}

/// What a token request is answered with.
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) expires_in: Option<u64>,
    pub(super) refresh_token: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) id_token: Option<String>,
}

/// Which client asks, at which provider: proven.
pub(super) struct Caller<'a> {
    pub(super) provider: &'a str,
    pub(super) client_id: &'a str,
}

impl Known {
    /// Opens a grant with its first tokens.
    pub(super) fn grant(&mut self, caller: &Caller<'_>, terms: Terms, user: String, consented_at: u64) -> Tokens {
        let has_refresh = self.gives_refresh(caller, &terms, &user);
        let months = self.rules(caller.provider).and_then(|rules| rules.consent_months);
        let grant = self.grants.len();
        self.grants.push(Grant {
            provider: caller.provider.to_owned(),
            client_id: caller.client_id.to_owned(),
            user,
            scopes: terms.scopes.clone(),
            consented_at,
            ends_at: months.map(|months| add_months(consented_at, months)),
            revoked: None,
            refreshes: 0,
            reuses: 0,
            has_refresh,
            nonce: terms.nonce,
        });
        let refresh_token = has_refresh.then(|| self.issue_refresh(grant));
        self.issue(grant, terms.scopes, refresh_token)
    }

    fn gives_refresh(&self, caller: &Caller<'_>, terms: &Terms, user: &str) -> bool {
        let already = self.grants.iter().any(|grant| {
            let same = grant.provider == caller.provider && grant.client_id == caller.client_id && grant.user == user;
            same && grant.has_refresh && grant.revoked.is_none()
        });
        match self.rules(caller.provider).map_or(RefreshTokens::Never, |rules| rules.refresh_tokens) {
            RefreshTokens::Always => true,
            RefreshTokens::Offline => terms.offline && (terms.consent_again || !already),
            RefreshTokens::Never => false,
        }
    }

    /// Refreshes (RFC 6749, 6). A refresh token whose place another took ends its family.
    pub(super) fn refresh(&mut self, caller: &Caller<'_>, token: &str, scope: Option<&str>) -> Result<Tokens, Refusal> {
        let hash = token_hash(token);
        let refuse = Refusal::RefreshToken;
        let (number, rotated) = {
            let known = self.refresh.get(&hash).ok_or(refuse("there is no such refresh token"))?;
            (known.grant, known.rotated)
        };
        let now = self.now();
        let grant = self.grants.get_mut(number).ok_or(refuse("there is no such refresh token"))?;
        if grant.provider != caller.provider || grant.client_id != caller.client_id {
            return Err(refuse("the refresh token was issued to another client"));
        }
        if rotated || grant.revoked.is_some() {
            grant.reuses += 1;
            grant.revoked = grant.revoked.or(Some("a rotated refresh token was used again"));
            return Err(refuse("the refresh token was revoked"));
        }
        if grant.ends_at.is_some_and(|end| now >= end) {
            return Err(refuse("the refresh token has expired"));
        }
        let scopes = narrowed(&grant.scopes, scope)?;
        grant.refreshes += 1;
        let refreshes = grant.refreshes;
        let rotates = self.rules(caller.provider).is_some_and(|rules| rules.rotates_at(refreshes));
        if let Some(known) = self.refresh.get_mut(&hash).filter(|_| rotates) {
            known.rotated = true;
        }
        let refresh_token = rotates.then(|| self.issue_refresh(number));
        Ok(self.issue(number, scopes, refresh_token))
    }

    /// Revokes a token of this client (RFC 7009): a refresh token with its family, an access token alone.
    pub(super) fn revoke_token(&mut self, caller: &Caller<'_>, token: &str) -> Result<(), Refusal> {
        let hash = token_hash(token);
        let of_refresh = self.refresh.get(&hash).map(|known| known.grant);
        let Some(number) = of_refresh.or_else(|| self.access.get(&hash).map(|known| known.grant)) else {
            return Ok(());
        };
        let own = |grant: &Grant| grant.provider == caller.provider && grant.client_id == caller.client_id;
        if !self.grants.get(number).is_some_and(own) {
            return Err(Refusal::RefreshToken("the token was issued to another client"));
        }
        if of_refresh.is_some() {
            self.revoke(number, "the client revoked it");
        } else if let Some(known) = self.access.get_mut(&hash) {
            known.revoked = true;
        }
        Ok(())
    }

    /// Ends all that the person of a live access token has granted to this client; false where there is no such token.
    pub(super) fn revoke_person(&mut self, caller: &Caller<'_>, token: &str) -> bool {
        let granted = self.bearer(caller.provider, token).filter(|grant| grant.client_id == caller.client_id);
        let Some(user) = granted.map(|grant| grant.user.clone()) else { return false };
        let own = self.grants.iter_mut().filter(|grant| {
            grant.is_of(caller.provider, Some(&user)) && grant.client_id == caller.client_id && grant.revoked.is_none()
        });
        own.for_each(|grant| grant.revoked = Some("the client revoked it"));
        true
    }

    /// The grant of an access token that is good now.
    pub(super) fn bearer(&self, provider: &str, token: &str) -> Option<&Grant> {
        let access = self.access.get(&token_hash(token))?;
        let grant = self.grants.get(access.grant)?;
        let live = !access.revoked && grant.revoked.is_none() && access.expires_at.is_none_or(|end| self.now() < end);
        (live && grant.provider == provider).then_some(grant)
    }

    pub(super) fn withdraw(&mut self, provider: &str, user: Option<&str>) -> usize {
        let open = self.grants.iter_mut().filter(|grant| grant.is_of(provider, user) && grant.revoked.is_none());
        open.map(|grant| grant.revoked = Some("the person withdrew it")).count()
    }

    pub(super) fn expire_access(&mut self, provider: &str, user: Option<&str>) -> usize {
        let now = self.now();
        let of = |access: &Access| self.grants.get(access.grant).is_some_and(|grant| grant.is_of(provider, user));
        let live = |access: &Access| access.expires_at.is_none_or(|end| now < end);
        let due = self.access.values_mut().filter(|access| of(access) && live(access));
        due.map(|access| access.expires_at = Some(now)).count()
    }

    pub(super) fn revoke(&mut self, grant: usize, why: &'static str) {
        if let Some(grant) = self.grants.get_mut(grant) {
            grant.revoked = grant.revoked.or(Some(why));
        }
    }

    fn issue(&mut self, grant: usize, scopes: Vec<String>, refresh_token: Option<String>) -> Tokens {
        let now = self.now();
        let access_token = fresh();
        let seconds =
            self.grants.get(grant).and_then(|grant| self.rules(&grant.provider)).map(|rules| rules.access_seconds);
        let expires_in = seconds.flatten();
        let access = Access {
            grant,
            number: self.access.len() + self.refresh.len(),
            scopes: scopes.clone(),
            issued_at: now,
            expires_at: expires_in.map(|seconds| now.saturating_add(seconds)),
            revoked: false,
        };
        self.access.insert(token_hash(&access_token), access);
        let nonce = self.grants.get_mut(grant).and_then(|grant| grant.nonce.take());
        let id_token = self.id_token(grant, &scopes, expires_in, nonce);
        Tokens { access_token, expires_in, refresh_token, scopes, id_token }
    }

    fn issue_refresh(&mut self, grant: usize) -> String {
        let token = fresh();
        let number = self.access.len() + self.refresh.len();
        self.refresh.insert(token_hash(&token), Refresh { grant, number, issued_at: self.now(), rotated: false });
        token
    }

    fn id_token(
        &self,
        grant: usize,
        scopes: &[String],
        expires_in: Option<u64>,
        nonce: Option<String>,
    ) -> Option<String> {
        let grant = self.grants.get(grant)?;
        let asked = self.rules(&grant.provider)?.oidc && scopes.iter().any(|scope| scope == "openid");
        let now = self.now();
        let claims = asked.then(|| Claims {
            iss: self.issuer(&grant.provider),
            sub: self.account(&grant.provider, &grant.user),
            aud: grant.client_id.clone(),
            iat: now,
            exp: now.saturating_add(expires_in.unwrap_or(super::ACCESS_SECONDS)),
            name: grant.user.clone(),
            nonce,
        })?;
        self.signer.sign(&claims)
    }
}

impl Grant {
    fn is_of(&self, provider: &str, user: Option<&str>) -> bool {
        self.provider == provider && user.is_none_or(|user| self.user == user)
    }
}

/// The scopes of a refresh: what is asked for, if it was granted, else all (RFC 6749, 6).
fn narrowed(granted: &[String], asked: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(asked) = asked else { return Ok(granted.to_vec()) };
    let scopes: Vec<_> = asked.split(' ').map(str::to_owned).collect();
    if scopes.iter().all(|scope| granted.contains(scope)) { Ok(scopes) } else { Err(Refusal::Scope) }
}
