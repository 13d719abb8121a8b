//! Tries: when, how often, what ends them, and what is never tried at all.

use countersign_core::{
    Moment,
    messaging::{DeliveryRecord, DeliveryStatus, TryOutcome, Turn},
};
use countersign_local::Options;
use countersign_store::Guard;
use countersign_testkit::Call;

use super::{deliver, deliver_at, ended, hook::Hook, once, secret, service};
use crate::world::{World, unix_seconds};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_try_is_made_again_after_five_seconds_as_the_same_message() {
    let world = World::start().await;
    let mut hook = Hook::answering(&[(500, ""), (200, "")]).await;
    let service = service(&world).await;
    let ids = deliver(&world, &service, 1, &hook.url).await;
    let first = hook.next().await;
    let waiting = once(&world, ids, |record| record.delivery.attempt == 1 && record.claimed_by.is_none()).await;
    assert_eq!(waiting.delivery.reason.as_deref(), Some("the service answered 500"));
    let begun = std::time::Instant::now();
    let second = hook.next().await;
    assert!((3..15).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!((first.header("webhook-id"), &first.body), (second.header("webhook-id"), &second.body));
    assert_ne!(first.header("webhook-timestamp"), second.header("webhook-timestamp"));
    assert!(second.is_of(&secret(&service)));
    let record = ended(&world, ids).await;
    assert_eq!((record.delivery.status, record.delivery.attempt), (DeliveryStatus::Delivered, 2));
    assert_eq!(record.delivery.reason, None);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_or_a_closed_door_is_tried_again_later() {
    let world = World::start().await;
    let service = service(&world).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let hook = Hook::answering(&[(302, "")]).await;
    for (number, url, reason) in [
        (1, hook.url.clone(), "the service answered 302"),
        (2, format!("http://{closed}/"), "no connection could be made"),
    ] {
        let ids = deliver(&world, &service, number, &url).await;
        let record = once(&world, ids, |record| record.delivery.reason.is_some()).await;
        assert_eq!(record.delivery.reason.as_deref(), Some(reason));
        let pause = record.due_at.seconds() - i64::try_from(unix_seconds()).unwrap();
        assert!((0..=6).contains(&pause), "{pause}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_our_own_network_are_never_called() {
    let world = World::start().await;
    let service = service(&world).await;
    for (number, url) in [
        (1, "https://169.254.169.254/latest/meta-data/"),
        (2, "https://[::ffff:10.0.0.1]/"),
        (3, "http://10.0.0.1/"),
        (4, "https://metadata.google.internal/"),
        (5, "https://user:password@example.org/"),
    ] {
        let ids = deliver(&world, &service, number, url).await;
        let record = ended(&world, ids).await;
        assert_eq!((record.delivery.status, record.delivery.attempt), (DeliveryStatus::Failed, 1), "{url}");
        assert!(record.delivery.reason.is_some() && record.delivery.finished_at.is_some());
    }
    world.stop().await;
}

/// Without the switch of the local system the same holds for this machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_machine_is_called_only_where_that_is_allowed() {
    let world = World::with(&[("OUTBOUND_LOOPBACK", "false")]).await;
    let hook = Hook::answering(&[(200, "")]).await;
    let service = service(&world).await;
    let record = ended(&world, deliver(&world, &service, 1, &hook.url).await).await;
    assert_eq!(record.delivery.reason.as_deref(), Some("the URL must begin with https://"));
    assert_eq!(hook.waiting(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_has_ended_is_not_called() {
    let world = World::start().await;
    let hook = Hook::answering(&[(200, "")]).await;
    let service = service(&world).await;
    let end = Call::delete(&format!("/api/v1/services/{}", service["id"])).bearer(&world.admin().access_token);
    assert!(world.send(&end).await.status < 300);
    let record = ended(&world, deliver(&world, &service, 1, &hook.url).await).await;
    assert_eq!(record.delivery.reason.as_deref(), Some("the service has ended"));
    assert_eq!(hook.waiting(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_is_delivered_once() {
    let world = World::start().await;
    let hook = Hook::answering(&[(200, "")]).await;
    let service = service(&world).await;
    let mut all = Vec::new();
    for number in 1..=20 {
        all.push(deliver(&world, &service, number, &hook.url).await);
    }
    for ids in all {
        assert_eq!(ended(&world, ids).await.delivery.attempt, 1);
    }
    assert_eq!(hook.waiting(), 20);
    world.stop().await;
}

/// Due in an hour, so that the courier of the system leaves it alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_couriers_at_once_one_claims_and_a_late_one_closes_nothing() {
    let world = World::start().await;
    let service = service(&world).await;
    let now = Moment::from_seconds(i64::try_from(unix_seconds()).unwrap());
    let due = now.plus_seconds(3600);
    let (service_id, id) = deliver_at(&world, &service, 1, "https://example.org/", due).await;
    let store = world.system.store();
    let record = store.delivery(service_id, id).await.unwrap().unwrap();
    let claims: Vec<_> = (0..10).map(|courier| claimed(&record, &format!("courier {courier}"), due)).collect();
    let won = futures_util::future::join_all(claims.iter().map(|claim| store.claim_delivery(claim))).await;
    assert_eq!(won.iter().filter(|claim| claim.is_ok()).count(), 1);
    let first = claims.iter().zip(&won).find_map(|(claim, won)| won.is_ok().then_some(claim)).unwrap();
    // It does not come back; another one takes over when its time is up, and what it says then is too late.
    let held = store.delivery(service_id, id).await.unwrap().unwrap();
    assert!(matches!(held.for_courier("another", due), Turn::Wait(45)));
    let later = due.plus_seconds(45);
    let second = claimed(&held, "another", later);
    store.claim_delivery(&second).await.unwrap();
    let answered = TryOutcome::Answered { status: 200, retry_after_seconds: None };
    let late = store.commit_try(first, &first.after(&answered, later, 0), None).await;
    assert!(late.unwrap_err().failed(Guard::Delivery));
    store.commit_try(&second, &second.after(&answered, later, 0), None).await.unwrap();
    let record = ended(&world, (service_id, id)).await;
    assert_eq!((record.delivery.status, record.delivery.attempt), (DeliveryStatus::Delivered, 2));
    world.stop().await;
}

fn claimed(record: &DeliveryRecord, courier: &str, at: Moment) -> DeliveryRecord {
    match record.for_courier(courier, at) {
        Turn::Try(claimed) => *claimed,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_record_was_lost_is_made_once() {
    let world = World::of(Options { without_stream: true, ..Options::default() }).await;
    let mut hook = Hook::answering(&[(200, "")]).await;
    let service = service(&world).await;
    let long_ago = Moment::from_seconds(i64::try_from(unix_seconds()).unwrap() - 301);
    let ids = deliver_at(&world, &service, 1, &hook.url, long_ago).await;
    hook.next().await;
    let record = ended(&world, ids).await;
    assert_eq!((record.delivery.status, record.delivery.attempt), (DeliveryStatus::Delivered, 1));
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(hook.waiting(), 0);
    let tomorrow = Moment::from_seconds(i64::try_from(unix_seconds()).unwrap() + 86_400);
    assert_eq!(world.system.store().due_outgoing(tomorrow, 100).await.unwrap(), [], "it is in no index");
    world.stop().await;
}
