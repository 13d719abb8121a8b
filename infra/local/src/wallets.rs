//! Wallets of the demo at the Turnkey stand-in: made at first start, there again at the next.

use countersign_local_standins::turnkey::{NewOrganization, TurnkeyStandin};

use crate::{LocalError, demo::Wallet};

/// One for the person whose key is in Telegram's cloud storage, one for the legacy person, one to try.
pub(crate) const WALLETS: usize = 3;

/// Makes the wallets that are missing. True where any was.
pub(crate) fn make(standin: &TurnkeyStandin, wallets: &mut Vec<Wallet>) -> Result<bool, LocalError> {
    let before = wallets.len();
    while wallets.len() < WALLETS {
        let added = standin.add_organization(NewOrganization::default());
        let added = added.map_err(|_| LocalError::Seed("a wallet"))?;
        wallets.push(Wallet {
            organization_id: added.organization_id,
            sign_with: added.sign_with,
            api_public_key: added.api_public_key,
            api_private_key: added.api_private_key.ok_or(LocalError::Seed("a wallet's key"))?,
        });
    }
    Ok(wallets.len() > before)
}
