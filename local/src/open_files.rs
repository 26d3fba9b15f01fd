//! The number of files and sockets that the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The number of open files that the server needs: its connections, one file for each, and as many webhook requests.
const OPEN_FILES: u64 = 4_096;

/// Raises the limit of open files to what the server needs, as far as the system allows it. Many systems start processes
/// with a limit of 1,024.
pub fn raise_open_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(OPEN_FILES, |maximum| maximum.min(OPEN_FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        // If it fails, fewer connections are accepted at a time.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
    }
}
