//! The parts below the functions: what is made in them at first start, and what the functions are told of them.

use countersign_edge::{Environment, http_client};
use countersign_local_aws::LocalAws;
use countersign_local_standins::{
    oauth::OAuthStandin, stellar_rpc::StellarRpcStandin, telegram::TelegramStandin, turnkey::TurnkeyStandin,
};
use countersign_store::Store;

use crate::{
    Demo, LocalError, Options, aws,
    demo::{Bot, Import, Jwt, Kms, Standins},
    oauth,
    queues::Queues,
    seed::{self, MadeUp},
    seed_accounts, seed_clients, seed_families,
    seed_members::Seeding,
    seed_people::People,
    telegram::Configured,
    wallets,
};

/// The table's name here.
pub(crate) const TABLE: &str = "countersign";
/// The gate's secret.
const GATE_SECRET: &str = "countersign/gate";
/// The bot's secret.
const TELEGRAM_SECRET: &str = "countersign/telegram";
/// Our clients at the providers.
const OAUTH_SECRET: &str = "countersign/oauth";
/// The import's secret.
const IMPORT_SECRET: &str = "countersign/import";
/// Stellar's test network.
pub(crate) const TESTNET: &str = "Test SDF Network ; September 2015";
/// The parts below the functions, while they are put together.
pub(crate) struct Parts<'a> {
    pub(crate) aws: &'a LocalAws,
    pub(crate) turnkey: &'a TurnkeyStandin,
    pub(crate) stellar_rpc: &'a StellarRpcStandin,
    pub(crate) telegram: &'a TelegramStandin,
    pub(crate) oauth: &'a OAuthStandin,
    pub(crate) options: &'a Options,
}

impl Parts<'_> {
    fn real(&self, name: &str) -> Option<String> {
        self.options.environment.optional(name).map(str::to_owned)
    }

    /// What can only be made up where the parts run. True where anything was.
    pub(crate) async fn make_up(&self, made: &mut MadeUp) -> Result<bool, LocalError> {
        let mut changed = self.real("TURNKEY_BASE_URL").is_none() && wallets::make(self.turnkey, &mut made.wallets)?;
        if made.password.is_empty() {
            made.password = seed_accounts::password().await?;
            changed = true;
        }
        if made.kms_signing_key.is_none() {
            made.kms_signing_key = Some(aws::signing_key(&aws::sdk_config(self.aws)).await?);
            changed = true;
        }
        Ok(changed)
    }

    /// Makes the table, the key, the queues and the secrets; the functions' configuration.
    pub(crate) async fn prepare(
        &self,
        made: &MadeUp,
        queues: &Queues,
        base_url: &str,
    ) -> Result<Environment, LocalError> {
        let config = aws::sdk_config(self.aws);
        Store::new(&config, TABLE).ensure_table().await.map_err(LocalError::refused)?;
        let bot = Configured::of(&self.options.environment, made);
        aws::put_secret(&config, GATE_SECRET, &made.gate_secret(&bot.token)).await?;
        let import = serde_json::json!({ "fernet_keys": [made.fernet_key] });
        aws::put_secret(&config, IMPORT_SECRET, &import).await?;
        aws::put_secret(&config, TELEGRAM_SECRET, &serde_json::json!({ "bot_token": bot.token })).await?;
        let given = &self.options.environment;
        aws::put_secret(&config, OAUTH_SECRET, &oauth::secret(given, made)?).await?;
        let or = |name: &str, ours: &str| self.real(name).unwrap_or_else(|| ours.to_owned());
        Ok(Environment::default()
            .with("ENVIRONMENT", "local")
            .with("TABLE_NAME", TABLE)
            .with("SEALING_KEY_ID", aws::sealing_key(&config).await?)
            .with("PREVIOUS_SEALING_KEY_IDS", or("PREVIOUS_SEALING_KEY_IDS", ""))
            .with("FINGERPRINT_KEY_ID", aws::fingerprint_key(&config).await?)
            .with("GATE_SECRET_ID", GATE_SECRET)
            .with("IMPORT_SECRET_ID", IMPORT_SECRET)
            .with("NETWORK_PASSPHRASE", or("NETWORK_PASSPHRASE", TESTNET))
            .with("FEE_WALLET", or("FEE_WALLET", &made.fee_wallet))
            .with("TURNKEY_BASE_URL", or("TURNKEY_BASE_URL", self.turnkey.url()))
            .with("TELEGRAM_SECRET_ID", TELEGRAM_SECRET)
            .with("TELEGRAM_API_URL", bot.address.as_deref().unwrap_or(self.telegram.url()))
            .with("TELEGRAM_QUEUE_URL", &queues.telegram_url)
            .with("DELIVERIES_QUEUE_URL", &queues.deliveries_url)
            .with("OUTBOUND_LOOPBACK", or("OUTBOUND_LOOPBACK", "true"))
            .with("OUTBOUND_PORTS", or("OUTBOUND_PORTS", ""))
            .with("BASE_URL", or("BASE_URL", base_url))
            .with("OAUTH_SECRET_ID", OAUTH_SECRET)
            .with("OAUTH_BASE_URL", if oauth::is_real(given) { "" } else { self.oauth.url() })
            .with("STELLAR_RPC_URL", or("STELLAR_RPC_URL", self.stellar_rpc.url()))
            .with("MINI_APP_URL", or("MINI_APP_URL", ""))
            .with("BOT_USERNAME", or("BOT_USERNAME", seed::BOT_USERNAME))
            .with("REQUIRE_HMAC_VERIFICATION", or("REQUIRE_HMAC_VERIFICATION", "false"))
            // Keys that are made by hand in the embedded KMS may be tried without a tag.
            .with("REQUIRE_KMS_KEY_OWNER", or("REQUIRE_KMS_KEY_OWNER", "false")))
    }

    pub(crate) async fn demo(
        &self,
        made: &MadeUp,
        environment: &Environment,
        store: &Store,
        base_url: String,
    ) -> Result<Demo, LocalError> {
        let gate = made.gate()?;
        let services = made.seed_services(store, &gate).await?;
        let http = http_client::build()?;
        let signer = services.first().ok_or(LocalError::Seed("a service"))?;
        let people = People { made, gate: &gate, store, http: &http, base_url: &base_url, signer }.seed().await?;
        let seeding = Seeding { gate: &gate, store, http: &http, base_url: &base_url, signer };
        let families = seed_families::families(&seeding, &made.families).await?;
        let admin = people.iter().find(|person| person.role == "admin").ok_or(LocalError::Seed("an admin"))?;
        let clients = seed_clients::clients(&seeding, &made.clients, &admin.access_token).await?;
        let configured = Configured::of(&self.options.environment, made);
        let value = |name: &str| environment.optional(name).unwrap_or_default().to_owned();
        let standin = |name: &str, url: &str| self.real(name).is_none().then(|| url.to_owned());
        Ok(Demo {
            aws_endpoint_url: self.aws.endpoint_url(),
            table_name: TABLE.to_owned(),
            network_passphrase: value("NETWORK_PASSPHRASE"),
            fee_wallet: value("FEE_WALLET"),
            jwt: Jwt {
                secret: made.jwt_secret.clone(),
                kid: seed::KID.to_owned(),
                issuer: seed::ISSUER.to_owned(),
                audience: seed::AUDIENCE.to_owned(),
            },
            bot: Bot {
                token: configured.token,
                username: value("BOT_USERNAME"),
                webhook_secret: made.webhook_secret.clone(),
            },
            services,
            people,
            families,
            clients,
            standins: Standins {
                telegram: configured.address.is_none().then(|| self.telegram.url().to_owned()),
                oauth: (!oauth::is_real(&self.options.environment)).then(|| self.oauth.url().to_owned()),
                turnkey: standin("TURNKEY_BASE_URL", self.turnkey.url()),
                stellar_rpc: standin("STELLAR_RPC_URL", self.stellar_rpc.url()),
            },
            import: Import { fernet_key: made.fernet_key.clone() },
            kms: Kms { signing_key_id: made.kms_signing_key.clone().unwrap_or_default() },
            turnkey: made.wallets.get(wallets::WALLETS - 1).cloned(),
            base_url,
        })
    }
}
