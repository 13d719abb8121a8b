//! What the stand-in knows: providers, their clients, consents, codes, tokens, its own clock. One lock, held briefly, never across an await.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Provider, Rules,
    authorize::{self, Ask, NotAsked},
    code::Code,
    grants::{Access, Grant, Refresh},
    opaque::{account_number, fresh, token_hash},
    provider::{NewClient, SetupError, check_client, check_name},
    signer::Signer,
    summary::{GrantSummary, TokenSummary},
};
use crate::clock::now_ms;

/// How long a consent page may stand open, in seconds.
const PAGE_SECONDS: u64 = 3_600;
/// How many consent pages may stand open; the next one closes them all.
const PAGES: usize = 10_000;

/// What the stand-in knows; clones share it.
#[derive(Clone)]
pub struct World {
    known: Arc<Mutex<Known>>,
}

pub(super) struct Known {
    /// Where the stand-in is served, without a slash at the end.
    pub(super) base: String,
    pub(super) signer: Signer,
    pub(super) providers: BTreeMap<String, Registered>,
    /// How far the stand-in's clock is ahead, in seconds.
    pub(super) ahead: u64,
    /// Open consent pages.
    asks: HashMap<String, Ask>,
    /// By the code's hash.
    pub(super) codes: HashMap<String, Code>,
    /// By number, which counts up from 0.
    pub(super) grants: Vec<Grant>,
    /// By the token's hash.
    pub(super) access: HashMap<String, Access>,
    /// By the token's hash.
    pub(super) refresh: HashMap<String, Refresh>,
}

/// A provider and its clients by id.
pub(super) struct Registered {
    pub(super) rules: Rules,
    pub(super) clients: BTreeMap<String, Client>,
}

pub(super) struct Client {
    pub(super) secret: String,
    pub(super) redirect_uris: Vec<String>,
}

/// What a person says on the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

impl World {
    /// Knows nobody yet; `base` is where it will be served, without a slash at the end.
    ///
    /// # Errors
    /// When no signing key can be made.
    pub fn new(base: &str) -> io::Result<Self> {
        let known = Known {
            base: base.to_owned(),
            signer: Signer::new()?,
            providers: BTreeMap::new(),
            ahead: 0,
            asks: HashMap::new(),
            codes: HashMap::new(),
            grants: Vec::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
        };
        Ok(Self { known: Arc::new(Mutex::new(known)) })
    }

    /// Adds a provider with its client; for one that is there, takes over the rules and adds the client.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn add_provider(&self, provider: Provider) -> Result<(), SetupError> {
        let Provider { name, client_id, client_secret, redirect_uris, rules } = provider;
        check_name(&name)?;
        let client = NewClient { provider: name.clone(), client_id, client_secret, redirect_uris };
        check_client(&client)?;
        let mut known = self.known();
        let clients = known.providers.remove(&name).map(|there| there.clients).unwrap_or_default();
        known.providers.insert(name, Registered { rules, clients });
        known.add_client(client)
    }

    /// Adds a client to a provider; one of the same id is replaced, and its grants stay.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn add_client(&self, client: NewClient) -> Result<(), SetupError> {
        check_client(&client)?;
        self.known().add_client(client)
    }

    /// Sets how a provider behaves from now on; what is issued already stays as it is.
    ///
    /// # Errors
    /// When there is no such provider.
    pub fn set_rules(&self, provider: &str, rules: Rules) -> Result<(), SetupError> {
        let mut known = self.known();
        known.providers.get_mut(provider).ok_or(SetupError::NoSuchProvider)?.rules = rules;
        Ok(())
    }

    /// Moves the stand-in's clock ahead, in whole seconds.
    pub fn advance(&self, by: Duration) {
        let mut known = self.known();
        known.ahead = known.ahead.saturating_add(by.as_secs());
    }

    /// The person withdraws consent at the provider, for every client; none named: everybody does. Says how many
    /// grants ended.
    pub fn revoke_grants(&self, provider: &str, user: Option<&str>) -> usize {
        self.known().withdraw(provider, user)
    }

    /// Ends access tokens before their time, so that they must be refreshed; says how many.
    pub fn expire_access(&self, provider: &str, user: Option<&str>) -> usize {
        self.known().expire_access(provider, user)
    }

    /// All grants, oldest first.
    #[must_use]
    pub fn grants(&self) -> Vec<GrantSummary> {
        self.known().grant_summaries()
    }

    /// All tokens by their hash, oldest first.
    #[must_use]
    pub fn tokens(&self) -> Vec<TokenSummary> {
        self.known().token_summaries()
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The stand-in's clock, in seconds since the Unix epoch.
    pub(super) fn now(&self) -> u64 {
        (now_ms() / 1_000).saturating_add(self.ahead)
    }

    pub(super) fn rules(&self, provider: &str) -> Option<&Rules> {
        self.providers.get(provider).map(|registered| &registered.rules)
    }

    pub(super) fn client(&self, provider: &str, client_id: &str) -> Option<&Client> {
        self.providers.get(provider)?.clients.get(client_id)
    }

    /// What the issuer of a provider is called, which is also where its paths begin.
    pub(super) fn issuer(&self, provider: &str) -> String {
        format!("{}/{provider}", self.base)
    }

    /// What a person is called at a provider, as they see it.
    pub(super) fn account(&self, provider: &str, user: &str) -> String {
        account_number(provider, user).to_string()
    }

    fn add_client(&mut self, client: NewClient) -> Result<(), SetupError> {
        let registered = self.providers.get_mut(&client.provider).ok_or(SetupError::NoSuchProvider)?;
        let known = Client { secret: client.client_secret, redirect_uris: client.redirect_uris };
        registered.clients.insert(client.client_id, known);
        Ok(())
    }

    /// Opens a consent page for a request that is in order; gives the page's secret name and what it asks.
    pub(super) fn open_page(&mut self, provider: &str, query: &str) -> Result<(String, Ask), NotAsked> {
        let ask = authorize::check(self, provider, query)?;
        if self.asks.len() >= PAGES {
            self.asks.clear();
        }
        let page = fresh();
        self.asks.insert(page.clone(), ask.clone());
        Ok((page, ask))
    }

    /// Closes a consent page: what it asked, once, while it is good.
    pub(super) fn close_page(&mut self, provider: &str, page: &str) -> Option<Ask> {
        let now = self.now();
        let ask = self.asks.remove(page)?;
        (ask.provider == provider && now < ask.asked_at.saturating_add(PAGE_SECONDS)).then_some(ask)
    }

    /// Where the browser goes once the person has decided.
    pub(super) fn decide(&mut self, ask: Ask, decision: Decision, user: &str) -> String {
        match decision {
            Decision::Deny => ask.redirect_with(&self.issuer(&ask.provider), &[("error", "access_denied")]),
            Decision::Approve => {
                let code = fresh();
                let to = ask.redirect_with(&self.issuer(&ask.provider), &[("code", &code)]);
                let expires_at =
                    self.now().saturating_add(self.rules(&ask.provider).map_or(0, |rules| rules.code_seconds));
                self.codes.insert(token_hash(&code), Code::new(ask, user, self.now(), expires_at));
                to
            }
        }
    }
}
