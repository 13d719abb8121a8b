//! Where KMS, Secrets Manager and SQS keep their state: one SQLite file, one transaction per request.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{clock::Clock, error::AwsError, instance::StartError};

/// The tables; a change to them raises [`SCHEMA_VERSION`].
const SCHEMA: &str = include_str!("schema.sql");
/// Kept as SQLite's `user_version`; 0 is an empty file.
const SCHEMA_VERSION: i64 = 1;

/// The state of the services that are our own.
pub(crate) struct Store {
    connection: Mutex<Option<Connection>>,
    /// The moment every request is judged at.
    pub(crate) clock: Clock,
}

/// One request's turn at the store: a transaction that is kept when the work succeeds, and its moment.
pub(crate) struct Turn<'a> {
    /// The transaction.
    pub(crate) tx: Transaction<'a>,
    /// Milliseconds since the Unix epoch.
    pub(crate) now: i64,
}

impl Store {
    /// Opens or makes the file; none: memory. The file is locked, so that a second system cannot share it.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, StartError> {
        let connection = match path {
            Some(path) => {
                create_private_file(path)?;
                Connection::open(path)?
            }
            None => Connection::open_in_memory()?,
        };
        connection.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
        )?;
        make_tables(&connection)?;
        Ok(Self { connection: Mutex::new(Some(connection)), clock: Clock::default() })
    }

    /// Runs one request's work in a transaction of its own: kept on success, undone on a refusal.
    pub(crate) fn turn<T>(&self, work: impl FnOnce(&Turn<'_>) -> Result<T, AwsError>) -> Result<T, AwsError> {
        let mut guard = self.lock();
        let connection = guard.as_mut().ok_or_else(AwsError::internal)?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let turn = Turn { tx, now: self.clock.now_millis() };
        let result = work(&turn)?;
        turn.tx.commit()?;
        Ok(result)
    }

    /// Writes everything to the file and lets go of it; requests after this fail.
    pub(crate) fn close(&self) -> Result<(), rusqlite::Error> {
        match self.lock().take() {
            Some(connection) => connection.close().map_err(|(_, error)| error),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_tables(connection: &Connection) -> Result<(), StartError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        SCHEMA_VERSION => connection.execute_batch("BEGIN IMMEDIATE; COMMIT;")?,
        0 => connection.execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))?,
        other => return Err(StartError::OtherVersion(other)),
    }
    Ok(())
}

/// Makes the folder with its parents where it is missing, for its owner alone.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file for its owner alone, where it is missing; SQLite gives its side files the same rights.
pub(crate) fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}
