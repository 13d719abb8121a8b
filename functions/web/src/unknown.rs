//! Whatever no route takes: 405 with `Allow` where the path has other methods, else 404.

use std::{collections::BTreeSet, sync::LazyLock};

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use countersign_core::{Refusal, RefusalKind};
use countersign_edge::Problem;
use serde_json::Value;

use crate::docs::OPENAPI;

/// Paths and their methods: those of the document that is served, and its pages.
static PATHS: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
    let paths = document.get("paths").and_then(Value::as_object).cloned().unwrap_or_default();
    let methods = |operations: &Value| {
        let names = operations.as_object().into_iter().flatten().map(|(name, _)| name.to_ascii_uppercase());
        names.collect()
    };
    let pages = ["/openapi.json", "/docs", "/docs/{asset+}"].map(|path| (path.to_owned(), vec!["GET".to_owned()]));
    paths.iter().map(|(path, operations)| (path.clone(), methods(operations))).chain(pages).collect()
});

pub(crate) async fn answer(request: Request) -> Response {
    let path = request.uri().path();
    let allowed: BTreeSet<&str> = PATHS
        .iter()
        .filter(|(known, _)| fits(known, path))
        .flat_map(|(_, methods)| methods)
        .map(String::as_str)
        .collect();
    if allowed.is_empty() {
        return Problem(Refusal::not_found("No such route")).into_response();
    }
    let refusal = Refusal::new(RefusalKind::MethodNotAllowed, RefusalKind::MethodNotAllowed.title());
    let mut response = Problem(refusal).into_response();
    if let Ok(allow) = HeaderValue::from_str(&Vec::from_iter(allowed).join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// Whether a path is one of this form; `{name}` stands for one segment.
fn fits(known: &str, path: &str) -> bool {
    let (mut known, mut path) = (known.split('/'), path.split('/'));
    loop {
        match (known.next(), path.next()) {
            (None, None) => return true,
            (Some(form), Some(segment)) if form == segment || (form.starts_with('{') && !segment.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_form_stands_for_one_segment() {
        assert!(fits("/a/{id}", "/a/7"));
        assert!(!fits("/a/{id}", "/a/"));
        assert!(!fits("/a/{id}", "/a/7/8"));
        assert!(!fits("/a", "/b"));
    }
}
