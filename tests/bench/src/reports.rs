//! What a report costs a family with a hundred, ten thousand and a million transactions: the same.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_sdk_dynamodb::{
    Client as DynamoDb, Config,
    config::{BehaviorVersion, Credentials, Region},
    types::{AttributeValue, PutRequest, WriteRequest},
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
const REQUESTS: usize = 40;
/// The report of a million transactions may take so many times what that of a hundred takes: only noise differs.
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
    fn of(demo: &Value) -> Result<Self, Failure> {
        let number =
            |pointer: &str| demo.pointer(pointer).and_then(Value::as_u64).ok_or_else(|| format!("no {pointer}"));
        Ok(Self {
            table: text(demo, "/table_name")?,
            id: number("/families/0/id")?,
            owner: text(demo, "/families/0/owner/access_token")?,
            member: number("/families/0/member/user_id")?,
            wallets: [number("/families/0/wallets/0/id")?, number("/families/0/wallets/1/id")?],
            category: number("/families/0/categories/0/id")?,
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

/// Fills the table step by step, and asks for reports at each.
pub(crate) async fn measure(world: &World, report: &mut Report) -> Result<(), Failure> {
    let (api, family) = (Client::new(&text(&world.demo, "/base_url")?), Family::of(&world.demo)?);
    let table = dynamodb(&text(&world.demo, "/aws_endpoint_url")?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let last = Month::of(Moment::from_seconds(i64::try_from(now)?));
    let months: Vec<Month> = (0..MONTHS).map(|back| last.plus(-back)).collect();
    let path = format!("/api/v1/reports?family_id={}&by=category&from={}&to={last}", family.id, last.plus(1 - MONTHS));
    let call = Call::get(&path).bearer(&family.owner);
    report.part("A report of 24 months by category: calls to AWS, and its time, whatever the number of transactions");
    let (mut there, mut first) = (0, None);
    for transactions in TRANSACTIONS {
        let totals: Vec<_> = months.iter().flat_map(|month| family.totals(*month, transactions)).collect();
        put(&table, &family.table, totals).await?;
        fill(&table, &family, there, transactions).await?;
        there = transactions;
        let (calls, took) = ask(world, &api, &call).await?;
        let (calls_of_first, first) = *first.get_or_insert((calls, took));
        report.line(&format!("{transactions} transactions"), format!("{:.1} ms", took * 1e3));
        report.exactly("calls, as many as of the first", &calls, &calls_of_first);
        report.most("time, in times of the first", took / first, MOST, "×");
    }
    Ok(())
}

/// How many calls one report makes, and the middle time of many, in seconds.
async fn ask(world: &World, api: &Client, call: &Call) -> Result<(usize, f64), Failure> {
    world.forget_aws_requests().await?;
    let answer = api.send(call).await?;
    if answer.status != 200 {
        return Err(answer.text().into());
    }
    let counted = world.aws_labels().await?.len();
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        api.send(call).await?;
        times.push(begun.elapsed().as_secs_f64());
    }
    let [_, middle, _] = quartiles(times);
    Ok((counted, middle))
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
