//! The reports door, a function of its own: budgets, goals, what comes again, and reports.

mod budgets;
mod contributions;
mod goals;
mod picture;
mod planned;
mod recurring;
mod report;
pub mod schedule;
mod view;

use crate::Money;

countersign_edge::doors! {
    Money;
    put "/api/v1/budgets" budgets::put;
    get "/api/v1/budgets" budgets::get;
    delete "/api/v1/budgets" budgets::delete;
    post "/api/v1/goals" goals::create;
    get "/api/v1/goals" goals::list;
    patch "/api/v1/goals/{id}" goals::change;
    delete "/api/v1/goals/{id}" goals::delete;
    post "/api/v1/goals/{id}/contributions" contributions::create;
    get "/api/v1/recurring" recurring::list;
    post "/api/v1/recurring" recurring::create;
    patch "/api/v1/recurring/{id}" recurring::change;
    delete "/api/v1/recurring/{id}" recurring::delete;
    get "/api/v1/reports" report::get;
}
