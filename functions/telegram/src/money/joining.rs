//! `/start inv_…`: somebody joins a family by an invitation that is good once.

use countersign_core::{
    RefusalKind,
    bot::{Answer, NotDone},
    connection::CodeId,
    family::{INVITATION_PREFIX, InvitationCode, accept, name},
    limits,
    messaging::{Text, words::families as words},
};
use countersign_edge::clock;
use countersign_store::FamilyWanted;

use super::turn::{Attempt, commit, in_turn};
use crate::talk::Talk;

/// What somebody is called in a family who has no name in Telegram.
const NAMELESS: &str = "Somebody";

/// What came of it, and what is said.
enum Joined {
    /// They are in it, and that is committed.
    Is(Text),
    /// Nothing is written.
    Not(Text),
}

/// Whether the start parameter is an invitation's.
pub(crate) fn is_invitation(parameter: &str) -> bool {
    parameter.starts_with(INVITATION_PREFIX) && CodeId::read(parameter).is_none()
}

pub(crate) async fn join(talk: Talk<'_>, parameter: &str) -> Result<Answer, NotDone> {
    let Some(code) = InvitationCode::read(parameter) else {
        let said = words::bad_invitation(talk.language);
        return talk.say(said).await;
    };
    let hash = code.hash();
    match in_turn(&talk, || attempt(&talk, &hash)).await? {
        Joined::Is(said) => Ok(talk.reply(said, None)),
        Joined::Not(said) => talk.say(said).await,
    }
}

async fn attempt(talk: &Talk<'_>, hash: &str) -> Attempt<Joined> {
    let (store, language, user) = (&talk.bot.store, talk.language, talk.person().user_id);
    let not = |said| Ok(Ok(Joined::Not(said)));
    // The code says which family; the family, how far its log is and the invitation are then of one moment.
    let wanted = FamilyWanted { invitation: Some(hash), ..FamilyWanted::default() };
    let Some(invitation) = store.family_facts(&wanted).await?.invitation else {
        return not(words::bad_invitation(language));
    };
    let wanted = FamilyWanted { family: Some(invitation.family_id), ..wanted };
    let found = store.family_facts(&wanted).await?;
    let (Some(family), Some(invitation)) = (&found.family, &found.invitation) else {
        return not(words::bad_invitation(language));
    };
    if family.member(user).is_some() {
        return not(words::already_in(language, &family.name));
    }
    if store.families_of(&talk.permit, user).await?.len() >= limits::FAMILIES_OF_PERSON {
        return not(words::too_many_families(language));
    }
    let owners = family.owner_ids(Some(invitation.invited_by));
    let (member, owners) = ((user, own_name(talk)), store.people_of(&owners).await?);
    match accept(&talk.permit, &found.head, family, invitation, member, &owners, clock::now()) {
        Ok((change, family)) => {
            talk.looks_at(family.id);
            commit(talk, &change, Joined::Is(words::joined(language, &family.name, invitation.role))).await
        }
        Err(refusal) if refusal.kind == RefusalKind::NotFound => not(words::bad_invitation(language)),
        Err(refusal) if refusal.kind == RefusalKind::Conflict => not(words::takes_nobody(language, &family.name)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// As Telegram calls them.
fn own_name(talk: &Talk<'_>) -> String {
    let first = talk.person().profile.first_name.as_deref();
    first.and_then(|first| name("your_name", first).ok()).unwrap_or_else(|| NAMELESS.to_owned())
}
