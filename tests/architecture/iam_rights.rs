//! What each function may touch in AWS: template.yaml is held to the table below, and the table to a few rules.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    house::{self, Violations},
    template::{self, FILE, Template, many},
};

/// Actions on resources under a condition (`operator key=value`; none where empty).
struct Right {
    actions: &'static [&'static str],
    on: &'static [&'static str],
    when: &'static str,
}

const SEALING: &str = "StringEquals kms:EncryptionContext:purpose=signing-session";
const OAUTH_CODE: &str = "StringEquals kms:EncryptionContext:purpose=oauth-code";
const TRADING_KEY: &str = "StringEquals kms:EncryptionContext:purpose=trading-key";
const OAUTH_TOKEN: &str = "StringEquals kms:EncryptionContext:purpose=oauth-token";
/// Keys that were sealed under before; where there are none, the key of now again.
const BEFORE: &[&str] = &["${PreviousSealingKeyArns}", "${SealingKey.Arn}"];
/// The purposes that the sealing key's own policy knows.
const PURPOSES: &str = "StringEquals kms:EncryptionContext:purpose=signing-session|oauth-code|oauth-token|trading-key";
/// People's own KMS keys cannot be named beforehand: their tag stands for the name.
const PEOPLES_KEYS: &str = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*";
/// Everything that a door does with records; no Scan.
const RECORDS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
];
/// The same without conditions on items that it does not write.
const UNCHECKED_RECORDS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
];
const LOG: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];
/// What an event source mapping asks of a table's stream, in the function's name.
const STREAM: &[&str] =
    &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
/// The same of a queue, and what a courier asks of it by itself.
const QUEUE: &[&str] =
    &["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
/// X-Ray knows no resources to name.
const TRACES: Right = right(&["xray:PutTelemetryRecords", "xray:PutTraceSegments"], &["*"], "");

/// Every right that a function has.
const RIGHTS: &[(&str, &[Right])] = &[
    (
        "SignFunction",
        &[
            right(RECORDS, &["${Table.Arn}"], ""),
            right(&["kms:Decrypt", "kms:GenerateDataKey"], &["${SealingKey.Arn}"], SEALING),
            right(&["kms:Decrypt"], BEFORE, SEALING),
            right(
                &["kms:GetPublicKey", "kms:ListResourceTags", "kms:Sign"],
                &[PEOPLES_KEYS],
                "StringEquals aws:ResourceTag/countersign=signing",
            ),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}", "${ImportSecret}"], ""),
            right(LOG, &["${SignLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "SweeperFunction",
        &[
            right(&["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"], &["${Table.Arn}"], ""),
            right(&["dynamodb:Query"], &["${Table.Arn}/index/pending"], ""),
            right(&["kms:Decrypt"], &["${SealingKey.Arn}"], SEALING),
            right(&["kms:Decrypt"], BEFORE, SEALING),
            right(LOG, &["${SweeperLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "DueFunction",
        &[
            right(
                &[
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ],
                &["${Table.Arn}"],
                "",
            ),
            right(&["dynamodb:Query"], &["${Table.Arn}/index/pending"], ""),
            right(&["sqs:SendMessage"], &["${TelegramQueue.Arn}", "${DeliveriesQueue.Arn}"], ""),
            right(LOG, &["${DueLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "TelegramWebhookFunction",
        &[
            right(RECORDS, &["${Table.Arn}"], ""),
            right(&["kms:Decrypt"], &["${SealingKey.Arn}"], OAUTH_CODE),
            right(&["kms:Decrypt"], BEFORE, OAUTH_CODE),
            right(&["kms:GenerateDataKey"], &["${SealingKey.Arn}"], OAUTH_TOKEN),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}", "${OauthSecret}"], ""),
            right(LOG, &["${TelegramWebhookLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "ServicesFunction",
        &[
            right(RECORDS, &["${Table.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}"], ""),
            right(LOG, &["${ServicesLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "TelegramCourierFunction",
        &[
            right(
                &[
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ],
                &["${Table.Arn}"],
                "",
            ),
            right(QUEUE, &["${TelegramQueue.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${TelegramSecret}"], ""),
            right(LOG, &["${TelegramCourierLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "EventsFunction",
        &[
            right(STREAM, &["${Table.StreamArn}"], ""),
            right(&["sqs:SendMessage"], &["${TelegramQueue.Arn}", "${DeliveriesQueue.Arn}"], ""),
            right(LOG, &["${EventsLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "TransactionsFunction",
        &[
            right(UNCHECKED_RECORDS, &["${Table.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}"], ""),
            right(LOG, &["${TransactionsLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "ReportsFunction",
        &[
            right(UNCHECKED_RECORDS, &["${Table.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}"], ""),
            right(LOG, &["${ReportsLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "MoneyScheduleFunction",
        &[
            right(
                &["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                &["${Table.Arn}"],
                "",
            ),
            right(&["dynamodb:Query"], &["${Table.Arn}/index/pending"], ""),
            right(LOG, &["${MoneyScheduleLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "KeysFunction",
        &[
            right(RECORDS, &["${Table.Arn}"], ""),
            right(&["kms:Decrypt", "kms:GenerateDataKey"], &["${SealingKey.Arn}"], TRADING_KEY),
            right(&["kms:Decrypt"], BEFORE, TRADING_KEY),
            right(&["kms:GenerateMac"], &["${FingerprintKey.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}", "${ImportSecret}"], ""),
            right(LOG, &["${KeysLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "KeysMonitorFunction",
        &[
            right(RECORDS, &["${Table.Arn}"], ""),
            right(&["dynamodb:Query"], &["${Table.Arn}/index/pending"], ""),
            right(&["kms:GenerateDataKey"], &["${SealingKey.Arn}"], TRADING_KEY),
            right(LOG, &["${KeysMonitorLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "OauthFunction",
        &[
            right(UNCHECKED_RECORDS, &["${Table.Arn}"], ""),
            right(&["kms:GenerateDataKey"], &["${SealingKey.Arn}"], OAUTH_CODE),
            right(&["kms:Decrypt", "kms:GenerateDataKey"], &["${SealingKey.Arn}"], OAUTH_TOKEN),
            right(&["kms:Decrypt"], BEFORE, OAUTH_TOKEN),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}", "${OauthSecret}"], ""),
            right(LOG, &["${OauthLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "OauthRemindersFunction",
        &[
            right(
                &[
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ],
                &["${Table.Arn}"],
                "",
            ),
            right(&["dynamodb:Query"], &["${Table.Arn}/index/pending"], ""),
            right(&["kms:Decrypt"], &["${SealingKey.Arn}"], OAUTH_TOKEN),
            right(&["kms:Decrypt"], BEFORE, OAUTH_TOKEN),
            right(&["secretsmanager:GetSecretValue"], &["${OauthSecret}"], ""),
            right(LOG, &["${OauthRemindersLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "ServicesCourierFunction",
        &[
            right(
                &["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                &["${Table.Arn}"],
                "",
            ),
            right(QUEUE, &["${DeliveriesQueue.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}"], ""),
            right(LOG, &["${ServicesCourierLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "AuthFunction",
        &[
            right(RECORDS, &["${Table.Arn}"], ""),
            right(&["secretsmanager:GetSecretValue"], &["${GateSecret}"], ""),
            right(LOG, &["${AuthLogs.Arn}"], ""),
            TRACES,
        ],
    ),
    (
        "AccessLogFunction",
        &[right(&["dynamodb:UpdateItem"], &["${Table.Arn}"], ""), right(LOG, &["${AccessLogLogs.Arn}"], ""), TRACES],
    ),
    ("WebFunction", &[right(LOG, &["${WebLogs.Arn}"], ""), TRACES]),
];

/// Actions that open or make ciphertext: only under a purpose.
const CIPHER_ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

const fn right(actions: &'static [&'static str], on: &'static [&'static str], when: &'static str) -> Right {
    Right { actions, on, when }
}

/// One action on one resource under its condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    action: String,
    resource: String,
    when: String,
}

impl Grant {
    fn words(&self) -> String {
        let when = if self.when.is_empty() { "" } else { " when " };
        format!("{} on {}{when}{}", self.action, self.resource, self.when)
    }

    /// What no table may allow.
    fn fault(&self) -> Option<&'static str> {
        let traces = self.action.starts_with("xray:Put") && self.resource == "*";
        let tagged = self.resource == PEOPLES_KEYS && self.when.contains("aws:ResourceTag/countersign=");
        if self.action.contains('*') {
            Some("an action is named in full")
        } else if self.action == "dynamodb:Scan" || self.action.starts_with("dynamodb:PartiQL") {
            Some("no Scan, in no form")
        } else if self.resource.contains('*') && !traces && !tagged {
            Some("a resource is named in full")
        } else if CIPHER_ACTIONS.contains(&self.action.as_str())
            && !self.when.contains("kms:EncryptionContext:purpose=")
        {
            Some("ciphertext is opened and made only under an encryption context's purpose")
        } else {
            None
        }
    }
}

fn condition(statement: &Value) -> String {
    let Some(operators) = statement["Condition"].as_object() else { return String::new() };
    let mut words: Vec<String> = Vec::new();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().unwrap() {
            let values: Vec<&str> = many(values).into_iter().map(|value| value.as_str().unwrap()).collect();
            words.push(format!("{operator} {key}={}", values.join("|")));
        }
    }
    words.sort();
    words.join(" and ")
}

/// Both branches of a condition: whichever holds, the table knows it.
fn either(resource: &Value) -> Vec<&Value> {
    match resource["Fn::If"].as_array().map(Vec::as_slice) {
        Some([_, yes, no]) => vec![yes, no],
        _ => vec![resource],
    }
}

/// Takes a statement apart; what is not a plain `Allow` is a fault.
fn grants(statement: &Value) -> Result<BTreeSet<Grant>, String> {
    let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
    let unknown = statement.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str()));
    if let Some(key) = unknown {
        return Err(format!("a statement with {key}"));
    }
    if statement["Effect"] != "Allow" {
        return Err("a statement that does not allow".to_owned());
    }
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is not plain text"));
    let mut found = BTreeSet::new();
    for action in many(&statement["Action"]) {
        for resource in many(&statement["Resource"]).into_iter().flat_map(either) {
            found.insert(Grant { action: text(action)?, resource: text(resource)?, when: condition(statement) });
        }
    }
    Ok(found)
}

fn wanted(rights: &[Right]) -> BTreeSet<Grant> {
    let pairs = rights.iter().flat_map(|right| right.actions.iter().map(move |action| (right, action)));
    pairs
        .flat_map(|(right, action)| right.on.iter().map(move |resource| (right, action, resource)))
        .map(|(right, action, resource)| Grant {
            action: (*action).to_owned(),
            resource: (*resource).to_owned(),
            when: right.when.to_owned(),
        })
        .collect()
}

/// Everything that a role grants; faults go to `broken`.
fn granted(template: &Template, role: &str, broken: &mut Violations) -> BTreeSet<Grant> {
    let line = template.line(role);
    let properties = &template.resource(role)["Properties"];
    if !properties["ManagedPolicyArns"].is_null() {
        broken.add(FILE, line, format!("{role}: rights are written here, not in a managed policy"));
    }
    let trust = &properties["AssumeRolePolicyDocument"]["Statement"];
    if !matches!(&many(trust)[..], [one] if one["Principal"]["Service"] == "lambda.amazonaws.com") {
        broken.add(FILE, line, format!("{role}: only Lambda takes a function's role"));
    }
    let mut found = BTreeSet::new();
    for policy in many(&properties["Policies"]) {
        for statement in many(&policy["PolicyDocument"]["Statement"]) {
            match grants(statement) {
                Ok(grants) => found.extend(grants),
                Err(fault) => broken.add(FILE, line, format!("{role}: {fault}")),
            }
        }
    }
    for grant in &found {
        if let Some(fault) = grant.fault() {
            broken.add(FILE, line, format!("{role}: {}: {fault}", grant.words()));
        }
    }
    found
}

fn check(template: &Template, table: &[(&str, &[Right])]) -> Violations {
    let mut broken = Violations::default();
    let mut roles = BTreeSet::new();
    for function in template.functions() {
        let line = template.line(function.id);
        if function.properties.contains_key("Policies") {
            broken.add(FILE, line, format!("{}: rights stand in its role", function.id));
        }
        let role = function.properties.get("Role").and_then(template::referred).unwrap_or_default();
        if template.resource(role).is_null() || !roles.insert(role.to_owned()) {
            broken.add(FILE, line, format!("{}: a function has a role of its own", function.id));
            continue;
        }
        let found = granted(template, role, &mut broken);
        let wanted =
            table.iter().find(|(id, _)| *id == function.id).map(|(_, rights)| wanted(rights)).unwrap_or_default();
        for grant in found.difference(&wanted) {
            broken.add(FILE, template.line(role), format!("{role}: not in the table: {}", grant.words()));
        }
        for grant in wanted.difference(&found) {
            broken.add(FILE, template.line(role), format!("{role}: in the table, not granted: {}", grant.words()));
        }
    }
    let others = template.types().filter(|(id, kind)| kind.starts_with("AWS::IAM::") && !roles.contains(*id));
    for (id, kind) in others {
        broken.add(FILE, template.line(id), format!("{id}: {kind} that no function has"));
    }
    broken
}

#[test]
fn functions_have_the_rights_of_the_table() {
    let template = Template::of_house();
    check(&template, RIGHTS).none();
    let functions: BTreeSet<_> = template.functions().iter().map(|function| function.id).collect();
    let table: BTreeSet<_> = RIGHTS.iter().map(|(id, _)| *id).collect();
    assert_eq!(functions, table);
}

#[test]
fn the_sealing_key_demands_a_purpose() {
    let template = Template::of_house();
    let mut broken = Violations::default();
    for (id, key) in template.resources("AWS::KMS::Key") {
        for statement in many(&key["Properties"]["KeyPolicy"]["Statement"]) {
            let when = condition(statement);
            for action in many(&statement["Action"]).into_iter().filter_map(Value::as_str) {
                let opens = CIPHER_ACTIONS.contains(&action);
                if action.contains('*') || (opens && when.is_empty()) {
                    broken.add(FILE, template.line(id), format!("{id}: {action} without bounds in its key policy"));
                }
                if id == "SealingKey" && opens && when != PURPOSES {
                    broken.add(FILE, template.line(id), format!("{id}: {action} without a purpose in its key policy"));
                }
            }
        }
    }
    broken.none();
}

/// How the code asks for an action: by its client's method, or as a part of a transaction.
fn calls(action: &str) -> Option<[String; 2]> {
    let (service, name) = action.split_once(':')?;
    if !["dynamodb", "kms", "secretsmanager"].contains(&service) {
        return None;
    }
    let mut method = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !method.is_empty() {
            method.push('_');
        }
        method.extend(letter.to_lowercase());
    }
    let part = name.strip_suffix("Item").unwrap_or(name);
    Some([format!(".{method}()"), format!(" {part}::builder()")])
}

#[test]
fn no_right_is_granted_that_no_code_uses() {
    let code = house::code();
    let template = Template::of_house();
    let mut broken = Violations::default();
    for (function, rights) in RIGHTS {
        for action in rights.iter().flat_map(|right| right.actions).filter(|action| !STREAM.contains(action)) {
            if calls(action).is_some_and(|calls| !calls.iter().any(|call| code.contains(call))) {
                broken.add(FILE, template.line(function), format!("{function}: {action} is called by no code of ours"));
            }
        }
    }
    broken.none();
    assert_eq!(calls("dynamodb:PutItem").unwrap(), [".put_item()", " Put::builder()"]);
}

/// The rules on templates that break them.
mod samples {
    use super::*;

    const TABLE_READ: &[(&str, &[Right])] = &[("F", &[right(&["dynamodb:GetItem"], &["${T.Arn}"], "")])];

    fn template(statement: &str) -> Template {
        Template::parse(format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {{Role: !GetAtt R.Arn}}\n  R:\n    \
             Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Statement: [{{Principal: {{Service: \
             lambda.amazonaws.com}}}}]}}\n      Policies: [{{PolicyDocument: {{Statement: [{statement}]}}}}]\n"
        ))
    }

    #[test]
    fn the_table_itself() {
        let text = "{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt T.Arn}";
        check(&template(text), TABLE_READ).none();
    }

    #[test]
    fn a_right_too_many_and_one_too_few() {
        let text = "{Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: !GetAtt T.Arn}";
        check(&template(text), TABLE_READ).only("template.yaml:5: R: not in the table: dynamodb:PutItem");
        check(&template("{Effect: Allow, Action: [], Resource: '*'}"), TABLE_READ)
            .only("not granted: dynamodb:GetItem");
    }

    #[test]
    fn forms_that_cannot_be_compared() {
        let plain = "{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt T.Arn}, ";
        for (statement, words) in [
            ("{Effect: Allow, NotAction: 'a:B', Resource: !GetAtt T.Arn}", "NotAction"),
            ("{Effect: Deny, Action: 'a:B', Resource: !GetAtt T.Arn}", "does not allow"),
        ] {
            check(&template(&format!("{plain}{statement}")), TABLE_READ).only(words);
        }
    }

    #[test]
    fn what_no_table_may_allow() {
        let fault = |action: &str, resource: &str, when: &str| {
            Grant { action: action.into(), resource: resource.into(), when: when.into() }.fault()
        };
        assert!(fault("dynamodb:*", "${T.Arn}", "").is_some());
        assert!(fault("dynamodb:GetItem", "*", "").is_some());
        assert!(fault("dynamodb:Scan", "${T.Arn}", "").is_some());
        assert!(fault("kms:Decrypt", "${K.Arn}", "").is_some());
        assert!(fault("kms:Decrypt", "${K.Arn}", "StringEquals aws:ResourceTag/countersign=signing").is_some());
        assert!(fault("kms:Sign", PEOPLES_KEYS, "").is_some());
        assert!(fault("kms:Decrypt", "${K.Arn}", SEALING).is_none());
        assert!(fault("xray:PutTraceSegments", "*", "").is_none());
    }
}
