//! Every limit is named, and the longest message fits.

use serde_json::json;

use super::*;
use crate::Refusal;

#[test]
fn every_limit_is_named() {
    let refused = |refusal: Result<Question, Refusal>, words: &str| {
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.kind.status(), 400);
        assert!(refusal.public.contains(words), "{} does not say {words}", refusal.public);
    };
    let many: Vec<u64> = (1..=21).collect();
    for (name, value, words) in [
        ("question", json!(""), "1 to 1000"),
        ("question", json!("x".repeat(1001)), "1 to 1000"),
        ("question", json!("a\u{202e}b"), "control"),
        ("question", json!("a\u{7}b"), "control"),
        ("question", json!(7), "string"),
        ("kind", json!("maybe"), "yes_no"),
        ("kind", json!("approval"), "yes_no"),
        ("kind", json!("choice"), "2 to 10"),
        ("choices", json!(["a", "b"]), "kind choice"),
        ("people", json!(many), "at most 20"),
        ("people", json!([0]), "id"),
        ("quorum", json!(0), "1 to 1"),
        ("quorum", json!(2), "1 to 1"),
        ("expires_in", json!(4), "5 to 2592000"),
        ("expires_in", json!(2_592_001), "5 to 2592000"),
        ("escalate", json!({ "after_seconds": 0, "people": [8] }), "after_seconds"),
        ("escalate", json!({ "after_seconds": 86_400, "people": [8] }), "before expires_in"),
        ("escalate", json!({ "after_seconds": 1, "people": [7] }), "not asked already"),
        ("escalate", json!({ "after_seconds": 1, "people": many }), "at most 20"),
        ("callback_url", json!(format!("https://example.org/{}", "x".repeat(2048))), "2048"),
        ("other", json!(1), "other"),
    ] {
        let mut payload = json!({ "question": "Go?", "kind": "yes_no" });
        payload[name] = value;
        refused(read_ask(payload, chat(7)), words);
    }
    for choices in [
        json!(["a"]),
        json!(["a", "a"]),
        json!(["a", ""]),
        json!(["a", "b\nc"]),
        json!(["a", "x".repeat(65)]),
        json!((0..11).map(|n| n.to_string()).collect::<Vec<_>>()),
    ] {
        assert!(
            read_ask(json!({ "question": "Go?", "kind": "choice", "choices": choices }), chat(7)).is_err(),
            "{choices}"
        );
    }
    refused(read_approval(json!({ "subject": "Pay?", "approvers": [] })), "1 to 20");
    refused(read_approval(json!({ "subject": "Pay?", "approvers": [7], "chat_id": 7 })), "group");
    refused(read_approval(json!({ "subject": "Pay?", "approvers": [7], "details": "x".repeat(2001) })), "details");
}

#[test]
fn the_longest_message_fits() {
    let people: Vec<u64> = (1..=20).collect();
    let body = json!({ "subject": "&".repeat(1000), "details": "\"".repeat(2000), "approvers": people, "quorum": 20 });
    let first = opened(read_approval(body).unwrap());
    let mut held = Held::new(first);
    let mut last = None;
    for id in 1..=20 {
        last = Some(held.own(id, 0).unwrap());
    }
    for change in [&held.first, &last.unwrap()] {
        let (text, _) = shown(&change.messages[0]);
        assert!(text.encode_utf16().count() <= crate::limits::MESSAGE_UNITS, "{}", text.len());
    }
}
