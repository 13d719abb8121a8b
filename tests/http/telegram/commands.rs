//! What each command says, in both languages.

use reqwest::Method;
use serde_json::json;

use super::{answered, control, heard, say, stranger};
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_is_in_the_persons_language() {
    let world = World::start().await;
    let english = stranger(&world, 64_000_001, Some("en-GB")).await;
    let russian = stranger(&world, 64_000_002, Some("ru")).await;
    let german = stranger(&world, 64_000_003, Some("de")).await;
    for (person, heading, line) in [
        (english, "This is what I can do:", "/sessions – Show your signing sessions"),
        (russian, "Вот что я умею:", "/sessions – Показать ваши сеансы подписи"),
        (german, "This is what I can do:", "/language – Choose the language"),
    ] {
        let help = answered(&world, person, "/help").await;
        assert!(help.starts_with(heading) && help.contains(line), "{help}");
        let unknown = answered(&world, person, "/weather").await;
        assert!(unknown.contains("/weather") && unknown.contains(line), "an unknown command gets help: {unknown}");
        let text = answered(&world, person, "what?").await;
        assert!(text.contains(line), "{text}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_language_is_chosen_by_word_and_by_button() {
    let world = World::start().await;
    let person = stranger(&world, 64_100_001, Some("en")).await;
    let chat = i64::try_from(person).unwrap();
    let said = answered(&world, person, "/language русский").await;
    assert_eq!(said, "Теперь я говорю с вами по-русски.");
    assert!(answered(&world, person, "/help").await.starts_with("Вот что я умею:"));
    assert!(answered(&world, person, "/language tlh").await.contains("/language en"));
    answered(&world, person, "/language").await;
    let question = heard(&world, chat).await.pop().unwrap();
    assert_eq!(question["buttons"][0][0]["text"], "English");
    let press = json!({ "message_id": question["message_id"], "button": "English" });
    control(&world, Method::POST, &format!("/people/{person}/press"), Some(&press)).await;
    assert!(answered(&world, person, "/help").await.starts_with("This is what I can do:"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_those_that_can_sign_now() {
    let world = World::start().await;
    let kms = world.person("python_bot_kms");
    let said = answered(&world, kms.telegram_id, "/sessions").await;
    assert!(said.starts_with("You have 1\u{a0}signing session:"), "{said}");
    assert!(said.contains(&kms.stellar_public_key.unwrap()) && said.contains(" UTC"), "{said}");
    for name in ["new", "expired"] {
        let person = world.named(name);
        let said = answered(&world, person.telegram_id, "/sessions").await;
        assert_eq!(said, "You have no live signing session.", "{name}");
    }
    say(&world, kms.telegram_id, "/language ru").await;
    let said = answered(&world, kms.telegram_id, "/sessions").await;
    assert!(said.starts_with("У вас 1\u{a0}сеанс подписи:"), "{said}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_command_is_nobodys_wish() {
    let world = World::start().await;
    let person = stranger(&world, 64_200_001, None).await;
    let update = json!({ "update": { "update_id": 940_000_001, "message": {
        "message_id": 1, "date": 1, "text": "/language ru", "chat": { "id": person, "type": "private" },
        "from": { "id": person, "is_bot": false, "first_name": "Anna" },
        "forward_origin": { "type": "hidden_user", "date": 1, "sender_user_name": "Eve" },
    } } });
    control(&world, Method::POST, "/deliver", Some(&update)).await;
    assert!(heard(&world, i64::try_from(person).unwrap()).await.is_empty());
    assert!(answered(&world, person, "/help").await.starts_with("This is"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_says_which_key_signs_and_opens_the_app() {
    let world = World::with(&[("MINI_APP_URL", "https://app.example.org/")]).await;
    for method in ["python_bot_kms", "python_bot_tg_cloud"] {
        let person = world.person(method);
        let said = answered(&world, person.telegram_id, "/sign").await;
        assert!(said.contains(&person.stellar_public_key.unwrap()) && said.contains(method), "{said}");
        assert!(said.starts_with("This key signs for you") && said.contains(" UTC"), "{said}");
    }
    let expired = world.named("expired").telegram_id;
    assert!(answered(&world, expired, "/sign").await.starts_with("Your signing session is over"));
    let person = stranger(&world, 64_300_001, Some("ru")).await;
    let said = answered(&world, person, "/sign").await;
    assert!(said.starts_with("За вас не подписывает ни один ключ") && said.contains("/bind"), "{said}");
    let shown = heard(&world, i64::try_from(person).unwrap()).await.pop().unwrap();
    assert_eq!(shown["buttons"][0][0], json!({ "text": "Открыть приложение", "web_app": "https://app.example.org/" }));
    world.stop().await;
}
