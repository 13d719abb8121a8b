//! The keys' door: clients, their trading keys, their bots, and what the bots' runners sign; and, on a schedule, how all of them are.

mod bot_health;
mod bot_list;
mod bot_new;
mod clients;
mod entering;
mod entry;
mod form;
mod form_page;
mod heartbeat;
mod history;
mod import;
mod import_row;
pub mod monitor;
mod purpose;
mod revoke;
mod revoke_all;
mod revoke_all_new;
mod rotate;
mod runner_tokens;
mod running;
mod setup;
mod sign;
mod state;
mod telling;
mod transaction;
mod view;

pub use state::Keys;

countersign_edge::doors! {
    Keys;
    post "/clients" clients::create;
    get "/clients" clients::list;
    post "/clients/import" import::import;
    post "/clients/revoke-all" revoke_all_new::ask;
    get "/clients/{id}" clients::get;
    get "/clients/{id}/bot-options" clients::options;
    post "/clients/{id}/setup-bot" setup::set_up;
    put "/clients/{id}/rotate-key" rotate::rotate;
    delete "/clients/{id}/revoke-key" revoke::revoke;
    post "/clients/{id}/key-forms" form::give;
    get "/clients/{id}/key-versions" history::versions;
    get "/clients/{id}/key-uses" history::uses;
    get "/clients/{id}/key-events" history::events;
    get "/keys/form" form::show;
    post "/keys/form" form::send;
    post "/bots/create" bot_new::create;
    post "/bots/{id}/wallets" bot_new::add_wallets;
    get "/bots" bot_list::list;
    get "/bots/{id}" bot_list::get;
    post "/bots/{id}/start" running::start;
    post "/bots/{id}/stop" running::stop;
    put "/bots/{id}/limits" running::set_limits;
    get "/bots/{id}/health" bot_health::health;
    get "/bots/{id}/log" history::log;
    post "/bots/{id}/runner-tokens" runner_tokens::give;
    get "/bots/{id}/runner-tokens" runner_tokens::list;
    delete "/bots/{id}/runner-tokens/{token_id}" runner_tokens::end;
    post "/bots/{id}/heartbeat" heartbeat::heartbeat;
    post "/bots/{id}/sign" sign::sign;
}
