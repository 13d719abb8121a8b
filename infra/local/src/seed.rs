//! What is made up at first start and kept beside the data: secrets, ids, keys. Started again, it is all as it was.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{
    Moment, ServiceId, TelegramId, UserId,
    gate::{Gate, GateSettings, StoredService, client_id, mint},
};
use countersign_edge::clock;
use countersign_stellar::parse_secret;
use countersign_store::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    LocalError,
    demo::{DemoService, Wallet},
    seed_clients,
    seed_families::MadeFamily,
    seed_members::MadeMember,
    seed_people::Row,
};

/// `kid` of the token secret.
pub(crate) const KID: &str = "local-1";
/// `iss` and `aud` of access tokens.
pub(crate) const ISSUER: &str = "countersign-local";
/// As [`ISSUER`].
pub(crate) const AUDIENCE: &str = "countersign";
/// The bot's name.
pub(crate) const BOT_USERNAME: &str = "countersign_local_bot";
/// One service of each role.
const ROLES: [&str; 4] = ["mini_app_backend", "notifier", "token_reader", "bot_runner"];

/// Everything made up, as it is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct MadeUp {
    pub(crate) jwt_secret: String,
    pub(crate) bot_token: String,
    pub(crate) webhook_secret: String,
    /// Of our client at the stand-ins of providers. Empty in what an earlier version made up.
    #[serde(default)]
    pub(crate) oauth_secret: String,
    client_master: String,
    pub(crate) fernet_key: String,
    pub(crate) fee_wallet: String,
    services: Vec<MadeService>,
    pub(crate) people: Vec<MadePerson>,
    /// Of every account of the demo. Empty in what an earlier version made up, and until the system starts.
    #[serde(default)]
    pub(crate) password: String,
    /// Empty in what an earlier version made up.
    #[serde(default)]
    pub(crate) families: Vec<MadeFamily>,
    /// The same.
    #[serde(default)]
    pub(crate) clients: Vec<MadeMember>,
    pub(crate) kms_signing_key: Option<String>,
    pub(crate) wallets: Vec<Wallet>,
}

#[derive(Serialize, Deserialize)]
struct MadeService {
    id: ServiceId,
    role: String,
    random: String,
}

/// A person of the demo.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadePerson {
    pub(crate) row: Row,
    pub(crate) user_id: UserId,
    pub(crate) telegram_id: TelegramId,
}

impl MadeUp {
    /// Reads what was made up before, or makes it up and keeps it.
    pub(crate) fn of(file: Option<&Path>) -> Result<Self, LocalError> {
        if let Some(text) = file.and_then(|file| std::fs::read_to_string(file).ok()) {
            let mut made: Self = serde_json::from_str(&text)?;
            if made.oauth_secret.is_empty() || made.families.is_empty() || made.clients.is_empty() {
                made.oauth_secret = if made.oauth_secret.is_empty() { random_text()? } else { made.oauth_secret };
                made.families = if made.families.is_empty() { MadeFamily::all()? } else { made.families };
                made.clients = if made.clients.is_empty() { seed_clients::made()? } else { made.clients };
                made.keep(file)?;
            }
            return Ok(made);
        }
        let made = Self::new()?;
        made.keep(file)?;
        Ok(made)
    }

    /// Keeps it for the next start, for its owner alone.
    pub(crate) fn keep(&self, file: Option<&Path>) -> Result<(), LocalError> {
        match file {
            Some(file) => crate::system::write_private(file, &serde_json::to_string_pretty(self)?),
            None => Ok(()),
        }
    }

    fn new() -> Result<Self, LocalError> {
        let now = clock::now();
        let bot_id = 7_000_000_000 + clock::random() % 1_000_000_000;
        let service = |(index, role): (usize, &str)| {
            let id = ServiceId::fresh(later(now, index), clock::random());
            Ok::<_, LocalError>(MadeService { id, role: role.to_owned(), random: random_text()? })
        };
        let person = |(index, row): (usize, Row)| {
            let user_id = UserId::fresh(later(now, index), clock::random());
            let telegram_id = TelegramId::new(5_000_000_000 + (clock::random() % 100_000_000) * 10 + index as u64);
            telegram_id.map(|telegram_id| MadePerson { row, user_id, telegram_id })
        };
        let seed = countersign_core::Secret::new(random_bytes()?.to_vec());
        let fee_wallet = countersign_stellar::StellarSeed::from_secret(seed).map_err(|_| LocalError::Seed("a seed"))?;
        Ok(Self {
            jwt_secret: random_text()?,
            bot_token: format!("{bot_id}:{}", random_text()?.chars().take(35).collect::<String>()),
            webhook_secret: random_text()?,
            oauth_secret: random_text()?,
            client_master: random_text()?,
            fernet_key: fernet::Fernet::generate_key(),
            fee_wallet: fee_wallet.public_key().to_strkey(),
            services: ROLES.into_iter().enumerate().map(service).collect::<Result<_, _>>()?,
            password: String::new(),
            people: Row::ALL.into_iter().enumerate().filter_map(person).collect(),
            families: MadeFamily::all()?,
            clients: seed_clients::made()?,
            kms_signing_key: None,
            wallets: Vec::new(),
        })
    }

    /// The gate's secret, as it lies in Secrets Manager. Launch data is signed by the bot with this token.
    pub(crate) fn gate_secret(&self, bot_token: &str) -> Value {
        json!({
            "tokens": {
                "issuer": ISSUER, "audience": AUDIENCE,
                "keys": [{ "kid": KID, "secret": self.jwt_secret }],
            },
            "launch_data": { "bot_token": bot_token },
            "client_masters": [{ "kid": "local-1", "secret": self.client_master }],
            "webhook_secret": self.webhook_secret,
        })
    }

    /// The same gate, to issue tokens for the demo.
    pub(crate) fn gate(&self) -> Result<Gate, LocalError> {
        let settings: GateSettings = serde_json::from_value(self.gate_secret(&self.bot_token))?;
        Gate::new(settings).map_err(|_| LocalError::Seed("the gate"))
    }

    /// Writes the services that are not there yet; what a client needs to be each of them.
    pub(crate) async fn seed_services(&self, store: &Store, gate: &Gate) -> Result<Vec<DemoService>, LocalError> {
        let mut services = Vec::new();
        for made in &self.services {
            let random = URL_SAFE_NO_PAD.decode(&made.random).ok().and_then(|bytes| bytes.try_into().ok());
            let (key, hash) = mint(made.id, random.ok_or(LocalError::Seed("a service's key"))?);
            let name = made.role.replace('_', "-");
            let client_id = client_id(made.id);
            let secret = gate.clients().derive(&client_id, 1).ok_or(LocalError::Seed("a client's secret"))?;
            let stored = StoredService {
                id: made.id,
                name: name.clone(),
                role: made.role.clone(),
                key_hashes: vec![hash],
                client_versions: vec![1],
                last_version: 1,
                last_used_at: None,
                disabled: false,
            };
            store.bootstrap().add_service(&stored, clock::now()).await.map_err(LocalError::refused)?;
            services.push(DemoService {
                id: made.id.get(),
                name,
                role: made.role.clone(),
                api_key: key.expose_str().unwrap_or_default().to_owned(),
                client_id,
                client_secret: secret.expose_str().unwrap_or_default().to_owned(),
            });
        }
        Ok(services)
    }

    /// A Fernet token of a new Stellar secret, as a row of the old database holds it, and its account.
    pub(crate) fn old_row_key(&self) -> Result<(String, String), LocalError> {
        let fernet = fernet::Fernet::new(&self.fernet_key).ok_or(LocalError::Seed("the Fernet key"))?;
        let secret = countersign_stellar::secret_strkey(&random_bytes()?);
        let account = parse_secret(&secret).map_err(|_| LocalError::Seed("a Stellar secret"))?.public_key();
        Ok((fernet.encrypt(secret.as_bytes()), account.to_strkey()))
    }
}

/// Ids of one start differ in their milliseconds.
fn later(now: Moment, index: usize) -> Moment {
    Moment::from_millis(now.millis() + i64::try_from(index).unwrap_or_default())
}

fn random_bytes() -> Result<[u8; 32], LocalError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| LocalError::Seed("randomness"))?;
    Ok(bytes)
}

pub(crate) fn random_text() -> Result<String, LocalError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes()?))
}
