//! The embedded AWS and what is made in it once: the table, the sealing key, the secrets.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_kms::{
    config::{Credentials, SharedCredentialsProvider},
    types::KeySpec,
};
use countersign_local_aws::LocalAws;
use serde_json::Value;

use crate::LocalError;

/// Nobody checks them here; they only must be there.
pub(crate) const ACCESS_KEY: &str = "local";
/// As [`ACCESS_KEY`].
pub(crate) const SECRET_KEY: &str = "local";
/// The embedded AWS's region.
pub(crate) const REGION: &str = countersign_local_aws::REGION;
/// The alias of the key that seals.
const SEALING_ALIAS: &str = "alias/countersign-sealing";
/// The alias of the key that makes fingerprints.
const FINGERPRINT_ALIAS: &str = "alias/countersign-fingerprints";

/// The configuration of the SDK's clients: the same clients as deployed, at another endpoint.
pub(crate) fn sdk_config(aws: &LocalAws) -> SdkConfig {
    sdk_config_at(aws.endpoint_url())
}

/// The same for an AWS that runs elsewhere.
pub(crate) fn sdk_config_at(endpoint_url: String) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint_url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(countersign_edge::start::timeouts())
        .retry_config(countersign_edge::start::retries())
        .build()
}

/// The key that seals, made where it is not there; its ARN.
pub(crate) async fn sealing_key(config: &SdkConfig) -> Result<String, LocalError> {
    let kms = aws_sdk_kms::Client::new(config);
    if let Ok(found) = kms.describe_key().key_id(SEALING_ALIAS).send().await {
        return arn(found.key_metadata);
    }
    let made = kms.create_key().description("Seals what Countersign keeps").send().await.map_err(LocalError::aws)?;
    let arn = arn(made.key_metadata)?;
    kms.create_alias().alias_name(SEALING_ALIAS).target_key_id(&arn).send().await.map_err(LocalError::aws)?;
    kms.enable_key_rotation().key_id(&arn).send().await.map_err(LocalError::aws)?;
    Ok(arn)
}

/// The key that makes fingerprints of clients' keys, made where it is not there; its ARN.
pub(crate) async fn fingerprint_key(config: &SdkConfig) -> Result<String, LocalError> {
    let kms = aws_sdk_kms::Client::new(config);
    if let Ok(found) = kms.describe_key().key_id(FINGERPRINT_ALIAS).send().await {
        return arn(found.key_metadata);
    }
    let made = kms
        .create_key()
        .key_spec(KeySpec::Hmac256)
        .key_usage(aws_sdk_kms::types::KeyUsageType::GenerateVerifyMac)
        .description("Makes fingerprints of clients' keys")
        .send()
        .await
        .map_err(LocalError::aws)?;
    let arn = arn(made.key_metadata)?;
    kms.create_alias().alias_name(FINGERPRINT_ALIAS).target_key_id(&arn).send().await.map_err(LocalError::aws)?;
    Ok(arn)
}

/// A new key that signs for a person.
pub(crate) async fn signing_key(config: &SdkConfig) -> Result<String, LocalError> {
    let made = aws_sdk_kms::Client::new(config)
        .create_key()
        .key_spec(KeySpec::EccNistEdwards25519)
        .key_usage(aws_sdk_kms::types::KeyUsageType::SignVerify)
        .description("Signs for a person of the demo")
        .send()
        .await
        .map_err(LocalError::aws)?;
    arn(made.key_metadata)
}

/// Writes a secret, new or again.
pub(crate) async fn put_secret(config: &SdkConfig, name: &str, value: &Value) -> Result<(), LocalError> {
    let secrets = aws_sdk_secretsmanager::Client::new(config);
    let text = value.to_string();
    if secrets.describe_secret().secret_id(name).send().await.is_ok() {
        secrets.put_secret_value().secret_id(name).secret_string(text).send().await.map_err(LocalError::aws)?;
    } else {
        secrets.create_secret().name(name).secret_string(text).send().await.map_err(LocalError::aws)?;
    }
    Ok(())
}

fn arn(metadata: Option<aws_sdk_kms::types::KeyMetadata>) -> Result<String, LocalError> {
    metadata.and_then(|metadata| metadata.arn).ok_or_else(|| LocalError::Aws("a key without an ARN".into()))
}
