//! Keys of families, their wallets, transactions, lists, totals and logs.

use countersign_core::{
    CategoryId, FamilyId, InvitationId, MovementId, UserId, WalletId,
    ledger::{Dimension, List, Month},
    money::Currency,
};

use super::Key;

/// Everything of a family but its transactions themselves.
pub(crate) fn partition(id: FamilyId) -> String {
    format!("FAMILY#{id}")
}

/// How far its log is: the lock of whatever changes it.
pub(crate) fn head(id: FamilyId) -> Key {
    Key::new(partition(id), "HEAD")
}

/// Its record.
pub(crate) fn record(id: FamilyId) -> Key {
    Key::new(partition(id), "FAMILY")
}

pub(crate) const WALLET_PREFIX: &str = "WALLET#";

pub(crate) fn wallet(family: FamilyId, id: WalletId) -> Key {
    Key::new(partition(family), format!("{WALLET_PREFIX}{:016}", id.get()))
}

/// Whose a wallet is, found by its id alone.
pub(crate) fn wallet_owner(id: WalletId) -> Key {
    Key::new(format!("WALLET#{id}"), "OWNER")
}

pub(crate) const EVENT_PREFIX: &str = "EVENT#";

pub(crate) fn event(family: FamilyId, seq: u64) -> Key {
    Key::new(partition(family), format!("{EVENT_PREFIX}{seq:016}"))
}

/// What somebody paid without approval in the last days.
pub(crate) fn spent(family: FamilyId, user: UserId) -> Key {
    Key::new(partition(family), format!("SPENT#{user}"))
}

pub(crate) const INVITATION_PREFIX: &str = "INVITATION#";

pub(crate) fn invitation(family: FamilyId, id: InvitationId) -> Key {
    Key::new(partition(family), format!("{INVITATION_PREFIX}{:016}", id.get()))
}

/// `hash`: of its code.
pub(crate) fn invitation_code(hash: &str) -> Key {
    Key::new(format!("INVITATIONCODE#{hash}"), "INVITATION")
}

/// A transaction with what became of it: found by its id alone.
pub(crate) fn movement_partition(id: MovementId) -> String {
    format!("MOVEMENT#{id}")
}

pub(crate) fn movement(id: MovementId) -> Key {
    Key::new(movement_partition(id), "MOVEMENT")
}

/// The second record of a transaction that waited: there is one.
pub(crate) fn closing(id: MovementId) -> Key {
    Key::new(movement_partition(id), "CLOSING")
}

/// That it is reversed, or its reversal waits: there is one.
pub(crate) fn reversal(id: MovementId) -> Key {
    Key::new(movement_partition(id), "REVERSAL")
}

/// One side of a transaction.
pub(crate) fn entry(family: FamilyId, wallet: WalletId, movement: MovementId) -> Key {
    Key::new(partition(family), format!("{}{:016}", entry_prefix(wallet), movement.get()))
}

/// The entries of a wallet.
pub(crate) fn entry_prefix(wallet: WalletId) -> String {
    format!("ENTRY#{:016}#", wallet.get())
}

/// A line of a list of transactions.
pub(crate) fn booking(family: FamilyId, list: List, movement: MovementId) -> Key {
    Key::new(partition(family), format!("{}{:016}", list_prefix(list), movement.get()))
}

/// The lines of a list.
pub(crate) fn list_prefix(list: List) -> String {
    match list {
        List::All => "LIST#ALL#".to_owned(),
        List::Wallet(id) => format!("LIST#WALLET#{:016}#", id.get()),
        List::Category(id) => format!("LIST#CATEGORY#{:016}#", id.get()),
    }
}

pub(crate) const OPEN_PREFIX: &str = "OPEN#";

/// A transaction that waits.
pub(crate) fn open(family: FamilyId, movement: MovementId) -> Key {
    Key::new(partition(family), format!("{OPEN_PREFIX}{:016}", movement.get()))
}

/// A month's total. Months of one dimension lie next to each other.
pub(crate) fn total(family: FamilyId, dimension: Dimension, month: Month, currency: Currency) -> Key {
    let of = match dimension {
        Dimension::Family => String::new(),
        Dimension::Category(id) => id.to_string(),
        Dimension::Member(id) => id.to_string(),
        Dimension::Wallet(id) => id.to_string(),
    };
    Key::new(partition(family), format!("{}{month}#{currency}#{of}", total_prefix(dimension)))
}

/// Every total of one kind of dimension.
pub(crate) fn total_prefix(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Family => "TOTAL#FAMILY#",
        Dimension::Category(_) => "TOTAL#CATEGORY#",
        Dimension::Member(_) => "TOTAL#MEMBER#",
        Dimension::Wallet(_) => "TOTAL#WALLET#",
    }
}

/// Takes [`total`] apart.
pub(crate) fn total_of(sk: &str) -> Option<(Dimension, Month, Currency)> {
    let mut parts = sk.strip_prefix("TOTAL#")?.split('#');
    let (kind, month, currency, of) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let dimension = match kind {
        "FAMILY" => Dimension::Family,
        "CATEGORY" => Dimension::Category(of.parse::<CategoryId>().ok()?),
        "MEMBER" => Dimension::Member(of.parse().ok()?),
        "WALLET" => Dimension::Wallet(of.parse().ok()?),
        _ => return None,
    };
    Some((dimension, Month::read(month).ok()?, Currency::parse(currency)?))
}

pub(crate) const MEMBERSHIP_PREFIX: &str = "MEMBERSHIP#";

/// The families of a person, wherever their own records are.
pub(crate) fn memberships(user: UserId) -> String {
    format!("USER#{user}")
}

pub(crate) fn membership(user: UserId, family: FamilyId) -> Key {
    Key::new(memberships(user), format!("{MEMBERSHIP_PREFIX}{:016}", family.get()))
}
