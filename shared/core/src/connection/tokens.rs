//! What is sealed: a token set, and the code with its verifier. Both are lines of visible ASCII (RFC 6749, appendix A).

use zeroize::Zeroizing;

use crate::Secret;

/// An access token, and a refresh token where there is one. It cannot be printed.
pub struct TokenSet {
    /// What services are given.
    pub access: Secret,
    /// What never leaves the house but to its provider.
    pub refresh: Option<Secret>,
}

impl TokenSet {
    /// As it is sealed. None where a token is not visible ASCII.
    #[must_use]
    pub fn to_secret(&self) -> Option<Secret> {
        let refresh = self.refresh.as_ref().map(Secret::expose).unwrap_or_default();
        join(self.access.expose(), refresh)
    }

    /// Reads what was sealed.
    #[must_use]
    pub fn of_secret(secret: &Secret) -> Option<Self> {
        let (access, refresh) = split(secret)?;
        Some(Self { access, refresh: Some(refresh).filter(|refresh| !refresh.expose().is_empty()) })
    }
}

/// Two secrets as one.
#[must_use]
pub fn join(first: &[u8], second: &[u8]) -> Option<Secret> {
    let visible = |text: &[u8]| text.iter().all(|byte| (0x20..0x7f).contains(byte));
    if first.is_empty() || !visible(first) || !visible(second) {
        return None;
    }
    let mut lines = Zeroizing::new(Vec::with_capacity(first.len() + second.len() + 1));
    lines.extend_from_slice(first);
    lines.push(b'\n');
    lines.extend_from_slice(second);
    Some(Secret::new(std::mem::take(&mut *lines)))
}

/// The two again.
#[must_use]
pub fn split(joined: &Secret) -> Option<(Secret, Secret)> {
    let at = joined.expose().iter().position(|byte| *byte == b'\n')?;
    let (first, rest) = joined.expose().split_at(at);
    Some((Secret::new(first.to_vec()), Secret::new(rest.get(1..)?.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_comes_apart() {
        let set = TokenSet { access: Secret::from("a b".to_owned()), refresh: Some(Secret::from("r".to_owned())) };
        let read = TokenSet::of_secret(&set.to_secret().unwrap()).unwrap();
        assert!(read.access.matches(b"a b") && read.refresh.unwrap().matches(b"r"));
        let alone = TokenSet { access: Secret::from("a".to_owned()), refresh: None };
        assert!(TokenSet::of_secret(&alone.to_secret().unwrap()).unwrap().refresh.is_none());
    }

    #[test]
    fn a_token_with_a_line_of_its_own_is_none() {
        for bad in ["", "a\nb", "é", "a\0"] {
            assert!(TokenSet { access: Secret::from(bad.to_owned()), refresh: None }.to_secret().is_none(), "{bad:?}");
        }
    }
}
