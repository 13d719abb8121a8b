//! Votes in any order, as often as people like: an outcome comes once.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Presses as they may come: by whom and which answer, in any order and as often as they like.
fn presses() -> impl Strategy<Value = Vec<(u64, usize)>> {
    proptest::collection::vec((1_u64..=7, 0_usize..2), 0..30)
}

proptest! {
    #[test]
    fn no_order_of_votes_closes_twice(people in 1_u64..=6, quorum in 1_usize..=6, presses in presses(), approves in any::<bool>()) {
        let quorum = quorum.min(usize::try_from(people).unwrap());
        let named: Vec<u64> = (1..=people).collect();
        let mut held = Held::new(if approves {
            approval(&named, quorum)
        } else {
            asked(json!({ "question": "Go?", "kind": "yes_no", "people": named, "quorum": quorum }), 1)
        });
        let mut first = std::collections::BTreeMap::new();
        for (id, choice) in presses {
            let before = held.state.clone();
            match held.own(id, choice) {
                Ok(_) => {
                    prop_assert!(id <= people && before.outcome.is_none() && !first.contains_key(&id));
                    first.insert(id, choice);
                }
                Err(why) => {
                    prop_assert_eq!(&held.state, &before);
                    prop_assert!(id > people || before.outcome.is_some() || first.contains_key(&id), "{:?}", why);
                }
            }
        }
        prop_assert!(held.closings <= 1);
        prop_assert_eq!(held.closings == 1, held.state.status == Status::Closed);
        let counts = [0, 1].map(|choice| first.values().filter(|given| **given == choice).count());
        let winner = counts.iter().position(|count| *count >= quorum);
        match (winner, approves) {
            (Some(winner), _) => prop_assert_eq!(held.answer(), Some(held.proposal.answers()[winner])),
            (None, true) => {
                let out_of_reach = named.len() - counts[1] < quorum;
                prop_assert_eq!(held.answer(), out_of_reach.then_some("deny"));
            }
            (None, false) => prop_assert_eq!(held.answer(), None),
        }
    }
}
