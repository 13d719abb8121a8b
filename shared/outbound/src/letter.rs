//! What is posted: a body that stays the same over all tries, and its signature as Standard Webhooks says.

use countersign_core::{Moment, Secret};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

/// A message to a service.
pub struct Letter<'a> {
    /// `webhook-id`: the same over all tries, so that the receiver knows it again.
    pub id: &'a str,
    /// The JSON that is sent, to the byte.
    pub body: &'a str,
    /// The live secrets, `whsec_…`: one, or more while they are rotated; each gives a signature.
    pub secrets: &'a [Secret],
}

/// Why a letter cannot be signed. It says nothing of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// No secret is there.
    #[error("there is no secret to sign with")]
    NoSecret,
    /// A secret that is none.
    #[error("a secret is not of its form")]
    Secret,
    /// An id that does not fit into a header, or that would make the signed text ambiguous.
    #[error("an id must be visible ASCII without a dot")]
    Id,
}

impl Letter<'_> {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature` of a try at this moment.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn headers(&self, now: Moment) -> Result<HeaderMap, LetterError> {
        // Standard Webhooks joins id, time and body with dots.
        let fits = !self.id.is_empty() && self.id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
        let id = HeaderValue::from_str(self.id).ok().filter(|_| fits).ok_or(LetterError::Id)?;
        let mut signatures = Vec::with_capacity(self.secrets.len());
        for secret in self.secrets {
            let text = secret.expose_str().ok_or(LetterError::Secret)?;
            let key = Webhook::new(text).map_err(|_| LetterError::Secret)?;
            let signed = key.sign(self.id, now.seconds(), self.body.as_bytes());
            signatures.push(signed.map_err(|_| LetterError::Secret)?);
        }
        if signatures.is_empty() {
            return Err(LetterError::NoSecret);
        }
        let signature = HeaderValue::from_str(&signatures.join(" ")).map_err(|_| LetterError::Secret)?;
        Ok(HeaderMap::from_iter([
            (HeaderName::from_static(HEADER_WEBHOOK_ID), id),
            (HeaderName::from_static(HEADER_WEBHOOK_TIMESTAMP), HeaderValue::from(now.seconds())),
            (HeaderName::from_static(HEADER_WEBHOOK_SIGNATURE), signature),
        ]))
    }
}
