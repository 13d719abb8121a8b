//! A secret's record, and how a request names it: name, full ARN or ARN without its random end.

use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{invalid_request, not_found};
use crate::{
    clock::seconds,
    database::Turn,
    error::AwsError,
    names::{arn, resource},
    validation::length,
};

/// One tag.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

/// A secret without its values.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) name: String,
    /// The six characters at the end of the ARN.
    pub(super) suffix: String,
    pub(super) description: Option<String>,
    pub(super) kms_key_id: Option<String>,
    pub(super) tags: Vec<Tag>,
    /// Milliseconds since the epoch, as all moments here.
    pub(super) created: i64,
    pub(super) changed: i64,
    pub(super) accessed: Option<i64>,
    /// Set while it waits for its deletion.
    pub(super) deletion_at: Option<i64>,
}

impl Record {
    /// The secret of exactly this name.
    pub(super) fn named(turn: &Turn<'_>, name: &str) -> Result<Option<Self>, AwsError> {
        let mut query = turn.tx.prepare_cached("SELECT * FROM secret WHERE name = ?1")?;
        Ok(query.query_row([name], Self::read).optional()?)
    }

    /// All secrets by name.
    pub(super) fn all(turn: &Turn<'_>) -> Result<Vec<Self>, AwsError> {
        let mut query = turn.tx.prepare_cached("SELECT * FROM secret ORDER BY name")?;
        Ok(query.query_map([], Self::read)?.collect::<Result<_, _>>()?)
    }

    /// The secret a request names, also one that waits for its deletion.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(super) fn find(turn: &Turn<'_>, reference: &str) -> Result<Self, AwsError> {
        length("secretId", reference.chars().count(), 1..=2_048)?;
        Self::look_up(turn, reference)?.ok_or_else(|| not_found("Secrets Manager can't find the specified secret."))
    }

    /// The secret a request names, unless it waits for its deletion.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `InvalidRequestException`.
    pub(super) fn find_live(turn: &Turn<'_>, reference: &str) -> Result<Self, AwsError> {
        let record = Self::find(turn, reference)?;
        match record.deletion_at {
            Some(_) => Err(invalid_request(
                "You can't perform this operation on the secret because it was marked for deletion.",
            )),
            None => Ok(record),
        }
    }

    fn look_up(turn: &Turn<'_>, reference: &str) -> Result<Option<Self>, AwsError> {
        if !reference.starts_with("arn:") {
            return Self::named(turn, reference);
        }
        let resource = resource(reference, "secretsmanager").ok().and_then(|part| part.strip_prefix("secret:"));
        let Some(resource) = resource else { return Ok(None) };
        if let Some((name, suffix)) = resource.rsplit_once('-')
            && let Some(record) = Self::named(turn, name)?
            && record.suffix == suffix
        {
            return Ok(Some(record));
        }
        Self::named(turn, resource)
    }

    /// Writes the record, new or changed.
    pub(super) fn save(&self, turn: &Turn<'_>) -> Result<(), AwsError> {
        let tags = serde_json::to_string(&self.tags).map_err(|_| AwsError::internal())?;
        turn.tx.execute(
            "INSERT INTO secret (name, suffix, description, kms_key_id, tags, created, changed, accessed, deletion_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (name) DO UPDATE SET description = ?3, kms_key_id = ?4, tags = ?5, changed = ?7,
                 accessed = ?8, deletion_at = ?9",
            params![
                self.name,
                self.suffix,
                self.description,
                self.kms_key_id,
                tags,
                self.created,
                self.changed,
                self.accessed,
                self.deletion_at
            ],
        )?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let tags: String = row.get("tags")?;
        Ok(Self {
            name: row.get("name")?,
            suffix: row.get("suffix")?,
            description: row.get("description")?,
            kms_key_id: row.get("kms_key_id")?,
            tags: serde_json::from_str(&tags).map_err(|_| rusqlite::Error::InvalidQuery)?,
            created: row.get("created")?,
            changed: row.get("changed")?,
            accessed: row.get("accessed")?,
            deletion_at: row.get("deletion_at")?,
        })
    }

    /// Its full name.
    pub(super) fn arn(&self) -> String {
        arn("secretsmanager", &format!("secret:{}-{}", self.name, self.suffix))
    }

    /// What describing and listing tell alike.
    pub(super) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("ARN".to_owned(), json!(self.arn()));
        members.insert("Name".to_owned(), json!(self.name));
        members.insert("CreatedDate".to_owned(), json!(seconds(self.created)));
        members.insert("LastChangedDate".to_owned(), json!(seconds(self.changed)));
        members.insert("Tags".to_owned(), json!(self.tags));
        let optional = [
            ("Description", self.description.as_ref().map(|text| json!(text))),
            ("KmsKeyId", self.kms_key_id.as_ref().map(|text| json!(text))),
            ("LastAccessedDate", self.accessed.map(|at| json!(seconds(at)))),
            ("DeletedDate", self.deletion_at.map(|at| json!(seconds(at)))),
        ];
        members.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        members
    }
}
