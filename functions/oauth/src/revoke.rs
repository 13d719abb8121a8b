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
        let again = self.try_to_revoke(subject, ended, now).await?;
        Ok(self.store.commit_revocation(subject, ended, again).await?)
    }

    /// The same for tokens in whose place those of a new consent are.
    ///
    /// # Errors
    /// As [`Links::revoke`].
    pub(crate) async fn revoke_replaced(
        &self,
        subject: Subject,
        ended: &Connection,
        now: Moment,
    ) -> Result<(), Refusal> {
        let again = self.try_to_revoke(subject, ended, now).await?;
        Ok(self.store.commit_replaced(subject, ended, again).await?)
    }

    /// One try; when the next one is due, where there is to be one. What is given up need not be opened any more, and what no
    /// provider is there for cannot be revoked.
    async fn try_to_revoke(
        &self,
        subject: Subject,
        ended: &Connection,
        now: Moment,
    ) -> Result<Option<Moment>, Refusal> {
        if ended.revoked_at.is_some_and(|at| at.plus_seconds(limits::OAUTH_REVOKE_SECONDS) <= now) {
            tracing::warn!(provider = ended.provider, "given up: the tokens are thrown away unrevoked");
            return Ok(None);
        }
        let Ok(provider) = provider(&ended.provider) else {
            tracing::warn!(provider = ended.provider, "no such provider any more: the tokens are thrown away");
            return Ok(None);
        };
        let tokens = self.tokens(&SealContext::oauth_token(subject, ended.connection_id), ended).await?;
        let outcome = self.client.revoke(provider, &tokens).await;
        tracing::info!(provider = ended.provider, ?outcome, "revoked");
        Ok(match outcome {
            Revocation::Unknown => Some(now.plus_seconds(limits::OAUTH_REDEMPTION_SECONDS)),
            Revocation::Done | Revocation::NotPossible | Revocation::Refused => None,
        })
    }
}
