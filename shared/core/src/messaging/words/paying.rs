//! What the conversation of `/pay` asks and says, with its buttons.

use super::{Language, Text, date_time, escape};
use crate::{
    Moment,
    bot::paying::{Choice, Destination, Paying, Purpose, Purse, Stale, Step},
    ledger::Wallet,
    limits,
    messaging::{Button, Buttons},
};

/// The next question, with its buttons. `approvers`: who would have to approve it, at the summary.
#[must_use]
pub fn asked(language: Language, paying: &Paying, purses: &[Purse], approvers: Option<&[String]>) -> (Text, Buttons) {
    let step = paying.draft.step();
    let mut text = known(language, paying, purses);
    text.extend(approvers.map(|names| needs_approval(language, names)));
    text.push(question(language, step).to_owned());
    let mut rows = options(language, paying, purses);
    rows.truncate(limits::PAY_CHOICES);
    let mut rows: Vec<Vec<Button>> = rows.into_iter().map(|button| vec![button]).collect();
    let cancel = Button::callback(cancel(language), paying.button(Choice::Cancel));
    match (step, rows.last_mut()) {
        (Step::Summary, Some(row)) => row.push(cancel),
        _ => rows.push(vec![cancel]),
    }
    (Text::html(text.join("\n")), Buttons(rows))
}

const fn question(language: Language, step: Step) -> &'static str {
    match (language, step) {
        (Language::English, Step::From) => "From which wallet?",
        (Language::English, Step::To) => "Where to?",
        (Language::English, Step::Purpose) => "What for?",
        (Language::English, Step::Amount) => "How much? Write an amount, like 12.50.",
        (Language::English, Step::Summary) => "Is this right?",
        (Language::Russian, Step::From) => "Из какого кошелька?",
        (Language::Russian, Step::To) => "Куда?",
        (Language::Russian, Step::Purpose) => "На что?",
        (Language::Russian, Step::Amount) => "Сколько? Напишите сумму, например 12.50.",
        (Language::Russian, Step::Summary) => "Всё верно?",
    }
}

const fn cancel(language: Language) -> &'static str {
    match language {
        Language::English => "Cancel",
        Language::Russian => "Отмена",
    }
}

fn options(language: Language, paying: &Paying, purses: &[Purse]) -> Vec<Button> {
    let button = |text: String, choice| Button::callback(text, paying.button(choice));
    let [out, nothing, confirm] = match language {
        Language::English => ["Pay out", "No category", "Confirm"],
        Language::Russian => ["Оплата", "Без категории", "Подтвердить"],
    };
    match paying.draft.step() {
        Step::From => {
            let all = purses.iter().flat_map(|purse| purse.wallets.iter().map(move |wallet| (purse, wallet)));
            all.map(|(purse, wallet)| button(label(purse, wallet, purses.len()), Choice::Wallet(wallet.id))).collect()
        }
        Step::To => {
            let destinations = paying.draft.destinations(purses);
            let wallets =
                destinations.iter().map(|wallet| button(format!("→ {}", wallet.name), Choice::Wallet(wallet.id)));
            std::iter::once(button(out.to_owned(), Choice::Out)).chain(wallets).collect()
        }
        Step::Purpose => {
            let purposes = paying.draft.purposes(purses);
            let named = purposes.iter().map(|category| button(category.name.clone(), Choice::Category(category.id)));
            std::iter::once(button(nothing.to_owned(), Choice::NoCategory)).chain(named).collect()
        }
        Step::Amount => Vec::new(),
        Step::Summary => vec![button(confirm.to_owned(), Choice::Confirm)],
    }
}

fn label(purse: &Purse, wallet: &Wallet, families: usize) -> String {
    let available = wallet.currency.show(wallet.available_minor());
    match families {
        1 => format!("{}: {available}", wallet.name),
        _ => format!("{} ({}): {available}", wallet.name, purse.family.name),
    }
}

/// What is known already, a line each, escaped.
fn known(language: Language, paying: &Paying, purses: &[Purse]) -> Vec<String> {
    let draft = &paying.draft;
    let source = draft.source(purses);
    let to = match draft.to {
        Some(Destination::Wallet(id)) => {
            source.and_then(|(purse, _)| purse.wallet(id)).map(|wallet| wallet.name.clone())
        }
        _ => None,
    };
    let purpose = match draft.purpose {
        Some(Purpose::Category(id)) => source.and_then(|(purse, _)| purse.family.category(id)),
        _ => None,
    };
    let amount = draft.amount.as_ref().map(|amount| match source {
        Some((_, wallet)) => {
            let minor = wallet.currency.amount(&crate::money::AmountText::new(amount));
            minor.map_or_else(|_| amount.clone(), |minor| wallet.currency.show(minor))
        }
        None => amount.clone(),
    });
    let labelled = |[english, russian]: [&str; 2], value: String| match language {
        Language::English => format!("{english}: <b>{}</b>", escape(&value)),
        Language::Russian => format!("{russian}: <b>{}</b>", escape(&value)),
    };
    [
        source.map(|(_, wallet)| labelled(["From", "Откуда"], wallet.name.clone())),
        to.map(|to| labelled(["To", "Куда"], to)),
        purpose.map(|category| labelled(["For", "На что"], category.name.clone())),
        draft.note.clone().or_else(|| draft.written.clone()).map(|note| labelled(["Note", "Примечание"], note)),
        amount.map(|amount| labelled(["Amount", "Сумма"], amount)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn needs_approval(language: Language, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| escape(name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match (language, names.is_empty()) {
        (Language::English, false) => {
            format!("This needs approval. I shall ask {}.", super::approvals::names(language, &names))
        }
        (Language::English, true) => {
            "This needs approval, and nobody else may give it: it will wait in vain.".to_owned()
        }
        (Language::Russian, false) => {
            format!("Нужно одобрение. Кого спрошу: {}.", super::approvals::names(language, &names))
        }
        (Language::Russian, true) => "Нужно одобрение, но дать его некому: платёж останется без ответа.".to_owned(),
    }
}

/// How `/pay` is written.
#[must_use]
pub fn usage(language: Language) -> Text {
    Text::plain(match language {
        Language::English => "Write /pay alone and I ask, or all in one line: /pay 12.50 groceries",
        Language::Russian => "Напишите просто /pay, и я спрошу, или всё одной строкой: /pay 12.50 продукты",
    })
}

/// The person may pay in no family, or there is no wallet.
#[must_use]
pub fn nothing_to_pay_from(language: Language) -> Text {
    Text::plain(match language {
        Language::English => "There is no wallet that you may pay from.",
        Language::Russian => "Нет кошелька, из которого вы можете платить.",
    })
}

/// What was written is no amount of the wallet's currency.
#[must_use]
pub fn no_amount(language: Language, code: &str) -> Text {
    let code = escape(code);
    Text::html(match language {
        Language::English => format!("That is no amount in {code}. Write one, like 12.50, or press Cancel above."),
        Language::Russian => format!("Это не сумма в {code}. Напишите, например, 12.50 или нажмите «Отмена» выше."),
    })
}

/// The wallet does not hold so much.
#[must_use]
pub fn not_enough(language: Language, wallet: &str, available: &str) -> String {
    match language {
        Language::English => format!("Not enough money in {wallet}: {available} available. Write a smaller amount."),
        Language::Russian => {
            format!("В кошельке {wallet} не хватает денег: доступно {available}. Напишите сумму поменьше.")
        }
    }
}

/// It is done.
#[must_use]
pub fn paid(language: Language, paying: &Paying, purses: &[Purse]) -> Text {
    let mut lines = known(language, paying, purses);
    lines.push(match language {
        Language::English => "✅ Done.".to_owned(),
        Language::Russian => "✅ Готово.".to_owned(),
    });
    Text::html(lines.join("\n"))
}

/// It waits for approval.
#[must_use]
pub fn waits(language: Language, paying: &Paying, purses: &[Purse], until: Moment) -> Text {
    let (mut lines, until) = (known(language, paying, purses), date_time(language, until));
    lines.push(match language {
        Language::English => {
            format!("⏳ Waits for approval until {until}. I tell you how it ends; /pending takes it back.")
        }
        Language::Russian => {
            format!("⏳ Ждёт одобрения до {until}. Я сообщу, чем кончится; /pending позволит отозвать.")
        }
    });
    Text::html(lines.join("\n"))
}

/// It was cancelled.
#[must_use]
pub const fn cancelled(language: Language) -> &'static str {
    match language {
        Language::English => "Cancelled: nothing was paid.",
        Language::Russian => "Отменено: ничего не оплачено.",
    }
}

/// Why a button does nothing.
#[must_use]
pub const fn stale(language: Language, stale: Stale) -> &'static str {
    match (language, stale) {
        (Language::English, Stale::Over) => {
            "This payment has ended, or its time is over. Nothing was done; /pay begins anew."
        }
        (Language::English, Stale::Earlier) => "This button is of an earlier step. Nothing was done.",
        (Language::English, Stale::Forged) => "This button is not valid here. Nothing was done.",
        (Language::Russian, Stale::Over) => {
            "Этот платёж завершён, или срок истёк. Ничего не сделано; начать заново: /pay."
        }
        (Language::Russian, Stale::Earlier) => "Это кнопка предыдущего шага. Ничего не сделано.",
        (Language::Russian, Stale::Forged) => "Эта кнопка здесь недействительна. Ничего не сделано.",
    }
}

/// The choice is not there any more.
#[must_use]
pub const fn unfit(language: Language) -> &'static str {
    match language {
        Language::English => "That is not there to be chosen any more. Nothing was done.",
        Language::Russian => "Этого варианта уже нет. Ничего не сделано.",
    }
}
