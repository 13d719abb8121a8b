//! What else is derived from the masters: binding codes, refresh tokens, all live secrets of a service's webhooks.
//!
//! What is derived need not be stored, and an answer that shows it can be given again to an `Idempotency-Key`.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    client_secret::{self, ClientSecrets},
    digest::sha256,
    runner::RunnerIds,
};
use crate::{
    FamilyId, InvitationId, KeyFormId, LoginId, Secret, ServiceId, TelegramId, UserId,
    binding::BindCode,
    family::{INVITATION_PREFIX, InvitationCode},
    login::Login,
};

/// Keeps binding codes apart from every other use of the master.
const BIND_LABEL: &[u8] = b"countersign/bind-code/v1";
/// The same for refresh tokens.
const REFRESH_LABEL: &[u8] = b"countersign/refresh-token/v1";
/// The same for invitations.
const INVITATION_LABEL: &[u8] = b"countersign/invitation/v1";
/// The same for runner tokens.
const RUNNER_LABEL: &[u8] = b"countersign/runner-token/v1";
/// The same for one-time forms.
const KEY_FORM_LABEL: &[u8] = b"countersign/key-form/v1";
/// What a refresh token begins with.
const REFRESH_PREFIX: &str = "csr_";
/// How many characters of it are random: 256 bits in base64url.
const REFRESH_CHARS: usize = 43;

impl ClientSecrets {
    /// The code that binds a chat, of what is stored of it; `None` without a master.
    ///
    /// 40 bits behind a plain hash are found in a minute by whoever reads the table; behind a master they are not.
    #[must_use]
    pub fn bind_code(&self, chat: TelegramId, nonce: u64) -> Option<BindCode> {
        self.bind_codes(chat, nonce).into_iter().next()
    }

    /// The same under every master: it may have been made under the one before.
    pub(crate) fn bind_codes(&self, chat: TelegramId, nonce: u64) -> Vec<BindCode> {
        let parts = [chat.to_string().into_bytes(), nonce.to_be_bytes().to_vec()];
        let code = |master| BindCode::of(first_bits(&tag(master, BIND_LABEL, &parts)));
        self.masters().iter().map(code).collect()
    }

    /// The refresh token of this number of a login, and what is stored of it (its SHA-256, lower-case hex); `None`
    /// without a master.
    ///
    /// `csr_<user id>_<login id>_<43 characters base64url>`: the ids say which record to read and prove nothing.
    #[must_use]
    pub fn refresh_token(&self, user: UserId, login: LoginId, generation: u32) -> Option<(Secret, String)> {
        let parts = refresh_parts(user, login, generation);
        let bytes = tag(self.masters().first()?, REFRESH_LABEL, &parts);
        let random = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        let text = format!("{REFRESH_PREFIX}{user}_{login}_{}", *random);
        let hash = hex::encode(sha256(text.as_bytes()));
        Some((Secret::from(text), hash))
    }

    /// The ids that a refresh token names; none where it is not of the form. They prove nothing.
    #[must_use]
    pub fn ids_of_refresh_token(token: &Secret) -> Option<(UserId, LoginId)> {
        let mut parts = token.expose_str()?.strip_prefix(REFRESH_PREFIX)?.splitn(3, '_');
        let (user, login, _) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        Some((user, login))
    }

    /// Which number a refresh token of this login has, if it is one of ours: the good one first, then those before.
    #[must_use]
    pub fn refresh_generation(&self, login: &Login, token: &Secret) -> Option<u32> {
        let hash = hex::encode(sha256(token.expose()));
        if hash.as_bytes().ct_eq(login.refresh_hash.as_bytes()).into() {
            return Some(login.generation);
        }
        let is_of = |generation: &u32| {
            let parts = refresh_parts(login.user_id, login.id, *generation);
            let random = |master| Zeroizing::new(URL_SAFE_NO_PAD.encode(tag(master, REFRESH_LABEL, &parts).as_slice()));
            // The random part may hold an underscore itself: its length tells where it begins.
            let given = token.expose().get(token.expose().len().saturating_sub(REFRESH_CHARS)..).unwrap_or_default();
            self.masters().iter().any(|master| given.ct_eq(random(master).as_bytes()).into())
        };
        (1..=login.generation).rev().find(is_of)
    }

    /// The code of an invitation, of its ids; `None` without a master. 256 bits behind `inv_`.
    #[must_use]
    pub fn invitation(&self, family: FamilyId, id: InvitationId) -> Option<InvitationCode> {
        let parts = [family.to_string().into_bytes(), id.to_string().into_bytes()];
        let bytes = tag(self.masters().first()?, INVITATION_LABEL, &parts);
        let random = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        InvitationCode::read(&format!("{INVITATION_PREFIX}{}", *random))
    }

    /// The code of a one-time form for a key, and what is stored of it (its SHA-256, lower-case hex); `None` without a master.
    #[must_use]
    pub fn key_form(&self, id: KeyFormId) -> Option<(Secret, String)> {
        let bytes = tag(self.masters().first()?, KEY_FORM_LABEL, &[id.to_string().into_bytes()]);
        let text = URL_SAFE_NO_PAD.encode(bytes.as_slice());
        let name = Self::key_form_name(&text);
        Some((Secret::from(text), name))
    }

    /// Under which name a form of this code is stored.
    #[must_use]
    pub fn key_form_name(code: &str) -> String {
        hex::encode(sha256(code.as_bytes()))
    }

    /// Every secret that a receiver may hold: of each live version, under each master, the first one first.
    #[must_use]
    pub fn webhook_secrets(&self, service: ServiceId, versions: &[u32]) -> Vec<Secret> {
        let of = |master| versions.iter().map(move |version| client_secret::webhook(master, service, *version));
        self.masters().iter().flat_map(of).collect()
    }
}

/// The random part of a runner token.
pub(super) fn runner_random(secrets: &ClientSecrets, ids: RunnerIds) -> Option<Zeroizing<String>> {
    let parts = [ids.client_id.to_string(), ids.bot_id.to_string(), ids.token_id.to_string()].map(String::into_bytes);
    let bytes = tag(secrets.masters().first()?, RUNNER_LABEL, &parts);
    Some(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

fn refresh_parts(user: UserId, login: LoginId, generation: u32) -> [Vec<u8>; 3] {
    [user.to_string().into_bytes(), login.to_string().into_bytes(), generation.to_be_bytes().to_vec()]
}

/// HMAC-SHA256 over label and parts, each part behind its length.
fn tag(master: &hmac::Key, label: &[u8], parts: &[Vec<u8>]) -> Zeroizing<[u8; 32]> {
    let mut context = hmac::Context::with_key(master);
    context.update(label);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

fn first_bits(bytes: &[u8; 32]) -> u64 {
    bytes.iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::NamedSecret;

    fn secrets(bytes: &[u8]) -> ClientSecrets {
        let named = |byte: &u8| NamedSecret { kid: format!("k{byte}"), secret: Secret::new(vec![*byte; 32]) };
        ClientSecrets::new(&bytes.iter().map(named).collect::<Vec<_>>()).unwrap()
    }

    fn text(secret: &Secret) -> String {
        secret.expose_str().unwrap().to_owned()
    }

    #[test]
    fn a_code_is_bound_to_its_chat_and_found_under_the_master_before() {
        let (old, new) = (secrets(&[1]), secrets(&[2, 1]));
        let chat = |id| TelegramId::new(id).unwrap();
        let code = |secrets: &ClientSecrets, id, nonce| secrets.bind_code(chat(id), nonce).unwrap().expose().to_owned();
        let first = code(&old, 1, 7);
        assert_eq!((first.len(), first.as_str()), (8, code(&old, 1, 7).as_str()));
        for other in [code(&old, 2, 7), code(&old, 1, 8), code(&new, 1, 7)] {
            assert_ne!(first, other);
        }
        assert!(new.bind_codes(chat(1), 7).iter().any(|code| code.expose() == first));
        assert!(secrets(&[]).bind_code(chat(1), 7).is_none());
    }

    #[test]
    fn a_refresh_token_is_of_one_person_login_and_number() {
        let (secrets, user, login) = (secrets(&[1]), UserId::new(5).unwrap(), LoginId::new(6).unwrap());
        let (token, hash) = secrets.refresh_token(user, login, 1).unwrap();
        assert!(text(&token).starts_with("csr_5_6_") && text(&token).len() == 8 + 43);
        assert_eq!(hash, hex::encode(sha256(token.expose())));
        let others = [
            secrets.refresh_token(user, login, 2),
            secrets.refresh_token(UserId::new(6).unwrap(), login, 1),
            secrets.refresh_token(user, LoginId::new(7).unwrap(), 1),
        ];
        for other in others {
            assert_ne!(text(&other.unwrap().0), text(&token));
        }
    }

    #[test]
    fn a_receiver_may_hold_any_live_version_under_any_master() {
        let service = ServiceId::new(1).unwrap();
        let all: Vec<String> = secrets(&[2, 1]).webhook_secrets(service, &[3, 2]).iter().map(text).collect();
        assert_eq!(all.len(), 4);
        assert_eq!(all[0], text(&secrets(&[2]).webhook_secret(service, 3).unwrap()));
        assert!(all.contains(&text(&secrets(&[1]).webhook_secret(service, 2).unwrap())));
        assert!(secrets(&[1]).webhook_secrets(service, &[]).is_empty());
    }
}
