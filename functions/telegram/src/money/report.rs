//! `/report [month]`: a picture of what a month's money went for, one for each family, with the sums in words below it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_charts::{
    png,
    report::{Pictured, chart},
};
use countersign_core::{
    Refusal,
    bot::{Answer, Command, NotDone},
    ledger::Month,
    limits,
    messaging::{
        BotCall, FileRef,
        words::{families, plans as words},
    },
    report::{By, Months, main_currency},
};

use super::{Home, homes};
use crate::talk::Talk;

pub(crate) async fn report(talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    let current = Month::of(talk.now);
    let month = match command.arguments.as_str() {
        "" => current,
        named => match Month::read(named) {
            Ok(month) => month,
            Err(_) => {
                let said = words::which_month(talk.language, current);
                return talk.say(said).await;
            }
        },
    };
    let homes = homes(&talk).await?;
    if homes.is_empty() {
        let said = families::no_family(talk.language);
        return talk.say(said).await;
    }
    let mut pictures = Vec::with_capacity(homes.len());
    for home in homes.iter().take(limits::REPORTED_FAMILIES) {
        pictures.push(picture(&talk, home, month).await?);
    }
    talk.answer_and_tell(Answer::Nothing, pictures).await
}

/// The picture; one that is too large for the outbox goes without, the words alone.
async fn picture(talk: &Talk<'_>, Home { family, permit }: &Home, month: Month) -> Result<BotCall, NotDone> {
    let (by, months, language) = (By::Category, Months { first: month, last: month }, talk.language);
    let (rows, whole) = talk.bot.store.report(permit, family, by, months).await?;
    let currency = main_currency(family, &rows);
    let pictured = Pictured { family: &family.name, by, months, rows: &rows, currency, language };
    let bytes = png(&chart(&pictured)).map_err(|error| Refusal::internal(format!("a report's picture: {error}")))?;
    let caption = words::report(language, &family.name, month, &whole);
    if bytes.len() > limits::FILE_BYTES {
        tracing::warn!(bytes = bytes.len(), "a report's picture is too large to be sent");
        return Ok(BotCall::say(caption));
    }
    let photo = FileRef::Content { name: format!("report-{month}.png"), base64: STANDARD.encode(bytes) };
    Ok(BotCall::SendPhoto { photo, caption: Some(caption), buttons: None })
}
