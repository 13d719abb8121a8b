//! The ids and tokens of one change, made of randomness that is handed in.

use super::button::Token;
use crate::{DeliveryId, Moment, OutId};

/// Makes ids and tokens at one moment. Ids of one mint all differ.
pub struct Mint {
    now: Moment,
    random: fn() -> u64,
    next_out: u64,
}

impl Mint {
    /// A mint at this moment; `random` gives 64 random bits each time.
    #[must_use]
    pub fn new(now: Moment, random: fn() -> u64) -> Self {
        Self { now, random, next_out: OutId::fresh(now, random()).get() }
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.now
    }

    pub(super) fn out(&mut self) -> OutId {
        let id = OutId::new(self.next_out);
        self.next_out += 1;
        id.unwrap_or_else(|| OutId::fresh(self.now, (self.random)()))
    }

    pub(super) fn token(&mut self) -> Token {
        Token::new([(self.random)(), (self.random)()])
    }

    pub(super) fn delivery(&mut self) -> DeliveryId {
        DeliveryId::fresh(self.now, (self.random)())
    }
}
