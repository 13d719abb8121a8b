//! A local KMS with a sealing and an HMAC key, and a vault on them.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_kms::{
    Client,
    config::{Credentials, SharedCredentialsProvider},
    types::{KeySpec, KeyUsageType},
};
use countersign_local_aws::{LocalAws, Options, REGION};
use countersign_vault::Vault;
use tokio::net::TcpListener;

pub(crate) struct Kms {
    _aws: LocalAws,
    config: SdkConfig,
    sealing: String,
    mac: String,
}

impl Kms {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let aws = LocalAws::start(Options::default(), listener).await.unwrap();
        let credentials = Credentials::new("test", "test", None, None, "made up");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let kms = Client::new(&config);
        let sealing = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        let mac = kms.create_key().key_spec(KeySpec::Hmac256).key_usage(KeyUsageType::GenerateVerifyMac);
        let mac = mac.send().await.unwrap().key_metadata.unwrap().key_id;
        Self { _aws: aws, config, sealing, mac }
    }

    pub(crate) fn vault(&self) -> Vault {
        Vault::new(&self.config, &self.sealing).with_fingerprint_key(&self.mac)
    }

    #[allow(dead_code, reason = "one of the tests uses it")]
    pub(crate) fn vault_without_fingerprints(&self) -> Vault {
        Vault::new(&self.config, &self.sealing)
    }

    /// The sealing key that [`Kms::vault`] uses.
    #[allow(dead_code, reason = "one of the tests uses it")]
    pub(crate) fn sealing_key(&self) -> String {
        self.sealing.clone()
    }

    /// Another key that seals; its ARN.
    #[allow(dead_code, reason = "one of the tests uses it")]
    pub(crate) async fn another_sealing_key(&self) -> String {
        self.client().create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap()
    }

    /// A vault that seals under this key and was under those before.
    #[allow(dead_code, reason = "one of the tests uses it")]
    pub(crate) fn vault_of(&self, key: &str, previous: &[&str]) -> Vault {
        Vault::new(&self.config, key).with_previous_keys(previous.iter().map(|id| (*id).to_owned()))
    }

    /// KMS itself.
    #[allow(dead_code, reason = "one of the tests uses it")]
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.config)
    }
}
