//! Reports: by month, category, member and wallet; as JSON, CSV, SVG and PNG; at a cost that does not grow.

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use super::{
    house::House,
    planned::{demo_id, refused, spend, stranger, this_month},
};

fn report(house: &House, query: &str) -> Call {
    Call::get(&format!("/api/v1/reports?family_id={}&{query}", house.family)).bearer(&house.owner.token)
}

async fn fetched(house: &House, query: &str) -> Answer {
    let answer = house.world.send(&report(house, query)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// Lines as names, income and expense.
fn lines(report: &Value) -> Vec<(String, String, String)> {
    let line = |row: &Value| {
        let name = row["month"].as_str().or_else(|| row["name"].as_str()).unwrap_or("-").to_owned();
        let amount = |field: &str| row[field].as_str().unwrap().to_owned();
        (name, amount("income"), amount("expense"))
    };
    report["rows"].as_array().unwrap().iter().map(line).collect()
}

fn line(name: &str, income: &str, expense: &str) -> (String, String, String) {
    (name.to_owned(), income.to_owned(), expense.to_owned())
}

/// A house that has spent and earned something.
async fn lived_in() -> House {
    let house = House::start().await;
    let (main, savings) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/wallets/1/id"));
    let (groceries, home) = (demo_id(&house, "/categories/0/id"), demo_id(&house, "/categories/1/id"));
    for call in [
        spend(&house, &house.owner, main, Some(groceries), "40.00"),
        spend(&house, &house.member, main, Some(groceries), "2.50"),
        spend(&house, &house.member, main, Some(home), "100.00"),
        spend(&house, &house.member, main, None, "7.00"),
        house.pay(&house.owner, Some(main), Some(savings), "300.00"),
        house.pay(&house.owner, None, Some(main), "1500.00"),
    ] {
        house.done(&call).await;
    }
    let back = house.done(&spend(&house, &house.owner, main, Some(home), "11.00")).await;
    house.done(&house.reverse(back["id"].as_u64().unwrap())).await;
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_money_is_told_by_month_category_member_and_wallet() {
    let house = lived_in().await;
    let shown = fetched(&house, "").await.json();
    assert_eq!((&shown["by"], &shown["from"]), (&json!("category"), &json!(this_month())));
    assert_eq!(
        lines(&shown),
        [line("Home", "0.00", "100.00"), line("Groceries", "0.00", "42.50"), line("-", "1500.00", "7.00")]
    );
    assert_eq!((&shown["totals"][0]["net"], &shown["totals"][0]["expense"]), (&json!("1350.50"), &json!("149.50")));
    let by_month = fetched(&house, "by=month").await.json();
    assert_eq!(lines(&by_month), [line(&this_month(), "1500.00", "149.50")]);
    let members = fetched(&house, "by=member").await.json();
    assert_eq!(lines(&members), [line("Max", "0.00", "109.50"), line("Olga", "1500.00", "40.00")]);
    let wallets = fetched(&house, "by=wallet").await.json();
    assert_eq!(lines(&wallets), [line("Main", "1500.00", "149.50"), line("Savings", "0.00", "0.00")]);
    assert_eq!(
        (&wallets["rows"][0]["moved_out"], &wallets["rows"][1]["moved_in"]),
        (&json!("300.00"), &json!("300.00"))
    );
    let years = fetched(&house, "by=month&from=2024-01&to=2025-12").await.json();
    assert_eq!(years["rows"].as_array().unwrap().len(), 24);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spreadsheet_runs_nothing_that_somebody_named() {
    let house = lived_in().await;
    let path = format!("/api/v1/families/{}/categories", house.family);
    let made = house.done(&Call::post(&path, &json!({ "name": "=HYPERLINK(\"x\")" })).bearer(&house.owner.token)).await;
    let main = demo_id(&house, "/wallets/0/id");
    house.done(&spend(&house, &house.owner, main, made["id"].as_u64(), "400.00")).await;
    let answer = fetched(&house, "format=csv").await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"report-"));
    let text = answer.text();
    let first: Vec<_> = text.lines().take(2).collect();
    assert_eq!(first[0], "id,category,currency,income,expense,net,moved_in,moved_out,transactions");
    let hostile = format!("{},\"'=HYPERLINK(\"\"x\"\")\",EUR,0.00,400.00,-400.00,0.00,0.00,1", made["id"]);
    assert_eq!(first[1], hostile, "{text}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_picture_is_one_that_programs_read() {
    let house = lived_in().await;
    let png = fetched(&house, "format=png").await;
    assert_eq!(png.header("content-type"), Some("image/png"));
    assert!(png.body.starts_with(b"\x89PNG\r\n\x1a\n") && png.body.ends_with(b"IEND\xaeB`\x82"));
    let asked = report(&house, "by=month&from=2026-01&to=2026-12").header("accept", "image/svg+xml");
    let svg = house.world.send(&asked).await;
    assert_eq!((svg.status, svg.header("content-type")), (200, Some("image/svg+xml")));
    let text = svg.text();
    assert!(text.starts_with("<svg ") && text.contains("2026-11") && text.contains("Income"), "{text}");
    assert_eq!(house.world.send(&asked).await.text(), text, "the same report is the same picture");
    let empty = fetched(&house, "format=svg&from=2020-01").await.text();
    assert!(empty.contains("No transactions"), "{empty}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_report_is_said() {
    let house = House::start().await;
    for bad in [
        "by=day",
        "from=2026-13",
        "from=2026-02&to=2026-01",
        "from=2024-01&to=2026-01",
        "format=pdf",
        "format=png&currency=X",
    ] {
        refused(&house, &report(&house, bad), 400).await;
    }
    refused(&house, &Call::get("/api/v1/reports").bearer(&house.owner.token), 400).await;
    let others = Call::get(&format!("/api/v1/reports?family_id={}", house.family)).bearer(&stranger(&house).token);
    refused(&house, &others, 404).await;
    let longest = fetched(&house, "from=2024-01&to=2025-12&by=month").await.json();
    assert!(longest["rows"].as_array().unwrap().iter().all(|row| row["income"] == "0.00"));
    house.stop().await;
}
