//! Cold start: from spawning a function to its first answer, signing against hello-world, one after the other.

use std::path::Path;

use countersign_testkit::{Answer, Call, LambdaProcess, Spawned, signed_by};

use crate::{
    Failure,
    binaries::Binaries,
    report::{Report, quartiles},
    world::{self, Person, World},
};

/// Starts of each.
const STARTS: usize = 20;
/// Requests after which memory is looked at.
const WARM: usize = 50;
/// A cold start of signing may take this many of hello-world.
const MOST: f64 = 2.5;
const MIB: f64 = 1024.0 * 1024.0;
/// The largest binary, in MB.
const SIZE_MB: f64 = 8.0;
/// The most memory, in MiB.
const MEMORY_MIB: f64 = 16.0;

/// Starts in milliseconds.
#[derive(Default)]
struct Starts {
    ready: Vec<f64>,
    first_answer: Vec<f64>,
    memory: Vec<f64>,
}

impl Starts {
    fn add(&mut self, process: &LambdaProcess) -> Result<(), Failure> {
        let Spawned { ready, first_answer } = process.started().ok_or("it did not start")?;
        self.ready.push(ready.as_secs_f64() * 1e3);
        self.first_answer.push(first_answer.as_secs_f64() * 1e3);
        self.memory.push(mib(process.peak_memory_bytes()?));
        Ok(())
    }

    fn tell(&self, report: &Report, name: &str) -> [f64; 3] {
        let [_, ready, _] = quartiles(self.ready.clone());
        let [low, answer, high] = quartiles(self.first_answer.clone());
        let [_, memory, _] = quartiles(self.memory.clone());
        report
            .line(name, format!("{answer:.1} ms ({low:.1} to {high:.1}), ready after {ready:.1} ms, {memory:.1} MiB"));
        [ready, answer, memory]
    }
}

/// Measures starts, sizes and memory.
pub(crate) async fn measure(world: &World, binaries: &Binaries, report: &mut Report) -> Result<(), Failure> {
    let person = world.person("python_bot_kms")?;
    let (mut sign, mut hello, mut aws_calls) = (Starts::default(), Starts::default(), Starts::default());
    for round in 0..=STARTS {
        let first = once(&binaries.hello, world, "hello").await?;
        let second = once(&binaries.aws_calls, world, "done").await?;
        let third = sign_once(world, &binaries.sign, &person, 1).await?;
        // The first round brings the files into memory.
        if round > 0 {
            hello.add(&first)?;
            aws_calls.add(&second)?;
            sign.add(&third)?;
        }
    }
    report.part("Cold start: spawn → first answer, medians");
    let [_, hello_answer, _] = hello.tell(report, "hello-world");
    let [_, aws_answer, _] = aws_calls.tell(report, "the same calls to AWS, and nothing else");
    let [_, sign_answer, _] = sign.tell(report, "sign, first signature");
    report.line("the same calls to AWS, in hello-worlds", format!("{:.2}×", aws_answer / hello_answer));
    report.line("sign, in functions that make the same calls to AWS", format!("{:.2}×", sign_answer / aws_answer));
    report.most("sign, in hello-worlds", sign_answer / hello_answer, MOST, "×");
    report.part("Size and memory");
    report.line("hello-world binary", format!("{:.2} MB", megabytes(&binaries.hello)?));
    report.most("sign binary", megabytes(&binaries.sign)?, SIZE_MB, " MB");
    let warm = sign_once(world, &binaries.sign, &person, WARM).await?;
    report.most("sign, peak memory", mib(warm.peak_memory_bytes()?), MEMORY_MIB, " MiB");
    Ok(())
}

async fn once(binary: &Path, world: &World, answer: &str) -> Result<LambdaProcess, Failure> {
    let mut process = LambdaProcess::spawn(binary, world.variables.iter().cloned()).await?;
    let answered = process.call(&Call::get("/")).await?;
    if answered.text() == answer { Ok(process) } else { Err(answered.text().into()) }
}

/// Starts the function and lets it sign this often.
async fn sign_once(world: &World, binary: &Path, person: &Person, times: usize) -> Result<LambdaProcess, Failure> {
    let mut process = LambdaProcess::spawn(binary, world.variables.iter().cloned()).await?;
    for _ in 0..times {
        let (call, unsigned) = world::sign_call(person);
        let answer: Answer = process.call(&call).await?;
        signed_by(&answer.field("signed_xdr"), &unsigned, &world.passphrase()?, &person.account)
            .map_err(|wrong| format!("{wrong}: {}", answer.text()))?;
    }
    Ok(process)
}

fn megabytes(binary: &Path) -> Result<f64, Failure> {
    Ok(precise(std::fs::metadata(binary)?.len()) / 1e6)
}

fn mib(bytes: u64) -> f64 {
    precise(bytes) / MIB
}

/// Sizes here are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "files and memory of a function are small")]
fn precise(bytes: u64) -> f64 {
    bytes as f64
}
