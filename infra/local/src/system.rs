//! The system: started part by part, seeded, described in demo.json, stopped with everything written down.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::Router;
use countersign_edge::Environment;
use countersign_local_aws::LocalAws;
use countersign_local_standins::{stellar_rpc::StellarRpcStandin, turnkey::TurnkeyStandin};
use countersign_sign::{Sign, Signers, sweep};
use countersign_store::Store;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    Demo, LocalError, aws,
    gateway::Gateway,
    parts::{Parts, TABLE, TESTNET},
    routes::Routes,
    seed::MadeUp,
};

/// How often the sweep runs, as on AWS.
const SWEEP: Duration = Duration::from_secs(60);
/// How long open requests may take after a stop was asked for.
const STOP: Duration = Duration::from_secs(5);

/// How to run it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where to serve on 127.0.0.1; 0 takes a free port.
    pub port: u16,
    /// The folder for the data and demo.json; none: memory, and no demo.json.
    pub data: Option<PathBuf>,
    /// Keep the data in memory although there is a folder.
    pub ephemeral: bool,
    /// Variables that replace ours: `TURNKEY_BASE_URL` and `STELLAR_RPC_URL` use the real systems, others configure
    /// the functions (`REQUIRE_HMAC_VERIFICATION`, `NETWORK_PASSPHRASE`, `FEE_WALLET`).
    pub environment: Environment,
}

/// The running system.
pub struct LocalSystem {
    demo: Demo,
    demo_path: Option<PathBuf>,
    environment: Environment,
    aws: LocalAws,
    turnkey: TurnkeyStandin,
    stellar_rpc: StellarRpcStandin,
    store: Store,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl LocalSystem {
    /// Starts everything and seeds the demo.
    ///
    /// # Errors
    /// Where a part does not start; the message names it.
    pub async fn start(options: Options) -> Result<Self, LocalError> {
        let demo_path = options.data.as_ref().map(|data| data.join("demo.json"));
        if let Some(data) = &options.data {
            std::fs::create_dir_all(data)?;
            let _none_yet = std::fs::remove_file(data.join("demo.json"));
        }
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
        let kept = |name: &str| options.data.as_ref().filter(|_| !options.ephemeral).map(|data| data.join(name));
        let made_file = kept("made-up.json");
        let mut made = MadeUp::of(made_file.as_deref())?;
        let aws_options = countersign_local_aws::Options { data_dir: kept("aws"), ..Default::default() };
        let aws = LocalAws::start(aws_options, free_port().await?).await.map_err(LocalError::refused)?;
        let turnkey = TurnkeyStandin::start(free_port().await?, kept("turnkey.jsonl"))?;
        let passphrase = options.environment.optional("NETWORK_PASSPHRASE").unwrap_or(TESTNET);
        let stellar_rpc = StellarRpcStandin::start(free_port().await?, passphrase)?;
        let parts = Parts { aws: &aws, turnkey: &turnkey, stellar_rpc: &stellar_rpc, options: &options };
        if parts.make_up(&mut made).await? {
            made.keep(made_file.as_deref())?;
        }
        let environment = parts.prepare(&made).await?;
        let (stop, stopped) = watch::channel(false);
        let config = aws::sdk_config(&aws);
        let base_url = format!("http://{}", listener.local_addr()?);
        let mut tasks = vec![serve(listener, functions(&environment, &config).await?, stopped.clone())];
        tasks.push(sweeper(Signers::build(&environment, &config)?, stopped));
        let store = Store::new(&config, TABLE);
        let demo = parts.demo(&made, &environment, &store, base_url).await?;
        if let Some(path) = &demo_path {
            write_private(path, &serde_json::to_string_pretty(&demo)?)?;
        }
        Ok(Self { demo, demo_path, environment, aws, turnkey, stellar_rpc, store, stop, tasks })
    }

    /// Where the API is served.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.demo.base_url
    }

    /// What demo.json says.
    #[must_use]
    pub fn demo(&self) -> &Demo {
        &self.demo
    }

    /// Where demo.json is.
    #[must_use]
    pub fn demo_path(&self) -> Option<&Path> {
        self.demo_path.as_deref()
    }

    /// The functions' configuration.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The same for a separate process, with what leads the SDK to the embedded AWS.
    #[must_use]
    pub fn process_environment(&self) -> Vec<(String, String)> {
        let sdk = [
            ("AWS_ENDPOINT_URL", self.aws.endpoint_url()),
            ("AWS_REGION", aws::REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", aws::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", aws::SECRET_KEY.to_owned()),
        ];
        let sdk = sdk.map(|(name, value)| (name.to_owned(), value));
        self.environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).chain(sdk).collect()
    }

    /// The embedded AWS.
    #[must_use]
    pub fn aws(&self) -> &LocalAws {
        &self.aws
    }

    /// The configuration of SDK clients for the embedded AWS.
    #[must_use]
    pub fn sdk_config(&self) -> aws_config::SdkConfig {
        aws::sdk_config(&self.aws)
    }

    /// The Turnkey stand-in.
    #[must_use]
    pub fn turnkey(&self) -> &TurnkeyStandin {
        &self.turnkey
    }

    /// The Stellar RPC stand-in.
    #[must_use]
    pub fn stellar_rpc(&self) -> &StellarRpcStandin {
        &self.stellar_rpc
    }

    /// The table.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Lets open requests finish and writes everything down.
    pub async fn stop(self) {
        let _everybody_left = self.stop.send(true);
        for task in self.tasks {
            let _late = tokio::time::timeout(STOP, task).await;
        }
        self.turnkey.stop().await;
        self.stellar_rpc.stop().await;
        self.aws.stop().await;
    }
}

/// The functions' own routers behind the gateway.
async fn functions(environment: &Environment, config: &aws_config::SdkConfig) -> Result<Router, LocalError> {
    let sign = countersign_sign::router(Sign::build(environment, config).await?);
    let web = countersign_web::router();
    let routes = Routes::of_template().map_err(|error| LocalError::Template(error.to_string()))?;
    let gateway = Gateway::new(routes, BTreeMap::from([("SignFunction", sign), ("WebFunction", web)]));
    match gateway.missing().as_slice() {
        [] => Ok(gateway.router()),
        missing => Err(LocalError::Template(format!("{} is not served here", missing.join(", ")))),
    }
}

fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let until = async move {
            let _gone = stopped.wait_for(|stopped| *stopped).await;
        };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(until).await {
            tracing::error!(%error, "the gateway ended");
        }
    })
}

fn sweeper(signers: Signers, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while tokio::time::timeout(SWEEP, stopped.changed()).await.is_err() {
            if let Err(refusal) = sweep::sweep(&signers).await {
                tracing::warn!(%refusal, "the sweep did not run");
            }
        }
    })
}

async fn free_port() -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await
}

/// Writes a file for its owner alone, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), LocalError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let partial = path.with_extension("partial");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    Ok(())
}
