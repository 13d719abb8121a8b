//! `cargo run`: starts everything, says what to try next, and stops cleanly on Ctrl-C.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person")]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use aws_config::BehaviorVersion;
use clap::{Parser, Subcommand};
use countersign_core::{FamilyId, account::Email};
use countersign_edge::{Environment, telemetry};
use countersign_local::{
    LocalError, LocalSystem, Options, Resealing, SecondGateway, openapi, prove_totals, table_of, tour, words,
};
use countersign_store::{Guard, NamedPerson};
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
    /// Serve the same functions once more, in a process of its own, on the AWS of a local system that runs.
    Gateway {
        /// The running system's demo.json.
        #[arg(long)]
        demo: PathBuf,
        /// Where to serve; 0 takes a free port.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Where to reach AWS, for something that stands between.
        #[arg(long)]
        aws_endpoint: Option<String>,
    },
    /// Make somebody the first admin. Only while there is none.
    FirstAdmin {
        /// The address of an account, or the Telegram id of somebody who has written to the bot.
        #[arg(value_name = "E-MAIL OR TELEGRAM ID")]
        who: String,
        /// demo.json of a local system that runs; without it the table is that of the environment: `TABLE_NAME`, and what
        /// leads the SDK to its account.
        #[arg(long)]
        demo: Option<PathBuf>,
    },
    /// Count families' balances, holds and monthly totals again from their entries. Fails where anything differs.
    ProveTotals {
        /// Whose; several times for several.
        #[arg(long, required = true)]
        family: Vec<FamilyId>,
        /// Mend the sums that are wrong.
        #[arg(long)]
        fix: bool,
        /// demo.json of a local system that runs; without it the table is that of the environment: `TABLE_NAME`, and what
        /// leads the SDK to its account.
        #[arg(long)]
        demo: Option<PathBuf>,
    },
    /// Put clients' keys under the sealing key of now, while signing goes on. Fails where some are not under it at the end;
    /// run again, it does only those.
    Reseal {
        /// Only say who is behind.
        #[arg(long)]
        dry_run: bool,
        /// The KMS key of now (id, ARN or alias), where it is not the installation's `SEALING_KEY_ID`.
        #[arg(long, env = "SEALING_KEY_ID")]
        key: Option<String>,
        /// The KMS keys of before, with commas between, where they are not the installation's.
        #[arg(long, env = "PREVIOUS_SEALING_KEY_IDS", value_delimiter = ',')]
        previous: Vec<String>,
        /// demo.json of a local system that runs; without it the table is that of the environment: `TABLE_NAME`, and what
        /// leads the SDK to its account.
        #[arg(long)]
        demo: Option<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Some(Command::Openapi)) {
        println!("{}", openapi::document());
        return ExitCode::SUCCESS;
    }
    // What was asked for is on stdout, the log on stderr. Lines that nobody takes are dropped: whoever starts the system and
    // reads no more must not bring it to a stop.
    let (stderr, _until_the_end) = tracing_appender::non_blocking(std::io::stderr());
    // The embedded DynamoDB warns of every failed condition, and those are our locks.
    telemetry::init_into(&Environment::of_process(), &["dynoxide"], stderr);
    let done = match arguments.command {
        Some(Command::RegisterBot) => register_bot().await,
        Some(Command::Gateway { demo, port, aws_endpoint }) => second_gateway(&demo, port, aws_endpoint).await,
        Some(Command::ProveTotals { family, fix, demo }) => prove(&family, fix, demo.as_deref()).await,
        Some(Command::Reseal { dry_run, key, previous, demo }) => {
            reseal(Resealing::of(demo.as_deref(), key, previous).await, dry_run).await
        }
        Some(Command::FirstAdmin { who, demo }) => first_admin(&who, demo.as_deref()).await,
        _ => run(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One transaction: two operators at once make one admin.
async fn first_admin(who: &str, demo: Option<&Path>) -> Result<(), LocalError> {
    let named = match who.parse() {
        Ok(telegram_id) => NamedPerson::Telegram(telegram_id),
        Err(_) => {
            NamedPerson::Email(Email::read(who).map_err(|refusal| LocalError::Asked(refusal.public.into_owned()))?)
        }
    };
    let made = table_of(demo).await?.bootstrap().first_admin(&named).await;
    let said = match made {
        Ok(Some(user)) => format!("{who} is the admin now: user {user}"),
        Ok(None) => {
            let public = "nobody is known by that; register first, or write /start to the bot";
            return Err(LocalError::Asked(public.to_owned()));
        }
        Err(error) if error.failed(Guard::Actor) => {
            return Err(LocalError::Asked("there is an admin already".to_owned()));
        }
        Err(error) => return Err(LocalError::Aws(error.to_string())),
    };
    println!("{said}");
    Ok(())
}

/// With the operator's own credentials, from the environment or a profile, and AWS, not the embedded one.
async fn register_bot() -> Result<(), LocalError> {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    countersign_local::register_bot(&Environment::of_process(), &aws).await?;
    println!("the bot is registered");
    Ok(())
}

async fn prove(families: &[FamilyId], fix: bool, demo: Option<&Path>) -> Result<(), LocalError> {
    let table = table_of(demo).await?;
    let mut sound = true;
    for family in families {
        let proved = prove_totals(&table, *family, fix).await?;
        let (transactions, entries) = proved.counted;
        println!("family {family}: {transactions} transactions, {entries} entries");
        for difference in &proved.found {
            let mended = if proved.mended && difference.is_mendable() { " (mended)" } else { "" };
            println!("  {difference}{mended}");
        }
        sound &= proved.is_sound();
    }
    if sound { Ok(()) } else { Err(LocalError::Unsound) }
}

/// Everything is looked at once more at the end: what a rotation has brought back meanwhile is said.
async fn reseal(resealing: Result<Resealing, LocalError>, dry_run: bool) -> Result<(), LocalError> {
    let (resealing, say) = (resealing?, |key: &_, seen: &_| println!("{}", words(key, seen)));
    if !dry_run {
        let done = resealing.walk(true, say).await?;
        println!("{} clients, {} keys: {} resealed", done.clients, done.keys, done.resealed);
    }
    let now = resealing.walk(false, say).await?;
    println!("{} clients, {} keys: {} left", now.clients, now.keys, now.left);
    if now.left == 0 { Ok(()) } else { Err(LocalError::Behind(now.left)) }
}

async fn run(arguments: Arguments) -> Result<(), LocalError> {
    let system = LocalSystem::start(Options {
        port: arguments.port,
        data: Some(arguments.data),
        ephemeral: arguments.ephemeral,
        without_mappings: false,
        without_stream: false,
        without_schedules: false,
        with_access_log: true,
        environment: Environment::of_process(),
    })
    .await?;
    println!("{}", tour(system.demo()));
    if let Some(path) = system.demo_path() {
        println!("{}", path.display());
    }
    asked_to_stop().await?;
    println!("stopping");
    system.stop().await;
    Ok(())
}

async fn second_gateway(demo: &Path, port: u16, aws_endpoint: Option<String>) -> Result<(), LocalError> {
    let gateway = SecondGateway::start(demo, port, aws_endpoint).await?;
    println!("{}", gateway.base_url());
    asked_to_stop().await?;
    println!("stopping");
    gateway.stop().await;
    Ok(())
}

async fn asked_to_stop() -> Result<(), LocalError> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
