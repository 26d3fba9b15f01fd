//! Errors at the start of the local server.

use blob::BlobError;
use emulator::DatabaseError;
use std::io;
use std::net::SocketAddr;
use store::{CommitError, StoreError};
use webhook::master_keys::UnknownMasterKeyError;

/// Reason why the local server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is in use, or cannot be used.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        error: io::Error,
    },
    /// The data folder cannot be read or written.
    #[error("cannot use the data folder: {0}")]
    DataFolder(#[from] io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
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
