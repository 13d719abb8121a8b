//! Keys of accounts, of their tries, and of the first admin.

use countersign_core::account::Email;

use super::Key;

/// An account, by its address' hash: an address may hold any sign.
pub(crate) fn account(email: &Email) -> Key {
    Key::new(format!("EMAIL#{}", email.name()), "ACCOUNT")
}

/// Failed logins of an account, whether there is one or not.
pub(crate) fn tries(email: &Email) -> Key {
    Key::new(format!("EMAIL#{}", email.name()), "TRIES")
}

/// Failed logins from an address. IP addresses hold no `#`.
pub(crate) fn tries_from(address: &str) -> Key {
    Key::new(format!("ADDRESS#{address}"), "TRIES")
}

/// That there is an admin.
pub(crate) fn first_admin() -> Key {
    Key::new("FIRSTADMIN", "ADMIN")
}
