//! A report as CSV (RFC 4180), which opens in a spreadsheet without running what somebody named a category.

use csv::{Terminator, WriterBuilder};

use super::{By, Row};
use crate::Refusal;

/// The beginnings by which spreadsheets take a cell for a formula (OWASP, "CSV injection").
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A name as a cell: one that would be read as a formula has an apostrophe before it. Amounts are digits of ours.
fn cell(name: &str) -> String {
    // The full-width forms of the signs are taken for them by some.
    let formula = |letter: char| FORMULA.contains(&letter) || matches!(letter, '＝' | '＋' | '－' | '＠');
    if name.trim_start_matches(' ').starts_with(formula) { format!("'{name}") } else { name.to_owned() }
}

/// The lines of a report with a line of headings; lines end with CR LF.
///
/// # Errors
/// 500 where it cannot be written.
pub fn csv(by: By, rows: &[Row]) -> Result<String, Refusal> {
    let broken = |_| Refusal::internal("a report could not be written as CSV");
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let first: &[&str] = if by == By::Month { &["month"] } else { &["id", by.as_str()] };
    let amounts = ["currency", "income", "expense", "net", "moved_in", "moved_out", "transactions"];
    writer.write_record(first.iter().chain(&amounts)).map_err(broken)?;
    for row in rows {
        let mut record = match row.month {
            Some(month) => vec![month.to_string()],
            None => {
                let id = row.id.map(|id| id.to_string()).unwrap_or_default();
                vec![id, cell(row.name.as_deref().unwrap_or_default())]
            }
        };
        let amount = |minor| row.currency.format(minor);
        record.push(row.currency.code().to_owned());
        record.push(amount(row.sums.income_minor));
        record.push(amount(row.sums.expense_minor));
        record.push(amount(row.net_minor()));
        record.push(amount(row.sums.moved_in_minor));
        record.push(amount(row.sums.moved_out_minor));
        record.push(row.sums.movements.to_string());
        writer.write_record(record).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|_| Refusal::internal("a report could not be written as CSV"))?;
    String::from_utf8(bytes).map_err(|_| Refusal::internal("a report is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_quoted() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"] {
            assert_eq!(cell(bad), format!("'{bad}"));
        }
        for good in ["Groceries", "a=b", "'quoted'", ""] {
            assert_eq!(cell(good), good);
        }
    }
}
