//! What there is to attack: the routes as the running system tells them, held against permissions.yaml and template.yaml.

use std::{collections::BTreeSet, fs, path::Path};

use countersign_testkit::{Call, fresh_account};
use serde_json::json;
use serde_norway::Value;

use super::Holder;
use crate::world::{World, payment};

/// A route, and the credentials that it takes by the served OpenAPI document.
pub(super) struct Route {
    /// `METHOD /path`.
    pub(super) endpoint: String,
    /// `access_token`, `launch_data`, `service_key`, `signed_request`; nothing: public.
    pub(super) takes: Vec<String>,
}

impl Route {
    pub(super) fn is_public(&self) -> bool {
        self.takes.is_empty()
    }

    pub(super) fn takes(&self, credential: &str) -> bool {
        self.takes.iter().any(|taken| taken == credential)
    }

    /// A call of this route about a holder's own things, without any credential; with one that is granted it succeeds.
    /// A route that is not here is not attacked, and the tests say so.
    pub(super) fn call(&self, holder: &Holder) -> Call {
        let (telegram_id, id) = (holder.person.telegram_id, holder.session_id);
        let xdr = || payment(&holder.person.stellar_public_key.clone().unwrap_or_else(fresh_account));
        match self.endpoint.as_str() {
            "POST /api/sign" => Call::post("/api/sign", &json!({ "xdr": xdr() })),
            "POST /sign" => Call::post("/sign", &json!({ "xdr": xdr() })),
            "POST /mini-app/sign-transaction" => {
                Call::post("/mini-app/sign-transaction", &json!({ "telegram_id": telegram_id, "xdr": xdr() }))
            }
            "POST /api/v1/signing-sessions" => {
                let body = json!({ "kind": "legacy", "signer": "local", "telegram_id": telegram_id });
                Call::post("/api/v1/signing-sessions", &body)
            }
            "GET /api/v1/signing-sessions" => Call::get(&format!("/api/v1/signing-sessions?telegram_id={telegram_id}")),
            "GET /api/v1/signing-sessions/{id}" => {
                Call::get(&format!("/api/v1/signing-sessions/{id}?telegram_id={telegram_id}"))
            }
            "DELETE /api/v1/signing-sessions/{id}" => {
                Call::delete(&format!("/api/v1/signing-sessions/{id}?telegram_id={telegram_id}"))
            }
            "POST /api/v1/signing-sessions/import" => {
                let body = json!({ "rows": [{ "telegram_id": telegram_id }] });
                Call::post("/api/v1/signing-sessions/import", &body)
            }
            "GET /health" => Call::get("/health"),
            "GET /openapi.json" => Call::get("/openapi.json"),
            "GET /docs" => Call::get("/docs"),
            "GET /docs/{asset+}" => Call::get("/docs/index.html"),
            other => panic!("{other} is not attacked: say here how it is called"),
        }
    }

    pub(super) fn method(&self) -> &str {
        self.endpoint.split_once(' ').unwrap().0
    }

    pub(super) fn path(&self) -> &str {
        self.endpoint.split_once(' ').unwrap().1
    }
}

/// Every route of the running system. Fails where the document, the permissions and the template differ.
pub(super) async fn surface(world: &World) -> Vec<Route> {
    let (status, _, document) = world.get("/openapi.json", None).await;
    assert_eq!(status.as_u16(), 200);
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schemes = operation["security"].as_array().into_iter().flatten();
            let takes = schemes.flat_map(|scheme| scheme.as_object().unwrap().keys().cloned()).collect();
            routes.push(Route { endpoint: format!("{} {path}", method.to_ascii_uppercase()), takes });
        }
    }
    // The pages that show the document are not in it.
    let pages = ["GET /openapi.json", "GET /docs", "GET /docs/{asset+}"];
    routes.extend(pages.map(|page| Route { endpoint: page.to_owned(), takes: Vec::new() }));
    let told: BTreeSet<String> = routes.iter().map(|route| route.endpoint.clone()).collect();
    let (granted, public) = permissions();
    assert_eq!(told, granted, "the document and permissions.yaml");
    assert_eq!(told, template(), "the document and template.yaml");
    let open: BTreeSet<String> =
        routes.iter().filter(|route| route.is_public()).map(|route| route.endpoint.clone()).collect();
    assert_eq!(open, public, "what the document calls public and what permissions.yaml does");
    routes
}

fn yaml(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path);
    serde_norway::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = String> {
    list.and_then(Value::as_sequence).into_iter().flatten().map(|text| text.as_str().unwrap().to_owned())
}

/// Every endpoint that permissions.yaml names, and those that it calls public.
fn permissions() -> (BTreeSet<String>, BTreeSet<String>) {
    let file = yaml("infra/permissions.yaml");
    let public: BTreeSet<String> = texts(file.get("public")).collect();
    let mut all = public.clone();
    for list in ["people", "services"] {
        for (_, role) in file[list].as_mapping().unwrap() {
            all.extend(texts(role.get("endpoints")));
        }
    }
    (all, public)
}

/// Every route that template.yaml deploys.
fn template() -> BTreeSet<String> {
    let template = yaml("template.yaml");
    let mut routes = BTreeSet::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let events = resource.get("Properties").and_then(|properties| properties.get("Events"));
        for (_, event) in events.and_then(Value::as_mapping).into_iter().flatten() {
            let text = |name| event.get("Properties").and_then(|event| event.get(name)).and_then(Value::as_str);
            if let (Some("HttpApi"), Some(method), Some(path)) =
                (event.get("Type").and_then(Value::as_str), text("Method"), text("Path"))
            {
                routes.insert(format!("{} {path}", method.to_ascii_uppercase()));
            }
        }
    }
    routes
}
