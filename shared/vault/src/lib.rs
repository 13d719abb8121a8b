//! Seals secrets under KMS and signs with them; no verb returns a person's signing key.
