//! The sweep beside the requests: it learns what nobody asks for again, closes it once, and leaves the rest alone.

use countersign_sign::{
    Signers,
    sweep::{Swept, sweep},
};
use futures_util::future::join_all;
use serde_json::json;

use super::{
    Bench,
    control::{GET, LIST},
    nothing_signed,
    table::intent_key,
    unknown,
};
use crate::world::{refused, unix_seconds};

impl Bench {
    /// One run, as the schedule makes it.
    pub(super) async fn sweep(&self) -> Swept {
        let system = &self.world.system;
        sweep(&Signers::build(system.environment(), &system.sdk_config()).unwrap()).await.unwrap()
    }

    /// Signatures whose answers were lost, longer ago than a request may take.
    async fn lost_answers(&self, count: usize) -> Vec<String> {
        self.fault(json!({ "cut": "after", "count": count })).await;
        let mut envelopes = Vec::new();
        for _ in 0..count {
            let envelope = self.xdr();
            unknown(&self.sign(&envelope).await);
            self.past_lease(&envelope).await;
            envelopes.push(envelope);
        }
        envelopes
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_finds_what_was_signed_with_the_same_body() {
    let bench = Bench::legacy().await;
    let envelope = bench.lost_answers(1).await.remove(0);
    let swept = bench.sweep().await;
    assert_eq!((swept.found, swept.closed, swept.oldest_seconds), (1, 1, 0));
    bench.signed_once(&envelope, 2).await;
    assert_eq!(bench.sweep().await, Swept::default());
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_leaves_alone_what_may_still_be_running() {
    let bench = Bench::legacy().await;
    let running = bench.xdr();
    bench.fault(json!({ "delay_ms": 1500 })).await;
    let look = async {
        bench.arrived(1).await;
        bench.sweep().await
    };
    let (answered, swept) = tokio::join!(bench.sign(&running), look);
    assert_eq!(swept, Swept::default());
    bench.signed(&answered, &running);
    bench.signed_once(&running, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_makes_good_a_crash_before_the_call() {
    for (name, bench) in [("legacy", Bench::legacy().await), ("cloud", Bench::cloud().await)] {
        let envelope = bench.xdr();
        let stamp = if name == "cloud" { bench.stamp(&bench.asked_to_stamp(&envelope).await) } else { String::new() };
        bench.commit_refused(1).await;
        bench.fault(json!({ "cut": "before" })).await;
        let answered =
            if name == "cloud" { bench.stamped(&envelope, &stamp).await } else { bench.sign(&envelope).await };
        refused(&answered, 503);
        bench.past_lease(&envelope).await;
        assert_eq!(bench.sweep().await.closed, 1, "{name}");
        bench.signed_once(&envelope, 2).await;
        bench.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_freshness_it_searches_the_list() {
    let bench = Bench::legacy().await;
    let envelopes = bench.lost_answers(3).await;
    let never_arrived = bench.xdr();
    bench.fault(json!({ "cut": "before" })).await;
    unknown(&bench.sign(&never_arrived).await);
    let submitted = bench.submissions().await.len();
    for envelope in envelopes.iter().chain([&never_arrived]) {
        bench.past_freshness(envelope).await;
    }
    let swept = bench.sweep().await;
    assert_eq!((swept.found, swept.closed), (4, 4));
    assert_eq!(bench.submissions().await.len(), submitted, "an old body is not sent again");
    for envelope in &envelopes {
        assert_eq!(bench.outcomes(envelope).await, ["signed"]);
        bench.signed(&bench.sign(envelope).await, envelope);
    }
    assert_eq!(bench.outcomes(&never_arrived).await, ["lost"]);
    assert_eq!(bench.submissions().await.len(), submitted);
    // Turnkey takes the old body no more, so a new one cannot be a second signature of it.
    bench.signed(&bench.sign(&never_arrived).await, &never_arrived);
    assert_eq!(bench.outcomes(&never_arrived).await, ["lost", "signed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_searched_beyond_its_first_page() {
    let bench = Bench::legacy().await;
    let envelope = bench.lost_answers(1).await.remove(0);
    let more: Vec<String> = (0..110).map(|_| bench.xdr()).collect();
    for part in more.chunks(10) {
        join_all(part.iter().map(|envelope| bench.sign(envelope))).await;
    }
    assert_eq!(bench.activities().await.len(), 111);
    bench.past_freshness(&envelope).await;
    bench.sweep().await;
    assert_eq!(bench.outcomes(&envelope).await, ["signed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_does_not_come_leaves_it_unknown_and_one_that_is_refused_ends_it() {
    let bench = Bench::legacy().await;
    let envelope = bench.lost_answers(1).await.remove(0);
    for fault in
        [json!({ "cut": "before" }), json!({ "status": 429 }), json!({ "status": 500 }), json!({ "body": "x" })]
    {
        bench.past_freshness(&envelope).await;
        bench.fault_at(LIST, fault).await;
        let swept = bench.sweep().await;
        assert_eq!((swept.found, swept.closed), (1, 0));
        assert!(swept.oldest_seconds >= 3600, "{swept:?}");
        assert_eq!(bench.outcomes(&envelope).await, ["open"]);
    }
    // The key was removed at Turnkey: nobody here can ever look again.
    bench.past_freshness(&envelope).await;
    bench.fault_at(LIST, json!({ "status": 401 })).await;
    assert_eq!(bench.sweep().await.closed, 1);
    assert_eq!(bench.outcomes(&envelope).await, ["lost"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_freshness_a_known_activity_is_asked_for_by_its_id() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.next_activities("CONSENSUS_NEEDED", 1).await;
    assert_eq!(bench.sign(&envelope).await.0, 202);
    bench.past_freshness(&envelope).await;
    assert_eq!((bench.sweep().await.closed, bench.outcomes(&envelope).await), (0, vec!["open".into()]));
    assert_eq!(bench.sign(&envelope).await.0, 202, "consent may take longer than an hour");
    bench.becomes("COMPLETED").await;
    bench.past_freshness(&envelope).await;
    assert_eq!((bench.sweep().await.closed, bench.outcomes(&envelope).await), (1, vec!["signed".into()]));
    assert_eq!((bench.requests(GET).await.len(), bench.requests(LIST).await.len()), (3, 0));
    bench.signed(&bench.sign(&envelope).await, &envelope);
    assert_eq!(bench.submissions().await.len(), 1);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_day_without_a_look_it_is_given_up() {
    let bench = Bench::legacy().await;
    let envelope = bench.lost_answers(1).await.remove(0);
    let given_up = countersign_core::limits::INTENT_GIVEN_UP_SECONDS;
    for (age_seconds, outcome) in [(given_up - 60, "open"), (given_up + 60, "lost")] {
        let then = (i64::try_from(unix_seconds()).unwrap() - age_seconds) * 1000;
        bench.rewrite(&intent_key(&envelope), &[("made_at", then), ("changed_at", then), ("pending_at", then)]).await;
        bench.fault_at(LIST, json!({ "status": 500 })).await;
        bench.sweep().await;
        assert_eq!(bench.outcomes(&envelope).await, [outcome]);
    }
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_over_may_be_tidied_up() {
    let bench = Bench::legacy().await;
    let (signed, open) = (bench.xdr(), bench.lost_answers(1).await.remove(0));
    bench.signed(&bench.sign(&signed).await, &signed);
    let kept = bench.intent(&signed).await;
    let until = kept["changed_at"].as_i64().unwrap() / 1000 + countersign_core::limits::INTENT_KEPT_SECONDS;
    assert_eq!(kept["expires_at"], until);
    assert!(bench.intent(&open).await.get("expires_at").is_none());
    bench.sweep().await;
    assert!(bench.intent(&open).await["expires_at"].is_i64());
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_past_freshness_says_that_it_was_never_learnt() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "cut": "before" })).await;
    unknown(&bench.sign_as(&envelope, "k-1").await.0);
    bench.past_freshness(&envelope).await;
    let (first, _) = bench.sign_as(&envelope, "k-1").await;
    refused(&first, 502);
    nothing_signed(&first);
    assert_eq!(first.2["outcome"], "lost");
    let (again, replayed) = bench.sign_as(&envelope, "k-1").await;
    assert_eq!((again.2, replayed), (first.2, true), "with the same key it is never run again");
    bench.signed(&bench.sign(&envelope).await, &envelope);
    assert_eq!(bench.outcomes(&envelope).await, ["lost", "signed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sweeps_and_requests_at_once_close_it_once() {
    let bench = Bench::legacy().await;
    for _ in 0..5 {
        let envelope = bench.lost_answers(1).await.remove(0);
        let (swept, answers) =
            tokio::join!(join_all((0..3).map(|_| bench.sweep())), join_all((0..6).map(|_| bench.sign(&envelope))));
        assert!(swept.iter().all(|swept| swept.found <= 1), "{swept:?}");
        for answered in &answers {
            bench.signed(answered, &envelope);
        }
        assert_eq!(bench.outcomes(&envelope).await, ["signed"]);
    }
    let activities = bench.activities().await;
    assert_eq!(activities.len(), 5);
    assert!(activities.iter().all(|activity| activity["signatures"] == 1), "{activities:?}");
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_bounded_and_nothing_waits_for_ever_behind_others() {
    let bench = Bench::legacy().await;
    bench.next_activities("CONSENSUS_NEEDED", 55).await;
    for _ in 0..55 {
        let envelope = bench.xdr();
        assert_eq!(bench.sign(&envelope).await.0, 202);
        bench.past_lease(&envelope).await;
    }
    let last = bench.lost_answers(1).await.remove(0);
    let first = bench.sweep().await;
    assert_eq!((first.found, first.closed), (50, 0), "bounded");
    let second = bench.sweep().await;
    assert_eq!((second.found, second.closed), (6, 1), "those that were not looked at come first");
    assert_eq!(bench.outcomes(&last).await, ["signed"]);
    bench.world.stop().await;
}

/// The index of open intents is eventually consistent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_lags_behind_revives_nothing() {
    let bench = Bench::legacy().await;
    let (failed, signed) = (bench.xdr(), bench.xdr());
    bench.fault(json!({ "status": 429, "headers": { "retry-after": "60" } })).await;
    refused(&bench.sign(&failed).await, 503);
    bench.signed(&bench.sign(&signed).await, &signed);
    let cloud = Bench::cloud().await;
    let awaiting = cloud.xdr();
    let body = cloud.asked_to_stamp(&awaiting).await;
    for (bench, envelope) in [(&bench, &failed), (&bench, &signed), (&cloud, &awaiting)] {
        bench.still_indexed(envelope).await;
    }
    let submitted = bench.submissions().await.len();
    assert_eq!((bench.sweep().await, cloud.sweep().await), (Swept::default(), Swept::default()));
    assert_eq!((bench.submissions().await.len(), cloud.submissions().await.len()), (submitted, 0));
    assert_eq!(bench.outcomes(&failed).await, ["failed"]);
    assert_eq!(bench.activities().await.len(), 1, "what was called failed is not signed behind everybody's back");
    cloud.signed(&cloud.stamped(&awaiting, &cloud.stamp(&body)).await, &awaiting);
    bench.world.stop().await;
    cloud.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_cannot_be_looked_up_now_does_not_stop_the_others() {
    let bench = Bench::legacy().await;
    let envelopes = bench.lost_answers(2).await;
    bench.refused_by_aws("TrentService.Decrypt", 0).await;
    let swept = bench.sweep().await;
    assert_eq!((swept.found, swept.closed), (2, 1));
    for envelope in &envelopes {
        bench.past_lease(envelope).await;
    }
    bench.sweep().await;
    for envelope in &envelopes {
        assert_eq!(bench.outcomes(envelope).await, ["signed"]);
    }
    bench.world.stop().await;
}
