//! What the bot says of a family's money: how to begin, who may not, and what is in the wallets.

use super::{Language, Text, escape, fitting::fitting};
use crate::{
    family::{Family, FamilyRole},
    ledger::Wallet,
};

/// They are in no family: how one begins.
#[must_use]
pub fn no_family(language: Language) -> Text {
    Text::plain(match language {
        Language::English => {
            "You are in no family yet. Make one in the app, or ask somebody of a family to invite you and open the link \
             that they send you."
        }
        Language::Russian => {
            "Вы пока не состоите в семье. Создайте её в приложении или попросите кого-нибудь из семьи пригласить вас и \
             откройте присланную ссылку."
        }
    })
}

/// What somebody is in a family.
#[must_use]
pub const fn role(language: Language, role: FamilyRole) -> &'static str {
    match (language, role) {
        (Language::English, FamilyRole::Owner) => "owner",
        (Language::English, FamilyRole::Adult) => "adult",
        (Language::English, FamilyRole::Member) => "member",
        (Language::English, FamilyRole::Child) => "child",
        (Language::Russian, FamilyRole::Owner) => "владелец",
        (Language::Russian, FamilyRole::Adult) => "взрослый",
        (Language::Russian, FamilyRole::Member) => "участник",
        (Language::Russian, FamilyRole::Child) => "ребёнок",
    }
}

/// They have joined a family.
#[must_use]
pub fn joined(language: Language, family: &str, as_what: FamilyRole) -> Text {
    let (family, role) = (escape(family), role(language, as_what));
    Text::html(match language {
        Language::English => {
            format!("You are now in the family <b>{family}</b>, as: {role}.\n\n/balance shows its wallets.")
        }
        Language::Russian => {
            format!("Теперь вы в семье <b>{family}</b>, роль: {role}.\n\n/balance покажет её кошельки.")
        }
    })
}

/// Told to the owners: somebody has joined, invited by this member.
#[must_use]
pub fn somebody_joined(language: Language, family: &str, name: &str, as_what: FamilyRole, invited_by: &str) -> Text {
    let (family, role) = (escape(family), role(language, as_what));
    let (name, invited_by) = (escape(name), escape(invited_by));
    Text::html(match language {
        Language::English => {
            format!("<b>{name}</b> has joined the family <b>{family}</b>, as: {role}.\n\nInvited by: {invited_by}")
        }
        Language::Russian => {
            format!("<b>{name}</b> теперь в семье <b>{family}</b>, роль: {role}.\n\nКто пригласил: {invited_by}")
        }
    })
}

/// The invitation is unknown, used, taken back or expired.
#[must_use]
pub fn bad_invitation(language: Language) -> Text {
    Text::plain(match language {
        Language::English => {
            "This invitation is not good any more: it was used or taken back, or its time is over. Ask for a new one."
        }
        Language::Russian => {
            "Это приглашение больше не действует: его уже использовали или отозвали, либо истёк срок. Попросите новое."
        }
    })
}

/// They are in this family already.
#[must_use]
pub fn already_in(language: Language, family: &str) -> Text {
    let family = escape(family);
    Text::html(match language {
        Language::English => format!("You are in the family <b>{family}</b> already."),
        Language::Russian => format!("Вы уже в семье <b>{family}</b>."),
    })
}

/// They are in as many families as one person may be in.
#[must_use]
pub fn too_many_families(language: Language) -> Text {
    Text::plain(match language {
        Language::English => "You are in as many families as one person may be in.",
        Language::Russian => "Вы уже состоите в наибольшем возможном числе семей.",
    })
}

/// The family takes nobody in: it is full, or closed.
#[must_use]
pub fn takes_nobody(language: Language, family: &str) -> Text {
    let family = escape(family);
    Text::html(match language {
        Language::English => format!("The family <b>{family}</b> takes nobody in: it is full, or closed."),
        Language::Russian => format!("Семья <b>{family}</b> никого не принимает: в ней нет мест или она закрыта."),
    })
}

/// The wallets of each family: what is in them, and what of it is available where that differs.
#[must_use]
pub fn balances(language: Language, families: &[(Family, Vec<Wallet>)]) -> Text {
    let mut lines = Vec::new();
    for (family, wallets) in families {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("<b>{}</b>", escape(&family.name)));
        let before = lines.len();
        lines.extend(wallets.iter().filter(|wallet| wallet.archived_at.is_none()).map(|wallet| line(language, wallet)));
        if lines.len() == before {
            lines.push(no_wallet(language).to_owned());
        }
    }
    Text::html(fitting("", lines))
}

fn line(language: Language, wallet: &Wallet) -> String {
    let (name, balance) = (escape(&wallet.name), wallet.currency.show(wallet.balance_minor));
    if wallet.available_minor() == wallet.balance_minor {
        return format!("{name}: {balance}");
    }
    let available = wallet.currency.show(wallet.available_minor());
    match language {
        Language::English => format!("{name}: {balance} ({available} available)"),
        Language::Russian => format!("{name}: {balance} (доступно {available})"),
    }
}

/// There is no wallet.
#[must_use]
pub const fn no_wallet(language: Language) -> &'static str {
    match language {
        Language::English => "No wallet yet: make one in the app.",
        Language::Russian => "Кошельков пока нет: создайте их в приложении.",
    }
}

/// Whoever presses may not do this: they are not in the family, or their role does not allow it.
#[must_use]
pub const fn may_not(language: Language) -> &'static str {
    match language {
        Language::English => {
            "You may not do this: you are not in the family any more, or your role there does not allow it. Nothing was \
             changed."
        }
        Language::Russian => {
            "Вам этого нельзя: вы больше не в семье или ваша роль этого не разрешает. Ничего не изменено."
        }
    }
}

/// The transaction cannot be done as it is now.
#[must_use]
pub const fn cannot_be_done(language: Language) -> &'static str {
    match language {
        Language::English => {
            "This cannot be done any more: it was decided, its time is over, or a wallet does not allow it."
        }
        Language::Russian => "Это уже нельзя сделать: решение принято, срок истёк или кошелёк этого не позволяет.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FamilyId, Moment, WalletId,
        ledger::{NewWallet, WalletKind},
        money::Currency,
    };

    fn family() -> (Family, Vec<Wallet>) {
        let (currency, at) = (Currency::parse("EUR").unwrap(), Moment::from_seconds(0));
        let family = Family {
            id: FamilyId::new(1).unwrap(),
            name: "Ours & <co>".into(),
            currency,
            threshold_minor: None,
            rules: Vec::new(),
            members: Vec::new(),
            categories: Vec::new(),
            created_at: at,
            closed_at: None,
        };
        let wallet = |id, name: &str| {
            let new = NewWallet {
                id: WalletId::new(id).unwrap(),
                name: name.into(),
                kind: WalletKind::Bank,
                currency,
                credit_minor: 0,
            };
            Wallet { balance_minor: 12_345, ..Wallet::new(family.id, new, at) }
        };
        let held = wallet(2, "Main").held(2_345);
        let gone = Wallet { archived_at: Some(at), ..wallet(4, "Gone") };
        let wallets = vec![held, wallet(3, "<Purse>"), gone];
        (family, wallets)
    }

    #[test]
    fn a_balance_says_what_is_available_where_it_differs() {
        assert_eq!(
            balances(Language::English, &[family()]).text,
            "<b>Ours &amp; &lt;co&gt;</b>\nMain: 123.45 EUR (100.00 EUR available)\n&lt;Purse&gt;: 123.45 EUR"
        );
        let russian = balances(Language::Russian, &[family(), (family().0, Vec::new())]).text;
        assert!(russian.contains("доступно 100.00 EUR") && russian.ends_with("создайте их в приложении."), "{russian}");
    }
}
