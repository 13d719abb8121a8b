//! Client secrets of signed requests: derived from a master, so that none is stored and none can be read from a table.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::settings::{BadSettings, NamedSecret, check_name, check_secret};
use crate::{Secret, ServiceId};

/// Keeps this use of the master apart from every other.
const LABEL: &[u8] = b"countersign/client-secret/v1";
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
    let mut context = hmac::Context::with_key(master);
    context.update(LABEL);
    context.update(&(client_id.len() as u64).to_be_bytes());
    context.update(client_id.as_bytes());
    context.update(&version.to_be_bytes());
    let mut text = Zeroizing::new(vec![0; 43]);
    let written = URL_SAFE_NO_PAD.encode_slice(context.sign().as_ref(), &mut text);
    debug_assert_eq!(written, Ok(43), "32 bytes are 43 characters");
    Secret::new(std::mem::take(&mut text))
}

#[cfg(test)]
mod tests {
    use super::*;

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
