//! A family's transaction that people are asked to approve, and what opens its proposal.

use serde::{Deserialize, Serialize};

use super::{
    Mint, Opening,
    change::Change,
    name_of,
    opening::ask,
    proposal::{Asker, Kind, Proposal},
    state::State,
};
use crate::{
    CategoryId, ChatId, Moment, TelegramId, WalletId,
    family::Family,
    ledger::Wallet,
    limits,
    messaging::words::{Language, movements as words},
    money::Currency,
};

/// A transaction as those who are asked see it. Amounts are written out, with their currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedMovement {
    /// The family's name.
    pub family: String,
    /// The wallet that it takes from.
    pub from_wallet_id: Option<WalletId>,
    /// The wallet that it goes to.
    pub to_wallet_id: Option<WalletId>,
    /// How much: `600.00 EUR`.
    pub amount: String,
    /// The name of the wallet that it takes from; none: from outside.
    pub from: Option<String>,
    /// The name of the wallet that it goes to; none: out.
    pub to: Option<String>,
    /// What for.
    pub category: Option<String>,
    /// What is available in the wallet that it takes from, once it is done.
    pub left_after: Option<String>,
    /// What was said of it.
    pub description: Option<String>,
    /// It reverses another transaction, for this reason.
    pub reversal: Option<String>,
}

/// What is shown of a transaction, before it is one.
#[derive(Clone, Copy, Debug)]
pub struct MovementQuestion<'a> {
    /// Whose money.
    pub family: &'a Family,
    /// The wallet that it takes from.
    pub from: Option<&'a Wallet>,
    /// The wallet that it goes to.
    pub to: Option<&'a Wallet>,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// What for.
    pub category: Option<CategoryId>,
    /// What is said of it.
    pub description: Option<&'a str>,
    /// It reverses another one, for this reason.
    pub reversal: Option<&'a str>,
}

impl MovementQuestion<'_> {
    /// As those who are asked see it.
    #[must_use]
    pub fn shown(&self) -> AskedMovement {
        let left = |wallet: &Wallet| wallet.available_minor().saturating_sub(self.amount_minor);
        let category = self.category.and_then(|id| self.family.category(id));
        AskedMovement {
            family: self.family.name.clone(),
            from_wallet_id: self.from.map(|wallet| wallet.id),
            to_wallet_id: self.to.map(|wallet| wallet.id),
            amount: self.currency.show(self.amount_minor),
            from: self.from.map(|wallet| wallet.name.clone()),
            to: self.to.map(|wallet| wallet.name.clone()),
            category: category.map(|category| category.name.clone()),
            left_after: self.from.map(|wallet| self.currency.show(left(wallet))),
            description: self.description.map(str::to_owned),
            reversal: self.reversal.map(str::to_owned),
        }
    }
}

/// Asks these people in Telegram to approve a transaction; with nobody there it waits for the API alone.
#[must_use]
pub fn open_movement(asked: AskedMovement, people: &[TelegramId], opening: &Opening<'_>, mint: &mut Mint) -> Change {
    let expires_at: Moment = mint.now().plus_seconds(limits::MOVEMENT_OPEN_SECONDS);
    let (question, details) = words::asked(Language::English, &name_of(opening.asked_by), &asked);
    let proposal = Proposal {
        id: opening.id,
        asker: opening.asker,
        asked_by: name_of(opening.asked_by),
        kind: Kind::Approval,
        question,
        details: Some(details),
        choices: Vec::new(),
        group: None,
        people: people.to_vec(),
        quorum: 1,
        made_at: mint.now(),
        expires_at,
        escalate: None,
        callback_url: None,
        movement: Some(Box::new(asked)),
        remind_at: (!people.is_empty()).then(|| expires_at.plus_seconds(-limits::MOVEMENT_REMIND_SECONDS)),
    };
    let mut change = Change::of(proposal.clone(), State::new(&proposal), mint.now());
    let chats: Vec<_> = people.iter().map(|id| (ChatId::from(*id), (opening.language_of)(*id))).collect();
    ask(&mut change, &chats, mint);
    change
}

impl Asker {
    /// Whether the end of the proposal settles a transaction of a family.
    #[must_use]
    pub const fn is_movement(&self) -> bool {
        matches!(self, Self::Movement { .. })
    }
}
