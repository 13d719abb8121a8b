//! Which account a session signs for: the key's own, and a named one must be that; and whether a wallet is one.

use countersign_core::{
    Refusal,
    signing::{TurnkeyKey, session::TurnkeyWallet},
};
use countersign_stellar::AccountKey;

/// A wallet at Turnkey, its fields of their form and its API key's public half a point on P-256.
///
/// # Errors
/// 400 that names the field.
pub(crate) fn wallet(key: &TurnkeyKey) -> Result<TurnkeyWallet, Refusal> {
    let wallet = key.wallet()?;
    countersign_turnkey::check_public_key(&wallet.api_public_key)
        .map_err(|_| Refusal::invalid("turnkey.api_public_key must be a compressed P-256 key in hex"))?;
    Ok(wallet)
}

/// The account of a wallet at Turnkey: `sign_with` where that is an address, else the one that is named.
///
/// # Errors
/// 400 where neither is a `G…` address, or both are and differ.
pub(crate) fn of_wallet(sign_with: &str, named: Option<&str>) -> Result<String, Refusal> {
    match (address(sign_with), named) {
        (Some(own), named) => same(own, named),
        (None, Some(named)) => {
            address(named).ok_or_else(|| Refusal::invalid("stellar_public_key must be a G… address"))
        }
        (None, None) => {
            Err(Refusal::invalid("turnkey.sign_with is no G… address: give the account as stellar_public_key"))
        }
    }
}

/// The key's own address.
///
/// # Errors
/// 400 where another one is named.
pub(crate) fn same(own: String, named: Option<&str>) -> Result<String, Refusal> {
    match named {
        Some(named) if named != own => Err(Refusal::invalid("stellar_public_key is not the key's own")),
        _ => Ok(own),
    }
}

/// A muxed address names more than an account, so it is none here.
fn address(text: &str) -> Option<String> {
    AccountKey::from_strkey(text).ok().map(|key| key.to_strkey()).filter(|own| own == text)
}
