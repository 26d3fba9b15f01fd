//! The lock of a data folder: two servers on one folder would send everything twice.
//!
//! The kernel releases a file lock (`flock`) with the process that holds it, however that ends, so the lock cannot be
//! left behind. The file holds the process id of its holder, and stays when that ends. The operator's commands need no
//! lock: what they write are single transactions.

use crate::StartError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FILE_NAME: &str = "server.lock";

/// A held lock, released when this is dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Locks `folder` for this process. Fails with the id of the process that holds the lock, if another one does.
    pub(crate) fn acquire(folder: &Path) -> Result<Self, StartError> {
        let path = folder.join(FILE_NAME);
        let failed = |error| StartError::DataFolder { path: path.clone(), error };
        let mut open = OpenOptions::new();
        let mut file =
            open.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may not have written its id yet.
                let _ = file.take(20).read_to_string(&mut holder);
                return Err(StartError::DataFolderInUse {
                    path: folder.to_owned(),
                    process: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(failed)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_server_learns_who_holds_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::acquire(folder.path()).unwrap();
        let error = FolderLock::acquire(folder.path()).expect_err("locked").to_string();
        let process = format!("process {}", std::process::id());
        assert!(error.contains(&process) && error.contains(folder.path().to_str().unwrap()), "{error}");
        drop(lock);
        FolderLock::acquire(folder.path()).unwrap();
    }
}
