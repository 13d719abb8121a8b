//! Runner tokens: the credential of one bot's runner. Shown once, kept as a hash, derived so that an answer can be given again.
//!
//! A token is `csb_<client id>_<bot id>_<token id>_<43 characters base64url>`. The ids say which records to read and prove
//! nothing; they are all in the token so that one read is enough for a signature.

use subtle::ConstantTimeEq as _;

use super::{
    Gate,
    derived::runner_random,
    digest::sha256,
    presented::{Credential, Presented, bad_credentials, bad_token},
};
use crate::{
    BotId, ClientId, Moment, Refusal, RunnerTokenId, Secret,
    gate::{ClientSecrets, ReplayClaim, SignedRequest, StoredService},
    keyring::RunnerToken,
};

/// What a runner token begins with.
const PREFIX: &str = "csb_";

/// The records that a runner token names; not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunnerIds {
    /// Whose bot.
    pub client_id: ClientId,
    /// Which bot.
    pub bot_id: BotId,
    /// Which token of it.
    pub token_id: RunnerTokenId,
}

/// A runner that was let in. Only the gate makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runner {
    ids: RunnerIds,
    replay_claim: Option<ReplayClaim>,
}

impl Runner {
    /// Which records it is good for.
    #[must_use]
    pub fn ids(&self) -> RunnerIds {
        self.ids
    }

    /// How it is written down: `r:<bot id>:<token id>`.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("r:{}:{}", self.ids.bot_id, self.ids.token_id)
    }

    /// There where the request is signed as well: a claim that is taken already is a replay.
    #[must_use]
    pub fn replay_claim(&self) -> Option<&ReplayClaim> {
        self.replay_claim.as_ref()
    }
}

impl ClientSecrets {
    /// The token of these ids, and what is stored of it (its SHA-256, lower-case hex); `None` without a master.
    #[must_use]
    pub fn runner_token(&self, ids: RunnerIds) -> Option<(Secret, String)> {
        let random = runner_random(self, ids)?;
        let RunnerIds { client_id, bot_id, token_id } = ids;
        let text = format!("{PREFIX}{client_id}_{bot_id}_{token_id}_{}", *random);
        let hash = hex::encode(sha256(text.as_bytes()));
        Some((Secret::from(text), hash))
    }
}

fn read(text: &str) -> Option<RunnerIds> {
    let mut parts = text.strip_prefix(PREFIX)?.splitn(4, '_');
    let client_id = parts.next()?.parse().ok()?;
    let bot_id = parts.next()?.parse().ok()?;
    let token_id = parts.next()?.parse().ok()?;
    parts.next().filter(|random| !random.is_empty())?;
    Some(RunnerIds { client_id, bot_id, token_id })
}

impl Presented {
    /// The records that a runner token names.
    ///
    /// # Errors
    /// 401 where there is another credential, or none.
    pub fn runner(&self) -> Result<RunnerIds, Refusal> {
        match &self.credential {
            Some(Credential::Token(token)) => {
                token.expose_str().and_then(read).ok_or_else(|| bad_token("not a runner token"))
            }
            Some(_) => Err(bad_credentials("the route takes a runner token alone")),
            None => Err(super::presented::bad_authorization("no credential")),
        }
    }
}

impl Gate {
    /// Lets a bot's runner in. `stored` is the record that its token names, where there is one; `service` that of whoever signed
    /// the request beside it.
    ///
    /// # Errors
    /// 401, without telling why.
    pub fn admit_runner(
        &self,
        presented: &Presented,
        stored: Option<&RunnerToken>,
        service: Option<&StoredService>,
        now: Moment,
    ) -> Result<Runner, Refusal> {
        let ids = presented.runner()?;
        let Some(Credential::Token(token)) = &presented.credential else {
            return Err(bad_token("not a runner token"));
        };
        let hash = hex::encode(sha256(token.expose()));
        let good = stored.filter(|stored| {
            let same = (stored.client_id, stored.bot_id, stored.id) == (ids.client_id, ids.bot_id, ids.token_id);
            let right: bool = hash.as_bytes().ct_eq(stored.token_hash.as_bytes()).into();
            same && right && stored.good_until > now
        });
        good.ok_or_else(|| bad_token("runner token unknown, wrong or over"))?;
        // A signature that is there must be right even where none is asked for.
        self.service(presented, service, now)?;
        if self.require_signed_requests && presented.changes_state && presented.signed.is_none() {
            return Err(bad_credentials("a signed request is compulsory here"));
        }
        Ok(Runner { ids, replay_claim: presented.signed.as_ref().map(SignedRequest::replay_claim) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::NamedSecret;

    #[test]
    fn a_token_names_its_records_and_is_derived_again() {
        let master = NamedSecret { kid: "one".into(), secret: Secret::new(vec![7; 32]) };
        let secrets = ClientSecrets::new(&[master]).unwrap();
        let ids = RunnerIds {
            client_id: ClientId::new(1).unwrap(),
            bot_id: BotId::new(22).unwrap(),
            token_id: RunnerTokenId::new(333).unwrap(),
        };
        let (token, hash) = secrets.runner_token(ids).unwrap();
        let text = token.expose_str().unwrap();
        assert!(text.starts_with("csb_1_22_333_") && text.len() == 13 + 43, "{}", text.len());
        assert_eq!(read(text), Some(ids));
        assert_eq!(secrets.runner_token(ids).unwrap().1, hash);
        let other = RunnerIds { bot_id: BotId::new(23).unwrap(), ..ids };
        assert_ne!(secrets.runner_token(other).unwrap().1, hash);
        for bad in ["csb_", "csb_1_2_3", "csb_1_2_3_", "csb_0_2_3_x", "csr_1_2_3_x", "csb_1_2_x_y"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
