//! Permissions of a data folder: the folders in it have mode 0700, the files 0600.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// The sticky bit, which folders such as `/tmp` have that many users share.
const STICKY: u32 = 0o1000;

/// Folder of the files with the keys of the demo tenants.
pub(crate) const KEYS_FOLDER: &str = "demo-keys";

/// Names of files and folders in a data folder that are the server's. It may hold others, such as a credentials file.
const OWN_NAMES: [&str; 6] = ["leadhouse.db", "master.json", "files", "parked", KEYS_FOLDER, "server.lock"];

/// Creates `folder` and what is missing above it. An existing folder stays as it is.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)
}

/// Creates an empty file, unless it exists.
pub(crate) fn create_private_file(file: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(file).map(drop)
}

/// Makes every file and folder that this process creates from now on readable by its owner only.
pub fn restrict_new_files() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Restricts the permissions of a data folder and of everything of the server's in it, whoever has created it. A folder
/// that many users share, such as `/tmp`, keeps its own.
pub(crate) fn restrict(folder: &Path) -> io::Result<()> {
    if fs::metadata(folder)?.mode() & STICKY == 0 {
        set_mode(folder, FOLDER_MODE)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // The database's name begins those of the files that SQLite keeps beside it.
        let is_own = entry.file_name().to_str().is_some_and(|name| OWN_NAMES.iter().any(|own| name.starts_with(own)));
        if is_own {
            restrict_recursively(&entry.path())?;
        }
    }
    Ok(())
}

fn restrict_recursively(path: &Path) -> io::Result<()> {
    // A link could lead anywhere, and a running server may remove a file meanwhile.
    let found = match fs::symlink_metadata(path) {
        Ok(found) if !found.is_symlink() => found,
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.is_dir() {
        return ignore_missing(set_mode(path, FILE_MODE));
    }
    ignore_missing(set_mode(path, FOLDER_MODE))?;
    for entry in fs::read_dir(path)? {
        restrict_recursively(&entry?.path())?;
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    if fs::metadata(path)?.mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn own_files_are_restricted_and_others_stay() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        fs::create_dir_all(folder.join("files/photo/L")).unwrap();
        let files = ["leadhouse.db", "leadhouse.db-wal", "master.json", "files/photo/L/1", "notes.txt"];
        for name in files {
            fs::write(folder.join(name), "").unwrap();
            fs::set_permissions(folder.join(name), Permissions::from_mode(0o644)).unwrap();
        }
        std::os::unix::fs::symlink(folder.join("notes.txt"), folder.join("files/link")).unwrap();
        for name in ["", "files", "files/photo", "files/photo/L"] {
            fs::set_permissions(folder.join(name), Permissions::from_mode(0o755)).unwrap();
        }
        restrict(&folder).unwrap();
        for name in ["", "files", "files/photo", "files/photo/L"] {
            assert_eq!(mode(&folder.join(name)), 0o700, "{name}");
        }
        let modes: Vec<_> = files.iter().map(|name| mode(&folder.join(name))).collect();
        assert_eq!(modes, [0o600, 0o600, 0o600, 0o600, 0o644]);
    }

    #[test]
    fn a_shared_folder_keeps_its_permissions() {
        let parent = tempfile::tempdir().unwrap();
        let shared = parent.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, Permissions::from_mode(0o1777)).unwrap();
        restrict(&shared).unwrap();
        assert_eq!(mode(&shared), 0o777);
    }
}
