//! Loading of the numbering plans of telephone numbers at start.

use tokio::task::JoinHandle;

/// Starts to load the numbering plans on a thread of its own, while the caller connects to the database. Otherwise the
/// first call with a telephone number would load them, and hold up every other call of its thread.
pub fn load_numbering_plans() -> JoinHandle<()> {
    tokio::task::spawn_blocking(domain::leads::phone::load_numbering_plans)
}
