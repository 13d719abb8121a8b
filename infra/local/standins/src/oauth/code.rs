//! Authorization codes: each is good once, for the client, redirect URI and PKCE verifier it was asked for with.

use super::{
    authorize::{Ask, Terms},
    grants::{Caller, Tokens},
    opaque::token_hash,
    refusal::Refusal,
    world::Known,
};

/// An authorization code.
pub(super) struct Code {
    provider: String,
    client_id: String,
    redirect_uri: String,
    terms: Terms,
    user: String,
    consented_at: u64,
    expires_at: u64,
    state: CodeState,
}

enum CodeState {
    Open,
    /// A wrong verifier or redirect URI came with it.
    Burnt,
    /// It gave this grant.
    Redeemed(usize),
}

impl Code {
    pub(super) fn new(ask: Ask, user: &str, consented_at: u64, expires_at: u64) -> Self {
        let Ask { provider, client_id, redirect_uri, terms, .. } = ask;
        let user = user.to_owned();
        Self { provider, client_id, redirect_uri, terms, user, consented_at, expires_at, state: CodeState::Open }
    }

    /// Whether these prove that whoever has the code is who asked for it.
    fn proven(&self, redirect_uri: &str, verifier: &str) -> Result<(), Refusal> {
        if self.redirect_uri != redirect_uri {
            return Err(Refusal::RedirectUri);
        }
        if !self.terms.challenge.is_of(verifier) {
            return Err(Refusal::Code("code_verifier is not the one of code_challenge"));
        }
        Ok(())
    }
}

impl Known {
    /// Redeems a code (RFC 6749, 4.1.3; RFC 7636, 4.6). A second time ends what the first gave.
    pub(super) fn redeem(
        &mut self,
        caller: &Caller<'_>,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Tokens, Refusal> {
        let now = self.now();
        let known = self.codes.get_mut(&token_hash(code)).ok_or(Refusal::Code("there is no such code"))?;
        if known.provider != caller.provider || known.client_id != caller.client_id {
            return Err(Refusal::Code("the code was issued to another client"));
        }
        match known.state {
            CodeState::Open => {}
            CodeState::Burnt => return Err(Refusal::Code("the code was tried with wrong proof before")),
            CodeState::Redeemed(grant) => {
                self.revoke(grant, "its code was used twice");
                return Err(Refusal::Code("the code was used before"));
            }
        }
        if now >= known.expires_at {
            return Err(Refusal::Code("the code has expired"));
        }
        if let Err(refusal) = known.proven(redirect_uri, verifier) {
            known.state = CodeState::Burnt;
            return Err(refusal);
        }
        known.state = CodeState::Redeemed(self.grants.len());
        let (terms, user, consented_at) = (known.terms.clone(), known.user.clone(), known.consented_at);
        Ok(self.grant(caller, terms, user, consented_at))
    }
}
