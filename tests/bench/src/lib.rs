//! Measures signing, each figure beside its baseline of the same run, because machines differ and ratios less so.
//!
//! 1. The handler: CPU time of a warm `POST /api/sign` through the function's own router, less that of the same AWS
//!    calls by the bare SDK, against HS256 verify + XDR decode + SHA-256 + Ed25519 sign + encode. In a loop of its own
//!    that baseline finds all its code and data in the processor's caches; between two AWS calls, where the handler
//!    works, neither finds them there. Both are told; the target is for the second, where like is compared with like.
//! 2. Calls to AWS for one signature, by signer, counted by the embedded AWS.
//! 3. Cold start: from spawning the release binary to its first signature, against a hello-world function built with
//!    the same profile; with the size of the binary and its peak memory.
//! 4. The ledger: calls to AWS of a payment and its confirmation; the CPU time of a payment beside that of the same calls
//!    by the bare SDK; how often 1, 4 and 16 writers of one wallet try a commit; what
//!    a report costs with a hundred, ten thousand and a million transactions.
//!
//! The embedded AWS runs in a process of its own, so that nothing of it is measured. An argument picks a part:
//! `cargo bench -p countersign-bench -- cold-start`.

mod bare;
mod binaries;
mod bot_calls;
mod calls;
mod child;
mod cold_start;
mod cpu;
mod handler;
mod ledger;
mod ledger_calls;
mod report;
mod reports;
mod sdk_calls;
mod world;

use std::process::ExitCode;

use report::Report;
use world::World;

/// What goes wrong here ends the run.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The parts, as an argument names them.
const PARTS: [&str; 6] = ["handler", "calls", "ledger", "contention", "reports", "cold-start"];

/// Runs the parts that the arguments name, all of them where none is named; nothing without `--bench`, which Cargo passes.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = if let Some(role) = arguments.iter().find_map(|argument| argument.strip_prefix("--role=")) {
        child::play(role)
    } else if arguments.iter().any(|argument| argument == "--bench") {
        let named = |part: &str| arguments.iter().any(|argument| argument == part);
        let none_named = !PARTS.iter().any(|part| named(part));
        measure(PARTS.into_iter().filter(|part| none_named || named(part)).collect())
    } else {
        Ok(())
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            Report::failed(&failure);
            ExitCode::FAILURE
        }
    }
}

fn measure(parts: Vec<&str>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut report = Report::new();
        for part in parts {
            // A system of its own for each: what one leaves in the table is not the next one's.
            let world = if part == "reports" { World::quiet().await? } else { World::start().await? };
            match part {
                "handler" => handler::measure(&world, &mut report).await?,
                "calls" => {
                    calls::count(&world, &mut report).await?;
                    bot_calls::count(&world, &mut report).await?;
                    ledger::count(&world, &mut report).await?;
                }
                "ledger" => ledger::measure(&world, &mut report).await?,
                "contention" => ledger::contend(&world, &mut report).await?,
                "reports" => reports::measure(&world, &mut report).await?,
                _ => cold_start::measure(&world, &binaries::build()?, &mut report).await?,
            }
            world.stop().await?;
        }
        report.end();
        Ok(())
    })
}
