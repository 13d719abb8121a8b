//! One running AWS: started on a listener, reached by URL, stopped with everything written down.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use countersign_local_control::{Control, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    database::{Store, create_private_folder},
    dynamodb::{DynamoDb, Running},
    inside::Inside,
    router::{Services, router},
    sqs::Bell,
};

/// How long the endpoint's last requests may take after a stop was asked for.
const STOP_WAIT: Duration = Duration::from_secs(4);

/// How to run it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder for the two SQLite files, made for its owner alone; none: everything stays in memory.
    pub data_dir: Option<PathBuf>,
    /// How often DynamoDB items whose TTL has passed are removed.
    pub ttl_sweep: Duration,
}

impl Default for Options {
    /// In memory, swept every five seconds.
    fn default() -> Self {
        Self { data_dir: None, ttl_sweep: Duration::from_secs(5) }
    }
}

/// Why it could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A folder, a file or a socket was refused.
    #[error("the data folder or the listener cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The state of KMS, Secrets Manager and SQS cannot be opened; `database is locked` means another system runs on it.
    #[error("the state of KMS, Secrets Manager and SQS cannot be opened: {0}")]
    State(#[from] rusqlite::Error),
    /// The state was written by a version with other tables.
    #[error("the state was written by another version (tables {0}): start with a new data folder")]
    OtherVersion(i64),
    /// DynamoDB's file cannot be opened.
    #[error("the tables cannot be opened: {0}")]
    DynamoDb(String),
    /// The data folder's path is no UTF-8.
    #[error("the data folder's path is no UTF-8")]
    Path,
    /// The listener's address makes no URL.
    #[error("the listener's address makes no URL")]
    Uri,
}

/// A running AWS. Dropped without [`LocalAws::stop`] it ends with its runtime; nothing that was answered is lost.
pub struct LocalAws {
    services: Arc<Services>,
    control: Control,
    shutdown: oneshot::Sender<()>,
    endpoint: JoinHandle<io::Result<()>>,
    dynamodb: Running,
}

impl LocalAws {
    /// Opens the state and serves it on `listener`.
    ///
    /// # Errors
    /// [`StartError`] where a file or socket cannot be used.
    pub async fn start(options: Options, listener: TcpListener) -> Result<Self, StartError> {
        let url = format!("http://{}", listener.local_addr()?);
        if let Some(folder) = &options.data_dir {
            create_private_folder(folder)?;
        }
        let file = |name: &str| options.data_dir.as_ref().map(|folder| folder.join(name));
        let store = Store::open(file("services.sqlite").as_deref())?;
        let (dynamodb, running) = DynamoDb::start(file("dynamodb.sqlite").as_deref(), options.ttl_sweep).await?;
        let services = Arc::new(Services { store, dynamodb, bell: Bell::new(), endpoint: url });
        let control = Control::new();
        let (shutdown, asked) = oneshot::channel();
        // A sender that is dropped unused is no wish to stop.
        let stopped = async move {
            if asked.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let endpoint = tokio::spawn(serve(listener, router(services.clone()), control.clone(), stopped));
        Ok(Self { services, control, shutdown, endpoint, dynamodb: running })
    }

    /// What SDK clients take as `endpoint_url`.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        self.services.endpoint.clone()
    }

    /// The record of requests, and faults on demand.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// What AWS's own machinery does: for event source mappings.
    #[must_use]
    pub fn inside(&self) -> Inside {
        Inside(self.services.clone())
    }

    /// Removes DynamoDB items whose TTL has passed, now; answers how many.
    pub async fn sweep_ttl(&self) -> usize {
        self.services.dynamodb.sweep().await
    }

    /// Moves the clock of KMS, Secrets Manager and SQS forward, so that waiting periods end in a test. DynamoDB keeps
    /// the system's clock.
    pub fn advance_clock(&self, by: Duration) {
        self.services.store.clock.advance(by);
        self.services.bell.ring();
    }

    /// Lets running requests finish (long polls answer at once), writes everything down and closes the files. Returns
    /// within seconds.
    pub async fn stop(self) {
        let Self { services, control: _, shutdown, mut endpoint, dynamodb } = self;
        services.bell.stop();
        _ = shutdown.send(());
        if timeout(STOP_WAIT, &mut endpoint).await.is_err() {
            endpoint.abort();
        }
        services.dynamodb.stop(dynamodb).await;
        if let Err(error) = services.store.close() {
            tracing::error!(%error, "the state was not closed cleanly; what was answered is kept");
        }
    }
}
