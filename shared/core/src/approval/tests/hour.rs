//! What the hour brings.

use serde_json::{Value, json};

use super::*;

#[test]
fn the_hour_escalates_and_expires() {
    let payload = json!({ "question": "Go?", "kind": "yes_no", "expires_in": 60, "escalate": { "after_seconds": 10, "people": [7, 8] } });
    let mut held = Held::new(asked(payload, 7));
    let proposal = held.proposal.clone();
    assert_eq!(held.state.due_at(&proposal), Some(NOW.plus_seconds(10)));
    assert_eq!(due(&proposal, &held.state, &held.first.copies, &mut at(9)), None);
    assert_eq!(held.press(8, 8, 0, 9).unwrap_err(), Why::Forged);
    let escalated = due(&proposal, &held.state, &held.first.copies, &mut at(10)).unwrap();
    assert_eq!(escalated.copies.iter().map(|copy| copy.chat_id).collect::<Vec<_>>(), [chat(8)]);
    held.take(&escalated);
    assert_eq!(held.state.due_at(&proposal), Some(NOW.plus_seconds(60)));
    let copies = [held.first.copies.clone(), escalated.copies.clone()].concat();
    assert_eq!(due(&proposal, &held.state, &copies, &mut at(59)), None);
    let expired = due(&proposal, &held.state, &copies, &mut at(60)).unwrap();
    held.take(&expired);
    assert_eq!(expired.messages.len(), 2);
    let task = expired.task.unwrap();
    assert_eq!(task.result.unwrap(), json!({ "outcome": "expired", "answer": null, "answers": [] }));
    assert_eq!(due(&proposal, &held.state, &copies, &mut at(61)), None);
    let Verdict::Refused { why: Why::Decided, said } = held.press_as(7, 7, 0, None, 61) else { panic!() };
    assert!(said.starts_with("⌛ Expired without a decision"), "nothing is called decided: {said}");
}

#[test]
fn where_nobody_can_be_asked_the_others_are_and_else_it_fails() {
    let failed = |change: &Change| {
        let mut copies = change.copies.clone();
        copies.iter_mut().for_each(|copy| copy.failed = Some("bot was blocked".into()));
        copies
    };
    let first = asked(json!({ "question": "Go?", "kind": "yes_no", "callback_url": "https://example.org/x" }), 7);
    let ended = due(&first.proposal, &first.state, &failed(&first), &mut at(1)).unwrap();
    let task = ended.task.unwrap();
    assert_eq!((task.status, task.result, task.reason.as_deref()), (TaskStatus::Failed, None, Some("bot was blocked")));
    let body: Value = serde_json::from_str(&ended.delivery.unwrap().body).unwrap();
    assert_eq!((body["type"].as_str(), body["data"]["outcome"].as_str()), (Some("ask.closed"), Some("failed")));
    let escalate = json!({ "after_seconds": 10, "people": [8] });
    let first = asked(json!({ "question": "Go?", "kind": "yes_no", "escalate": escalate }), 7);
    let escalated = due(&first.proposal, &first.state, &failed(&first), &mut at(1)).unwrap();
    assert!(!escalated.closes() && escalated.copies.len() == 1);
}
