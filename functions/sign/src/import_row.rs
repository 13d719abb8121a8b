//! One row of the old database: its form, and its key opened and sealed anew.

use countersign_core::{
    Moment, Refusal, SessionId, TelegramId, limits,
    signing::{Material, Session, SessionKind, TurnkeyKey},
};
use countersign_stellar::parse_secret;
use countersign_vault::{FernetKeys, Sealer};
use serde::Deserialize;

use crate::account;

/// One row: a person, and the key that they had, if any.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportRow)]
pub(crate) struct Row {
    /// Whose.
    #[schema(value_type = i64)]
    pub(crate) telegram_id: TelegramId,
    /// The slot: `session_keys`, `telegram_cloud` or `legacy`; `legacy` where nothing is said.
    #[schema(value_type = Option<String>)]
    authenticator_type: Option<SessionKind>,
    /// A Fernet token of the `S…` secret.
    encrypted_secret: Option<String>,
    /// A wallet at Turnkey, in place of a secret.
    turnkey: Option<RowWallet>,
    /// The account, `G…`: needed where `sign_with` is not its address; else it must be the key's own.
    stellar_public_key: Option<String>,
    /// RFC 3339; a day from now where nothing is said, at most 90 days.
    expires_at: Option<String>,
}

/// A wallet at Turnkey, of a row.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportRowWallet)]
struct RowWallet {
    /// The sub-organization.
    organization_id: String,
    /// The wallet account's address or the private key's id.
    sign_with: String,
    /// Compressed P-256 key, hex.
    api_public_key: String,
    /// A Fernet token of the API key's hex; none for a key that is in Telegram's cloud storage.
    encrypted_api_private_key: Option<String>,
}

impl Row {
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.encrypted_secret.is_some() && self.turnkey.is_some() {
            return Err(Refusal::invalid("a row has either encrypted_secret or turnkey"));
        }
        let cloud = self.authenticator_type == Some(SessionKind::TelegramCloud);
        let client = self.turnkey.as_ref().is_some_and(|wallet| wallet.encrypted_api_private_key.is_none());
        if cloud != client {
            return Err(Refusal::invalid(
                "a Turnkey key without its private half goes with telegram_cloud, and only with it",
            ));
        }
        self.live_until(Moment::from_seconds(0)).map(|_| ())
    }

    pub(crate) fn has_key(&self) -> bool {
        self.encrypted_secret.is_some() || self.turnkey.is_some()
    }

    pub(crate) fn kind(&self) -> SessionKind {
        self.authenticator_type.unwrap_or(SessionKind::Legacy)
    }

    pub(crate) fn session(
        &self,
        keys: &FernetKeys,
        id: SessionId,
        sealer: Sealer,
        now: Moment,
    ) -> Result<Session, Refusal> {
        let (material, stellar_public_key) = self.material(keys, sealer)?;
        let live_until = self.live_until(now)?.min(now.plus_seconds(limits::SIGNING_SESSION_MOST_SECONDS));
        Ok(Session { id, kind: self.kind(), stellar_public_key, created_at: now, live_until, material })
    }

    fn live_until(&self, now: Moment) -> Result<Moment, Refusal> {
        let Some(text) = &self.expires_at else {
            return Ok(now.plus_seconds(limits::SIGNING_SESSION_DEFAULT_SECONDS));
        };
        Moment::parse_rfc3339(text).ok_or_else(|| Refusal::invalid("expires_at is not RFC 3339"))
    }

    /// Opens and seals anew, without waiting on anything in between.
    fn material(&self, keys: &FernetKeys, sealer: Sealer) -> Result<(Material, String), Refusal> {
        let unopened = |_| Refusal::invalid("the Fernet token does not open");
        if let Some(token) = &self.encrypted_secret {
            let secret = keys.open(token).map_err(unopened)?;
            let seed = parse_secret(secret.expose_str().unwrap_or_default())
                .map_err(|_| Refusal::invalid("encrypted_secret holds no Stellar secret seed"))?;
            let address = account::same(seed.public_key().to_strkey(), self.stellar_public_key.as_deref())?;
            return Ok((Material::Local(sealer.seal(&seed.into_secret())?), address));
        }
        let wallet = self.turnkey.as_ref().ok_or_else(|| Refusal::invalid("a row without a key"))?;
        let named = TurnkeyKey {
            organization_id: wallet.organization_id.clone(),
            sign_with: wallet.sign_with.clone(),
            api_public_key: wallet.api_public_key.clone(),
            api_private_key: None,
        };
        let (named, address) =
            (account::wallet(&named)?, account::of_wallet(&wallet.sign_with, self.stellar_public_key.as_deref())?);
        match &wallet.encrypted_api_private_key {
            None => Ok((Material::Client(named), address)),
            Some(token) => {
                let secret = keys.open(token).map_err(unopened)?;
                let sealed = sealer.seal_api_key(&secret, &named.api_public_key)?;
                Ok((Material::Turnkey(named, sealed), address))
            }
        }
    }
}
