//! Families: who belongs to one, what each may do there, and everything that one commit changes.

mod change;
mod invitation;
mod joining;
mod permit;
mod record;
mod steps;

pub use change::{Change, FamilyWrite, Membership};
pub use invitation::{INVITATION_PREFIX, Invitation, InvitationCode};
pub use joining::{NewFamily, accept, create};
pub use permit::{FamilyPermit, FamilyRole, Permission, member_permit, permit, unknown_family};
pub use record::{Category, Family, Member, Rule, name};
pub use steps::{Step, settle};
