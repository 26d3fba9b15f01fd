//! The master keys of a local house: kept beside its data, made once.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use webhook::master_keys::MasterKeys;

const FILE: &str = "master.json";

/// The master keys kept in `folder`, made now if there are none.
pub(crate) fn kept_in(folder: &Path) -> io::Result<MasterKeys> {
    let file = folder.join(FILE);
    match fs::read_to_string(&file) {
        Ok(text) => MasterKeys::parse(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(io::Error::other)?;
            let keys = MasterKeys::first(bytes);
            write_private(&file, &keys.reveal())?;
            Ok(keys)
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner reads: whole or not at all.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".new");
    let _ = fs::remove_file(&unfinished);
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    fs::rename(&unfinished, file)
}
