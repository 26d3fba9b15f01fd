//! Random bytes.

use crate::CommandError;
use domain::id::RandomBytes;

/// Returns random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], CommandError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CommandError::Random)?;
    Ok(bytes)
}

/// Returns random bytes for an id.
pub(crate) fn random_bytes() -> Result<RandomBytes, CommandError> {
    bytes()
}
