//! CPU time of the warm handler: through the router with real clients, less the same calls by the bare SDK.

use std::{hint::black_box, time::Duration};

use aws_sdk_dynamodb::Client;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use countersign_edge::{Environment, start, telemetry};
use countersign_sign::{Sign, router};
use countersign_testkit::Call;
use http_body_util::BodyExt as _;
use lambda_http::{
    aws_lambda_events::apigw::ApiGatewayV2httpRequestContext, request::RequestContext, tower::ServiceExt as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Failure,
    bare::Bare,
    child, cpu,
    report::{Report, quartiles},
    sdk_calls::{Prepared, Recorded},
    world::{self, Person, World, text},
};

/// How often the three are measured in turn.
const ROUNDS: usize = 40;
/// Requests of a round.
const REQUESTS: usize = 100;
/// Bare signatures of a round, in a loop of their own.
const BARE: usize = 1000;
/// The handler's own work may cost this many bare signatures.
const MOST: f64 = 3.0;
/// Where the child finds demo.json.
const DEMO: &str = "COUNTERSIGN_BENCH_DEMO";

/// Microseconds of each, by round.
#[derive(Default, Serialize, Deserialize)]
struct Figures {
    request: Vec<f64>,
    sdk: Vec<f64>,
    sdk_and_bare: Vec<f64>,
    bare: Vec<f64>,
}

/// Measures in a child, whose log goes nowhere but is written.
pub(crate) async fn measure(world: &World, report: &mut Report) -> Result<(), Failure> {
    let mut command = child::command(child::HANDLER)?;
    command.envs(world.variables.iter().cloned()).env(DEMO, world.demo.to_string());
    let figures: Figures = serde_json::from_str(&child::figures(command).await?)?;
    let [low, own, high] = quartiles(difference(&figures.request, &figures.sdk));
    let [_, in_place, _] = quartiles(difference(&figures.sdk_and_bare, &figures.sdk));
    let [_, request, _] = quartiles(figures.request);
    let [_, sdk, _] = quartiles(figures.sdk);
    let [_, bare, _] = quartiles(figures.bare);
    report.part("Warm POST /api/sign in process, local signer, CPU time on one core");
    report.line("whole request, through the router", format!("{request:.0} µs"));
    report.line("the same AWS calls by the bare SDK", format!("{sdk:.0} µs"));
    report.line("the rest (quartiles of the rounds)", format!("{own:.0} µs ({low:.0} to {high:.0})"));
    report.line("bare signature in a loop, everything in the caches", format!("{bare:.1} µs"));
    report.line("bare signature between the same AWS calls", format!("{in_place:.1} µs"));
    report.line("the rest, in bare signatures in a loop", format!("{:.2}×", own / bare));
    report.most("the rest, in bare signatures between AWS calls", own / in_place, MOST, "×");
    Ok(())
}

/// Round by round.
fn difference(more: &[f64], less: &[f64]) -> Vec<f64> {
    more.iter().zip(less).map(|(more, less)| more - less).collect()
}

/// The role: four kinds of work in turn, so that what disturbs one disturbs all.
pub(crate) async fn play() -> Result<(), Failure> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let demo: Value = serde_json::from_str(environment.required(DEMO)?)?;
    let aws = start::aws(&environment)?;
    let router = router(Sign::build(&environment, &aws).await?);
    let person = world::person(&demo, "python_bot_kms")?;
    let (_, xdr) = world::sign_call(&person);
    let bare = Bare::new(&text(&demo, "/jwt/secret")?, person.token.clone(), xdr.clone(), network(&demo)?);
    send(&router, &person, &xdr).await?;
    let endpoint = countersign_testkit::Client::new(&text(&demo, "/aws_endpoint_url")?);
    let recorded = Recorded::of(&world::recorded(&endpoint).await?)?;
    endpoint.send(&Call::delete("/_control/requests")).await?;
    let client = Client::new(&aws);
    let (mut figures, mut number) = (Figures::default(), 0);
    for round in 0..=ROUNDS {
        let request = requests(&router, &person, &xdr).await?;
        let sdk = sdk(&client, recorded.prepare(REQUESTS, &mut number)?, None).await?;
        let sdk_and_bare = self::sdk(&client, recorded.prepare(REQUESTS, &mut number)?, Some(&bare)).await?;
        let in_a_loop = bare_signatures(&bare)?;
        // The first round warms everything up.
        if round > 0 {
            figures.request.push(cpu::micros_each(request, REQUESTS));
            figures.sdk.push(cpu::micros_each(sdk, REQUESTS));
            figures.sdk_and_bare.push(cpu::micros_each(sdk_and_bare, REQUESTS));
            figures.bare.push(cpu::micros_each(in_a_loop, BARE));
        }
    }
    Report::figures(&serde_json::to_string(&figures)?);
    Ok(())
}

async fn requests(router: &Router, person: &Person, xdr: &str) -> Result<Duration, Failure> {
    let begun = cpu::thread_time()?;
    for _ in 0..REQUESTS {
        send(router, person, xdr).await?;
    }
    Ok(cpu::thread_time()? - begun)
}

/// The calls alone, or with a bare signature where the handler makes its own.
async fn sdk(client: &Client, calls: Vec<Prepared>, bare: Option<&Bare>) -> Result<Duration, Failure> {
    let begun = cpu::thread_time()?;
    for Prepared { read, write } in calls {
        black_box(client.batch_get_item().set_request_items(Some(read)).send().await?);
        if let Some(bare) = bare {
            black_box(bare.sign()?);
        }
        black_box(client.transact_write_items().set_transact_items(Some(write)).send().await?);
    }
    Ok(cpu::thread_time()? - begun)
}

fn bare_signatures(bare: &Bare) -> Result<Duration, Failure> {
    let begun = cpu::thread_time()?;
    for _ in 0..BARE {
        black_box(bare.sign()?);
    }
    Ok(cpu::thread_time()? - begun)
}

/// One request as the runtime hands it to the router.
async fn send(router: &Router, person: &Person, xdr: &str) -> Result<(), Failure> {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.request_id = Some("JKJaXmPLvHcESHA=".to_owned());
    let request = Request::post("/api/sign")
        .header("authorization", format!("Bearer {}", person.token))
        .header("content-type", "application/json")
        .extension(RequestContext::ApiGatewayV2(context))
        .body(Body::from(json!({ "xdr": xdr }).to_string()))?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status == StatusCode::OK {
        return Ok(());
    }
    Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
}

fn network(demo: &Value) -> Result<[u8; 32], Failure> {
    let network = countersign_stellar::Network::new(&text(demo, "/network_passphrase")?);
    Ok(*network.id())
}
