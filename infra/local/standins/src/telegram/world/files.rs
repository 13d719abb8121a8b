//! Files that were sent: kept in memory, named by a file id, fetched by a path.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

/// What a file was sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telegram) enum FileKind {
    Photo,
    Document,
}

/// A file.
#[derive(Clone, Debug)]
pub(in crate::telegram) struct Stored {
    pub(in crate::telegram) id: String,
    unique_id: String,
    pub(in crate::telegram) kind: FileKind,
    pub(in crate::telegram) name: String,
    pub(in crate::telegram) mime: String,
    pub(in crate::telegram) content: Vec<u8>,
    /// Width and height of a photo.
    pub(in crate::telegram) size: (u32, u32),
    path: String,
}

impl Stored {
    /// A `File` object without its path.
    pub(in crate::telegram) fn json(&self) -> Value {
        json!({ "file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.content.len() })
    }
}

/// All files.
#[derive(Default)]
pub(in crate::telegram) struct Files {
    by_id: BTreeMap<String, Stored>,
}

impl Files {
    pub(in crate::telegram) fn get(&self, id: &str) -> Option<&Stored> {
        self.by_id.get(id)
    }

    /// Keeps a file and gives its id.
    pub(in crate::telegram) fn keep(
        &mut self,
        kind: FileKind,
        name: String,
        mime: String,
        content: Vec<u8>,
        size: (u32, u32),
    ) -> String {
        let (unique, folder, start) = match kind {
            FileKind::Photo => ("AQAD", "photos", "AgACAgIAAxkD"),
            FileKind::Document => ("AgAD", "documents", "BQACAgIAAxkD"),
        };
        let random = Uuid::new_v4().simple().to_string();
        let id = format!("{start}{random}");
        let ending = name.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).unwrap_or_default();
        let ending: String = ending.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
        let path = format!("{folder}/file_{}{ending}", self.by_id.len());
        let unique_id = format!("{unique}{}", random.get(..12).unwrap_or_default());
        self.by_id.insert(id.clone(), Stored { id: id.clone(), unique_id, kind, name, mime, content, size, path });
        id
    }

    /// A `File` object with the path to fetch it from.
    pub(in crate::telegram) fn with_path(&self, id: &str) -> Option<Value> {
        let stored = self.get(id)?;
        let mut file = stored.json();
        file.as_object_mut()?.insert("file_path".to_owned(), json!(stored.path));
        Some(file)
    }

    /// The file at a path.
    pub(in crate::telegram) fn at(&self, path: &str) -> Option<&Stored> {
        self.by_id.values().find(|stored| stored.path == path)
    }
}
