//! Empty tables that live as long as a test.

use crate::{Database, DatabaseError, Durability, FaultInjector};
use std::sync::Arc;
use store::{Store, StoreError};
use tempfile::TempDir;

/// Name of the database's file.
const FILE: &str = "tables.db";

/// Reason why there are no temporary tables.
#[derive(Debug, thiserror::Error)]
pub enum TemporaryTablesError {
    /// The system's folder for temporary files cannot be written.
    #[error("cannot create a temporary folder: {0}")]
    Folder(#[from] std::io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The tables cannot be created.
    #[error("cannot create the tables: {0}")]
    Tables(#[from] StoreError),
}

/// Empty tables in a temporary folder, which is removed when this is dropped: for tests of what a function does with them.
#[derive(Debug)]
pub struct TemporaryTables {
    /// The database of the tables.
    pub database: Database,
    /// A client of the tables.
    pub store: Store,
    folder: TempDir,
}

impl TemporaryTables {
    /// Name of the single table.
    pub const TABLE: &str = "leadhouse";

    /// Name of the access table.
    pub const ACCESS_TABLE: &str = "leadhouse-access";

    /// Creates the tables, in a database with these faults.
    pub async fn create(faults: Option<Arc<dyn FaultInjector>>) -> Result<Self, TemporaryTablesError> {
        let folder = tempfile::tempdir()?;
        // Nobody needs the tables after a failure of the machine.
        let database = Database::open(&folder.path().join(FILE), faults, None)?.with_durability(Durability::Deferred);
        let store = database.store(Self::TABLE, Self::ACCESS_TABLE);
        store.create_tables().await?;
        Ok(Self { database, store, folder })
    }

    /// Returns the path of the database's file.
    #[cfg(test)]
    pub(crate) fn database_file(&self) -> std::path::PathBuf {
        self.folder.path().join(FILE)
    }

    /// Returns the folder, in which a test may keep files of its own.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
