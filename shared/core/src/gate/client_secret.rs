//! Client secrets of signed requests: derived from a master, so that none is stored and none can be read from a table.

use aws_lc_rs::hmac;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

use super::service_key::{KeyHash, mint};
use super::settings::{BadSettings, NamedSecret, check_name, check_secret};
use crate::{Secret, ServiceId};

/// Keeps this use of the master apart from every other.
const LABEL: &[u8] = b"countersign/client-secret/v1";
/// The same for the secrets of webhooks.
const WEBHOOK_LABEL: &[u8] = b"countersign/service-webhook/v1";
/// The same for service keys.
const KEY_LABEL: &[u8] = b"countersign/service-key/v1";
/// What stands before the service's id in a client id.
const PREFIX: &str = "svc-";

/// The `X-Client-Id` of a service: `svc-<service id>`.
#[must_use]
pub fn client_id(service_id: ServiceId) -> String {
    format!("{PREFIX}{service_id}")
}

/// The service that a client id names; the form is the only thing that is checked.
#[must_use]
pub fn read_client_id(text: &str) -> Option<ServiceId> {
    text.strip_prefix(PREFIX)?.parse().ok()
}

/// Derives client secrets: HMAC-SHA256 under a master over label, client id behind its length, and version.
pub struct ClientSecrets {
    masters: Vec<hmac::Key>,
}

impl ClientSecrets {
    /// The first master makes secrets, all of them verify. None at all: nothing verifies.
    ///
    /// # Errors
    /// A short secret, or a name or secret that comes twice.
    pub fn new(masters: &[NamedSecret]) -> Result<Self, BadSettings> {
        for (index, master) in masters.iter().enumerate() {
            check_name(&master.kid)?;
            check_secret(&master.secret)?;
            let twice = |other: &NamedSecret| other.kid == master.kid || other.secret.matches(master.secret.expose());
            if masters.iter().take(index).any(twice) {
                return Err(BadSettings("each client master has a name and a secret of its own"));
            }
        }
        let key = |master: &NamedSecret| hmac::Key::new(hmac::HMAC_SHA256, master.secret.expose());
        Ok(Self { masters: masters.iter().map(key).collect() })
    }

    /// The secret of this version, 43 characters base64url, to hand to the client; `None` without a master.
    #[must_use]
    pub fn derive(&self, client_id: &str, version: u32) -> Option<Secret> {
        self.masters.first().map(|master| derive(master, client_id, version))
    }

    /// The secret of this version that deliveries to a service are signed with, as Standard Webhooks writes it: `whsec_`
    /// and 32 bytes base64; `None` without a master.
    #[must_use]
    pub fn webhook_secret(&self, service_id: ServiceId, version: u32) -> Option<Secret> {
        self.masters.first().map(|master| webhook(master, service_id, version))
    }

    /// All of them, the first one first.
    pub(super) fn masters(&self) -> &[hmac::Key] {
        &self.masters
    }

    /// The service key of this version, and what is stored of it; `None` without a master.
    ///
    /// It is derived so that the answer that showed it can be given again for an `Idempotency-Key` although only its
    /// hash is stored.
    #[must_use]
    pub fn service_key(&self, service_id: ServiceId, version: u32) -> Option<(Secret, KeyHash)> {
        let master = self.masters.first()?;
        Some(mint(service_id, *tag(master, KEY_LABEL, &client_id(service_id), version)))
    }

    /// Whether the signature over the message is of the secret of this version under any master. Each is tried.
    pub(super) fn verify(&self, client_id: &str, version: u32, message: &[u8], signature: &[u8; 32]) -> bool {
        let right = |master: &hmac::Key| {
            let secret = derive(master, client_id, version);
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
            hmac::verify(&key, message, signature).is_ok()
        };
        self.masters.iter().fold(false, |found, master| right(master) | found)
    }
}

fn derive(master: &hmac::Key, client_id: &str, version: u32) -> Secret {
    let bytes = tag(master, LABEL, client_id, version);
    let mut text = Zeroizing::new(vec![0; 43]);
    let written = URL_SAFE_NO_PAD.encode_slice(bytes.as_slice(), &mut text);
    debug_assert_eq!(written, Ok(43), "32 bytes are 43 characters");
    Secret::new(std::mem::take(&mut text))
}

/// `whsec_` and 32 bytes base64.
pub(super) fn webhook(master: &hmac::Key, service_id: ServiceId, version: u32) -> Secret {
    let bytes = tag(master, WEBHOOK_LABEL, &client_id(service_id), version);
    let mut text = Zeroizing::new(vec![0; 44]);
    let written = STANDARD.encode_slice(bytes.as_slice(), &mut text);
    debug_assert_eq!(written, Ok(44), "32 bytes are 44 characters");
    let mut secret = Zeroizing::new(b"whsec_".to_vec());
    secret.reserve_exact(text.len());
    secret.extend_from_slice(&text);
    Secret::new(std::mem::take(&mut secret))
}

/// HMAC-SHA256 over label, client id behind its length, and version.
fn tag(master: &hmac::Key, label: &[u8], client_id: &str, version: u32) -> Zeroizing<[u8; 32]> {
    let mut context = hmac::Context::with_key(master);
    context.update(label);
    context.update(&(client_id.len() as u64).to_be_bytes());
    context.update(client_id.as_bytes());
    context.update(&version.to_be_bytes());
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::{super::service_key::PresentedKey, *};

    fn named(kid: &str, byte: u8) -> NamedSecret {
        NamedSecret { kid: kid.to_owned(), secret: Secret::new(vec![byte; 32]) }
    }

    fn text(secrets: &ClientSecrets, client: &str, version: u32) -> String {
        secrets.derive(client, version).unwrap().expose_str().unwrap().to_owned()
    }

    #[test]
    fn secrets_differ_by_client_version_and_master() {
        let old = ClientSecrets::new(&[named("a", 1)]).unwrap();
        let new = ClientSecrets::new(&[named("b", 2), named("a", 1)]).unwrap();
        let first = text(&old, "svc-1", 1);
        assert_eq!(first.len(), 43);
        assert_eq!(first, text(&old, "svc-1", 1));
        for other in [text(&old, "svc-1", 2), text(&old, "svc-2", 1), text(&new, "svc-1", 1)] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn the_derivation_stays_as_it_is() {
        let secrets = ClientSecrets::new(&[named("a", 1)]).unwrap();
        assert_eq!(text(&secrets, "svc-1", 1), PINNED, "issued secrets would stop working");
    }

    const PINNED: &str = "z9IG_AzZYHmU-a2rnsLxVnMyJXHg7vz194VSJcFWk3s";

    #[test]
    fn a_service_has_three_secrets_that_are_unlike() {
        let secrets = ClientSecrets::new(&[named("a", 1)]).unwrap();
        let id = ServiceId::new(1).unwrap();
        let text = |secret: Secret| secret.expose_str().unwrap().to_owned();
        let (key, hash) = secrets.service_key(id, 1).unwrap();
        assert!(PresentedKey::read(key.expose_str().unwrap()).unwrap().verify(&[hash]));
        assert_ne!(text(key), text(secrets.service_key(id, 2).unwrap().0));
        let webhook = text(secrets.webhook_secret(id, 1).unwrap());
        assert_eq!(webhook, PINNED_WEBHOOK, "issued secrets would stop working");
        assert_ne!(webhook, text(secrets.webhook_secret(id, 2).unwrap()));
        assert!(ClientSecrets::new(&[]).unwrap().service_key(id, 1).is_none());
    }

    const PINNED_WEBHOOK: &str = "whsec_iVrMq3SO8CUAFpLRNkXmFhVAC2Z1hmUsPD3SGs/IZZ8=";

    #[test]
    fn masters_are_strong_and_unlike() {
        assert!(ClientSecrets::new(&[]).unwrap().derive("svc-1", 1).is_none());
        let short = NamedSecret { kid: "a".to_owned(), secret: Secret::new(vec![1; 31]) };
        assert!(ClientSecrets::new(&[short]).is_err());
        assert!(ClientSecrets::new(&[named("a", 1), named("a", 2)]).is_err());
        assert!(ClientSecrets::new(&[named("a", 1), named("b", 1)]).is_err());
    }

    #[test]
    fn client_ids_have_one_spelling() {
        let id = ServiceId::new(17).unwrap();
        assert_eq!(read_client_id(&client_id(id)), Some(id));
        for bad in ["", "17", "svc-", "svc-017", "SVC-17", "svc-17 ", "svc-17,svc-17", "svc-0"] {
            assert_eq!(read_client_id(bad), None, "{bad}");
        }
    }
}
