//! The folder that holds a local server's database, files and master keys.

use crate::StartError;
use crate::folder_lock::FolderLock;
use crate::permissions;
use crate::temp_dir::{self, TempDir};
use emulator::Database;
use std::path::{Path, PathBuf};
use store::Store;

/// Names of the two tables in the embedded database.
pub(crate) const TABLE: &str = "leadhouse";
pub(crate) const ACCESS_TABLE: &str = "leadhouse-access";

const DATABASE_FILE: &str = "leadhouse.db";
const FILES_FOLDER: &str = "files";
const PARKED_FOLDER: &str = "parked";

/// The folder that a local server keeps its data in.
pub(crate) enum DataFolder {
    /// A folder of the user's choice, which stays.
    Persistent {
        /// Path of the folder.
        path: PathBuf,
        /// Held until the server ends.
        _lock: FolderLock,
    },
    /// A folder that is removed when the server ends.
    Temporary(TempDir),
}

impl DataFolder {
    /// Opens `folder`, creating it if necessary, or a temporary folder if there is none. Fails if another server uses
    /// the folder.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, StartError> {
        let Some(folder) = folder else {
            let temporary = TempDir::new().map_err(StartError::TemporaryFolder)?;
            permissions::create_private_file(&temporary.path().join(DATABASE_FILE))
                .map_err(StartError::TemporaryFolder)?;
            return Ok(Self::Temporary(temporary));
        };
        prepare(folder)?;
        let lock = FolderLock::acquire(folder)?;
        temp_dir::make_persistent(folder).map_err(unusable(folder))?;
        Ok(Self::Persistent { path: folder.to_owned(), _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Persistent { path, .. } => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// Returns the path of the database's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path().join(DATABASE_FILE)
    }

    /// Returns the path of the folder for uploaded files and photos.
    pub(crate) fn files(&self) -> PathBuf {
        files_in(self.path())
    }

    /// Returns the path of the folder for stream records that could not be processed.
    pub(crate) fn parked(&self) -> PathBuf {
        parked_in(self.path())
    }
}

/// Returns the path of the folder for uploaded files and photos in the data folder `folder`.
pub(crate) fn files_in(folder: &Path) -> PathBuf {
    folder.join(FILES_FOLDER)
}

/// Returns the path of the folder for stream records that could not be processed, in the data folder `folder`.
pub(crate) fn parked_in(folder: &Path) -> PathBuf {
    folder.join(PARKED_FOLDER)
}

/// Creates `folder` if necessary, and makes it and everything in it readable by its owner only: it holds personal data
/// and the master keys.
fn prepare(folder: &Path) -> Result<(), StartError> {
    permissions::create_private_folder(folder).map_err(unusable(folder))?;
    // SQLite gives the files beside the database the permissions of the database.
    let database = folder.join(DATABASE_FILE);
    permissions::create_private_file(&database).map_err(unusable(&database))?;
    permissions::restrict(folder).map_err(unusable(folder))
}

fn unusable(path: &Path) -> impl FnOnce(std::io::Error) -> StartError {
    let path = path.to_owned();
    move |error| StartError::DataFolder { path, error }
}

/// Opens the tables in the data folder `folder`, whose server may be running, and creates folder and tables if they do
/// not exist.
pub async fn open_store(folder: &Path) -> Result<Store, StartError> {
    prepare(folder)?;
    let path = folder.join(DATABASE_FILE);
    let database = Database::open(&path, None, None).map_err(|error| StartError::Database { path, error })?;
    let store = database.store(TABLE, ACCESS_TABLE);
    store.create_tables().await?;
    Ok(store)
}

/// Opens the tables in the data folder `folder` as [`open_store`] does, but fails if it is not a data folder.
pub async fn open_existing_store(folder: &Path) -> Result<Store, StartError> {
    if folder.join(DATABASE_FILE).is_file() {
        open_store(folder).await
    } else {
        Err(StartError::NoDataFolder(folder.to_owned()))
    }
}
