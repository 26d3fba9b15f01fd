//! Files that hold secrets.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes `text` to `file` with mode 0600, atomically: readers see the old file or the whole new one.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".new");
    // Left by a process that was killed. `create_new` below must create the file, or it would keep the old mode.
    let _ = fs::remove_file(&unfinished);
    let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    fs::rename(&unfinished, file)
}
