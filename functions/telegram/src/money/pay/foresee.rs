//! What would come of a payment: the facts that it is judged by, and what is said of it beforehand.

use countersign_core::{
    Refusal,
    bot::{NotDone, paying::Paying},
    family::{FamilyPermit, Permission, unknown_family},
    ledger::{Judged, Payment, PaymentFacts, judge},
    messaging::words::{general, paying as words},
};
use countersign_edge::clock;
use countersign_store::{FamilyWanted, StoreError};

use super::super::of;
use crate::talk::Talk;

/// What would come of it.
pub(super) enum Foreseen {
    /// It would be done at once.
    Done,
    /// These people would be asked.
    Asks(Vec<String>),
    /// It would be refused; plain words.
    Not(String),
}

/// A payment with everything that it is judged by, of one moment.
pub(super) struct Ground {
    pub(super) payment: Payment,
    pub(super) facts: PaymentFacts,
}

/// Reads the ground of a payment.
pub(super) async fn ground(talk: &Talk<'_>, paying: &Paying) -> Result<Option<Ground>, StoreError> {
    let Some(payment) = paying.draft.payment() else { return Ok(None) };
    let wanted = FamilyWanted {
        family: Some(payment.family_id),
        wallets: [payment.from, payment.to].into_iter().flatten().collect(),
        spent: Some(talk.person().user_id),
        ..FamilyWanted::default()
    };
    let found = talk.bot.store.family_facts(&wanted).await?;
    let (from, to) = (found.wallet(payment.from), found.wallet(payment.to));
    let Some(family) = found.family else { return Ok(None) };
    Ok(Some(Ground { payment, facts: PaymentFacts { family, head: found.head, from, to, spent: found.spent } }))
}

impl Ground {
    /// The judgement of the ledger, with the permit that it is made under.
    pub(super) fn judged(&self, talk: &Talk<'_>) -> Result<(FamilyPermit, Judged), Refusal> {
        let permit = of(talk, Some(&self.facts.family), Permission::Pay)?;
        let judged = judge(&permit, &self.facts, &self.payment, clock::now())?;
        Ok((permit, judged))
    }

    /// A refusal of the ledger in the person's words.
    pub(super) fn refused(&self, talk: &Talk<'_>, refusal: &Refusal) -> String {
        let wallet = self.facts.from.as_ref();
        let short = wallet.filter(|wallet| {
            let wanted = wallet.currency.amount(&self.payment.amount).unwrap_or_default();
            wallet.archived_at.is_none() && wallet.available_minor() < wanted
        });
        match short {
            Some(wallet) => {
                words::not_enough(talk.language, &wallet.name, &wallet.currency.show(wallet.available_minor()))
            }
            None => general::refused(talk.language, refusal.kind).to_owned(),
        }
    }

    /// Who would be asked, by name.
    fn approvers(&self, talk: &Talk<'_>) -> Vec<String> {
        let family = &self.facts.family;
        let who = family.who_may(Permission::Approve, Some(talk.person().user_id));
        who.into_iter().filter_map(|id| family.name_of(id)).map(str::to_owned).collect()
    }
}

pub(super) async fn foresee(talk: &Talk<'_>, paying: &Paying) -> Result<Foreseen, NotDone> {
    let ground = ground(talk, paying).await?.ok_or_else(unknown_family)?;
    Ok(match ground.judged(talk) {
        Ok((_, judged)) if judged.reasons.is_empty() => Foreseen::Done,
        Ok(_) => Foreseen::Asks(ground.approvers(talk)),
        Err(refusal) => Foreseen::Not(ground.refused(talk, &refusal)),
    })
}
