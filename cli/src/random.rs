//! Random bytes for ids.

use crate::CommandError;
use domain::id::RandomBytes;

/// Returns random bytes for an id.
pub(crate) fn random_bytes() -> Result<RandomBytes, CommandError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| CommandError::Random)?;
    Ok(bytes)
}
