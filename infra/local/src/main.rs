//! `cargo run`: starts everything, says what to try next, and stops cleanly on Ctrl-C.
#![allow(clippy::print_stdout, reason = "a program that talks to a person")]

use std::{path::PathBuf, process::ExitCode};

use aws_config::BehaviorVersion;
use clap::{Parser, Subcommand};
use countersign_edge::{Environment, telemetry};
use countersign_local::{LocalError, LocalSystem, Options, openapi, tour};
use tokio::signal::unix::{SignalKind, signal};

/// Countersign on one machine.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to serve; 0 takes a free port.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    port: u16,
    /// Where the data and demo.json are kept.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
    /// Keep the data in memory; demo.json is written all the same.
    #[arg(long)]
    ephemeral: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the OpenAPI document that is made from the code.
    Openapi,
    /// Tell Telegram where the webhook of an installation is, and which commands are offered. Variables: `BASE_URL`,
    /// `TELEGRAM_SECRET_ID`, `GATE_SECRET_ID`, and what leads the SDK to the account that holds these secrets.
    RegisterBot,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Some(Command::Openapi)) {
        println!("{}", openapi::document());
        return ExitCode::SUCCESS;
    }
    // The embedded DynamoDB warns of every failed condition, and those are our locks.
    telemetry::init(&Environment::of_process(), &["dynoxide"]);
    let done = match arguments.command {
        Some(Command::RegisterBot) => register_bot().await,
        _ => run(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("countersign: {error}");
            ExitCode::FAILURE
        }
    }
}

/// With the operator's own credentials, from the environment or a profile, and AWS, not the embedded one.
async fn register_bot() -> Result<(), LocalError> {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    countersign_local::register_bot(&Environment::of_process(), &aws).await?;
    println!("the bot is registered");
    Ok(())
}

async fn run(arguments: Arguments) -> Result<(), LocalError> {
    let system = LocalSystem::start(Options {
        port: arguments.port,
        data: Some(arguments.data),
        ephemeral: arguments.ephemeral,
        without_mappings: false,
        without_schedules: false,
        environment: Environment::of_process(),
    })
    .await?;
    println!("{}", tour(system.demo()));
    if let Some(path) = system.demo_path() {
        println!("{}", path.display());
    }
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    println!("stopping");
    system.stop().await;
    Ok(())
}
