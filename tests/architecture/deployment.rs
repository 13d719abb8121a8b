//! What template.yaml promises about safety and sight: TLS, backups, retention, tracing, throttling, alarms.

use std::collections::BTreeSet;

use countersign_core::limits;
use serde_json::{Value, json};

use crate::{
    edges,
    house::{self, Violations},
    template::{self, FILE, Function, Template, many},
};

/// Per type: where in the resource, what must stand there, in words.
type Demand = (&'static str, &'static str, fn(&Value) -> bool, &'static str);

const DEMANDS: &[Demand] = &[
    ("AWS::Serverless::HttpApi", "/Properties/Domain/SecurityPolicy", |v| v == "TLS_1_2", "TLS 1.2 or later"),
    ("AWS::Serverless::HttpApi", "/Properties/Domain/CertificateArn", |v| v == "${Certificate}", "our certificate"),
    ("AWS::Serverless::HttpApi", "/Properties/DisableExecuteApiEndpoint", is_true, "no door past the domain"),
    ("AWS::Serverless::HttpApi", "/Properties/DefaultRouteSettings/ThrottlingRateLimit", is_set, "throttling"),
    ("AWS::Serverless::HttpApi", "/Properties/DefaultRouteSettings/ThrottlingBurstLimit", is_set, "throttling"),
    ("AWS::Serverless::HttpApi", "/Properties/AccessLogSettings/DestinationArn", is_set, "an access log"),
    ("AWS::CertificateManager::Certificate", "/Properties/ValidationMethod", |v| v == "DNS", "validation by DNS"),
    ("AWS::CertificateManager::Certificate", "/Properties/DomainValidationOptions/0/HostedZoneId", is_set, "its zone"),
    (TABLE, "/Properties/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", is_true, "recovery in time"),
    (
        TABLE,
        "/Properties/TimeToLiveSpecification",
        |v| *v == json!({"AttributeName": "expires_at", "Enabled": true}),
        "TTL",
    ),
    (TABLE, "/Properties/StreamSpecification/StreamViewType", |v| v == "NEW_AND_OLD_IMAGES", "a stream"),
    (TABLE, "/Properties/DeletionProtectionEnabled", is_true, "deletion protection"),
    (TABLE, "/Properties/SSESpecification/SSEEnabled", is_true, "encryption at rest"),
    (TABLE, "/Properties/BillingMode", |v| v == "PAY_PER_REQUEST", "no capacity to run out of"),
    (TABLE, "/DeletionPolicy", is_retain, "to outlive the stack"),
    (TABLE, "/UpdateReplacePolicy", is_retain, "to outlive a replacement"),
    (KEY, "/Properties", is_rotated, "rotation"),
    (KEY, "/DeletionPolicy", is_retain, "to outlive the stack"),
    (KEY, "/UpdateReplacePolicy", is_retain, "to outlive a replacement"),
    ("AWS::SecretsManager::Secret", "/DeletionPolicy", is_retain, "to outlive the stack"),
    ("AWS::SecretsManager::Secret", "/Properties/SecretString", Value::is_null, "no value in a template"),
    ("AWS::Logs::LogGroup", "/Properties/RetentionInDays", is_set, "an end to what is kept"),
    ("AWS::CloudWatch::Alarm", "/Properties/AlarmActions/0", |v| v == "${AlarmTopic}", "somebody to tell"),
];
const TABLE: &str = "AWS::DynamoDB::Table";
const KEY: &str = "AWS::KMS::Key";

fn is_true(value: &Value) -> bool {
    *value == true
}

/// KMS rotates symmetric keys alone: an HMAC key that changed would know nothing again.
fn is_rotated(properties: &Value) -> bool {
    properties["EnableKeyRotation"] == true || properties["KeySpec"] == "HMAC_256"
}

fn is_set(value: &Value) -> bool {
    !value.is_null()
}

fn is_retain(value: &Value) -> bool {
    value == "Retain"
}

fn check_resources(template: &Template) -> Violations {
    let mut broken = Violations::default();
    for (kind, pointer, holds, words) in DEMANDS {
        let mut found = false;
        for (id, resource) in template.resources(kind) {
            found = true;
            if !holds(resource.pointer(pointer).unwrap_or(&Value::Null)) {
                broken.add(FILE, template.line(id), format!("{id}: {pointer}: {words}"));
            }
        }
        if !found {
            broken.add(FILE, 1, format!("no {kind}: {words}"));
        }
    }
    broken
}

/// What is wrong with a function, in words.
fn function_faults(template: &Template, function: &Function<'_>) -> Vec<String> {
    let get = |name: &str| function.properties.get(name).unwrap_or(&Value::Null);
    let group = template::referred(&get("LoggingConfig")["LogGroup"]).unwrap_or_default();
    let http = many(get("Events"))
        .iter()
        .flat_map(|events| events.as_object().unwrap().values())
        .any(|event| event["Type"] == "HttpApi");
    // Shorter than API Gateway waits, and than the claim of a request's key is held.
    let limit = if http { limits::INTENT_LEASE_SECONDS.unsigned_abs() - 1 } else { 60 };
    [
        (get("Runtime") == "provided.al2023", "runs on provided.al2023"),
        (*get("Architectures") == json!(["arm64"]), "runs on arm64"),
        (get("Tracing") == "Active", "is traced"),
        (template.resource(group)["Type"] == "AWS::Logs::LogGroup", "has a log group with retention"),
        (get("Timeout").as_u64().is_some_and(|seconds| seconds <= limit), "ends in time"),
        (function.metadata["BuildMethod"] == "rust-cargolambda", "is built by cargo-lambda"),
    ]
    .into_iter()
    .filter(|(holds, _)| !holds)
    .map(|(_, words)| format!("{}: {words}", function.id))
    .collect()
}

#[test]
fn resources_are_safe_and_seen() {
    check_resources(&Template::of_house()).none();
}

#[test]
fn functions_are_built_and_watched() {
    let template = Template::of_house();
    let mut broken = Violations::default();
    for function in template.functions() {
        for fault in function_faults(&template, &function) {
            broken.add(FILE, template.line(function.id), fault);
        }
        for metric in ["Errors", "Throttles", "Duration"] {
            let watched = template.resources("AWS::CloudWatch::Alarm").any(|(_, alarm)| {
                let dimensions = many(&alarm["Properties"]["Dimensions"]);
                alarm["Properties"]["MetricName"] == metric
                    && dimensions.iter().any(|dimension| template::referred(&dimension["Value"]) == Some(function.id))
            });
            if !watched {
                broken.add(FILE, template.line(function.id), format!("{}: no alarm for {metric}", function.id));
            }
        }
    }
    broken.none();
}

#[test]
fn functions_are_the_programs_of_the_house() {
    let template = Template::of_house();
    let mut deployed: Vec<_> = template.functions().iter().map(|function| program(function.metadata)).collect();
    let mut built = edges::programs();
    deployed.sort();
    built.sort();
    assert_eq!(deployed, built, "left: (package, program) of template.yaml; right: of functions/*");
}

/// Package and program that a function is built from.
fn program(metadata: &Value) -> (String, String) {
    let properties = &metadata["BuildProperties"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&properties["CargoLambdaFlags"][1]), text(&properties["Binary"]))
}

/// Metric filters read words that the code writes: a filter whose words nobody writes never alarms.
#[test]
fn metric_filters_read_what_is_logged() {
    let template = Template::of_house();
    let mut broken = Violations::default();
    let code = house::code();
    for (id, filter) in template.resources("AWS::Logs::MetricFilter") {
        let pattern = filter["Properties"]["FilterPattern"].as_str().unwrap_or_default();
        for word in logged_words(pattern).into_iter().filter(|word| !code.contains(word.as_str())) {
            broken.add(FILE, template.line(id), format!("{id}: no code of ours logs `{word}`"));
        }
    }
    broken.none();
}

/// Field names and quoted words of a JSON filter pattern.
fn logged_words(pattern: &str) -> Vec<String> {
    let fields = pattern.split("$.").skip(1).filter_map(|rest| rest.split([' ', '.', ')']).next());
    let quoted = pattern.split('"').skip(1).step_by(2).map(|words| words.trim_matches('*'));
    fields.chain(quoted).map(str::to_owned).collect()
}

/// Names that code reads from the environment: `.required("NAME")`, `.optional("NAME")`, `.switch("NAME")`, `.safeguard("NAME")`.
fn read_names(code: &str) -> BTreeSet<&str> {
    let asked = ["required", "optional", "switch", "safeguard"];
    let rest = asked.iter().flat_map(|verb| code.split(*verb).skip(1));
    let names = rest.filter_map(|rest| rest.strip_prefix("(\"")?.split('"').next());
    names.filter(|name| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')).collect()
}

#[test]
fn every_setting_that_code_reads_can_be_set() {
    let template = Template::of_house();
    let given: BTreeSet<String> = template.functions().iter().flat_map(Function::variables).collect();
    let code = house::code();
    // Lambda itself sets those that begin with AWS_, or they are for where there is no Lambda.
    let known = |name: &&str| given.contains(*name) || name.starts_with("AWS_");
    let missing: Vec<_> = read_names(&code).into_iter().filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "read by code, set by no function of template.yaml: {missing:?}");
    assert_eq!(read_names("e.required(\"A_B\")?; e.switch(\"C\"); e.required(name)").len(), 2);
}

/// What is wrong with a function's queues and streams, in words.
fn mapping_faults(function: &Function<'_>) -> Vec<String> {
    let events = function.properties.get("Events").and_then(Value::as_object).into_iter().flatten();
    let faults = |(name, event): (&String, &Value)| {
        let get = |property: &str| &event["Properties"][property];
        let (stream, queue) = (event["Type"] == "DynamoDB", event["Type"] == "SQS");
        let ordered = queue && get("Queue") == "${TelegramQueue.Arn}";
        let rules = [
            (stream || queue, *get("FunctionResponseTypes") == json!(["ReportBatchItemFailures"]), "names what failed"),
            // With more, Lambda keeps the order of an item (partition and sort key), and a chat's messages are many.
            (stream, get("ParallelizationFactor").is_null(), "keeps the order of a partition"),
            (stream, *get("BisectBatchOnFunctionError") == true, "gets on where a batch takes too long"),
            (ordered, *get("BatchSize") == 1, "leaves one message in doubt where it crashes"),
        ];
        let broken = rules.into_iter().filter(|(concerned, holds, _)| *concerned && !holds);
        broken.map(|(.., words)| format!("{}: {name}: {words}", function.id)).collect::<Vec<_>>()
    };
    events.flat_map(faults).collect()
}

#[test]
fn queues_and_streams_lose_nothing_and_keep_their_order() {
    let template = Template::of_house();
    let mut broken = Violations::default();
    for function in template.functions() {
        for fault in mapping_faults(&function) {
            broken.add(FILE, template.line(function.id), fault);
        }
    }
    broken.none();
}

/// docs/decisions/0001-no-jitter-entropy.md
#[test]
fn no_build_collects_jitter_entropy() {
    assert!(house::text(".cargo/config.toml").contains("[env]\nAWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"\n"));
}

/// The demands on a template that breaks them.
mod samples {
    use super::*;

    #[test]
    fn every_demand_can_fail() {
        let weak = house::text(FILE).replace("Retain", "Delete").replace("TLS_1_2", "TLS_1_0");
        let broken = check_resources(&Template::parse(weak)).0.join("\n");
        for words in
            ["Api: /Properties/Domain/SecurityPolicy", "Table: /DeletionPolicy", "SealingKey: /UpdateReplacePolicy"]
        {
            assert!(broken.contains(words), "{words} not in {broken}");
        }
        let empty = Template::parse("Resources: {}\n".to_owned());
        assert_eq!(check_resources(&empty).0.len(), DEMANDS.len());
    }

    #[test]
    fn a_function_without_anything() {
        let template =
            Template::parse("Resources:\n  F: {Type: 'AWS::Serverless::Function', Properties: {}}\n".to_owned());
        assert_eq!(function_faults(&template, &template.functions()[0]).len(), 6);
    }

    #[test]
    fn a_stream_that_loses_its_order() {
        let event = "{Type: DynamoDB, Properties: {ParallelizationFactor: 4}}";
        let function = format!("{{Type: 'AWS::Serverless::Function', Properties: {{Events: {{E: {event}}}}}}}");
        let template = Template::parse(format!("Resources:\n  F: {function}\n"));
        assert_eq!(mapping_faults(&template.functions()[0]).len(), 3);
    }

    #[test]
    fn words_of_a_pattern() {
        assert_eq!(logged_words(r#"{ $.reason = "KMS is*" && $.age = * }"#), ["reason", "age", "KMS is"]);
    }
}
