//! References to signing secrets. A secret is derived from a numbered master key, so that only its reference is stored.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A reference to a signing secret: the number of its master key, and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRef {
    /// Number of the master key that the secret is derived from.
    #[serde(rename = "m")]
    pub master: u32,
    /// Version of the secret, increased by each rotation.
    #[serde(rename = "v")]
    pub version: u32,
}

/// A reference to the secret before the last rotation, with the end of the overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The secret.
    #[serde(flatten)]
    pub secret: SecretRef,
    /// End of the overlap, from which on the secret is no longer used.
    pub until: Timestamp,
}

impl PreviousSecret {
    /// Returns the secret if the overlap has not ended at `now`.
    pub fn at(self, now: Timestamp) -> Option<SecretRef> {
        (now < self.until).then_some(self.secret)
    }
}
