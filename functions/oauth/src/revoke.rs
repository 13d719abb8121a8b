//! Revokes at the provider what a person has ended here; only then are the tokens thrown away.

use countersign_core::{
    Moment, Refusal, SealContext, Subject,
    connection::{Connection, TokenSet, provider},
    limits,
};
use countersign_oauth::Revocation;

use crate::Links;

impl Links {
    /// Opens the tokens of a connection.
    pub(crate) async fn tokens(&self, context: &SealContext, connection: &Connection) -> Result<TokenSet, Refusal> {
        let sealed = connection.sealed.as_ref().ok_or_else(|| Refusal::internal("a connection without tokens"))?;
        let secret = self.vault.reveal_token(context, sealed).await?;
        TokenSet::of_secret(&secret).ok_or_else(|| Refusal::internal("sealed tokens that are not of our form"))
    }

    /// Revokes an ended connection and throws its tokens away; where the provider does not answer the schedule tries again.
    ///
    /// # Errors
    /// Where the vault or the table does not answer.
    pub(crate) async fn revoke(&self, subject: Subject, ended: &Connection, now: Moment) -> Result<(), Refusal> {
        let context = SealContext::oauth_token(subject, ended.connection_id);
        let tokens = self.tokens(&context, ended).await?;
        let outcome = self.client.revoke(provider(&ended.provider)?, &tokens).await;
        tracing::info!(provider = ended.provider, ?outcome, "revoked");
        let given_up = ended.revoked_at.is_some_and(|at| at.plus_seconds(limits::OAUTH_REVOKE_SECONDS) <= now);
        let again = match outcome {
            Revocation::Unknown if !given_up => Some(now.plus_seconds(limits::OAUTH_REDEMPTION_SECONDS)),
            Revocation::Unknown | Revocation::Done | Revocation::NotPossible | Revocation::Refused => None,
        };
        Ok(self.store.commit_revocation(subject, ended, again).await?)
    }
}
