//! What a family plans, decided: budgets, goals, what comes again. Each decision is a [`Change`](crate::family::Change), so
//! that it happens in turn with everything else of the family, and the event log tells of it.

pub mod alert;
pub mod budgets;
pub mod goals;
pub mod recurring;

use crate::{
    Refusal,
    chain::Head,
    family::{Family, FamilyPermit, Permission},
};

/// A family, and how far its log is: of one consistent moment.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The family.
    pub family: &'a Family,
    /// How far its log is.
    pub head: &'a Head,
}

impl Ground<'_> {
    fn check(&self, permit: &FamilyPermit, permission: Permission) -> Result<(), Refusal> {
        permit.check(self.family.id, permission)
    }
}
