//! `/balance`: the wallets of the person's families.

use countersign_core::{
    bot::{Answer, NotDone},
    messaging::words::families as words,
};
use futures_util::future::try_join_all;

use super::homes;
use crate::talk::Talk;

pub(crate) async fn balance(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let homes = homes(&talk).await?;
    if homes.is_empty() {
        let said = words::no_family(talk.language);
        return talk.say(said).await;
    }
    let wallets = try_join_all(homes.iter().map(|home| talk.bot.store.wallets(&home.permit))).await?;
    let families: Vec<_> = homes.into_iter().map(|home| home.family).zip(wallets).collect();
    let said = words::balances(talk.language, &families);
    talk.say(said).await
}
