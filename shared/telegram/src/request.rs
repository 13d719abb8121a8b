//! A call in the Bot API's own form: method, parameters, and the file that goes along.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_core::{
    ChatId,
    messaging::{BotCall, Button, ButtonAction, Buttons, FileRef, Text},
};
use reqwest::Url;
use serde::Serialize;
use serde_json::{Map, Value};
use teloxide_core::{
    payloads::{
        AnswerCallbackQuery, DeleteMessage, EditMessageText, GetChat, GetChatMember, PinChatMessage,
        PinChatMessageSetters as _, SendDocument, SendDocumentSetters as _, SendMessage, SendMessageSetters as _,
        SendPhoto, SendPhotoSetters as _, SetChatDescription, SetChatDescriptionSetters as _, SetChatTitle,
    },
    requests::Payload,
    types::{
        CallbackQueryId, FileId, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageId,
        ParseMode, Recipient, ReplyMarkup, ReplyParameters, UserId, WebAppInfo,
    },
};

use crate::registration;

/// A call as it is sent.
pub(crate) struct Request {
    /// The method's name, as in its URL.
    pub(crate) method: String,
    /// Its parameters.
    pub(crate) parameters: Map<String, Value>,
    /// The file that goes along: the parameter that it is for, its name, its bytes.
    pub(crate) file: Option<(&'static str, String, Vec<u8>)>,
}

/// Why a call has no form at Telegram: what was stored is not what was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unsendable(pub(crate) &'static str);

impl Request {
    /// A method and its parameters as teloxide-core knows them.
    pub(crate) fn of<P: Payload + Serialize>(payload: &P) -> Result<Self, Unsendable> {
        match serde_json::to_value(payload) {
            Ok(Value::Object(parameters)) => Ok(Self { method: method_name::<P>(), parameters, file: None }),
            _ => Err(Unsendable("the call has no form in JSON")),
        }
    }

    /// The call for this chat; `about` is Telegram's number of the message that it is about.
    pub(crate) fn read(chat: ChatId, call: &BotCall, about: Option<i64>) -> Result<Self, Unsendable> {
        let chat = recipient(chat);
        match call {
            BotCall::SendMessage { .. } => send_message(chat, call),
            BotCall::EditMessage { text, buttons, .. } => {
                let mut edit = EditMessageText::new(chat, message(about)?, text.text.clone());
                edit.parse_mode = parse_mode(text);
                edit.reply_markup = buttons.as_ref().map(keyboard).transpose()?;
                Self::of(&edit)
            }
            BotCall::DeleteMessage { .. } => Self::of(&DeleteMessage::new(chat, message(about)?)),
            BotCall::SendPhoto { photo, caption, buttons } => {
                send_photo(chat, photo, caption.as_ref(), buttons.as_ref())
            }
            BotCall::SendDocument { document, caption } => send_document(chat, document, caption.as_ref()),
            BotCall::PinMessage { silent, .. } => {
                Self::of(&PinChatMessage::new(chat, message(about)?).disable_notification(*silent))
            }
            BotCall::SetChatTitle { title } => Self::of(&SetChatTitle::new(chat, title.clone())),
            BotCall::SetChatDescription { description } => {
                Self::of(&SetChatDescription::new(chat).description(description.clone()))
            }
            BotCall::SetCommands { commands } => registration::for_chat(chat, commands),
            BotCall::AnswerPress { query_id, text, is_alert } => {
                let mut answer = AnswerCallbackQuery::new(CallbackQueryId(query_id.clone()));
                answer.text.clone_from(text);
                answer.show_alert = text.as_ref().map(|_| *is_alert);
                Self::of(&answer)
            }
            BotCall::GetChat => Self::of(&GetChat::new(chat)),
            BotCall::GetChatMember { user_id } => Self::of(&GetChatMember::new(chat, UserId(user_id.get()))),
        }
    }
}

/// teloxide-core names methods as its types are named; the Bot API begins them in lower case.
fn method_name<P: Payload>() -> String {
    let mut letters = P::NAME.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn recipient(chat: ChatId) -> Recipient {
    Recipient::Id(teloxide_core::types::ChatId(chat.get()))
}

fn message(number: Option<i64>) -> Result<MessageId, Unsendable> {
    let number = number.and_then(|number| i32::try_from(number).ok());
    number.map(MessageId).ok_or(Unsendable("the message it is about was never sent"))
}

fn parse_mode(text: &Text) -> Option<ParseMode> {
    text.html.then_some(ParseMode::Html)
}

fn send_message(chat: Recipient, call: &BotCall) -> Result<Request, Unsendable> {
    let BotCall::SendMessage { text, buttons, reply_to, ask_reply, silent } = call else {
        return Err(Unsendable("the call sends no message"));
    };
    let mut send = SendMessage::new(chat, text.text.clone()).disable_notification(*silent);
    send.parse_mode = parse_mode(text);
    send.reply_parameters = match reply_to {
        Some(number) => Some(ReplyParameters::new(message(Some(*number))?).allow_sending_without_reply()),
        None => None,
    };
    send.reply_markup = match buttons {
        Some(buttons) => Some(ReplyMarkup::InlineKeyboard(keyboard(buttons)?)),
        None => ask_reply.then(|| ReplyMarkup::ForceReply(ForceReply::new().selective())),
    };
    Request::of(&send)
}

fn send_photo(
    chat: Recipient,
    photo: &FileRef,
    caption: Option<&Text>,
    buttons: Option<&Buttons>,
) -> Result<Request, Unsendable> {
    let (given, content) = file(photo)?;
    let mut send = SendPhoto::new(chat, given);
    if let Some(caption) = caption {
        send = send.caption(caption.text.clone());
        send.parse_mode = parse_mode(caption);
    }
    send.reply_markup = buttons.map(keyboard).transpose()?.map(ReplyMarkup::InlineKeyboard);
    with_file(Request::of(&send)?, "photo", content)
}

fn send_document(chat: Recipient, document: &FileRef, caption: Option<&Text>) -> Result<Request, Unsendable> {
    let (given, content) = file(document)?;
    let mut send = SendDocument::new(chat, given);
    if let Some(caption) = caption {
        send = send.caption(caption.text.clone());
        send.parse_mode = parse_mode(caption);
    }
    with_file(Request::of(&send)?, "document", content)
}

type Content = Option<(String, Vec<u8>)>;

fn file(file: &FileRef) -> Result<(InputFile, Content), Unsendable> {
    match file {
        FileRef::Id(id) => Ok((InputFile::file_id(FileId(id.clone())), None)),
        FileRef::Url(url) => {
            let url = Url::parse(url).map_err(|_| Unsendable("the file's address is none"))?;
            Ok((InputFile::url(url), None))
        }
        FileRef::Content { name, base64 } => {
            let bytes = STANDARD.decode(base64).map_err(|_| Unsendable("the file is not base64"))?;
            Ok((InputFile::file_id(FileId(String::new())), Some((name.clone(), bytes))))
        }
    }
}

/// A file that comes along takes the place of the parameter that would name it.
fn with_file(mut request: Request, name: &'static str, content: Content) -> Result<Request, Unsendable> {
    if let Some((file_name, bytes)) = content {
        request.parameters.remove(name);
        request.file = Some((name, file_name, bytes));
    }
    Ok(request)
}

fn keyboard(buttons: &Buttons) -> Result<InlineKeyboardMarkup, Unsendable> {
    let rows: Result<Vec<Vec<_>>, _> = buttons.0.iter().map(|row| row.iter().map(button).collect()).collect();
    Ok(InlineKeyboardMarkup::new(rows?))
}

fn button(button: &Button) -> Result<InlineKeyboardButton, Unsendable> {
    match &button.action {
        ButtonAction::Callback(data) => Ok(InlineKeyboardButton::callback(&button.text, data)),
        ButtonAction::Url(url) => Ok(InlineKeyboardButton::url(&button.text, address(url)?)),
        ButtonAction::MiniApp(url) => {
            Ok(InlineKeyboardButton::web_app(&button.text, WebAppInfo { url: address(url)? }))
        }
    }
}

fn address(url: &str) -> Result<Url, Unsendable> {
    Url::parse(url).map_err(|_| Unsendable("a button's address is none"))
}
