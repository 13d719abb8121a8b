//! What a report costs a family with a hundred, ten thousand and a million transactions: the same.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_sdk_dynamodb::{
    Client as DynamoDb, Config,
    config::{BehaviorVersion, Credentials, Region},
    types::{AttributeValue, PutRequest, StreamSpecification, WriteRequest},
};
use countersign_core::{Moment, ledger::Month};
use countersign_testkit::{Call, Client};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    Failure,
    report::{Report, quartiles},
    world::{World, text},
};

/// How many transactions the family has, in turn.
const TRANSACTIONS: [u64; 3] = [100, 10_000, 1_000_000];
/// Months of the report, which is the most.
const MONTHS: i32 = 24;
/// How often each report is asked for.
const REQUESTS: usize = 100;
/// How often calls are counted: the least counts, because a try that came too late is made again.
const COUNTED: usize = 5;
/// A report may take so many times what that of another family takes, which has the first number of transactions.
const MOST: f64 = 1.5;
/// Items of one `BatchWriteItem` (DynamoDB's limit).
const BATCH: u64 = 25;
/// Batches that are under way at once.
const AT_ONCE: u64 = 4;

/// The family, and where its records lie.
#[derive(Clone)]
struct Family {
    table: String,
    id: u64,
    owner: String,
    member: u64,
    wallets: [u64; 2],
    category: u64,
}

impl Family {
    fn of(demo: &Value, place: usize) -> Result<Self, Failure> {
        let family = demo.pointer(&format!("/families/{place}")).ok_or("the demo has no such family")?;
        let number =
            |pointer: &str| family.pointer(pointer).and_then(Value::as_u64).ok_or_else(|| format!("no {pointer}"));
        Ok(Self {
            table: text(demo, "/table_name")?,
            id: number("/id")?,
            owner: text(family, "/owner/access_token")?,
            member: number("/member/user_id")?,
            wallets: [number("/wallets/0/id")?, number("/wallets/1/id")?],
            category: number("/categories/0/id")?,
        })
    }

    fn item(&self, sk: String, kind: &str, numbers: &[(&str, u64)]) -> HashMap<String, AttributeValue> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let mut item = HashMap::from([
            ("pk".to_owned(), text(&format!("FAMILY#{}", self.id))),
            ("sk".to_owned(), AttributeValue::S(sk)),
            ("item_kind".to_owned(), text(kind)),
            ("item_version".to_owned(), AttributeValue::N("1".to_owned())),
            ("currency".to_owned(), text("EUR")),
        ]);
        for (name, number) in numbers {
            item.insert((*name).to_owned(), AttributeValue::N(number.to_string()));
        }
        item
    }

    /// The entry of the transaction of this number: among the totals, in the same partition.
    fn entry(&self, number: u64) -> HashMap<String, AttributeValue> {
        let [one, other] = self.wallets;
        let wallet = if number.is_multiple_of(2) { one } else { other };
        let sk = format!("ENTRY#{wallet:016}#{number:016}");
        let at = 1_700_000_000_000 + number;
        let numbers =
            [("wallet_id", wallet), ("movement_id", number), ("delta_minor", 1), ("balance_minor", 1), ("at", at)];
        self.item(sk, "entry", &numbers)
    }

    fn report(&self, last: Month) -> Call {
        let first = last.plus(1 - MONTHS);
        let path = format!("/api/v1/reports?family_id={}&by=category&from={first}&to={last}", self.id);
        Call::get(&path).bearer(&self.owner)
    }

    /// The totals of a month when there are so many transactions.
    fn totals(&self, month: Month, transactions: u64) -> Vec<HashMap<String, AttributeValue>> {
        let each = transactions / u64::from(MONTHS.unsigned_abs());
        let of = |kind: &str, id: String| {
            let sums = [("income_minor", each), ("expense_minor", each), ("moved_in_minor", 0), ("moved_out_minor", 0)];
            let mut item = self.item(format!("TOTAL#{kind}#{month}#EUR#{id}"), "total", &sums);
            item.insert("movements".to_owned(), AttributeValue::N(each.to_string()));
            item
        };
        let [one, other] = self.wallets;
        vec![
            of("FAMILY", String::new()),
            of("CATEGORY", self.category.to_string()),
            of("MEMBER", self.member.to_string()),
            of("WALLET", one.to_string()),
            of("WALLET", other.to_string()),
        ]
    }
}

/// Fills one family's books step by step, and asks at each for its report and, in turn with it, for that of another family
/// that stays as it is: whatever the machine does meanwhile, it does to both.
pub(crate) async fn measure(world: &World, report: &mut Report) -> Result<(), Failure> {
    let api = Client::new(&text(&world.demo, "/base_url")?);
    let (grows, stays) = (Family::of(&world.demo, 0)?, Family::of(&world.demo, 1)?);
    let table = dynamodb(&text(&world.demo, "/aws_endpoint_url")?);
    // The embedded DynamoDB looks through the whole stream at every write.
    let off = StreamSpecification::builder().stream_enabled(false).build()?;
    table.update_table().table_name(&grows.table).stream_specification(off).send().await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let last = Month::of(Moment::from_seconds(i64::try_from(now)?));
    report
        .part("A report of 24 months by category: calls to AWS, and its time beside that of a family that stays small");
    let [first, ..] = TRANSACTIONS;
    put_totals(&table, &stays, last, first).await?;
    fill(&table, &stays, 0, first).await?;
    let (mut there, calls) = (0, [grows.report(last), stays.report(last)]);
    let [of_growing, of_small] = &calls;
    for transactions in TRANSACTIONS {
        put_totals(&table, &grows, last, transactions).await?;
        fill(&table, &grows, there, transactions).await?;
        there = transactions;
        let [counted, small] = [count(world, &api, of_growing).await?, count(world, &api, of_small).await?];
        let [took, alone] = time(&api, &calls).await?;
        report.line(&format!("{transactions} transactions"), format!("{:.1} ms", took * 1e3));
        report.exactly("calls, as many as of the small family", &counted, &small);
        report.most("time, in times of the small family's", took / alone, MOST, "×");
    }
    Ok(())
}

async fn put_totals(table: &DynamoDb, family: &Family, last: Month, transactions: u64) -> Result<(), Failure> {
    let months = (0..MONTHS).map(|back| last.plus(-back));
    put(table, &family.table, months.flat_map(|month| family.totals(month, transactions)).collect()).await
}

/// How many calls to AWS one report makes.
async fn count(world: &World, api: &Client, call: &Call) -> Result<usize, Failure> {
    let mut least = usize::MAX;
    for _ in 0..COUNTED {
        world.forget_aws_requests().await?;
        let answer = api.send(call).await?;
        if answer.status != 200 {
            return Err(answer.text().into());
        }
        least = least.min(world.aws_labels().await?.len());
    }
    Ok(least)
}

/// The middle time of each, asked for in turn, in seconds.
async fn time(api: &Client, calls: &[Call; 2]) -> Result<[f64; 2], Failure> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..REQUESTS {
        for (call, times) in calls.iter().zip(&mut times) {
            let begun = Instant::now();
            api.send(call).await?;
            times.push(begun.elapsed().as_secs_f64());
        }
    }
    Ok(times.map(|times| {
        let [_, middle, _] = quartiles(times);
        middle
    }))
}

fn dynamodb(endpoint_url: &str) -> DynamoDb {
    let credentials = Credentials::new("local", "local", None, None, "bench");
    let config = Config::builder().behavior_version(BehaviorVersion::latest()).endpoint_url(endpoint_url);
    DynamoDb::from_conf(config.region(Region::new("us-east-1")).credentials_provider(credentials).build())
}

/// Writes the entries of the transactions that are not there yet.
async fn fill(table: &DynamoDb, family: &Family, from: u64, to: u64) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    for lane in 0..AT_ONCE {
        let (table, family) = (table.clone(), family.clone());
        running.spawn(async move {
            let mut begin = from + lane * BATCH;
            while begin < to {
                let entries = (begin..(begin + BATCH).min(to)).map(|number| family.entry(number + 1)).collect();
                put(&table, &family.table, entries).await?;
                begin += AT_ONCE * BATCH;
            }
            Ok::<_, Failure>(())
        });
    }
    running.join_all().await.into_iter().collect()
}

async fn put(client: &DynamoDb, table: &str, items: Vec<HashMap<String, AttributeValue>>) -> Result<(), Failure> {
    for some in items.chunks(usize::try_from(BATCH)?) {
        let write = |item: &HashMap<_, _>| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            put.map(|put| WriteRequest::builder().put_request(put).build())
        };
        let mut left: Vec<WriteRequest> = some.iter().map(write).collect::<Result<_, _>>()?;
        while !left.is_empty() {
            let answer = client.batch_write_item().request_items(table, left).send().await?;
            left = answer.unprocessed_items.and_then(|mut items| items.remove(table)).unwrap_or_default();
            if !left.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    Ok(())
}
