//! The key specs that exist here, what each is for and the algorithms it knows.

use crate::{error::AwsError, validation::one_of};

/// Every spec that KMS knows, ours first.
const KMS_SPECS: [&str; 20] = [
    "SYMMETRIC_DEFAULT",
    "ECC_NIST_EDWARDS25519",
    "ECC_NIST_P256",
    "HMAC_256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "HMAC_224",
    "HMAC_384",
    "HMAC_512",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "SM2",
];
const KMS_USAGES: [&str; 5] =
    ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "KEY_ENCAPSULATION"];

/// A key spec that this KMS can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spec {
    Symmetric,
    Ed25519,
    P256,
    Hmac256,
}

impl Spec {
    /// From its name.
    ///
    /// # Errors
    /// `ValidationException` for no such spec, `UnsupportedOperationException` for one that is not built here.
    pub(super) fn parse(name: &str) -> Result<Self, AwsError> {
        Ok(match one_of("keySpec", name, &KMS_SPECS)? {
            "SYMMETRIC_DEFAULT" => Self::Symmetric,
            "ECC_NIST_EDWARDS25519" => Self::Ed25519,
            "ECC_NIST_P256" => Self::P256,
            "HMAC_256" => Self::Hmac256,
            other => return Err(super::unsupported(format!("KeySpec {other} is not supported."))),
        })
    }

    /// As KMS writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Symmetric => "SYMMETRIC_DEFAULT",
            Self::Ed25519 => "ECC_NIST_EDWARDS25519",
            Self::P256 => "ECC_NIST_P256",
            Self::Hmac256 => "HMAC_256",
        }
    }

    /// The one use such a key has.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Symmetric => "ENCRYPT_DECRYPT",
            Self::Ed25519 | Self::P256 => "SIGN_VERIFY",
            Self::Hmac256 => "GENERATE_VERIFY_MAC",
        }
    }

    /// The member that lists its algorithms, and they.
    pub(super) fn algorithms(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Symmetric => ("EncryptionAlgorithms", &["SYMMETRIC_DEFAULT"]),
            Self::Ed25519 => ("SigningAlgorithms", &["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
            Self::P256 => ("SigningAlgorithms", &["ECDSA_SHA_256"]),
            Self::Hmac256 => ("MacAlgorithms", &["HMAC_SHA_256"]),
        }
    }

    /// Checks the usage a new key is asked for. Only a symmetric key may leave it out.
    pub(super) fn check_usage(self, asked: Option<&str>) -> Result<(), AwsError> {
        let asked = match asked {
            Some(asked) => one_of("keyUsage", asked, &KMS_USAGES)?,
            None if self == Self::Symmetric => return Ok(()),
            None => {
                return Err(AwsError::validation(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
                ));
            }
        };
        match (asked, self) {
            (asked, _) if asked == self.usage() => Ok(()),
            ("KEY_AGREEMENT", Self::P256) => Err(super::unsupported("KeyUsage KEY_AGREEMENT is not supported.")),
            _ => Err(AwsError::validation(format!("KeyUsage {asked} is not compatible with KeySpec {}", self.name()))),
        }
    }
}
