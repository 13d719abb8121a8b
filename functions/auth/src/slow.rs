//! Failed logins slow down whoever tries, per account and per network, whichever machine they reach.

use std::time::Duration;

use countersign_core::{
    Refusal,
    account::{Counted, Email, network},
};
use countersign_edge::{Call, clock};
use countersign_store::{AccountFacts, Guard, Try};

use crate::Auth;

/// How often a try is counted again because another one was counted at the same moment; then it is told to wait.
const ROUNDS: usize = 12;
/// The longest pause before that, by chance, in milliseconds.
const PAUSE_MILLIS: u64 = 60;

/// A try that was counted, and what it was read with.
pub(crate) struct Tried {
    pub(crate) facts: AccountFacts,
    email: Email,
    address: String,
}

/// What a try tells whoever makes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guesses {
    /// Whether a password is the account's.
    Password,
    /// Nothing of the account's password.
    Nothing,
}

impl Auth {
    /// Counts a try to log in before anything is verified.
    ///
    /// # Errors
    /// 429 with `Retry-After` where it comes too early.
    pub(crate) async fn count_try(&self, call: &Call, email: &Email) -> Result<Tried, Refusal> {
        self.count(call, email, Guesses::Password).await
    }

    /// Counts a registration: from where it comes alone. It guesses at no password, and the owner of the account, whose address
    /// anybody may know, must not wait because of it.
    ///
    /// # Errors
    /// As [`Auth::count_try`].
    pub(crate) async fn count_registration(&self, call: &Call, email: &Email) -> Result<Tried, Refusal> {
        self.count(call, email, Guesses::Nothing).await
    }

    async fn count(&self, call: &Call, email: &Email, guesses: Guesses) -> Result<Tried, Refusal> {
        let address = network(call.source_address());
        for _ in 0..ROUNDS {
            let (facts, now) = (self.store.account_facts(email, &address).await?, clock::now());
            let of_account = match guesses {
                Guesses::Password => Some(facts.of_account.unwrap_or_default().one_more(Counted::Account, now)?),
                Guesses::Nothing => None,
            };
            let of_address = facts.of_address.unwrap_or_default().one_more(Counted::Address, now)?;
            let one = Try {
                email,
                address: &address,
                of_account: of_account.map(|now| (facts.of_account, now)),
                of_address: (facts.of_address, of_address),
            };
            match self.store.count_try(&one).await {
                Ok(()) => return Ok(Tried { facts, email: email.clone(), address }),
                Err(error) if error.failed(Guard::Tries) => {
                    tokio::time::sleep(Duration::from_millis(clock::random() % PAUSE_MILLIS)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::new(countersign_core::RefusalKind::Throttled, "Too many logins at once; try again"))
    }

    /// It was no failure. What cannot be forgotten now only makes the next failures count for more.
    pub(crate) async fn forget_try(&self, tried: &Tried) {
        // Each by itself: neither keeps the other from being forgotten.
        let (of_account, of_address) =
            tokio::join!(self.store.forget_tries(&tried.email), self.store.take_back_try(&tried.address));
        for error in [of_account, of_address].into_iter().filter_map(Result::err) {
            tracing::info!(%error, "tries were not forgotten");
        }
    }
}
