//! The system: started part by part, seeded, described in demo.json, stopped with everything written down.

use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use countersign_edge::Environment;
use countersign_events::Events;
use countersign_keys::monitor::Monitor;
use countersign_local_aws::LocalAws;
use countersign_local_standins::{
    oauth::OAuthStandin, stellar_rpc::StellarRpcStandin, telegram::TelegramStandin, turnkey::TurnkeyStandin,
};
use countersign_oauth_door::Links;
use countersign_services::delivering;
use countersign_sign::{Signers, sweep};
use countersign_store::Store;
use countersign_telegram_bot::sending::Courier;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    Demo, LocalError, Options, access_log, aws, bot, due,
    mappings::{self, Fed},
    oauth,
    parts::{Parts, TABLE, TESTNET},
    queues::Queues,
    second_gateway::Told,
    seed::MadeUp,
    serving::{functions, serve},
    telegram,
};

/// How often the sweep runs, as on AWS.
const SWEEP: Duration = Duration::from_secs(60);
/// How long open requests may take after a stop was asked for.
const STOP: Duration = Duration::from_secs(5);

/// The running system.
pub struct LocalSystem {
    demo: Demo,
    folder: Option<Folder>,
    environment: Environment,
    aws: LocalAws,
    turnkey: TurnkeyStandin,
    stellar_rpc: StellarRpcStandin,
    telegram: TelegramStandin,
    oauth: OAuthStandin,
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
        let folder = options.data.as_deref().map(Folder::take).transpose()?;
        let listener = listen(options.port).await?;
        if let Some(folder) = &folder {
            let _none_yet = std::fs::remove_file(&folder.demo);
        }
        let kept = |name: &str| options.data.as_ref().filter(|_| !options.ephemeral).map(|data| data.join(name));
        let made_file = kept("made-up.json");
        let mut made = MadeUp::of(made_file.as_deref())?;
        let aws_options = countersign_local_aws::Options { data_dir: kept("aws"), ..Default::default() };
        let aws = LocalAws::start(aws_options, free_port().await?).await.map_err(LocalError::refused)?;
        let turnkey = TurnkeyStandin::start(free_port().await?, kept("turnkey.jsonl"))?;
        let passphrase = options.environment.optional("NETWORK_PASSPHRASE").unwrap_or(TESTNET);
        let stellar_rpc = StellarRpcStandin::start(free_port().await?, passphrase)?;
        let telegram = telegram::start(free_port().await?, &made)?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let public = options.environment.optional("BASE_URL").unwrap_or(&base_url);
        let oauth = oauth::start(free_port().await?, &made, public)?;
        let parts = Parts {
            aws: &aws,
            turnkey: &turnkey,
            stellar_rpc: &stellar_rpc,
            telegram: &telegram,
            oauth: &oauth,
            options: &options,
        };
        if parts.make_up(&mut made).await? {
            made.keep(made_file.as_deref())?;
        }
        let queues = Queues::make(&aws.inside()).await?;
        let environment = parts.prepare(&made, &queues, &base_url).await?;
        let (stop, stopped) = watch::channel(false);
        let config = aws::sdk_config(&aws);
        let (log, keeping) = access_log::start(options.with_access_log, &environment, &config)?;
        let mut tasks = vec![serve(listener, functions(&environment, &config, log).await?, stopped.clone())];
        tasks.extend(keeping);
        if !options.without_schedules {
            tasks.push(sweeper(Signers::build(&environment, &config)?, stopped.clone()));
            tasks.push(oauth::reminders(Links::build(&environment, &config).await?, stopped.clone()));
            let (events, keys) = (Events::build(&environment, &config)?, Monitor::build(&environment, &config)?);
            tasks.push(due::start(Store::new(&config, TABLE), events, keys, stopped.clone()));
        }
        if !options.without_mappings {
            let fed = fed(&environment, &config).await?;
            let stream = (!options.without_stream).then(|| aws.inside().stream(TABLE));
            tasks.extend(mappings::start(&aws.inside(), stream, queues, fed, &stopped));
        }
        register(&environment, &config).await;
        let store = Store::new(&config, TABLE);
        let demo = parts.demo(&made, &environment, &store, base_url).await?;
        if let Some(folder) = &folder {
            Told::of(&environment, &aws).keep(&folder.demo)?;
            write_private(&folder.demo, &serde_json::to_string_pretty(&demo)?)?;
        }
        Ok(Self { demo, folder, environment, aws, turnkey, stellar_rpc, telegram, oauth, store, stop, tasks })
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
        self.folder.as_ref().map(|folder| folder.demo.as_path())
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

    /// The Telegram stand-in; nobody writes to it where the real Telegram is used.
    #[must_use]
    pub fn telegram(&self) -> &TelegramStandin {
        &self.telegram
    }

    /// What stands in for the providers of linked accounts.
    #[must_use]
    pub fn oauth(&self) -> &OAuthStandin {
        &self.oauth
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
        self.telegram.stop().await;
        self.oauth.stop().await;
        self.turnkey.stop().await;
        self.stellar_rpc.stop().await;
        self.aws.stop().await;
    }
}

/// The functions that streams and queues feed.
async fn fed(environment: &Environment, config: &aws_config::SdkConfig) -> Result<Fed, LocalError> {
    Ok(Fed {
        events: Events::build(environment, config)?.into(),
        courier: Courier::build(environment, config).await?,
        deliveries: delivering::Courier::build(environment, config).await?.into(),
    })
}

/// Tells Telegram of the webhook and the commands. The system runs without it: the real Telegram takes no address of this
/// machine.
async fn register(environment: &Environment, config: &aws_config::SdkConfig) {
    if let Err(error) = bot::register_bot(environment, config).await {
        tracing::warn!(%error, "Telegram does not know the webhook");
    }
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
    use std::io::Write as _;
    let partial = path.with_extension("partial");
    let mut file = private_file(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    Ok(())
}

/// An empty file for this user alone.
fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Where a system keeps its data. It has one system at a time: another's demo.json is read by others.
struct Folder {
    demo: PathBuf,
    /// The operating system lets go of it however the system ends.
    _lock: File,
}

impl Folder {
    fn take(data: &Path) -> Result<Self, LocalError> {
        std::fs::create_dir_all(data)?;
        let lock = private_file(&data.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { demo: data.join("demo.json"), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(LocalError::Asked(format!(
                "a local system is running on {}: stop it, or name another folder by --data",
                data.display()
            ))),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

async fn listen(port: u16) -> Result<TcpListener, LocalError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            LocalError::Asked(format!("port {port} is taken: stop what listens there, or take a free one by --port 0"))
        }
        _ => error.into(),
    })
}
