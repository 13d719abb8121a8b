//! A family's money in the bot: one file per command. All of it where nobody else reads along.

mod balance;
mod joining;
pub(crate) mod pay;
mod pending;
mod plans;
mod report;
mod take_back;
mod turn;

use countersign_core::{
    MovementId, Refusal,
    bot::{Answer, BotCommand, NotDone, Press},
    family::{Family, FamilyPermit, Permission, permit},
    messaging::words::general,
    policy,
};

pub(crate) use balance::balance;
pub(crate) use joining::{is_invitation, join};
pub(crate) use pending::pending;
pub(crate) use plans::{budget, goals};
pub(crate) use report::report;

use crate::talk::Talk;

/// What the data of a button of `/pending` begins with.
const BUTTON: &str = "m.";

/// What a button of `/pending` does with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Show the message with Approve and Deny.
    Show(MovementId),
    /// Take back one's own.
    TakeBack(MovementId),
}

impl Wish {
    /// The data of the button: at most 20 bytes. It carries no right: whoever presses needs their own.
    fn write(self) -> String {
        match self {
            Self::Show(id) => format!("{BUTTON}s.{id}"),
            Self::TakeBack(id) => format!("{BUTTON}c.{id}"),
        }
    }

    fn read(data: &str) -> Option<Self> {
        let (wish, id) = data.strip_prefix(BUTTON)?.split_once('.')?;
        let id = id.parse().ok()?;
        match wish {
            "s" => Some(Self::Show(id)),
            "c" => Some(Self::TakeBack(id)),
            _ => None,
        }
    }
}

/// Whether a button is one of `/pending`'s.
pub(crate) fn is_button(press: &Press) -> bool {
    press.data.starts_with(BUTTON)
}

/// A press of such a button.
pub(crate) async fn pressed(talk: Talk<'_>, press: &Press) -> Result<Answer, NotDone> {
    let may = policy::person_role(&talk.person().role).is_some_and(|role| role.may_use(BotCommand::Pending));
    match Wish::read(&press.data).filter(|_| may && talk.incoming.chat.is_private) {
        Some(Wish::Show(id)) => pending::show(talk, id).await,
        Some(Wish::TakeBack(id)) => take_back::take_back(talk, id).await,
        None => {
            let text = general::dead_button(talk.language).to_owned();
            talk.answer(Answer::Pressed { text, is_alert: true }).await
        }
    }
}

/// A family of the person's, and the permit to see it.
struct Home {
    family: Family,
    permit: FamilyPermit,
}

/// The families of whoever writes, oldest first; closed ones are only of interest where there is no other.
async fn homes(talk: &Talk<'_>) -> Result<Vec<Home>, NotDone> {
    let families = talk.bot.store.families_of(&talk.permit, talk.person().user_id).await?;
    let all_closed = families.iter().all(|family| family.closed_at.is_some());
    let mut homes = Vec::with_capacity(families.len());
    for family in families.into_iter().filter(|family| all_closed || family.closed_at.is_none()) {
        let permit = of(talk, Some(&family), Permission::See)?;
        homes.push(Home { family, permit });
    }
    Ok(homes)
}

/// The permit of whoever writes, in a family: they look at its things from here on.
fn of(talk: &Talk<'_>, family: Option<&Family>, permission: Permission) -> Result<FamilyPermit, Refusal> {
    let permit = permit(&talk.permit, talk.person().user_id, family, permission)?;
    talk.looks_at(permit.family_id());
    Ok(permit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_read_as_it_was_written() {
        let id = MovementId::new((1 << 53) - 1).unwrap();
        for wish in [Wish::Show(id), Wish::TakeBack(id)] {
            assert!(wish.write().len() <= 64);
            assert_eq!(Wish::read(&wish.write()), Some(wish));
        }
        for bad in ["m.", "m.s", "m.s.0", "m.x.1", "m.s.-1", "m.s.1.2", "a.s.1"] {
            assert_eq!(Wish::read(bad), None, "{bad}");
        }
    }
}
