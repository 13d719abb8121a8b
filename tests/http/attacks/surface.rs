//! What there is to attack: the routes as the running system tells them, held against permissions.yaml and template.yaml.

use std::{collections::BTreeSet, fs, path::Path};

use countersign_testkit::{Call, fresh_account};
use serde_json::json;
use serde_norway::Value;

use super::{
    Holder,
    families::{self, FamilyThings},
    keys::{self, KeyThings},
};
use crate::world::{World, payment};

/// A route, and the credentials that it takes by the served OpenAPI document.
pub(super) struct Route {
    /// `METHOD /path`.
    pub(super) endpoint: String,
    /// `access_token`, `launch_data`, `service_key`, `signed_request`, `telegram`; nothing: public.
    pub(super) takes: Vec<String>,
    /// It takes a body that must be there.
    pub(super) needs_body: bool,
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
            sign @ ("POST /api/sign" | "POST /sign") => Call::post(&sign["POST ".len()..], &json!({ "xdr": xdr() })),
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
            "POST /api/v1/auth/telegram/start" => {
                Call::post("/api/v1/auth/telegram/start", &json!({ "chat_id": telegram_id }))
            }
            "POST /api/v1/auth/telegram/confirm" => {
                let body =
                    json!({ "code": "00000000", "chat_id": telegram_id, "username": null, "first_name": "Anna" });
                Call::post("/api/v1/auth/telegram/confirm", &body)
            }
            "POST /api/v1/auth/register" => {
                let body = json!({ "email": new_address(), "password": "correct horse" });
                Call::post("/api/v1/auth/register", &body)
            }
            // The proof is in the body, and the only one.
            "POST /api/v1/auth/login" => {
                let (email, password) = &holder.things.account;
                Call::post("/api/v1/auth/login", &json!({ "email": email, "password": password }))
            }
            "POST /api/v1/auth/refresh" => {
                let body = json!({ "refresh_token": holder.things.refresh_token });
                Call::post("/api/v1/auth/refresh", &body)
            }
            "POST /api/v1/auth/logout" => Call::post("/api/v1/auth/logout", &json!({})),
            "GET /api/v1/auth/sessions" => Call::get("/api/v1/auth/sessions"),
            "DELETE /api/v1/auth/sessions/{id}" => {
                Call::delete(&format!("/api/v1/auth/sessions/{}", holder.things.login_id))
            }
            "POST /api/v1/auth/telegram/mini-app" => Call::post("/api/v1/auth/telegram/mini-app", &json!({})),
            "POST /telegram/webhook" => Call::post("/telegram/webhook", &json!({ "update_id": 1 })),
            "GET /health" => Call::get("/health"),
            "GET /openapi.json" => Call::get("/openapi.json"),
            "GET /docs" => Call::get("/docs"),
            "GET /docs/{asset+}" => Call::get("/docs/index.html"),
            other if FamilyThings::are_of(other) => families::call(other, holder),
            other if KeyThings::are_of(other) => keys::call(other, holder),
            other => self.service_call(other, holder),
        }
    }

    /// The same for the routes of services.
    fn service_call(&self, endpoint: &str, holder: &Holder) -> Call {
        let (telegram_id, things) = (holder.person.telegram_id, &holder.things);
        let services = "/api/v1/services";
        match endpoint {
            "POST /enqueue_command" => {
                let body = json!({ "type": "get_chat", "chat_id": telegram_id, "payload": {} });
                Call::post("/enqueue_command", &body)
            }
            "GET /api/v1/tasks" => Call::get("/api/v1/tasks"),
            "GET /api/v1/tasks/{id}" => Call::get(&format!("/api/v1/tasks/{}", things.task_id)),
            "POST /api/v1/approvals" => {
                Call::post("/api/v1/approvals", &json!({ "subject": "May I?", "approvers": [telegram_id] }))
            }
            "GET /api/v1/approvals/{id}" => Call::get(&format!("/api/v1/approvals/{}", things.approval_id)),
            "POST /api/v1/services" => Call::post(services, &json!({ "name": "New", "role": "notifier" })),
            "GET /api/v1/services" => Call::get(services),
            "GET /api/v1/services/{id}" => Call::get(&format!("{services}/{}", things.service_id)),
            "DELETE /api/v1/services/{id}" => Call::delete(&format!("{services}/{}", things.service_id)),
            "POST /api/v1/services/{id}/rotate-key" => {
                Call::post(&format!("{services}/{}/rotate-key", things.service_id), &json!({}))
            }
            "PUT /api/v1/services/{id}/commands" => {
                Call::new("PUT", &format!("{services}/{}/commands", things.notifier_id)).json(&json!([]))
            }
            "GET /api/v1/services/{id}/commands" => Call::get(&format!("{services}/{}/commands", things.notifier_id)),
            "PUT /api/v1/roles/{user_id}" => {
                Call::new("PUT", &format!("/api/v1/roles/{}", things.user_id)).json(&json!({ "role": "user" }))
            }
            "GET /api/v1/me" => Call::get("/api/v1/me"),
            "GET /api/v1/access-log" => Call::get("/api/v1/access-log"),
            other => Self::connection_call(other, holder),
        }
    }

    /// The same for linked accounts.
    fn connection_call(endpoint: &str, holder: &Holder) -> Call {
        let (connections, whose) = ("/api/v1/connections", format!("telegram_id={}", holder.person.telegram_id));
        match endpoint {
            "POST /api/v1/connections/{provider}/authorize" => {
                Call::post(&format!("{connections}/spotify/authorize?{whose}"), &json!({}))
            }
            "GET /api/v1/connections" => Call::get(&format!("{connections}?{whose}")),
            "DELETE /api/v1/connections/{provider}" => Call::delete(&format!("{connections}/spotify?{whose}")),
            "GET /api/v1/connections/{provider}/token" => Call::get(&format!("{connections}/spotify/token?{whose}")),
            "GET /spotify/callback" => Call::get("/spotify/callback?error=access_denied"),
            "GET /{provider}/callback" => Call::get("/google/callback?error=access_denied"),
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

/// An address that nobody has used: failures of one address slow down.
fn new_address() -> String {
    format!("{}@attacked.test", fresh_account().to_lowercase())
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
            let needs_body = operation["requestBody"]["required"] == true;
            routes.push(Route { endpoint: format!("{} {path}", method.to_ascii_uppercase()), takes, needs_body });
        }
    }
    // The pages that show the document are not in it.
    let pages = ["GET /openapi.json", "GET /docs", "GET /docs/{asset+}"];
    routes.extend(pages.map(|page| Route { endpoint: page.to_owned(), takes: Vec::new(), needs_body: false }));
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
    all.extend(texts(file.get("telegram")));
    all.extend(texts(file.get("runners")));
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
