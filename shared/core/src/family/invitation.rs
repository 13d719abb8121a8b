//! An invitation into a family: a code that is good once, kept only as a hash, and what it makes of whoever uses it.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::permit::FamilyRole;
use crate::{FamilyId, InvitationId, Moment, Secret, UserId};

/// What the start parameter of the bot begins with where it is an invitation.
pub const INVITATION_PREFIX: &str = "inv_";
/// Characters behind the prefix: 256 bits in base64url.
const CODE_CHARS: usize = 43;

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which family.
    pub family_id: FamilyId,
    /// As what. (`role` is a reserved word of DynamoDB's.)
    #[serde(rename = "family_role")]
    pub role: FamilyRole,
    /// The hash of its code.
    pub code_hash: String,
    /// Who invites.
    pub invited_by: UserId,
    /// When.
    pub created_at: Moment,
    /// From then on it is good for nothing. (In the table `expires_at` is the TTL, in seconds.)
    pub live_until: Moment,
}

/// The code of an invitation, as somebody brings it.
pub struct InvitationCode(Secret);

impl InvitationCode {
    /// Reads `inv_` and what follows; none where it is not of the form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let code = text.strip_prefix(INVITATION_PREFIX)?;
        let letters = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        (code.len() == CODE_CHARS && letters).then(|| Self(Secret::from(text.to_owned())))
    }

    /// What is kept of it: SHA-256, lower-case hex. 256 bits of randomness need no slow hash.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(digest(&SHA256, self.0.expose()))
    }

    /// The code itself, for whoever invites.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_of_the_form_is_one() {
        let good = format!("inv_{}", "aZ9-_".repeat(9).chars().take(43).collect::<String>());
        assert_eq!(InvitationCode::read(&good).unwrap().hash().len(), 64);
        assert!(good.len() <= 64, "a start parameter has at most 64 characters");
        for bad in ["", "inv_", &good[4..], &good[..46], &format!("{good}a"), &good.replace('a', "!")] {
            assert!(InvitationCode::read(bad).is_none(), "{bad}");
        }
    }
}
