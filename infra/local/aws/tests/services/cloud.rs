//! Starts an AWS and makes clients for it.

use std::{path::Path, time::Duration};

use aws_sdk_kms::config::{Credentials, Region};
use countersign_local_aws::{LocalAws, Options};
use tokio::net::TcpListener;

/// The public exception code of an SDK error.
macro_rules! code {
    ($result:expr) => {{
        use aws_sdk_kms::error::ProvideErrorMetadata as _;
        let error = $result.err().expect("an error");
        error.code().unwrap_or("no code").to_owned()
    }};
}
pub(crate) use code;

/// In memory.
pub(crate) async fn start() -> LocalAws {
    start_with(Options::default()).await
}

/// In a folder.
pub(crate) async fn start_in(folder: &Path) -> LocalAws {
    start_with(Options { data_dir: Some(folder.to_owned()), ..Options::default() }).await
}

pub(crate) async fn start_with(options: Options) -> LocalAws {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    LocalAws::start(options, listener).await.unwrap()
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "test")
}

/// Clients of one service.
macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub(crate) fn $name(aws: &LocalAws) -> $sdk::Client {
            let config = $sdk::Config::builder()
                .behavior_version_latest()
                .region(Region::new("us-east-1"))
                .credentials_provider(credentials())
                .endpoint_url(aws.endpoint_url())
                .build();
            $sdk::Client::from_conf(config)
        }
    };
}
client!(kms, aws_sdk_kms);
client!(secrets, aws_sdk_secretsmanager);
client!(sqs, aws_sdk_sqs);
client!(dynamodb, aws_sdk_dynamodb);

/// A day.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
