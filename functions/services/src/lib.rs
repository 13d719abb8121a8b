//! The services' door: tasks for the bot, services and their keys, roles, commands.

mod access_log;
mod approval_new;
mod approval_show;
mod approval_view;
mod ask;
mod commands;
pub mod delivering;
mod enqueue;
mod entry;
mod me;
mod roles;
mod service_end;
mod service_list;
mod service_new;
mod service_rotate;
mod service_view;
mod state;
mod task_view;
mod tasks;

pub use state::Services;

countersign_edge::doors! {
    Services;
    post "/enqueue_command" enqueue::enqueue_command;
    post "/api/v1/approvals" approval_new::create;
    get "/api/v1/approvals/{id}" approval_show::get;
    get "/api/v1/tasks" tasks::list;
    get "/api/v1/tasks/{id}" tasks::get;
    post "/api/v1/services" service_new::create;
    get "/api/v1/services" service_list::list;
    get "/api/v1/services/{id}" service_list::get;
    delete "/api/v1/services/{id}" service_end::end;
    post "/api/v1/services/{id}/rotate-key" service_rotate::rotate;
    put "/api/v1/services/{id}/commands" commands::put;
    get "/api/v1/services/{id}/commands" commands::get;
    put "/api/v1/roles/{user_id}" roles::put;
    get "/api/v1/me" me::me;
    get "/api/v1/access-log" access_log::list;
}
