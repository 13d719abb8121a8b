//! How a conversation begins: `/pay`, or all of it in one line, `/pay 12.50 groceries`.

use super::{Destination, Draft, Paying, Purse, step::read_amount};
use crate::{Moment, TelegramId, approval::one_line, limits};

/// A conversation with what was written behind `/pay`; none where that does not begin with an amount.
///
/// Where there is only one wallet nobody is asked for it.
#[must_use]
pub fn begin(written: &str, purses: &[Purse], telegram_id: TelegramId, nonce: String, now: Moment) -> Option<Paying> {
    let mut draft = Draft::default();
    let written = one_line(written);
    if !written.is_empty() {
        let (amount, rest) = written.split_once(' ').unwrap_or((&written, ""));
        draft.amount = Some(read_amount(amount)?);
        draft.to = Some(Destination::Out);
        draft.written =
            Some(rest.chars().take(limits::MONEY_TEXT_CHARS).collect::<String>()).filter(|rest| !rest.is_empty());
    }
    let live_until = now.plus_seconds(limits::CONVERSATION_SECONDS);
    let mut paying = Paying { nonce, version: 1, telegram_id, live_until, draft };
    let mut wallets = purses.iter().flat_map(|purse| purse.wallets.iter().map(move |wallet| (purse, wallet)));
    if let (Some((purse, wallet)), None) = (wallets.next(), wallets.next()) {
        paying.draft.take_from(purse, wallet);
    }
    Some(paying)
}
