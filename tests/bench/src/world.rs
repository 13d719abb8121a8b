//! The local system in a process of its own, and what is needed to use it from here.
#![allow(clippy::print_stdout, reason = "the one line that tells the parent where everything is")]

use std::process::Stdio;

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, Client, Payment};
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, ChildStdin},
};

use crate::{Failure, child};

/// A running system.
pub(crate) struct World {
    /// demo.json.
    pub(crate) demo: Value,
    /// The variables of a deployed function.
    pub(crate) variables: Vec<(String, String)>,
    aws: Client,
    child: Child,
    input: ChildStdin,
}

/// A person of the demo.
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) account: String,
}

/// The role: starts the system, tells the parent, stops when the parent closes our input. Quiet, nothing follows from what
/// is written.
pub(crate) async fn serve(quiet: bool) -> Result<(), Failure> {
    let options = Options { without_schedules: true, without_mappings: quiet, ..Options::default() };
    let system = LocalSystem::start(options).await?;
    println!("{}", json!({ "demo": system.demo(), "variables": system.process_environment() }));
    let _closed = tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    system.stop().await;
    Ok(())
}

impl World {
    pub(crate) async fn start() -> Result<Self, Failure> {
        Self::of(child::SYSTEM).await
    }

    /// One that may be filled in bulk.
    pub(crate) async fn quiet() -> Result<Self, Failure> {
        Self::of(child::QUIET_SYSTEM).await
    }

    async fn of(role: &str) -> Result<Self, Failure> {
        let mut child = child::command(role)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().ok_or("the child has no input")?;
        let mut told: Value = serde_json::from_str(&child::first_line(&mut child).await?)?;
        let variables = serde_json::from_value(told.get_mut("variables").map(Value::take).unwrap_or_default())?;
        let demo = told.get_mut("demo").map(Value::take).unwrap_or_default();
        let aws = Client::new(&text(&demo, "/aws_endpoint_url")?);
        Ok(Self { demo, variables, aws, child, input })
    }

    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.input);
        self.child.wait().await?;
        Ok(())
    }

    /// The first person for whom signing answers this method.
    pub(crate) fn person(&self, method: &str) -> Result<Person, Failure> {
        person(&self.demo, method)
    }

    pub(crate) fn passphrase(&self) -> Result<String, Failure> {
        text(&self.demo, "/network_passphrase")
    }

    /// The labels of the requests that AWS got since they were forgotten.
    pub(crate) async fn aws_labels(&self) -> Result<Vec<String>, Failure> {
        let recorded = recorded(&self.aws).await?;
        Ok(recorded.iter().filter_map(|request| text(request, "/label").ok()).collect())
    }

    pub(crate) async fn forget_aws_requests(&self) -> Result<(), Failure> {
        self.aws.send(&Call::delete("/_control/requests")).await?;
        Ok(())
    }
}

/// The requests that the embedded AWS has recorded, oldest first.
pub(crate) async fn recorded(aws: &Client) -> Result<Vec<Value>, Failure> {
    let answer = aws.send(&Call::get("/_control/requests")).await?;
    Ok(answer.json().pointer("/requests").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// The first person of the demo for whom signing answers this method.
pub(crate) fn person(demo: &Value, method: &str) -> Result<Person, Failure> {
    let people = demo.pointer("/people").and_then(Value::as_array).into_iter().flatten();
    let mut found = people.filter(|person| person.get("signing_method").is_some_and(|known| known == method));
    let found = found.next().ok_or_else(|| format!("nobody signs with {method}"))?;
    Ok(Person { token: text(found, "/access_token")?, account: text(found, "/stellar_public_key").unwrap_or_default() })
}

/// A call for one signature, and its envelope.
pub(crate) fn sign_call(person: &Person) -> (Call, String) {
    let unsigned = Payment::from(&person.account).v1();
    (Call::post("/api/sign", &json!({ "xdr": unsigned })).bearer(&person.token), unsigned)
}

/// A string of a JSON document.
pub(crate) fn text(document: &Value, pointer: &str) -> Result<String, Failure> {
    let found = document.pointer(pointer).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no {pointer}"))?.to_owned())
}
