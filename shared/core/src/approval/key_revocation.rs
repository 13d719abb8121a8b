//! The approval of an emergency: that every client's key is revoked.

use super::{
    Mint, Opening,
    change::Change,
    name_of,
    opening::ask,
    proposal::{Kind, Proposal},
    state::State,
};
use crate::{
    ChatId, TelegramId, limits,
    messaging::words::{Language, revoke_all as words},
};

/// Asks these admins in Telegram to approve that every client's key is revoked. The first answer decides.
#[must_use]
pub fn open_key_revocation(reason: &str, people: &[TelegramId], opening: &Opening<'_>, mint: &mut Mint) -> Change {
    let proposal = Proposal {
        id: opening.id,
        asker: opening.asker,
        asked_by: name_of(opening.asked_by),
        kind: Kind::Approval,
        question: words::asked(Language::English).to_owned(),
        details: Some(reason.to_owned()),
        choices: Vec::new(),
        group: None,
        people: people.to_vec(),
        quorum: 1,
        made_at: mint.now(),
        expires_at: mint.now().plus_seconds(limits::REVOKE_ALL_OPEN_SECONDS),
        escalate: None,
        callback_url: None,
        movement: None,
        remind_at: None,
    };
    let mut change = Change::of(proposal.clone(), State::new(&proposal), mint.now());
    let chats: Vec<_> = people.iter().map(|id| (ChatId::from(*id), (opening.language_of)(*id))).collect();
    ask(&mut change, &chats, mint);
    change
}
