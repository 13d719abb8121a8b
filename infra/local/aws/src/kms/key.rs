//! A key's record: what is known of it beside its material, and whether it may be used now.

use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::spec::Spec;
use crate::{
    clock::seconds,
    database::Turn,
    error::AwsError,
    names::{ACCOUNT, arn},
};

/// A key's state, as far as keys made in KMS have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Enabled,
    Disabled,
    PendingDeletion,
}

impl State {
    /// As KMS writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled, Self::PendingDeletion].into_iter().find(|state| state.name() == name)
    }
}

/// One key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// A UUID.
    pub(super) id: String,
    pub(super) spec: Spec,
    pub(super) description: String,
    pub(super) state: State,
    /// Milliseconds since the epoch, as all moments here.
    pub(super) created: i64,
    pub(super) deletion_at: Option<i64>,
    pub(super) window_days: Option<i64>,
    /// The period of automatic rotation; none: it is off.
    pub(super) rotation_days: Option<i64>,
    pub(super) next_rotation: Option<i64>,
    /// The id of the material that new work is done with.
    pub(super) material: String,
}

impl Key {
    /// The key with this id, if there is one.
    pub(super) fn find(turn: &Turn<'_>, id: &str) -> Result<Option<Self>, AwsError> {
        let mut query = turn.tx.prepare_cached("SELECT * FROM kms_key WHERE id = ?1")?;
        Ok(query.query_row([id], Self::read).optional()?)
    }

    /// All keys by id.
    pub(super) fn all(turn: &Turn<'_>) -> Result<Vec<Self>, AwsError> {
        let mut query = turn.tx.prepare_cached("SELECT * FROM kms_key ORDER BY id")?;
        Ok(query.query_map([], Self::read)?.collect::<Result<_, _>>()?)
    }

    /// Writes the record, new or changed.
    pub(super) fn save(&self, turn: &Turn<'_>) -> Result<(), AwsError> {
        turn.tx.execute(
            "INSERT INTO kms_key (id, spec, description, state, created, deletion_at, window_days, rotation_days,
                 next_rotation, material)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET state = ?4, deletion_at = ?6, window_days = ?7, rotation_days = ?8,
                 next_rotation = ?9, material = ?10",
            params![
                self.id,
                self.spec.name(),
                self.description,
                self.state.name(),
                self.created,
                self.deletion_at,
                self.window_days,
                self.rotation_days,
                self.next_rotation,
                self.material
            ],
        )?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let spec: String = row.get("spec")?;
        let state: String = row.get("state")?;
        Ok(Self {
            id: row.get("id")?,
            spec: Spec::parse(&spec).map_err(|_| rusqlite::Error::InvalidQuery)?,
            description: row.get("description")?,
            state: State::parse(&state).ok_or(rusqlite::Error::InvalidQuery)?,
            created: row.get("created")?,
            deletion_at: row.get("deletion_at")?,
            window_days: row.get("window_days")?,
            rotation_days: row.get("rotation_days")?,
            next_rotation: row.get("next_rotation")?,
            material: row.get("material")?,
        })
    }

    /// Its full name.
    pub(super) fn arn(&self) -> String {
        arn("kms", &format!("key/{}", self.id))
    }

    /// Refuses unless the key is enabled.
    pub(super) fn must_be_enabled(&self) -> Result<(), AwsError> {
        self.must_not_be_pending_deletion()?;
        match self.state {
            State::Disabled => Err(AwsError::new("DisabledException", format!("{} is disabled.", self.arn()))),
            State::Enabled | State::PendingDeletion => Ok(()),
        }
    }

    /// Refuses a key that waits for its deletion.
    pub(super) fn must_not_be_pending_deletion(&self) -> Result<(), AwsError> {
        match self.state {
            State::PendingDeletion => Err(self.invalid_state("is pending deletion.")),
            State::Enabled | State::Disabled => Ok(()),
        }
    }

    /// `KMSInvalidStateException` about this key.
    pub(super) fn invalid_state(&self, what: &str) -> AwsError {
        AwsError::new("KMSInvalidStateException", format!("{} {what}", self.arn()))
    }

    /// Refuses a key made for another use.
    pub(super) fn must_be_for(&self, usage: &str, operation: &str) -> Result<(), AwsError> {
        if self.spec.usage() == usage {
            return Ok(());
        }
        let (arn, own) = (self.arn(), self.spec.usage());
        Err(invalid_usage(format!("{arn} key usage is {own} which is not valid for {operation}.")))
    }

    /// Refuses an algorithm of another key spec.
    pub(super) fn must_know(&self, algorithm: &str) -> Result<(), AwsError> {
        if self.spec.algorithms().1.contains(&algorithm) {
            return Ok(());
        }
        Err(invalid_usage(format!("Algorithm {algorithm} is incompatible with key spec {}.", self.spec.name())))
    }

    /// What `DescribeKey` tells.
    pub(super) fn metadata(&self) -> Value {
        let (algorithms_member, algorithms) = self.spec.algorithms();
        let mut metadata = json!({
            "AWSAccountId": ACCOUNT,
            "KeyId": self.id,
            "Arn": self.arn(),
            "CreationDate": seconds(self.created),
            "Enabled": self.state == State::Enabled,
            "Description": self.description,
            "KeyUsage": self.spec.usage(),
            "KeyState": self.state.name(),
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": self.spec.name(),
            "KeySpec": self.spec.name(),
            "MultiRegion": false,
            algorithms_member: algorithms,
        });
        if let Some(members) = metadata.as_object_mut() {
            if self.spec == Spec::Symmetric {
                members.insert("CurrentKeyMaterialId".to_owned(), json!(self.material));
            }
            if let Some(at) = self.deletion_at {
                members.insert("DeletionDate".to_owned(), json!(seconds(at)));
            }
        }
        metadata
    }
}

/// `InvalidKeyUsageException`.
pub(super) fn invalid_usage(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidKeyUsageException", message)
}
