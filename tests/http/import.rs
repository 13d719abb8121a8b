//! The import of the old database's rows.
