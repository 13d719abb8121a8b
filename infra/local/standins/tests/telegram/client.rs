//! A bot library that is not ours, against the stand-in.

use serde_json::json;
use teloxide_core::{
    ApiError, Bot, RequestError,
    payloads::{
        AnswerCallbackQuerySetters as _, EditMessageTextSetters as _, GetUpdatesSetters as _, SendDocumentSetters as _,
        SendMessageSetters as _, SetMyCommandsSetters as _, SetWebhookSetters as _,
    },
    requests::Requester as _,
    types::{
        BotCommand, BotCommandScope, ChatAction, ChatId, ChatMemberStatus, InlineKeyboardButton, InlineKeyboardMarkup,
        InputFile, MessageEntityKind, ParseMode, UpdateKind, UserId,
    },
};

use crate::bench::{ANNA, Bench, GROUP, TOKEN};

fn bot(bench: &Bench) -> Bot {
    Bot::with_client(TOKEN, bench.http.clone()).set_api_url(bench.standin.url().parse().unwrap())
}

#[tokio::test]
async fn it_reads_what_it_is_answered() {
    let bench = Bench::start().await;
    let bot = bot(&bench);
    assert_eq!(bot.get_me().await.unwrap().username(), "some_bot");
    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Yes", "y")]]);
    let sent = bot.send_message(ChatId(ANNA), "<b>Pay?</b>").parse_mode(ParseMode::Html).reply_markup(keyboard).await;
    let sent = sent.unwrap();
    assert_eq!((sent.text(), sent.chat.id), (Some("Pay?"), ChatId(ANNA)));
    assert_eq!(sent.entities().unwrap()[0].kind, MessageEntityKind::Bold);
    let edited = bot.edit_message_text(ChatId(ANNA), sent.id, "*Paid*").parse_mode(ParseMode::MarkdownV2).await;
    assert_eq!(edited.unwrap().text(), Some("Paid"));
    bot.pin_chat_message(ChatId(GROUP), bot.send_message(ChatId(GROUP), "x").await.unwrap().id).await.unwrap();
    bot.send_chat_action(ChatId(ANNA), ChatAction::Typing).await.unwrap();
    bot.set_chat_title(ChatId(GROUP), "New").await.unwrap();
    bot.set_chat_description(ChatId(GROUP)).await.unwrap_err();
    assert_eq!(bot.get_chat(ChatId(GROUP)).await.unwrap().title(), Some("New"));
    assert_eq!(bot.get_chat(ChatId(ANNA)).await.unwrap().first_name(), Some("Anna"));
    let anna = UserId(u64::try_from(ANNA).unwrap());
    assert_eq!(bot.get_chat_member(ChatId(GROUP), anna).await.unwrap().status(), ChatMemberStatus::Owner);
    let me = bot.get_me().await.unwrap().id;
    assert_eq!(bot.get_chat_member(ChatId(GROUP), me).await.unwrap().status(), ChatMemberStatus::Administrator);
    bot.delete_message(ChatId(ANNA), sent.id).await.unwrap();
}

#[tokio::test]
async fn it_uploads_and_downloads() {
    let bench = Bench::start().await;
    let bot = bot(&bench);
    let file = InputFile::memory("a,b\n").file_name("report.csv");
    let sent = bot.send_document(ChatId(ANNA), file).caption("Report").await.unwrap();
    assert_eq!((sent.caption(), sent.document().unwrap().file_name.as_deref()), (Some("Report"), Some("report.csv")));
    let file = bot.get_file(sent.document().unwrap().file.id.clone()).await.unwrap();
    let url = bench.url(&format!("/file/bot{TOKEN}/{}", file.path));
    assert_eq!(bench.http.get(url).send().await.unwrap().text().await.unwrap(), "a,b\n");
    let gif = b"GIF89a\x02\x00\x03\x00".to_vec();
    let photo = bot.send_photo(ChatId(ANNA), InputFile::memory(gif).file_name("x.gif")).await.unwrap();
    assert_eq!(photo.photo().unwrap()[0].height, 3);
}

#[tokio::test]
async fn it_knows_the_refusals() {
    let bench = Bench::start().await;
    let bot = bot(&bench);
    let refused = async |chat: i64, text: &str| match bot.send_message(ChatId(chat), text).await.unwrap_err() {
        RequestError::Api(error) => error,
        error => panic!("{error}"),
    };
    assert_eq!(refused(777, "x").await, ApiError::ChatNotFound);
    assert_eq!(refused(ANNA, "").await, ApiError::MessageTextIsEmpty);
    assert_eq!(refused(ANNA, &"x".repeat(4_097)).await, ApiError::MessageIsTooLong);
    bench.post("floods", json!({ "chat_id": ANNA, "retry_after": 4, "count": 1 })).await;
    let flooded = bot.send_message(ChatId(ANNA), "x").await.unwrap_err();
    assert!(matches!(flooded, RequestError::RetryAfter(wait) if wait.seconds() == 4), "{flooded}");
    let sent = bot.send_message(ChatId(ANNA), "x").await.unwrap();
    let same = bot.edit_message_text(ChatId(ANNA), sent.id, "x").await.unwrap_err();
    assert!(matches!(same, RequestError::Api(ApiError::MessageNotModified)), "{same}");
    bench.post("people", json!({ "telegram_id": ANNA, "blocked": true })).await;
    assert_eq!(refused(ANNA, "x").await, ApiError::BotBlocked);
    bench.post("chats", json!({ "chat_id": GROUP, "migrated_to": -1_000_000_000_007_i64 })).await;
    let migrated = bot.send_message(ChatId(GROUP), "x").await.unwrap_err();
    assert!(matches!(migrated, RequestError::MigrateToChatId(ChatId(-1_000_000_000_007))), "{migrated}");
    let stranger = Bot::with_client("1:x", bench.http.clone()).set_api_url(bench.standin.url().parse().unwrap());
    let unknown = stranger.get_me().await.unwrap_err();
    assert!(matches!(unknown, RequestError::Api(ApiError::InvalidToken)), "{unknown}");
}

#[tokio::test]
async fn it_reads_updates() {
    let bench = Bench::start().await;
    let bot = bot(&bench);
    bench.say(ANNA, "/start x").await;
    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Yes", "y")]]);
    let sent = bot.send_message(ChatId(ANNA), "?").reply_markup(keyboard).await.unwrap();
    bench.post(&format!("people/{ANNA}/press"), json!({ "message_id": sent.id.0, "button": "Yes" })).await;
    bench.post("people", json!({ "telegram_id": ANNA, "blocked": true })).await;
    let updates = bot.get_updates().limit(100).await.unwrap();
    let UpdateKind::Message(message) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!(message.text(), Some("/start x"));
    let UpdateKind::CallbackQuery(query) = &updates[1].kind else { panic!("{updates:?}") };
    assert_eq!((query.data.as_deref(), query.from.language_code.as_deref()), (Some("y"), Some("ru")));
    bot.answer_callback_query(query.id.clone()).text("Done").await.unwrap();
    let UpdateKind::MyChatMember(moved) = &updates[2].kind else { panic!("{updates:?}") };
    assert_eq!(moved.new_chat_member.status(), ChatMemberStatus::Banned);
}

#[tokio::test]
async fn it_sets_menus_and_the_webhook() {
    let bench = Bench::start().await;
    let bot = bot(&bench);
    let scope = BotCommandScope::AllPrivateChats;
    bot.set_my_commands([BotCommand::new("start", "Begin")]).scope(scope).language_code("ru").await.unwrap();
    let offered = bench.control(&format!("people/{ANNA}/commands")).await;
    assert_eq!(offered["commands"], json!([{ "command": "start", "description": "Begin" }]));
    bot.set_webhook("http://127.0.0.1:1/hook".parse().unwrap()).secret_token("s".to_owned()).await.unwrap();
    let info = bot.get_webhook_info().await.unwrap();
    assert_eq!(info.url.unwrap().as_str(), "http://127.0.0.1:1/hook");
    bot.delete_webhook().await.unwrap();
    assert_eq!(bot.get_webhook_info().await.unwrap().url, None);
}
