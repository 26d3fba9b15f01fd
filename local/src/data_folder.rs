//! The folder that holds a local server's database, files and master keys.

use crate::StartError;
use crate::temp_dir::{self, TempDir};
use aws_credential_types::Credentials;
use emulator::Database;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use store::{Connection, CredentialsProvider, Store};

/// Names of the two tables in the embedded database.
pub(crate) const TABLE: &str = "leadhouse";
const ACCESS_TABLE: &str = "leadhouse-access";

const DATABASE_FILE: &str = "leadhouse.db";
const FILES_FOLDER: &str = "files";

/// The folder that a local server keeps its data in.
pub(crate) enum DataFolder {
    /// A folder of the user's choice, which stays.
    Persistent(PathBuf),
    /// A folder that is removed when the server ends.
    Temporary(TempDir),
}

impl DataFolder {
    /// Opens `folder`, creating it if necessary, or a temporary folder if there is none.
    pub(crate) fn open(folder: Option<&Path>) -> io::Result<Self> {
        let Some(folder) = folder else {
            return TempDir::new().map(Self::Temporary);
        };
        // Only its owner may read it: it holds personal data and the master keys.
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        temp_dir::make_persistent(folder)?;
        Ok(Self::Persistent(folder.to_owned()))
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Persistent(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// Returns the path of the database's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path().join(DATABASE_FILE)
    }

    /// Returns the path of the folder for uploaded files and photos.
    pub(crate) fn files(&self) -> PathBuf {
        self.path().join(FILES_FOLDER)
    }
}

/// Opens the tables in the data folder `folder`, whose server may be running, and creates them if they do not exist.
pub async fn open_store(folder: &Path) -> Result<Store, StartError> {
    std::fs::create_dir_all(folder)?;
    let database = Database::open(&folder.join(DATABASE_FILE), None, None)?;
    let store = store_in(&database);
    store.create_tables().await?;
    Ok(store)
}

/// Returns a store whose SDK client talks to `database`.
pub(crate) fn store_in(database: &Database) -> Store {
    // The embedded database verifies neither the signature nor the region, but the SDK requires both.
    let credentials = Credentials::new("local", "local", None, None, "local");
    let connection = Connection {
        region: "local".to_owned(),
        credentials: CredentialsProvider::new(credentials),
        endpoint: Some("http://database.invalid".to_owned()),
        http: database.http_client(),
    };
    Store::new(connection, TABLE, ACCESS_TABLE)
}
