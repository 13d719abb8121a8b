//! A second gateway on the data of a system that runs: on AWS, too, several machines run the same functions at once.

use std::{collections::BTreeMap, path::Path, time::Duration};

use aws_config::SdkConfig;
use countersign_edge::Environment;
use countersign_local_aws::LocalAws;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    LocalError, aws,
    serving::{functions, serve},
    system::write_private,
};

/// Lies beside demo.json: clients have no use for it.
const FILE: &str = "gateway.json";
/// How long open requests may take after a stop was asked for.
const STOP: Duration = Duration::from_secs(5);

/// What the first system tells the gateways that come after it: the functions' configuration, and where AWS is.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    aws_endpoint_url: String,
    environment: BTreeMap<String, String>,
}

impl Told {
    /// What a running system has to tell.
    pub(crate) fn of(environment: &Environment, aws: &LocalAws) -> Self {
        let environment = environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { aws_endpoint_url: aws.endpoint_url(), environment }
    }

    /// Writes it down beside demo.json.
    pub(crate) fn keep(&self, demo: &Path) -> Result<(), LocalError> {
        write_private(&demo.with_file_name(FILE), &serde_json::to_string_pretty(self)?)
    }

    /// Reads what the system of this demo.json told.
    pub(crate) fn read(demo: &Path) -> Result<Self, LocalError> {
        let path = demo.with_file_name(FILE);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            LocalError::Asked(format!("no local system keeps its data there: {}: {error}", path.display()))
        })?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The functions' configuration, and the SDK's for AWS at this address or where the system said.
    pub(crate) fn into_parts(self, aws_endpoint: Option<String>) -> (Environment, SdkConfig) {
        let given = self.environment.into_iter();
        let environment = given.fold(Environment::default(), |all, (name, value)| all.with(&name, value));
        (environment, aws::sdk_config_at(aws_endpoint.unwrap_or(self.aws_endpoint_url)))
    }
}

/// A gateway without an AWS of its own: it seeds nothing and runs nothing by the clock.
pub struct SecondGateway {
    base_url: String,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl SecondGateway {
    /// Serves the functions of the system whose demo.json this is, on `port` of this machine (0: a free one). The embedded
    /// AWS is reached at `aws_endpoint`, where something stands between, else where the system said.
    ///
    /// # Errors
    /// Where the system never ran, the port is taken, or AWS does not answer.
    pub async fn start(demo: &Path, port: u16, aws_endpoint: Option<String>) -> Result<Self, LocalError> {
        let (environment, config) = Told::read(demo)?.into_parts(aws_endpoint);
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = watch::channel(false);
        let serving = serve(listener, functions(&environment, &config, None).await?, stopped);
        Ok(Self { base_url, stop, serving })
    }

    /// Where the API is served a second time.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Lets open requests finish.
    pub async fn stop(self) {
        let _gone = self.stop.send(true);
        let _late = tokio::time::timeout(STOP, self.serving).await;
    }
}
