//! Presses and answers in words: which count, what closes, what is told.

use serde_json::json;

use super::*;

#[test]
fn yes_closes_the_task_and_every_copy_shows_it() {
    let mut held = Held::new(asked(json!({ "question": "Go?", "kind": "yes_no", "people": [7, 8] }), 7));
    assert_eq!(held.first.messages.len(), 2);
    assert!(held.first.messages.iter().all(|message| matches!(message.origin, Origin::Copy { .. })));
    let closed = held.own(8, 0).unwrap();
    let task = closed.task.unwrap();
    assert_eq!((task.status, task.result.as_ref().unwrap()["answer"].as_str()), (TaskStatus::Done, Some("yes")));
    assert_eq!(task.result.unwrap()["answers"][0]["telegram_id"], 8);
    for (edit, copy) in closed.messages.iter().zip(&held.first.copies) {
        let BotCall::EditMessage { message, .. } = &edit.call else { panic!("{edit:?}") };
        assert_eq!((*message, edit.chat_id), (MessageRef::Sent(copy.out_id), copy.chat_id));
        let (text, data) = shown(edit);
        assert!(text.starts_with("Go?") && text.contains("Yes. Answered by P8, 15 January 2027, 08:00 UTC"), "{text}");
        assert_eq!(data.len(), 0);
    }
    assert_eq!(held.own(7, 0).unwrap_err(), Why::Decided);
    assert_eq!(held.state.due_at(&held.proposal), None);
}

#[test]
fn ids_of_one_change_differ() {
    let people: Vec<u64> = (1..=20).collect();
    let mut ids: Vec<_> = approval(&people, 1).messages.iter().map(|message| message.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[test]
fn what_is_wrong_with_a_press_is_told() {
    let mut held =
        Held::new(asked(json!({ "question": "Go?", "kind": "yes_no", "quorum": 2, "people": [7, 8] }), GROUP));
    assert_eq!(held.press(9, GROUP, 0, 1).unwrap_err(), Why::NotAsked);
    let Verdict::Refused { why: Why::OutOfDate, .. } = held.press_as(7, GROUP, 0, Some("Go away?"), 1) else {
        panic!()
    };
    let facts = held.facts(GROUP);
    let button = ButtonData::read("a.9.0.AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let forged = judge(
        &facts,
        &voter(7, GROUP),
        &Answering::Press { button: &button, text: None, message_id: None },
        &mut at(1),
    );
    assert!(matches!(forged, Verdict::Refused { why: Why::Forged, .. }));
    let elsewhere =
        judge(&facts, &voter(7, 7), &Answering::Press { button: &button, text: None, message_id: None }, &mut at(1));
    assert!(matches!(elsewhere, Verdict::Refused { why: Why::Forged, .. }));
    let nothing = judge(&Facts::default(), &voter(7, 7), &Answering::Words("x"), &mut at(1));
    assert!(matches!(nothing, Verdict::Refused { why: Why::Forged, .. }));
    assert!(!held.press(7, GROUP, 0, 1).unwrap().closes());
    assert_eq!(held.press(7, GROUP, 1, 1).unwrap_err(), Why::Voted);
    assert_eq!(held.press(8, GROUP, 0, 24 * 3600).unwrap_err(), Why::Expired);
    assert!(held.press(8, GROUP, 0, 24 * 3600 - 1).unwrap().closes());
}

#[test]
fn words_count_where_words_are_asked_for() {
    let mut held = Held::new(asked(json!({ "question": "Name?", "kind": "text" }), 7));
    let BotCall::SendMessage { buttons: None, ask_reply: true, .. } = &held.first.messages[0].call else { panic!() };
    let long = "x".repeat(1001);
    let judged = |held: &Held, words: &str| judge(&held.facts(7), &voter(7, 7), &Answering::Words(words), &mut at(1));
    assert!(matches!(judged(&held, &long), Verdict::Refused { why: Why::TooLong, .. }));
    let Verdict::Counted { change, .. } = judged(&held, " <b>Bob</b> ") else { panic!() };
    held.take(&change);
    assert_eq!(held.answer(), Some("<b>Bob</b>"));
    let BotCall::EditMessage { text, .. } = &change.messages[0].call else { panic!() };
    assert!(text.html && text.text.contains("&lt;b&gt;Bob&lt;/b&gt;"), "{text:?}");
    let yes_no = Held::new(asked(json!({ "question": "Go?", "kind": "yes_no" }), 7));
    assert!(matches!(judged(&yes_no, "yes"), Verdict::Refused { why: Why::Forged, .. }));
}

#[test]
fn in_a_group_anybody_answers_where_nobody_is_named() {
    let mut held =
        Held::new(asked(json!({ "question": "Lunch?", "kind": "choice", "choices": ["A", "B"], "quorum": 2 }), GROUP));
    assert_eq!(held.first.messages.len(), 1);
    for (id, choice, closes) in [(1, 0, false), (2, 1, false), (3, 0, true)] {
        assert_eq!(held.press(id, GROUP, choice, 1).unwrap().closes(), closes, "{id}");
    }
    assert_eq!(held.answer(), Some("A"));
}

#[test]
fn an_approval_out_of_reach_is_denied() {
    for (people, quorum, presses, expected) in [
        (2, 1, vec![(1, 0)], Some("approve")),
        (2, 1, vec![(1, 1)], Some("deny")),
        (2, 2, vec![(1, 0), (2, 0)], Some("approve")),
        (2, 2, vec![(1, 1)], Some("deny")),
        (3, 2, vec![(1, 1)], None),
        (3, 2, vec![(1, 1), (2, 0)], None),
        (3, 2, vec![(1, 1), (2, 0), (3, 0)], Some("approve")),
        (3, 2, vec![(1, 0), (2, 1), (3, 1)], Some("deny")),
    ] {
        let people: Vec<u64> = (1..=people).collect();
        let mut held = Held::new(approval(&people, quorum));
        for (id, choice) in presses {
            held.own(id, choice).unwrap();
        }
        assert_eq!(held.answer(), expected);
    }
}

#[test]
fn a_press_tells_where_the_question_stands() {
    let mut held = Held::new(asked(json!({ "question": "Go?", "kind": "yes_no", "people": [7, 8] }), 7));
    let copy = held.first.copies[1].clone();
    let closed = held.own(8, 0).unwrap();
    let seen = closed.seen.unwrap();
    assert_eq!((seen.chat_id, seen.out_id, seen.message_id), (copy.chat_id, copy.out_id, PRESSED));
    assert_eq!(closed.messages.len(), 2, "an edit a copy");
}

#[test]
fn a_question_that_is_there_twice_shows_the_outcome_twice() {
    for (known, edits) in [(PRESSED, 1), (PRESSED + 1, 2)] {
        let mut held = Held::new(asked(json!({ "question": "Go?", "kind": "yes_no" }), 7));
        held.first.copies[0].message_id = Some(known);
        let closed = held.own(7, 0).unwrap();
        assert_eq!((closed.seen, closed.messages.len()), (None, edits));
        let BotCall::EditMessage { message, .. } = &closed.messages[edits - 1].call else { panic!() };
        let last = if edits == 2 { MessageRef::Id(PRESSED) } else { MessageRef::Sent(held.first.copies[0].out_id) };
        assert_eq!(*message, last);
    }
}

#[test]
fn a_question_moves_with_its_group() {
    const SUPERGROUP: i64 = -1_000_000_000_009;
    let mut held = Held::new(asked(json!({ "question": "Lunch?", "kind": "yes_no" }), GROUP));
    let (copy, sent) = (held.first.copies[0].clone(), held.first.messages[0].clone());
    let change = moved(&held.proposal, &held.state, &copy, &sent, chat(SUPERGROUP), &mut at(1)).unwrap();
    held.take(&change);
    assert_eq!((change.moved_from, change.messages[0].call == sent.call), (Some(chat(GROUP)), true));
    assert_eq!((held.state.copies.len(), held.state.copies[0].chat_id), (1, chat(SUPERGROUP)));
    assert_eq!(moved(&held.proposal, &held.state, &copy, &sent, chat(SUPERGROUP), &mut at(1)), None, "once");
    held.first.copies.clone_from(&change.copies);
    held.first.messages.clone_from(&change.messages);
    assert_eq!(held.press(7, GROUP, 0, 2).unwrap_err(), Why::Forged);
    let closed = held.press(7, SUPERGROUP, 0, 2).unwrap();
    assert_eq!((closed.closes(), closed.messages[0].chat_id), (true, chat(SUPERGROUP)));
    assert_eq!(moved(&held.proposal, &held.state, &change.copies[0], &sent, chat(-1), &mut at(3)), None, "it is over");
}
