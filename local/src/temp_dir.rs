//! Temporary data folders that are removed even if their server is killed.
//!
//! `tempfile` removes a folder when its guard is dropped, which SIGKILL prevents. The folder usually lies in memory
//! (`/dev/shm`) and would occupy it until the machine is restarted. So each start removes the folders of servers that
//! are gone. `tempfile` still creates the folder; what this module adds is the test of whether its owner is alive:
//!
//! - Each folder has a marker file, which its server keeps locked (`flock`). The kernel releases the lock with the
//!   process, however that ends. A folder whose marker can be locked has no owner.
//! - A new folder exists for a moment before its marker is locked, and another start may lock and remove it then. So
//!   whoever obtains a lock checks that the marker is still the file at that path. Whoever removes a folder holds the
//!   lock until the folder is gone, and removes the marker last, so that the rest of an interrupted removal is found.
//!   A creator that loses this race creates another folder.
//!
//! A folder without a marker, such as one given by `--data`, is never removed.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// File system in memory (Linux).
const MEMORY_FOLDER: &str = "/dev/shm";

/// Prefix of a temporary folder's name.
const NAME_PREFIX: &str = "leadhouse-";

/// Name of the marker file.
const MARKER_FILE: &str = "leadhouse.lock";

/// Name of the marker file in the folders of versions up to 0.1. Their folders are removed too.
const MARKER_FILE_BEFORE: &str = "goes-with-its-house";

/// Maximum number of folders to create until one is not removed by another start before it is locked.
const MAX_CREATE_ATTEMPTS: usize = 16;

/// A folder that is removed when this is dropped or, if the process is killed, by the next start of a server.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    _lock: File,
}

impl TempDir {
    /// Creates a folder that only its owner can read: in memory if the system supports it, otherwise in the system's
    /// folder for temporary files.
    pub fn new() -> io::Result<Self> {
        Self::create_in(Path::new(MEMORY_FOLDER)).or_else(|_| Self::create_in(&std::env::temp_dir()))
    }

    fn create_in(parent: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(NAME_PREFIX).permissions(Permissions::from_mode(0o700));
        for _ in 0..MAX_CREATE_ATTEMPTS {
            let folder = builder.tempdir_in(parent)?;
            let marker = folder.path().join(MARKER_FILE);
            File::create_new(&marker)?;
            match lock_marker(&marker) {
                Ok(Some(lock)) => return Ok(Self { path: folder.keep(), _lock: lock }),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("every new temporary folder was removed by another process"))
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // If this fails, the next start tries again.
        let _ = remove(&self.path);
    }
}

/// Removes the temporary folders of this user's servers that no longer run.
pub(crate) fn remove_orphans() {
    for parent in [Path::new(MEMORY_FOLDER), &std::env::temp_dir()] {
        remove_orphans_in(parent);
    }
}

fn remove_orphans_in(parent: &Path) {
    // The owner of this file is the user that this process runs as. There is none outside Linux.
    let Ok(process) = fs::metadata("/proc/self") else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(NAME_PREFIX));
        // `DirEntry::metadata` does not follow links: another user could place one here.
        let own = named && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == process.uid());
        if !own {
            continue;
        }
        for marker in [MARKER_FILE, MARKER_FILE_BEFORE] {
            if let Ok(Some(_lock)) = lock_marker(&entry.path().join(marker))
                && let Err(error) = remove(&entry.path())
            {
                tracing::warn!(%error, folder = %entry.path().display(), "cannot remove the data of a killed server");
            }
        }
    }
}

/// Makes `folder` persistent if it was a temporary folder.
pub(crate) fn make_persistent(folder: &Path) -> io::Result<()> {
    for marker in [MARKER_FILE, MARKER_FILE_BEFORE] {
        match fs::remove_file(folder.join(marker)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Locks a folder's marker. Returns `None` if a server holds the lock, or if the marker was removed or replaced before
/// it was locked.
fn lock_marker(marker: &Path) -> io::Result<Option<File>> {
    let file = File::open(marker)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let (locked, current) = (file.metadata()?, fs::metadata(marker)?);
    Ok(((locked.dev(), locked.ino()) == (current.dev(), current.ino())).then_some(file))
}

/// Removes a folder, its marker last.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != MARKER_FILE && entry.file_name() != MARKER_FILE_BEFORE {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates a folder as a killed server leaves it.
    fn create_orphan(parent: &Path, name: &str, marker: &str) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir_all(folder.join("files/deep")).unwrap();
        for file in [marker, "leadhouse.db", "files/deep/file"] {
            fs::write(folder.join(file), "").unwrap();
        }
        folder
    }

    #[test]
    fn only_orphaned_folders_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let orphan = create_orphan(parent.path(), "leadhouse-orphan", MARKER_FILE);
        let of_before = create_orphan(parent.path(), "leadhouse-before", MARKER_FILE_BEFORE);
        let persistent = create_orphan(parent.path(), "leadhouse-persistent", MARKER_FILE);
        make_persistent(&persistent).unwrap();
        let other = create_orphan(parent.path(), "other", MARKER_FILE);
        let live = TempDir::create_in(parent.path()).unwrap();
        assert_eq!(fs::metadata(live.path()).unwrap().permissions().mode() & 0o777, 0o700);
        remove_orphans_in(parent.path());
        assert!(!orphan.exists() && !of_before.exists());
        for remaining in [persistent.join("files/deep/file"), other.join(MARKER_FILE), live.path().join(MARKER_FILE)] {
            assert!(remaining.exists(), "{}", remaining.display());
        }
        let path = live.path().to_owned();
        drop(live);
        assert!(!path.exists(), "the folder is removed when its guard is dropped");
    }

    #[test]
    fn a_new_folder_survives_concurrent_cleanup() {
        let parent = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        remove_orphans_in(parent.path());
                        let live = TempDir::create_in(parent.path()).unwrap();
                        remove_orphans_in(parent.path());
                        assert!(live.path().join(MARKER_FILE).exists());
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
