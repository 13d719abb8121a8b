//! The forms of a report beside JSON: a file for spreadsheets, and pictures.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use countersign_charts::{
    ChartError, png,
    report::{Pictured, chart},
    svg,
};
use countersign_core::{
    Refusal,
    family::Family,
    messaging::words::Language,
    money::Currency,
    report::{By, Months, Row, main_currency},
};

/// In which form a report is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
    Svg,
    Png,
}

impl Form {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Json, "json", "application/json"),
        (Self::Csv, "csv", "text/csv"),
        (Self::Svg, "svg", "image/svg+xml"),
        (Self::Png, "png", "image/png"),
    ];

    /// `format` where it is said; else the first media type of `Accept` that there is; else JSON.
    ///
    /// # Errors
    /// 400 for an unknown format.
    pub(super) fn read(format: Option<&str>, headers: &HeaderMap) -> Result<Self, Refusal> {
        if let Some(format) = format {
            let found = Self::ALL.iter().find(|(_, name, _)| *name == format);
            let found = found.map(|(form, ..)| *form);
            return found.ok_or_else(|| Refusal::invalid("format must be json, csv, svg or png"));
        }
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let wanted = accept.split(',').filter_map(|part| part.split(';').next()).map(str::trim);
        let known = |media: &str| Self::ALL.iter().find(|(.., name)| name.eq_ignore_ascii_case(media));
        Ok(wanted.filter_map(known).map(|(form, ..)| *form).next().unwrap_or(Self::Json))
    }
}

/// A file for spreadsheets. Its name holds nothing that somebody typed.
pub(super) fn csv_file(family: &Family, by: By, months: Months, text: String) -> Response {
    let Months { first, last } = months;
    let name = format!("attachment; filename=\"report-{}-{}-{first}-{last}.csv\"", family.id, by.as_str());
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// The currency of a picture: the one that is named, else the family's own, unless there is nothing in it but in another.
pub(super) fn currency(named: Option<&str>, family: &Family, rows: &[Row]) -> Result<Currency, Refusal> {
    named.map_or_else(|| Ok(main_currency(family, rows)), Currency::read)
}

/// The picture.
pub(super) fn picture(
    form: Form,
    family: &str,
    (by, months): (By, Months),
    rows: &[Row],
    currency: Currency,
    language: Language,
) -> Result<Response, Refusal> {
    let broken = |error: ChartError| Refusal::internal(format!("a report's picture: {error}"));
    let chart = chart(&Pictured { family, by, months, rows, currency, language });
    Ok(match form {
        Form::Svg => ([(header::CONTENT_TYPE, "image/svg+xml")], svg(&chart).map_err(broken)?).into_response(),
        _ => ([(header::CONTENT_TYPE, "image/png")], png(&chart).map_err(broken)?).into_response(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Option<&str>, accept: Option<&'static str>) -> Result<Form, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        }
        Form::read(format, &headers)
    }

    #[test]
    fn the_form_is_as_it_is_asked_for() {
        for (format, accept, form) in [
            (None, None, Form::Json),
            (None, Some("*/*"), Form::Json),
            (None, Some("text/html, image/png;q=0.9, text/csv"), Form::Png),
            (None, Some("Text/CSV"), Form::Csv),
            (Some("svg"), Some("image/png"), Form::Svg),
        ] {
            assert_eq!(read(format, accept).unwrap(), form, "{format:?} {accept:?}");
        }
        assert_eq!(read(Some("pdf"), None).unwrap_err().kind.status(), 400);
    }
}
