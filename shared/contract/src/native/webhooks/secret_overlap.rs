//! The overlap of two secrets in a rotation.

use crate::fields::Fields;
use domain::FieldErrors;
use std::time::Duration;

/// Seconds for which the previous secret stays valid if the request does not say: 24 hours.
const DEFAULT_OVERLAP: Duration = Duration::from_hours(24);

/// Maximum overlap in seconds: seven days.
const MAX_OVERLAP: i64 = 7 * 24 * 60 * 60;

/// Parses `overlapSeconds`: how long the previous secret stays valid after a rotation.
pub fn parse_secret_overlap(fields: Fields<'_>) -> Result<Duration, FieldErrors> {
    let mut fields = fields.with_blank_values();
    let overlap = read_secret_overlap(&mut fields);
    fields.finish()?;
    Ok(overlap.unwrap_or(DEFAULT_OVERLAP))
}

/// Reads `overlapSeconds`.
pub(super) fn read_secret_overlap(fields: &mut Fields<'_>) -> Option<Duration> {
    let seconds = fields.integer("overlapSeconds", 0..=MAX_OVERLAP)?;
    Some(Duration::from_secs(seconds.unsigned_abs()))
}
