//! The ledger: calls to AWS of a transaction and its confirmation, CPU time beside that of the same calls by the bare SDK,
//! and what writers of one family cost each other.

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use countersign_edge::{Environment, start, telemetry};
use countersign_money::{Money, router};
use countersign_testkit::{Call, Client};
use http_body_util::BodyExt as _;
use lambda_http::{
    aws_lambda_events::apigw::ApiGatewayV2httpRequestContext, request::RequestContext, tower::ServiceExt as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    Failure, child, cpu,
    ledger_calls::{Again, Recorded},
    report::{Report, quartiles},
    world::{self, World, text},
};

/// How often the kinds of work are measured in turn.
const ROUNDS: usize = 20;
/// Requests of a round.
const REQUESTS: usize = 25;
/// What the function itself may cost, in times of what the SDK costs for its calls.
const MOST: f64 = 1.0;
/// Payments of each count of writers.
const PAYMENTS: usize = 48;
/// Where the child finds demo.json.
const DEMO: &str = "COUNTERSIGN_BENCH_DEMO";

/// A family of the demo.
#[derive(Clone)]
struct Family {
    id: u64,
    owner: String,
    member: String,
    wallets: [u64; 2],
    category: u64,
}

impl Family {
    fn of(demo: &Value, place: usize) -> Result<Self, Failure> {
        let number =
            |pointer: String| demo.pointer(&pointer).and_then(Value::as_u64).ok_or_else(|| format!("no {pointer}"));
        let at = |rest: &str| format!("/families/{place}/{rest}");
        Ok(Self {
            id: number(at("id"))?,
            owner: text(demo, &at("owner/access_token"))?,
            member: text(demo, &at("member/access_token"))?,
            wallets: [number(at("wallets/0/id"))?, number(at("wallets/1/id"))?],
            category: number(at("categories/0/id"))?,
        })
    }

    fn payment(&self, amount: &str) -> Value {
        let [from, to] = self.wallets;
        json!({
            "family_id": self.id, "from_wallet_id": from, "to_wallet_id": to, "amount": amount,
            "category_id": self.category, "description": "Groceries",
        })
    }

    fn pay(&self, amount: &str) -> Call {
        Call::post("/api/v1/transactions", &self.payment(amount)).bearer(&self.member)
    }

    fn confirm(&self, id: u64) -> Call {
        let body = json!({ "confirmation_token": null });
        Call::post(&format!("/api/v1/transactions/{id}/confirm"), &body).bearer(&self.owner)
    }
}

/// Counts the calls for each step of a transaction.
pub(crate) async fn count(world: &World, report: &mut Report) -> Result<(), Failure> {
    let (api, family) = (Client::new(&text(&world.demo, "/base_url")?), Family::of(&world.demo, 0)?);
    report.part("Calls for one transaction: TransactGetItems, BatchGetItem, TransactWriteItems, anything else");
    let (_, executed) = counted(world, &api, &family.pay("1.00").idempotent("bench-1")).await?;
    report.exactly("a payment that is executed", &executed, &[1, 0, 1, 0]);
    let (id, held) = counted(world, &api, &family.pay("600.00").idempotent("bench-2")).await?;
    report.exactly("a payment that waits (and who is asked)", &held, &[1, 2, 1, 0]);
    let (_, confirmed) = counted(world, &api, &family.confirm(id)).await?;
    report.exactly("its confirmation", &confirmed, &[1, 1, 1, 0]);
    Ok(())
}

async fn counted(world: &World, api: &Client, call: &Call) -> Result<(u64, [usize; 4]), Failure> {
    // What earlier steps told Telegram has gone out.
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.forget_aws_requests().await?;
    let answer = api.send(call).await?;
    let labels = world.aws_labels().await?;
    let id = answer.json().get("id").and_then(Value::as_u64).ok_or_else(|| answer.text())?;
    let own = labels.iter().take_while(|label| !label.contains("AmazonSQS"));
    let labels: Vec<&String> = own.collect();
    let count = |text: &str| labels.iter().filter(|label| label.contains(text)).count();
    let known = [count(".TransactGetItems"), count(".BatchGetItem"), count(".TransactWriteItems")];
    let [snapshots, batches, commits] = known;
    Ok((id, [snapshots, batches, commits, labels.len() - known.iter().sum::<usize>()]))
}

/// Microseconds of each, by round.
#[derive(Default, Serialize, Deserialize)]
struct Figures {
    request: Vec<f64>,
    sdk: Vec<f64>,
}

/// Measures a payment's CPU time in a child, whose log goes nowhere but is written.
pub(crate) async fn measure(world: &World, report: &mut Report) -> Result<(), Failure> {
    let mut command = child::command(child::LEDGER)?;
    command.envs(world.variables.iter().cloned()).env(DEMO, world.demo.to_string());
    let figures: Figures = serde_json::from_str(&child::figures(command).await?)?;
    let own = figures.request.iter().zip(&figures.sdk).map(|(request, sdk)| request - sdk).collect();
    let [low, own, high] = quartiles(own);
    let ([_, request, _], [_, sdk, _]) = (quartiles(figures.request), quartiles(figures.sdk));
    report.part("Warm POST /api/v1/transactions in process, CPU time on one core");
    report.line("whole request, through the router", format!("{request:.0} µs"));
    report.line("the same AWS calls by the bare SDK", format!("{sdk:.0} µs"));
    report.line("the rest (quartiles of the rounds)", format!("{own:.0} µs ({low:.0} to {high:.0})"));
    report.most("the rest, in times of the SDK's own", own / sdk, MOST, "×");
    Ok(())
}

/// The role: payments through the router, and the same calls by the bare SDK, in turn.
pub(crate) async fn play() -> Result<(), Failure> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let demo: Value = serde_json::from_str(environment.required(DEMO)?)?;
    let aws = start::aws(&environment)?;
    let router = router(Money::build(&environment, &aws).await?);
    let family = Family::of(&demo, 0)?;
    pay(&router, &family).await?;
    let endpoint = Client::new(&text(&demo, "/aws_endpoint_url")?);
    let recorded = Recorded::of(&world::recorded(&endpoint).await?)?;
    let client = aws_sdk_dynamodb::Client::new(&aws);
    let (mut figures, mut number) = (Figures::default(), 0);
    for round in 0..=ROUNDS {
        let begun = cpu::thread_time()?;
        for _ in 0..REQUESTS {
            pay(&router, &family).await?;
        }
        let request = cpu::thread_time()? - begun;
        let prepared: Vec<Again> = recorded.prepare(REQUESTS, &mut number)?;
        let begun = cpu::thread_time()?;
        for again in prepared {
            again.send(&client).await?;
        }
        let sdk = cpu::thread_time()? - begun;
        // The first round warms everything up.
        if round > 0 {
            figures.request.push(cpu::micros_each(request, REQUESTS));
            figures.sdk.push(cpu::micros_each(sdk, REQUESTS));
        }
    }
    Report::figures(&serde_json::to_string(&figures)?);
    Ok(())
}

/// One request as the runtime hands it to the router.
async fn pay(router: &Router, family: &Family) -> Result<(), Failure> {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.request_id = Some("JKJaXmPLvHcESHA=".to_owned());
    let request = Request::post("/api/v1/transactions")
        .header("authorization", format!("Bearer {}", family.member))
        .header("content-type", "application/json")
        .extension(RequestContext::ApiGatewayV2(context))
        .body(Body::from(family.payment("0.01").to_string()))?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status == StatusCode::CREATED {
        return Ok(());
    }
    Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
}

/// What writers of one family cost each other: how often each commit was tried, and how long a payment took.
pub(crate) async fn contend(world: &World, report: &mut Report) -> Result<(), Failure> {
    let (api, family) = (Client::new(&text(&world.demo, "/base_url")?), Family::of(&world.demo, 1)?);
    report.part("Writers of one wallet at once: tries of a commit, and the time of a payment");
    let mut alone = Duration::ZERO;
    for writers in [1, 4, 16] {
        world.forget_aws_requests().await?;
        let begun = Instant::now();
        let mut each = write(&api, &family, writers).await?;
        let all = begun.elapsed();
        let commits = world.aws_labels().await?.iter().filter(|label| label.contains(".TransactWriteItems")).count();
        each.sort_unstable();
        let (middle, last) = (each.get(each.len() / 2).copied(), each.last().copied());
        let (middle, last) = (middle.unwrap_or_default(), last.unwrap_or_default());
        if writers == 1 {
            alone = middle;
        }
        let tries = ratio(commits, PAYMENTS);
        report.line(
            &format!("{writers} writers"),
            format!(
                "{tries:.2} tries, {:.1} ms (at most {:.0} ms), {:.1}× as long as alone, {:.0} payments a second",
                millis(middle),
                millis(last),
                middle.as_secs_f64() / alone.as_secs_f64(),
                PAYMENTS as f64 / all.as_secs_f64(),
            ),
        );
    }
    Ok(())
}

fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// So many payments by so many writers; how long each took. Every one must succeed.
async fn write(api: &Client, family: &Family, writers: usize) -> Result<Vec<Duration>, Failure> {
    let mut running = JoinSet::new();
    for _ in 0..writers {
        let (api, family) = (api.clone(), family.clone());
        running.spawn(async move {
            let mut each = Vec::new();
            for _ in 0..PAYMENTS / writers {
                let begun = Instant::now();
                let answer = api.send(&family.pay("0.01")).await?;
                if answer.status != 201 {
                    return Err::<_, Failure>(answer.text().into());
                }
                each.push(begun.elapsed());
            }
            Ok(each)
        });
    }
    let mut all = Vec::new();
    for each in running.join_all().await {
        all.extend(each?);
    }
    Ok(all)
}
