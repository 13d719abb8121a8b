//! The money door: families, wallets, transactions, events; and, in a function of its own, budgets, goals and reports.

mod access_log;
mod entry;
mod events;
mod families;
pub mod reports;
mod state;
mod transactions;
mod wallets;

pub use state::Money;

countersign_edge::doors! {
    Money;
    post "/api/v1/families" families::new::create;
    get "/api/v1/families" families::list::list;
    get "/api/v1/families/{id}" families::list::get;
    patch "/api/v1/families/{id}" families::change::change;
    delete "/api/v1/families/{id}" families::change::close;
    post "/api/v1/families/{id}/owner" families::members::hand_over;
    patch "/api/v1/families/{id}/members/{user_id}" families::members::change;
    delete "/api/v1/families/{id}/members/{user_id}" families::members::remove;
    post "/api/v1/families/{id}/invitations" families::invitations::create;
    get "/api/v1/families/{id}/invitations" families::invitations::list;
    delete "/api/v1/families/{id}/invitations/{invitation_id}" families::invitations::take_back;
    post "/api/v1/invitations/accept" families::accept::accept;
    post "/api/v1/families/{id}/categories" families::categories::create;
    get "/api/v1/families/{id}/categories" families::categories::list;
    patch "/api/v1/families/{id}/categories/{category_id}" families::categories::change;
    delete "/api/v1/families/{id}/categories/{category_id}" families::categories::archive;
    get "/api/v1/families/{id}/access-log" access_log::list;
    get "/api/v1/wallets" wallets::list::list;
    post "/api/v1/wallets" wallets::new::create;
    patch "/api/v1/wallets/{id}" wallets::change::change;
    delete "/api/v1/wallets/{id}" wallets::change::archive;
    post "/api/v1/transactions" transactions::new::create;
    get "/api/v1/transactions" transactions::list::list;
    get "/api/v1/transactions/{id}" transactions::list::get;
    post "/api/v1/transactions/{id}/confirm" transactions::decide::confirm;
    post "/api/v1/transactions/{id}/reject" transactions::decide::reject;
    post "/api/v1/transactions/{id}/cancel" transactions::decide::cancel;
    delete "/api/v1/transactions/{id}" transactions::reverse::reverse;
    get "/api/v1/events" events::list;
    get "/api/v1/events/verify" events::verify;
}
