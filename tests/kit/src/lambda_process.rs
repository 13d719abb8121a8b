//! A function as it is deployed: its binary in a process of its own, served by a Runtime API, killed when it is dropped.

use std::{
    ffi::OsStr,
    io,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::{Answer, Call, RuntimeApi};

/// How long anything may take where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the last output may take after the process has ended.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// A running function.
pub struct LambdaProcess {
    api: RuntimeApi,
    child: Child,
    spawned: Instant,
    patience: Duration,
    output: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

/// What a function made of an event.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its answer, or its error document.
    pub result: Result<Value, Value>,
    /// From the event's being there to the answer, the wait for a function that still starts included.
    pub took: Duration,
}

/// How long a start took.
#[derive(Clone, Copy, Debug)]
pub struct Spawned {
    /// Until the function first asked for an event.
    pub ready: Duration,
    /// Until its first answer.
    pub first_answer: Duration,
}

/// Why there is no answer. What the process printed is added, so that a failed test shows it.
#[derive(Debug, thiserror::Error)]
pub enum LambdaError {
    /// It did not answer in time.
    #[error("the function did not answer in time; it said:\n{0}")]
    TimedOut(String),
    /// It ended in place of answering.
    #[error("the function ended with {0}; it said:\n{1}")]
    Exited(ExitStatus, String),
    /// It answered with an error document.
    #[error("the function failed: {0}; it said:\n{1}")]
    Failed(Value, String),
    /// It answered API Gateway with something that is no HTTP answer.
    #[error("no HTTP answer: {0}")]
    Form(Value),
    /// The process cannot be watched.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl LambdaProcess {
    /// Starts a function's binary with these variables and those that Lambda itself sets, and no others.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub async fn spawn<N, V>(
        binary: impl AsRef<OsStr>,
        environment: impl IntoIterator<Item = (N, V)>,
    ) -> io::Result<Self>
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let api = RuntimeApi::start().await?;
        let mut command = Command::new(binary);
        command.env_clear().envs(of_lambda()).env("AWS_LAMBDA_RUNTIME_API", api.address()).envs(environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let spawned = Instant::now();
        let mut child = command.spawn()?;
        let output = Arc::default();
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|pipe| read(pipe, &output)));
        readers.extend(child.stderr.take().map(|pipe| read(pipe, &output)));
        Ok(Self { api, child, spawned, patience: PATIENCE, output, readers })
    }

    /// With another patience than 30 s.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Hands it an event and waits for what it makes of it.
    ///
    /// # Errors
    /// Where it makes nothing of it in time, or ends.
    pub async fn invoke(&mut self, event: &Value) -> Result<Invocation, LambdaError> {
        let begun = Instant::now();
        let mut pending = self.api.queue(event);
        let answered = tokio::select! {
            answered = timeout(self.patience, pending.answered()) => answered,
            status = self.child.wait() => return Err(LambdaError::Exited(status?, self.last_output().await)),
        };
        match answered {
            Ok(Some(answered)) => Ok(Invocation { result: answered.result, took: answered.at.duration_since(begun) }),
            Ok(None) | Err(_) => Err(LambdaError::TimedOut(self.output())),
        }
    }

    /// Makes a call as API Gateway would.
    ///
    /// # Errors
    /// Where it does not answer, or with something else than an HTTP answer.
    pub async fn call(&mut self, call: &Call) -> Result<Answer, LambdaError> {
        self.answer(&call.event()).await
    }

    /// Hands it an event of API Gateway and reads the answer.
    ///
    /// # Errors
    /// As [`LambdaProcess::call`].
    pub async fn answer(&mut self, event: &Value) -> Result<Answer, LambdaError> {
        match self.invoke(event).await?.result {
            Ok(answer) => Answer::of_event(&answer).ok_or(LambdaError::Form(answer)),
            Err(document) => Err(LambdaError::Failed(document, self.output())),
        }
    }

    /// Waits until it asks for an event: its init is over. Tells how long that took.
    ///
    /// # Errors
    /// Where it does not in time, or ends.
    pub async fn ready(&mut self) -> Result<Duration, LambdaError> {
        let ready = tokio::select! {
            ready = timeout(self.patience, self.api.ready()) => ready,
            status = self.child.wait() => return Err(LambdaError::Exited(status?, self.last_output().await)),
        };
        match ready {
            Ok(at) => Ok(at.duration_since(self.spawned)),
            Err(_) => Err(LambdaError::TimedOut(self.output())),
        }
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// Where it does not in time.
    pub async fn exited(&mut self) -> Result<ExitStatus, LambdaError> {
        let Ok(status) = timeout(self.patience, self.child.wait()).await else {
            return Err(LambdaError::TimedOut(self.output()));
        };
        self.last_output().await;
        Ok(status?)
    }

    /// How long the start took, once there was an answer.
    #[must_use]
    pub fn started(&self) -> Option<Spawned> {
        let (ready, first_answer) = (self.api.ready_at()?, self.api.first_answer_at()?);
        Some(Spawned {
            ready: ready.duration_since(self.spawned),
            first_answer: first_answer.duration_since(self.spawned),
        })
    }

    /// What it said of an init that failed.
    #[must_use]
    pub fn init_error(&self) -> Option<Value> {
        self.api.init_error()
    }

    /// Its id; none once it has ended.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The most memory it has had, in bytes.
    ///
    /// # Errors
    /// Where it has ended, or the system does not tell.
    pub fn peak_memory_bytes(&self) -> io::Result<u64> {
        let gone = || io::Error::new(io::ErrorKind::NotFound, "no VmHWM");
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().ok_or_else(gone)?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or_else(gone)?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| gone())?;
        Ok(kib * 1024)
    }

    /// Everything it has printed so far, on both streams.
    #[must_use]
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Everything it printed before it ended.
    async fn last_output(&mut self) -> String {
        for reader in self.readers.drain(..) {
            let _late = timeout(LAST_OUTPUT, reader).await;
        }
        self.output()
    }
}

/// What Lambda sets for a function on `provided.al2023`.
fn of_lambda() -> [(&'static str, &'static str); 11] {
    [
        ("AWS_LAMBDA_FUNCTION_NAME", "countersign-test"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/countersign-test"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0123456789abcdef"),
        ("AWS_REGION", "us-east-1"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("_HANDLER", "bootstrap"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
    ]
}

fn read(mut pipe: impl AsyncRead + Unpin + Send + 'static, output: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let output = Arc::clone(output);
    tokio::spawn(async move {
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut part).await {
            let bytes = part.get(..length).unwrap_or_default();
            output.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        }
    })
}
