//! Errors at the start of the local server.

use blob::BlobError;
use emulator::DatabaseError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use store::{CommitError, StoreError};
use webhook::master_keys::UnknownMasterKeyError;

/// Reason why the local server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is in use, or cannot be used.
    #[error(
        "cannot listen on {address}: {error}; choose another address with --listen, or a free port with --listen 127.0.0.1:0"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        error: io::Error,
    },
    /// The data folder, or a file in it, cannot be read or written.
    #[error("cannot use the data folder: {}: {error}", path.display())]
    DataFolder {
        /// The folder or file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// Another server uses the data folder.
    #[error(
        "the data folder {} is in use by another server{}: stop that one, or choose another folder with --data",
        path.display(),
        process.map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    DataFolderInUse {
        /// The folder.
        path: PathBuf,
        /// The id of the other server's process, if it is known.
        process: Option<u32>,
    },
    /// There is no database in the data folder that a command names.
    #[error("{} is not the data folder of a server: --data must name an existing one", .0.display())]
    NoDataFolder(PathBuf),
    /// No temporary folder can be created.
    #[error("cannot create a temporary folder: {0}")]
    TemporaryFolder(io::Error),
    /// The database cannot be opened.
    #[error("cannot use {}: {error}", path.display())]
    Database {
        /// The database's file.
        path: PathBuf,
        /// The database's error.
        error: DatabaseError,
    },
    /// The tables cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The demo data cannot be written.
    #[error("cannot create the demo data: {0}")]
    WriteDemoData(#[from] CommitError),
    /// The definition of the demo data has an invalid value.
    #[error("invalid demo data: {0}")]
    InvalidDemoData(String),
    /// The folder for files cannot be used.
    #[error(transparent)]
    Files(#[from] BlobError),
    /// The stored data names a master key that is missing.
    #[error(transparent)]
    MasterKeys(#[from] UnknownMasterKeyError),
    /// An extra root certificate is invalid.
    #[error("invalid root certificate: {0}")]
    RootCertificate(#[from] rustls::Error),
}
