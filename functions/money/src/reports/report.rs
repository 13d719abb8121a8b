//! `GET /api/v1/reports`: sums by month, category, member or wallet, as JSON, CSV, SVG or PNG. It reads monthly totals alone.

use std::sync::Arc;

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use countersign_core::{
    FamilyId, Moment, Refusal,
    family::{Family, Permission, unknown_family},
    ledger::Month,
    messaging::words::Language,
    policy,
    report::{By, Months, Row, csv},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use serde::{Deserialize, Serialize};

use super::picture::{self, Form};
use crate::Money;

/// Which report.
#[derive(Deserialize)]
struct ReportQuery {
    family_id: FamilyId,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    currency: Option<String>,
}

/// A report.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReportView {
    /// Whose.
    family_id: u64,
    /// `month`, `category`, `member` or `wallet`.
    by: &'static str,
    /// The first month (UTC).
    from: String,
    /// The last month.
    to: String,
    /// By month in order; by others what was most paid for first. Every currency has its own lines.
    #[schema(value_type = Vec<RowView>)]
    rows: Vec<RowView>,
    /// The whole, one line for each currency.
    #[schema(value_type = Vec<RowView>)]
    totals: Vec<RowView>,
}

/// A line.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RowView {
    /// The month, in a report by month.
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<String>,
    /// The category, member or wallet; null for what has no category.
    id: Option<u64>,
    /// Its name; null for what has no category.
    name: Option<String>,
    /// In which currency.
    currency: String,
    /// What came in from outside.
    income: String,
    /// What went out.
    expense: String,
    /// Income less expenses.
    net: String,
    /// What came from other wallets.
    moved_in: String,
    /// What went to other wallets.
    moved_out: String,
    /// How many transactions, reversals too.
    transactions: i64,
}

impl RowView {
    fn of(row: &Row) -> Self {
        let amount = |minor| row.currency.format(minor);
        Self {
            month: row.month.map(|month| month.to_string()),
            id: row.id,
            name: row.name.clone(),
            currency: row.currency.code().to_owned(),
            income: amount(row.sums.income_minor),
            expense: amount(row.sums.expense_minor),
            net: amount(row.net_minor()),
            moved_in: amount(row.sums.moved_in_minor),
            moved_out: amount(row.sums.moved_out_minor),
            transactions: row.sums.movements,
        }
    }
}

/// What was asked, read.
struct Wanted {
    by: By,
    months: Months,
    form: Form,
}

impl Wanted {
    fn read(query: &ReportQuery, headers: &HeaderMap, now: Moment) -> Result<Self, Refusal> {
        let by = query.by.as_deref().map_or(Ok(By::Category), By::read)?;
        let months = Months::read(query.from.as_deref(), query.to.as_deref(), Month::of(now))?;
        Ok(Self { by, months, form: Form::read(query.format.as_deref(), headers)? })
    }
}

/// Report
///
/// Of at most 24 months. It is made of totals that each transaction added to, so it costs the same however many there are. A
/// picture is of one currency: the one that is named, else the family's own.
#[utoipa::path(
    get, path = "/api/v1/reports", tag = "reports",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("by" = Option<String>, Query, description = "`month`, `category` (where nothing is said), `member` or `wallet`"),
        ("from" = Option<String>, Query, description = "The first month, like 2026-09; the current one (UTC) where nothing is said"),
        ("to" = Option<String>, Query, description = "The last month"),
        ("format" = Option<String>, Query, description = "`json`, `csv`, `svg` or `png`; else as `Accept` says, else JSON"),
        ("currency" = Option<String>, Query, description = "Of a picture"),
    ),
    responses(
        (status = 200, description = "The report", content(
            (ReportView = "application/json"), (String = "text/csv"), (String = "image/svg+xml"), (Vec<u8> = "image/png"),
        )),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(money: State<Arc<Money>>, headers: HeaderMap, call: Call) -> Result<Response, Problem> {
    let entered = money.enter(&call, "GET /api/v1/reports").await?;
    let query: ReportQuery = call.query()?;
    let (person, family) = money.store.person_and_family(entered.subject, query.family_id).await?;
    let permit = entered.permit(person.as_ref(), family.as_ref(), Permission::See)?;
    call.trace().family(permit.family_id());
    let wanted = Wanted::read(&query, &headers, clock::now())?;
    let family = family.ok_or_else(unknown_family)?;
    let (rows, whole) = money.store.report(&permit, &family, wanted.by, wanted.months).await?;
    let language = Language::of(&person.ok_or_else(policy::unknown_person)?.profile);
    let Wanted { by, months, form } = wanted;
    match form {
        Form::Json => Ok(Answer::ok(&view(&family, by, months, &rows, &whole))?.into_response()),
        Form::Csv => Ok(picture::csv_file(&family, by, months, csv(by, &rows)?)),
        Form::Svg | Form::Png => {
            let currency = picture::currency(query.currency.as_deref(), &family, &rows)?;
            let name = family.name.as_str();
            Ok(picture::picture(form, name, (by, months), &rows, currency, language)?)
        }
    }
}

fn view(family: &Family, by: By, months: Months, rows: &[Row], whole: &[Row]) -> ReportView {
    ReportView {
        family_id: family.id.get(),
        by: by.as_str(),
        from: months.first.to_string(),
        to: months.last.to_string(),
        rows: rows.iter().map(RowView::of).collect(),
        totals: whole.iter().map(RowView::of).collect(),
    }
}
