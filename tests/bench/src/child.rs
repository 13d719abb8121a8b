//! The same program in another role, in a process of its own.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{Failure, handler, ledger, world};

/// Serves the local system until its standard input closes.
pub(crate) const SYSTEM: &str = "system";
/// The same without what streams and queues feed.
pub(crate) const QUIET_SYSTEM: &str = "quiet-system";
/// Measures the handler; its log goes nowhere, its figures to standard error.
pub(crate) const HANDLER: &str = "handler";

/// Measures a payment, likewise.
pub(crate) const LEDGER: &str = "ledger";

/// Plays a role.
pub(crate) fn play(role: &str) -> Result<(), Failure> {
    let mut single = tokio::runtime::Builder::new_current_thread();
    let mut many = tokio::runtime::Builder::new_multi_thread();
    match role {
        SYSTEM => many.enable_all().build()?.block_on(world::serve(false)),
        QUIET_SYSTEM => many.enable_all().build()?.block_on(world::serve(true)),
        HANDLER => single.enable_all().build()?.block_on(handler::play()),
        LEDGER => single.enable_all().build()?.block_on(ledger::play()),
        other => Err(format!("no role is called {other}").into()),
    }
}

/// A command that starts this program in a role. It ends when its handle is dropped.
pub(crate) fn command(role: &str) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(format!("--role={role}")).kill_on_drop(true);
    Ok(command)
}

/// The first line that a child prints.
pub(crate) async fn first_line(child: &mut Child) -> Result<String, Failure> {
    let mut lines = BufReader::new(child.stdout.take().ok_or("the child prints nothing")?).lines();
    let line = lines.next_line().await?.ok_or("the child ended")?;
    // Whatever else it prints is read and forgotten, so that it never waits.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(line)
}

/// What a child that measures prints to standard error, once it has ended.
pub(crate) async fn figures(mut command: Command) -> Result<String, Failure> {
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?.wait_with_output().await?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(text) } else { Err(format!("the child failed: {text}").into()) }
}
