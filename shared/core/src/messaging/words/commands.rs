//! What the bot's own commands do, in a menu's line.

use super::Language;
use crate::bot::BotCommand;

/// One line, without a full stop, 1 to 256 characters.
#[must_use]
pub const fn description(language: Language, command: BotCommand) -> &'static str {
    match language {
        Language::English => english(command),
        Language::Russian => russian(command),
    }
}

const fn english(command: BotCommand) -> &'static str {
    match command {
        BotCommand::Start => "Begin",
        BotCommand::Help => "Show what I can do",
        BotCommand::Login => "Link an account",
        BotCommand::Logout => "Unlink an account",
        BotCommand::Connections => "Show your linked accounts",
        BotCommand::SetName => "Name a linked account",
        BotCommand::Bind => "Bind this chat to your account on the website",
        BotCommand::Balance => "Show the wallets",
        BotCommand::Pay => "Pay, or move money between wallets",
        BotCommand::Pending => "Show what waits for a decision",
        BotCommand::Report => "Show a month's income and expenses as a picture",
        BotCommand::Budget => "Show the budgets",
        BotCommand::Goals => "Show the savings goals",
        BotCommand::Bots => "Show your trading bots and their key",
        BotCommand::Sign => "Show which key signs for you",
        BotCommand::Sessions => "Show your signing sessions",
        BotCommand::Language => "Choose the language",
    }
}

const fn russian(command: BotCommand) -> &'static str {
    match command {
        BotCommand::Start => "Начать",
        BotCommand::Help => "Показать, что я умею",
        BotCommand::Login => "Подключить аккаунт",
        BotCommand::Logout => "Отключить аккаунт",
        BotCommand::Connections => "Показать подключённые аккаунты",
        BotCommand::SetName => "Назвать подключённый аккаунт",
        BotCommand::Bind => "Привязать этот чат к вашему аккаунту на сайте",
        BotCommand::Balance => "Показать кошельки",
        BotCommand::Pay => "Заплатить или перевести между кошельками",
        BotCommand::Pending => "Показать, что ждёт решения",
        BotCommand::Report => "Показать доходы и расходы за месяц картинкой",
        BotCommand::Budget => "Показать бюджеты",
        BotCommand::Goals => "Показать цели накоплений",
        BotCommand::Bots => "Показать ваших торговых ботов и их ключ",
        BotCommand::Sign => "Показать, какой ключ подписывает за вас",
        BotCommand::Sessions => "Показать ваши сеансы подписи",
        BotCommand::Language => "Выбрать язык",
    }
}
