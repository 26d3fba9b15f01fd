//! The master keys of a local server, kept in its data folder.

use crate::{StartError, write_private};
use std::path::Path;
use std::{fs, io};
use webhook::master_keys::MasterKeys;

const FILE_NAME: &str = "master.json";

/// Returns the master keys in `folder`, creating them if there are none.
pub(crate) fn load_or_create(folder: &Path) -> Result<MasterKeys, StartError> {
    let file = folder.join(FILE_NAME);
    load_or_create_file(&file).map_err(|error| StartError::DataFolder { path: file, error })
}

fn load_or_create_file(file: &Path) -> io::Result<MasterKeys> {
    match fs::read_to_string(file) {
        Ok(text) => MasterKeys::parse(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(io::Error::other)?;
            let keys = MasterKeys::first(bytes);
            write_private(file, &keys.reveal())?;
            Ok(keys)
        }
        Err(error) => Err(error),
    }
}
