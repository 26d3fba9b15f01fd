//! Folders that go with their house.
//!
//! A house that is killed takes nothing with it: the next start removes what it left, which lies in memory. Whether a
//! house lives is told by the lock on a mark in its folder, which the system lets go of with the process. Whoever
//! takes the lock then makes sure that the mark is still in its place, and whoever removes a folder holds the lock
//! until it is gone: so of a house that starts and another that clears up, either gives way to the other.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Files that lie in memory (Linux).
const MEMORY: &str = "/dev/shm";

/// What a folder's name begins with.
const PREFIX: &str = "leadhouse-";

/// The mark in a folder that goes with its house.
const MARK: &str = "goes-with-its-house";

/// How often a folder is made that another start removes before it is locked.
const TRIES: usize = 16;

/// A folder that is removed when this is dropped, or by the next start of a house once this process is gone.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    _alive: File,
}

impl TempDir {
    /// A new folder that only its owner reads: in memory where the system has a place for that.
    pub fn new() -> io::Result<Self> {
        Self::within(Path::new(MEMORY)).or_else(|_| Self::within(&std::env::temp_dir()))
    }

    fn within(place: &Path) -> io::Result<Self> {
        let mut folder = tempfile::Builder::new();
        folder.prefix(PREFIX).permissions(Permissions::from_mode(0o700));
        for _ in 0..TRIES {
            let made = folder.tempdir_in(place)?;
            let mark = made.path().join(MARK);
            File::create_new(&mark)?;
            match alone(&mark) {
                Ok(Some(alive)) => return Ok(Self { path: made.keep(), _alive: alive }),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("others remove every new folder"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be removed now is left to the next start.
        let _ = remove(&self.path);
    }
}

/// Removes the folders of houses that are gone. Those of other users are left to them.
pub(crate) fn clear_up() {
    for place in [Path::new(MEMORY), &std::env::temp_dir()] {
        clear_up_in(place);
    }
}

fn clear_up_in(place: &Path) {
    // Asked of a file of this user's own, where the system has one.
    let Ok(me) = fs::metadata("/proc/self") else { return };
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // Not followed where it is a link: what another user can put in its place is not touched.
        let mine = named && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == me.uid());
        if !mine {
            continue;
        }
        if let Ok(Some(_lock)) = alone(&entry.path().join(MARK))
            && let Err(error) = remove(&entry.path())
        {
            tracing::warn!(%error, folder = %entry.path().display(), "what a house left cannot be removed");
        }
    }
}

/// Keeps `folder`, if it once went with a house.
pub(crate) fn keep(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(MARK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The lock of a folder by its mark, unless a house holds it or the mark is no longer there.
fn alone(mark: &Path) -> io::Result<Option<File>> {
    let file = File::open(mark)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let (held, there) = (file.metadata()?, fs::metadata(mark)?);
    Ok(((held.dev(), held.ino()) == (there.dev(), there.ino())).then_some(file))
}

/// Removes a folder, its mark last: what a kill leaves of it is still marked.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != MARK {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder as a house leaves it that is killed.
    fn left_behind(place: &Path, name: &str) -> PathBuf {
        let folder = place.join(name);
        fs::create_dir_all(folder.join("files/deep")).unwrap();
        for file in [MARK, "leadhouse.db", "files/deep/file"] {
            fs::write(folder.join(file), "").unwrap();
        }
        folder
    }

    #[test]
    fn what_a_house_left_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let left = left_behind(place.path(), "leadhouse-left");
        let kept = left_behind(place.path(), "leadhouse-kept");
        keep(&kept).unwrap();
        let others = left_behind(place.path(), "others");
        let lives = TempDir::within(place.path()).unwrap();
        assert_eq!(fs::metadata(lives.path()).unwrap().permissions().mode() & 0o777, 0o700);
        clear_up_in(place.path());
        assert!(!left.exists());
        for stays in [kept.join("files/deep/file"), others.join(MARK), lives.path().join(MARK)] {
            assert!(stays.exists(), "{}", stays.display());
        }
        let path = lives.path().to_owned();
        drop(lives);
        assert!(!path.exists(), "a house that ends takes its folder with it");
    }

    #[test]
    fn a_house_that_starts_while_others_clear_up_keeps_its_folder() {
        let place = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        clear_up_in(place.path());
                        let house = TempDir::within(place.path()).unwrap();
                        clear_up_in(place.path());
                        assert!(house.path().join(MARK).exists());
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
