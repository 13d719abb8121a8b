//! Keeps what the stand-in knows in a file: one JSON line for each thing as it now is, the last line of a thing counts.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{activity::Activity, organization::Organization};

/// Only the owner reads and writes the file: it holds keys.
const OWNER_ONLY: u32 = 0o600;

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Organization(Organization),
    Activity(Activity),
}

/// The file, open for more lines.
pub(super) struct Journal {
    file: File,
}

impl Journal {
    /// The lines of a file; none where there is no file. A last line that was cut off by a crash is left out.
    pub(super) fn read(path: &Path) -> io::Result<Vec<Line>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
        let lines = whole.lines().map(|line| serde_json::from_str(line).map_err(io::Error::from));
        lines.collect()
    }

    /// Replaces the file by these lines, all or nothing, and opens it for more.
    pub(super) fn rewrite<'a>(path: &Path, lines: impl Iterator<Item = &'a Line>) -> io::Result<Self> {
        let fresh = path.with_extension("new");
        let mut text = Vec::new();
        for line in lines {
            push(&mut text, line)?;
        }
        let mut file = owner_only().create(true).write(true).truncate(true).open(&fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        Ok(Self { file: owner_only().append(true).open(path)? })
    }

    /// Adds a line.
    pub(super) fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut text = Vec::new();
        push(&mut text, line)?;
        self.file.write_all(&text)
    }
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(OWNER_ONLY);
    options
}

fn push(text: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *text, line)?;
    text.push(b'\n');
    Ok(())
}
