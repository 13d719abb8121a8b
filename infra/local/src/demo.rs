//! demo.json: what a client in any language needs to drive the local system. Its form is the contract's last section.

use serde::Serialize;

/// Everything made up at first start, good for this machine only.
#[derive(Clone, Debug, Serialize)]
pub struct Demo {
    /// Where the API is served.
    pub base_url: String,
    /// Where the embedded AWS is served.
    pub aws_endpoint_url: String,
    /// The table.
    pub table_name: String,
    /// The network that is signed for.
    pub network_passphrase: String,
    /// Payments to it count as the fee.
    pub fee_wallet: String,
    /// How access tokens are made.
    pub jwt: Jwt,
    /// The bot.
    pub bot: Bot,
    /// One of each role.
    pub services: Vec<DemoService>,
    /// One per row of the table of methods, one whose session has expired, and an admin.
    pub people: Vec<DemoPerson>,
    /// Two, with 10,000.00 in the first wallet of each.
    pub families: Vec<DemoFamily>,
    /// Two, without bots.
    pub clients: Vec<DemoClient>,
    /// Where the stand-ins are served.
    pub standins: Standins,
    /// For trying the import of the old database.
    pub import: Import,
    /// For trying the `kms` signer.
    pub kms: Kms,
    /// For trying the `turnkey` signer; not there when the real Turnkey is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnkey: Option<Wallet>,
}

/// How access tokens are made.
#[derive(Clone, Debug, Serialize)]
pub struct Jwt {
    /// The HS256 secret.
    pub secret: String,
    /// Its name.
    pub kid: String,
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
}

/// The bot.
#[derive(Clone, Debug, Serialize)]
pub struct Bot {
    /// Its token.
    pub token: String,
    /// Its name, without @.
    pub username: String,
    /// What Telegram sends with each update.
    pub webhook_secret: String,
}

/// A service and its credentials.
#[derive(Clone, Debug, Serialize)]
pub struct DemoService {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// For `X-Api-Key`.
    pub api_key: String,
    /// For `X-Client-Id`.
    pub client_id: String,
    /// For signing requests.
    pub client_secret: String,
}

/// A person.
#[derive(Clone, Debug, Serialize)]
pub struct DemoPerson {
    /// The platform's id.
    pub user_id: u64,
    /// Telegram's id.
    pub telegram_id: u64,
    /// The email.
    pub email: String,
    /// The password of their account; none for people whom a test has made.
    pub password: Option<String>,
    /// The platform role.
    pub role: String,
    /// Good for a day here.
    pub access_token: String,
    /// What signing answers for them.
    pub signing_method: String,
    /// The account, where there is a key.
    pub stellar_public_key: Option<String>,
    /// For the person whose key is in Telegram's cloud storage: what the mini-app finds there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telegram_cloud: Option<Wallet>,
}

/// A family.
#[derive(Clone, Debug, Serialize)]
pub struct DemoFamily {
    /// Its id.
    pub id: u64,
    /// Above it a payment needs approval.
    pub threshold: String,
    /// Who owns it.
    pub owner: DemoMember,
    /// Somebody whose role is `member`.
    pub member: DemoMember,
    /// Its wallets, oldest first.
    pub wallets: Vec<Named>,
    /// Its categories, oldest first.
    pub categories: Vec<Named>,
}

/// Somebody in a family.
#[derive(Clone, Debug, Serialize)]
pub struct DemoMember {
    /// The platform's id.
    pub user_id: u64,
    /// Telegram's id.
    pub telegram_id: u64,
    /// Their name.
    pub name: String,
    /// Good for a day here.
    pub access_token: String,
}

/// A client without bots.
#[derive(Clone, Debug, Serialize)]
pub struct DemoClient {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The person it is.
    pub user_id: u64,
    /// Telegram's id.
    pub telegram_id: u64,
    /// Good for a day here.
    pub access_token: String,
}

/// A thing with a name.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// A wallet at Turnkey and an API key that stamps for it.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub struct Wallet {
    /// The sub-organization.
    pub organization_id: String,
    /// The wallet's address.
    pub sign_with: String,
    /// The API key's public half.
    pub api_public_key: String,
    /// Its private half.
    pub api_private_key: String,
}

/// Where the stand-ins are served.
#[derive(Clone, Debug, Serialize)]
pub struct Standins {
    /// None when the real Telegram is used.
    pub telegram: Option<String>,
    /// None when the real providers are used.
    pub oauth: Option<String>,
    /// None when the real Turnkey is used.
    pub turnkey: Option<String>,
    /// None when a real Stellar RPC is used.
    pub stellar_rpc: Option<String>,
}

/// For trying the import.
#[derive(Clone, Debug, Serialize)]
pub struct Import {
    /// The old database's Fernet key.
    pub fernet_key: String,
}

/// For trying the `kms` signer.
#[derive(Clone, Debug, Serialize)]
pub struct Kms {
    /// An Ed25519 key that nobody owns yet.
    pub signing_key_id: String,
}
