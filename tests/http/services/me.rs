//! `GET /api/v1/me`: whoever calls learns who they are here.

use countersign_testkit::Call;

use super::refused;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_credential_is_somebody() {
    let world = World::start().await;
    let (person, service) = (world.newcomer().await, world.service("notifier"));
    let me = || Call::get("/api/v1/me");
    for call in [me().bearer(&person.access_token), me().header("authorization", world.tma(person.telegram_id))] {
        let answer = world.send(&call).await.json();
        assert_eq!(answer["kind"], "person", "{answer}");
        assert_eq!(
            (answer["user_id"].as_u64(), answer["telegram_id"].as_u64()),
            (Some(person.user_id), Some(person.telegram_id))
        );
        assert_eq!(answer["role"], "user");
    }
    for call in [me().api_key(&service.api_key), me().signed(&service.client_id, &service.client_secret)] {
        let answer = world.send(&call).await.json();
        assert_eq!((&answer["kind"], answer["id"].as_u64()), (&"service".into(), Some(service.id)), "{answer}");
        assert!(answer["task_types"].as_array().unwrap().contains(&"ask".into()), "{answer}");
        assert!(!answer.to_string().contains(&service.api_key));
    }
    refused(&world.send(&me()).await, 401);
    let stranger = world.token(4_711, Some(4_712));
    refused(&world.send(&me().bearer(&stranger)).await, 404);
    world.stop().await;
}
