//! Finds or makes a good access token: many may ask at once, one uses the refresh token, and all get what it brought.

use std::time::{Duration, Instant};

use countersign_core::{
    Person, Refusal, SealContext, Secret,
    connection::{Access, Connection, Lease, Provider, Refreshed, Status, TokenSet},
    messaging::words::linked_accounts::consent_over,
    policy::Permit,
};
use countersign_edge::clock;
use countersign_oauth::{Granted, Outcome};
use countersign_store::Guard;

use crate::{Links, reminders::message};

/// How long a caller waits for whoever refreshes, and how late one still begins to: the provider's answer and the commit
/// after it must fit into the function's life, or what the refresh token brought is lost with it.
const PATIENCE: Duration = Duration::from_secs(14);
/// How often they look.
const PAUSE: Duration = Duration::from_millis(150);
/// How often new tokens are written, where the table does not answer: the old refresh token may be dead by then.
const COMMITS: usize = 3;

/// One request for one person's access token.
pub(crate) struct Broker<'a> {
    pub(crate) links: &'a Links,
    pub(crate) permit: &'a Permit,
    pub(crate) provider: &'static Provider,
    pub(crate) person: &'a Person,
    /// When the request came.
    pub(crate) begun: Instant,
}

/// What one look at the connection came to.
enum Step {
    /// Look again.
    Again,
    /// Somebody else refreshes: look again in a while.
    Wait,
    /// The token of this connection is good.
    Good,
}

impl Broker<'_> {
    /// A good access token, and the connection that it is of.
    ///
    /// # Errors
    /// 404 where nothing is linked; 409 where the person must act; 503 where the provider does not answer.
    pub(crate) async fn access_token(&self) -> Result<(Connection, Secret), Refusal> {
        while self.begun.elapsed() < PATIENCE {
            let connection = self.read().await?;
            match self.step(&connection).await? {
                Step::Good => {
                    let tokens = self.open(&connection).await?;
                    return Ok((connection, tokens.access));
                }
                Step::Again => {}
                Step::Wait => tokio::time::sleep(PAUSE).await,
            }
        }
        Err(Refusal::unavailable("another caller's refresh takes too long"))
    }

    async fn step(&self, connection: &Connection) -> Result<Step, Refusal> {
        let now = clock::now();
        match connection.access(now) {
            Access::HandOut => return Ok(Step::Good),
            Access::Over(status) => return Err(over(status)),
            Access::Refresh => {}
        }
        if connection.is_leased(now) {
            return Ok(if connection.is_usable(now) { Step::Good } else { Step::Wait });
        }
        let lease = Lease::new(clock::random(), now);
        if !self.links.store.take_lease(self.permit, connection, lease, now).await? {
            return Ok(Step::Again);
        }
        self.refresh(connection, lease).await
    }

    /// Uses the refresh token. The data key for what it brings is there before it is burnt.
    async fn refresh(&self, seen: &Connection, lease: Lease) -> Result<Step, Refusal> {
        let sealer = self.links.vault.sealer(self.context(seen)).await?;
        let before = self.open(seen).await?;
        let refresh = before.refresh.ok_or_else(|| Refusal::internal("a connection without its refresh token"))?;
        if self.begun.elapsed() >= PATIENCE {
            return self.failing(seen, lease).await;
        }
        let outcome = self.links.client.refresh(self.provider, &refresh).await?;
        tracing::info!(provider = self.provider.key, outcome = outcome.word(), "refreshed");
        match outcome {
            Outcome::Granted(Granted { tokens, expires_in, .. }) => {
                let tokens = TokenSet { refresh: tokens.refresh.or(Some(refresh)), ..tokens };
                let secret = tokens.to_secret().ok_or_else(|| Refusal::internal("tokens that are no visible ASCII"))?;
                let sealed = sealer.seal(&secret)?;
                let after = seen.refreshed(&Refreshed { at: clock::now(), expires_in }, sealed);
                self.keep(&after, lease, &tokens).await?;
                Ok(Step::Again)
            }
            Outcome::Refused(refused) if refused.ends_grant() => self.dead(seen, lease).await,
            Outcome::Refused(_) | Outcome::Unavailable(_) | Outcome::Unknown(_) => self.failing(seen, lease).await,
        }
    }

    /// Writes new tokens down. Where the connection is not what it was, they count no more.
    async fn keep(&self, after: &Connection, lease: Lease, tokens: &TokenSet) -> Result<(), Refusal> {
        let mut tried = 1;
        loop {
            match self.links.store.commit_refreshed(self.permit, after, lease.by).await {
                Ok(()) => return Ok(()),
                Err(error) if error.failed(Guard::Connection) => {
                    tracing::warn!(provider = self.provider.key, "new tokens came too late");
                    return self.unwanted(after, tokens).await;
                }
                Err(error) if tried == COMMITS => return Err(error.into()),
                Err(error) => tracing::warn!(%error, "new tokens were not written"),
            }
            tried += 1;
        }
    }

    /// The person unlinked the account while it was refreshed: what was revoked then is not what the provider gave since.
    async fn unwanted(&self, after: &Connection, tokens: &TokenSet) -> Result<(), Refusal> {
        let current = self.read().await?;
        if current.connection_id == after.connection_id && current.standing == Status::Revoked {
            let outcome = self.links.client.revoke(self.provider, tokens).await;
            tracing::info!(provider = self.provider.key, ?outcome, "revoked");
        }
        Ok(())
    }

    /// The provider says that the refresh token is dead. It is read again first: if it is not the current one any more,
    /// then only this caller's was.
    async fn dead(&self, seen: &Connection, lease: Lease) -> Result<Step, Refusal> {
        let current = self.read().await?;
        if (current.connection_id, current.refreshes) != (seen.connection_id, seen.refreshes) {
            return Ok(Step::Again);
        }
        let (subject, name) = (self.permit.subject(), self.provider.name);
        let told = message(subject, self.person, self.provider, clock::now(), |language| consent_over(language, name))?;
        match self.links.store.commit_refused(self.permit, seen, lease.by, &told).await {
            Ok(()) => Err(over(Status::NeedsConsent)),
            Err(error) if error.failed(Guard::Connection) => Ok(Step::Again),
            Err(error) => Err(error.into()),
        }
    }

    /// No answer, or one that is not about this grant: the token may still do, and the next caller tries again.
    async fn failing(&self, seen: &Connection, lease: Lease) -> Result<Step, Refusal> {
        match self.links.store.commit_failing(self.permit, seen, lease.by).await {
            Err(error) if !error.failed(Guard::Connection) => return Err(error.into()),
            _ => {}
        }
        if seen.is_usable(clock::now()) {
            return Ok(Step::Good);
        }
        Err(Refusal::unavailable("the provider did not refresh the token"))
    }

    async fn read(&self) -> Result<Connection, Refusal> {
        let found = self.links.store.connection(self.permit.subject(), self.provider.key).await?;
        found.ok_or_else(|| Refusal::not_found("No such linked account"))
    }

    async fn open(&self, connection: &Connection) -> Result<TokenSet, Refusal> {
        self.links.tokens(&self.context(connection), connection).await
    }

    fn context(&self, connection: &Connection) -> SealContext {
        SealContext::oauth_token(self.permit.subject(), connection.connection_id)
    }
}

/// 409: the person must act; `connection_status` says how.
fn over(status: Status) -> Refusal {
    let words = match status {
        Status::Revoked => "The person has unlinked this account",
        _ => "The person must consent again",
    };
    Refusal::conflict(words).with("connection_status", status.as_str())
}
