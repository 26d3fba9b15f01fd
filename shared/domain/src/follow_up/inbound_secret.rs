//! Inbound secrets, with which a tenant signs the inbound messages that it submits.

use crate::signing_secret::{PreviousSecret, SecretRef};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The inbound secrets of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InboundSecret {
    /// Current secret.
    pub secret: SecretRef,
    /// Previous secret, which is also accepted until the overlap ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<PreviousSecret>,
    /// Time at which the current secret was created.
    pub created_at: Timestamp,
}

impl InboundSecret {
    /// Creates the first secret, derived from the master key with the number `master`.
    pub fn first(master: u32, now: Timestamp) -> Self {
        Self { secret: SecretRef { master, version: 1 }, previous: None, created_at: now }
    }

    /// Returns the secrets after a rotation at `now`. The current secret is accepted for another `overlap`.
    pub fn rotated(&self, master: u32, overlap: Duration, now: Timestamp) -> Self {
        let previous = PreviousSecret { secret: self.secret, until: now.after(overlap) };
        Self {
            secret: SecretRef { master, version: self.secret.version + 1 },
            previous: (!overlap.is_zero()).then_some(previous),
            created_at: now,
        }
    }

    /// Returns the previous secret if the overlap of the last rotation has not ended at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<SecretRef> {
        self.previous.and_then(|previous| previous.at(now))
    }
}
