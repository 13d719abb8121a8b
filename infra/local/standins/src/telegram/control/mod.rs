//! The stand-in's own control routes: act as a person, look at chats, make things go wrong.

mod chats;
mod people;
mod tuning;
mod updates;

use axum::{
    Router,
    routing::{get, post},
};

use super::State;

/// The routes below `/_control/`.
pub(super) fn router(state: State) -> Router {
    Router::new()
        .route("/_control/people", get(people::list).post(people::add))
        .route("/_control/people/{telegram_id}/message", post(people::message))
        .route("/_control/people/{telegram_id}/press", post(people::press))
        .route("/_control/people/{telegram_id}/commands", get(people::commands))
        .route("/_control/chats", get(chats::list).post(chats::add))
        .route("/_control/chats/{chat_id}", get(chats::show))
        .route("/_control/commands", get(chats::commands))
        .route("/_control/presses", get(tuning::presses).post(tuning::set_presses))
        .route("/_control/limits", get(tuning::limits).post(tuning::set_limits))
        .route("/_control/floods", get(tuning::floods).post(tuning::flood).delete(tuning::clear_floods))
        .route("/_control/retries", get(tuning::retries).post(tuning::set_retries))
        .route("/_control/updates", get(updates::list))
        .route("/_control/answers", get(updates::answers))
        .route("/_control/deliver", post(updates::deliver))
        .with_state(state)
}
