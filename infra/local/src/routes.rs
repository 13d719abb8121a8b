//! Which function answers which route: read from template.yaml, so that the gateway has the routes that are deployed.

use std::collections::BTreeMap;

use serde_norway::Value;

/// The template that is deployed.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// One route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The function's logical id.
    pub(crate) function: String,
    /// Upper case, or `ANY`.
    pub(crate) method: String,
    /// Segments; `{name}` stands for one, `{name+}` for the rest.
    pub(crate) path: Vec<String>,
}

/// The routes, and the function behind `$default`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    routes: Vec<Route>,
    default: Option<String>,
}

impl Routes {
    /// Reads the template.
    pub(crate) fn of_template() -> Result<Self, serde_norway::Error> {
        let template: Value = serde_norway::from_str(TEMPLATE)?;
        let resources = template.get("Resources").and_then(Value::as_mapping).cloned().unwrap_or_default();
        let mut routes = Self::default();
        for (id, resource) in &resources {
            let events = resource.get("Properties").and_then(|properties| properties.get("Events"));
            for (_, event) in events.and_then(Value::as_mapping).into_iter().flatten() {
                if event.get("Type").and_then(Value::as_str) == Some("HttpApi") {
                    routes.add(id.as_str().unwrap_or_default(), event.get("Properties"));
                }
            }
        }
        Ok(routes)
    }

    fn add(&mut self, function: &str, properties: Option<&Value>) {
        let text = |name| properties.and_then(|properties| properties.get(name)).and_then(Value::as_str);
        match (text("Method"), text("Path")) {
            (Some(method), Some(path)) => self.routes.push(Route {
                function: function.to_owned(),
                method: method.to_ascii_uppercase(),
                path: path.split('/').map(str::to_owned).collect(),
            }),
            _ => self.default = Some(function.to_owned()),
        }
    }

    /// The function for a request: the most specific route's, else that of `$default`.
    pub(crate) fn function(&self, method: &str, path: &str) -> Option<&str> {
        self.best(method, path).map(|route| route.function.as_str()).or(self.default.as_deref())
    }

    /// The route's key, as API Gateway logs it.
    pub(crate) fn key(&self, method: &str, path: &str) -> String {
        let key = |route: &Route| format!("{} {}", route.method, route.path.join("/"));
        self.best(method, path).map_or_else(|| "$default".to_owned(), key)
    }

    /// The most specific route.
    fn best(&self, method: &str, path: &str) -> Option<&Route> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |route: &&Route| matches!(route.method.as_str(), "ANY") || route.method == method;
        let found =
            self.routes.iter().filter(fits).filter_map(|route| Some((specificity(&route.path, &segments)?, route)));
        found.max_by_key(|(specificity, _)| *specificity).map(|(_, route)| route)
    }

    /// How many routes each function has.
    pub(crate) fn functions(&self) -> BTreeMap<&str, usize> {
        let mut functions = BTreeMap::new();
        for function in self.routes.iter().map(|route| route.function.as_str()).chain(self.default.as_deref()) {
            *functions.entry(function).or_default() += 1;
        }
        functions
    }
}

/// How many segments of the path are spelt out, where the form fits: API Gateway prefers the most specific route.
fn specificity(form: &[String], segments: &[&str]) -> Option<usize> {
    let mut exact = 0;
    for (index, part) in form.iter().enumerate() {
        let segment = segments.get(index)?;
        if part.ends_with("+}") {
            return (!segment.is_empty()).then_some(exact);
        }
        let variable = part.starts_with('{');
        if (variable && segment.is_empty()) || (!variable && part != segment) {
            return None;
        }
        exact += usize::from(!variable);
    }
    (form.len() == segments.len()).then_some(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_route_answers() {
        let routes = Routes::of_template().unwrap();
        assert_eq!(routes.function("POST", "/api/v1/signing-sessions/import"), Some("SignFunction"));
        assert_eq!(routes.function("GET", "/docs/index.html"), Some("WebFunction"));
        assert_eq!(routes.function("GET", "/nowhere"), Some("WebFunction"));
        assert_eq!(routes.function("PATCH", "/api/sign"), Some("WebFunction"));
        assert_eq!(routes.key("DELETE", "/api/v1/signing-sessions/7"), "DELETE /api/v1/signing-sessions/{id}");
        assert_eq!(routes.key("PATCH", "/api/sign"), "$default");
        let form = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(specificity(&form("/a/{id}"), &["", "a", "7"]), Some(2));
        assert_eq!(specificity(&form("/a/{id}"), &["", "a", ""]), None);
        assert_eq!(specificity(&form("/a/{rest+}"), &["", "a", "7", "8"]), Some(2));
        assert_eq!(specificity(&form("/a"), &["", "a", "7"]), None);
    }
}
