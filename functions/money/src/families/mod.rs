//! Families: made, listed, changed, closed; their people, invitations and categories.

pub(crate) mod accept;
pub(crate) mod categories;
pub(crate) mod change;
pub(crate) mod invitations;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod new;
mod step;
mod view;
