//! Revocation while others sign: from the answer on, nothing that begins later is signed, and all that was is recorded.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_local_control::Fault;
use countersign_testkit::{Call, Client};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinSet};

use super::{Holder, refused, sign_call, table::Table};
use crate::world::World;

/// How many sign at once.
const SIGNERS: usize = 20;
/// How many answers make a race, before the session ends and after it.
const ANSWERS: usize = 3 * SIGNERS;
/// No race takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// One signing request of many.
struct Tried {
    begun: Instant,
    answered: Instant,
    status: u16,
    body: Value,
}

/// Twenty who sign again and again, each time another transaction.
struct Crowd {
    running: JoinSet<Vec<Tried>>,
    stop: watch::Sender<bool>,
    answered: Arc<AtomicUsize>,
}

impl Crowd {
    fn gather(world: &World, holder: &Arc<Holder>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let answered = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for _ in 0..SIGNERS {
            let client = Client::new(world.system.base_url());
            running.spawn(signs(client, holder.clone(), stopped.clone(), answered.clone()));
        }
        Self { running, stop, answered }
    }

    /// Waits until this many more have been answered.
    async fn more(&self, count: usize) {
        let wanted = self.answered.load(Ordering::Relaxed) + count;
        let begun = Instant::now();
        while self.answered.load(Ordering::Relaxed) < wanted {
            assert!(begun.elapsed() < PATIENCE, "nobody is answered");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn home(self) -> Vec<Tried> {
        self.stop.send(true).unwrap();
        self.running.join_all().await.into_iter().flatten().collect()
    }
}

async fn signs(
    client: Client,
    holder: Arc<Holder>,
    stop: watch::Receiver<bool>,
    count: Arc<AtomicUsize>,
) -> Vec<Tried> {
    let mut tried = Vec::new();
    while !*stop.borrow() {
        let begun = Instant::now();
        let answer = client.send(&sign_call(&holder.person)).await.unwrap();
        tried.push(Tried { begun, answered: Instant::now(), status: answer.status, body: answer.json() });
        count.fetch_add(1, Ordering::Relaxed);
    }
    tried
}

/// Lets many sign while `end` is called; when it had answered, and what became of every request.
async fn race(world: &World, holder: &Arc<Holder>, end: Call) -> (Instant, Vec<Tried>) {
    let crowd = Crowd::gather(world, holder);
    crowd.more(ANSWERS).await;
    let answer = world.send(&end).await;
    let ended = Instant::now();
    assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
    crowd.more(ANSWERS).await;
    (ended, crowd.home().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_answer_of_an_end_nothing_is_signed() {
    let world = World::start().await;
    let table = Table::of(&world);
    for round in 0..3 {
        let holder = Arc::new(Holder::new(&world).await);
        let path = format!("/api/v1/signing-sessions/{}", holder.session_id);
        let (ended, tried) = race(&world, &holder, Call::delete(&path).bearer(&holder.person.access_token)).await;
        let signed = tried.iter().filter(|tried| tried.status == 200).count();
        let late = tried.iter().filter(|tried| tried.begun > ended).collect::<Vec<_>>();
        println!("round {round}: {signed} signed, {} began after the end", late.len());
        assert!(signed >= SIGNERS && late.len() >= SIGNERS, "no race: {signed} signed, {} late", late.len());
        for tried in &tried {
            match tried.status {
                200 => assert!(tried.begun < ended, "signed {:?} after the end", tried.begun - ended),
                401 => {
                    assert_eq!(tried.body["signing_method"], "unknown", "{}", tried.body);
                    assert_eq!(tried.body["requires_login"], true);
                }
                other => panic!("{other}: {}", tried.body),
            }
        }
        // What a client holds is recorded, and nothing else is.
        assert_eq!(table.signatures(holder.person.telegram_id).await, signed);
        let recorded = table.of_person(holder.person.telegram_id, "SIGNATURE#").await;
        for tried in tried.iter().filter(|tried| tried.status == 200) {
            let hash = tried.body["hash"].as_str().unwrap();
            assert!(recorded.iter().any(|item| super::table::text(item, "hash") == hash), "{hash} is not recorded");
        }
        assert!(table.of_person(holder.person.telegram_id, "SLOT#").await.is_empty(), "the key is still there");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_answer_of_a_newer_session_the_older_key_is_silent() {
    let world = World::start().await;
    let holder = Arc::new(Holder::new(&world).await);
    let old = holder.person.stellar_public_key.clone().unwrap();
    let body = json!({ "kind": "session_keys", "signer": "local" });
    let replace = Call::post("/api/v1/signing-sessions", &body).bearer(&holder.person.access_token);
    let (ended, tried) = race(&world, &holder, replace).await;
    let passphrase = &world.system.demo().network_passphrase;
    let mut by_old = 0;
    for tried in tried.iter().filter(|tried| tried.status == 200) {
        let signed = tried.body["signed_xdr"].as_str().unwrap();
        if countersign_testkit::signed_by(signed, signed, passphrase, &old).is_ok() {
            by_old += 1;
            assert!(tried.begun < ended, "the older key signed after the newer session's answer");
        }
    }
    let odd: Vec<_> = tried.iter().filter(|tried| !matches!(tried.status, 200 | 401 | 409)).map(|t| t.status).collect();
    assert_eq!(odd, Vec::<u16>::new());
    assert!(by_old >= SIGNERS, "no race");
    let signed = tried.iter().filter(|tried| tried.status == 200).count();
    assert_eq!(Table::of(&world).signatures(holder.person.telegram_id).await, signed);
    world.stop().await;
}

/// The end comes while a signature is made or committed: made it may be, but it does not leave the house.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_was_under_way_stays_in_the_house() {
    let world = World::start().await;
    let table = Table::of(&world);
    let newer = json!({ "kind": "session_keys", "signer": "local" });
    for held in ["TransactWriteItems", "TrentService.Decrypt"] {
        for replaced in [false, true] {
            let holder = Holder::new(&world).await;
            let (client, sign) = (Client::new(world.system.base_url()), sign_call(&holder.person));
            let held_back = Fault::delay(Duration::from_millis(2_500)).matching(held);
            world.system.aws().control().add_fault(held_back);
            let under_way = tokio::spawn(async move { client.send(&sign).await.unwrap() });
            while !world.system.aws().control().faults().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let path = format!("/api/v1/signing-sessions/{}", holder.session_id);
            let end = if replaced { Call::post("/api/v1/signing-sessions", &newer) } else { Call::delete(&path) };
            let ended = world.send(&end.bearer(&holder.person.access_token)).await;
            assert!(!under_way.is_finished() && ended.status < 300, "{held}: {}", ended.text());
            let status = under_way.await.unwrap().status;
            let right = if replaced { 409 } else { 401 };
            assert_eq!(status, right, "{held}, replaced: {replaced}");
            assert_eq!(table.signatures(holder.person.telegram_id).await, 0, "{held}, replaced: {replaced}");
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_runs_out_is_over_to_the_moment() {
    let world = World::start().await;
    let body = json!({ "kind": "session_keys", "signer": "local", "expires_in": 2 });
    let earliest = Instant::now() + Duration::from_millis(1_990);
    let holder = Arc::new(Holder::with(&world, &body).await);
    let latest = Instant::now() + Duration::from_secs(2);
    let crowd = Crowd::gather(&world, &holder);
    tokio::time::sleep_until(latest.into()).await;
    crowd.more(ANSWERS).await;
    let tried = crowd.home().await;
    for tried in &tried {
        match tried.status {
            200 => assert!(tried.begun < latest, "signed after its time"),
            401 => {
                assert_eq!(tried.body["signing_method"], "session_expired", "{}", tried.body);
                assert!(tried.answered > earliest, "refused before its time");
            }
            other => panic!("{other}: {}", tried.body),
        }
    }
    let signed = tried.iter().filter(|tried| tried.status == 200).count();
    assert!(signed > 0 && tried.iter().any(|tried| tried.status == 401), "no race");
    assert_eq!(Table::of(&world).signatures(holder.person.telegram_id).await, signed);
    refused(&world.send(&sign_call(&holder.person)).await, 401);
    world.stop().await;
}
