//! Evidence packages: documents that answer a dispute.
//!
//! A package is work until it is `READY` or `FAILED`. It is generated in attempts: each is claimed before it begins, so
//! that two processes do not generate the same package, and counted by its claim, so that a package that ends its
//! process (it takes too much memory) is not tried for ever. A claim that has run out belongs to a process that is gone.

mod document;
pub mod network_profile;

pub use document::{MAX_EXHIBITS, PackageDocument, PackageExhibit, ShownAs};

use crate::disputes::dispute::Dispute;
use crate::disputes::package::network_profile::NetworkProfile;
use crate::id::{BusinessId, DisputeId, LeadId, PackageId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Maximum number of attempts to generate a package: with the pauses between them these take about three hours, longer than
/// most outages of a storage.
pub const MAX_PACKAGE_ATTEMPTS: u32 = 6;

/// Maximum number of attempts that may end because the time was over or the process ended: the second only tells whether
/// the first was bad luck.
pub const MAX_UNFINISHED_ATTEMPTS: u32 = 3;

/// Duration of a claim: longer than the function's timeout of 160 seconds, so that no claim ends while its process works.
pub const PACKAGE_CLAIM_DURATION: Duration = Duration::from_secs(170);

/// Pause after the first failed attempt. Each further one is four times as long.
const FIRST_RETRY_DELAY: Duration = Duration::from_secs(30);

/// The status of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PackageStatus {
    /// The document is being generated.
    Pending,
    /// The document can be downloaded.
    Ready,
    /// The document could not be generated.
    Failed,
}

impl PackageStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Ready, Self::Failed];

    /// Returns the name in API responses and payloads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
        }
    }
}

/// A stored evidence package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Id of the package, derived from what it shows.
    pub id: PackageId,
    /// Dispute that the package answers.
    pub dispute: DisputeId,
    /// Business that the dispute is with.
    pub business: BusinessId,
    /// Lead of the dispute. Erasing the lead erases the package.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lead: Option<LeadId>,
    /// Profile whose limits the document keeps.
    pub profile: NetworkProfile,
    /// Status of the package.
    pub status: PackageStatus,
    /// Number of attempts that were begun.
    pub attempts: u32,
    /// Number of attempts of which nothing is known but that they did not end in time.
    #[serde(default)]
    pub unfinished: u32,
    /// Time at which the next attempt is due; absent when the package is finished.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// Time at which the claim of the attempt in progress ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claimed_until: Option<Timestamp>,
    /// Reason why the document could not be generated: a sentence for the people who asked for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// The document, once it is ready.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub document: Option<PackageDocument>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Time at which the package expires: not later than anything that it shows.
    pub expires_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

/// A package that is finished, as subscribers are notified of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FinishedPackage {
    /// The package.
    pub package: Package,
    /// Address of the document, which answers callers with a key that may read it; `None` if there is no document.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub document_url: Option<String>,
}

/// The reason why a package cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotClaimable {
    /// It is finished, another process is at it, or the attempt has been made.
    Stale,
    /// No further attempt is made: it is to be recorded as failed.
    Exhausted,
}

impl Package {
    /// Creates a package of `dispute` that is to be generated, at `now`.
    pub fn new(
        id: PackageId,
        dispute: &Dispute,
        profile: NetworkProfile,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            dispute: dispute.id,
            business: dispute.business,
            lead: dispute.lead,
            profile,
            status: PackageStatus::Pending,
            attempts: 0,
            unfinished: 0,
            due_at: Some(now),
            claimed_until: None,
            failure: None,
            document: None,
            created_at: now,
            updated_at: now,
            expires_at,
            version: 1,
        }
    }

    /// Returns the id of the package number `generation` of what `fingerprint` stands for. A further one is made only after
    /// the one before has failed.
    pub fn id_of(dispute: DisputeId, fingerprint: &str, generation: u32) -> PackageId {
        let generation = generation.to_be_bytes();
        PackageId::derived(&[b"package", dispute.bytes(), fingerprint.as_bytes(), &generation])
    }

    fn changed_at(&self, now: Timestamp) -> Self {
        Self { updated_at: now.max(self.updated_at), version: self.version + 1, ..self.clone() }
    }

    /// Returns the package whose attempt number `attempt`, from one, is claimed at `now`.
    pub fn claimed(&self, attempt: u32, now: Timestamp) -> Result<Self, NotClaimable> {
        let is_open = self.claimed_until.is_some_and(|until| until > now);
        if self.status != PackageStatus::Pending || is_open || attempt != self.attempts + 1 {
            return Err(NotClaimable::Stale);
        }
        // A claim that has run out was not given back: its process has ended.
        let unfinished = self.unfinished + u32::from(self.claimed_until.is_some());
        if unfinished >= MAX_UNFINISHED_ATTEMPTS || self.attempts >= MAX_PACKAGE_ATTEMPTS {
            return Err(NotClaimable::Exhausted);
        }
        let claimed_until = Some(now.after(PACKAGE_CLAIM_DURATION));
        Ok(Self { attempts: attempt, unfinished, claimed_until, due_at: claimed_until, ..self.changed_at(now) })
    }

    /// Returns the package whose claim is given up, because its process is known to have ended: the attempt does not count.
    pub fn released(&self, now: Timestamp) -> Self {
        let attempts = self.attempts.saturating_sub(1);
        Self { attempts, claimed_until: None, due_at: Some(now), ..self.changed_at(now) }
    }

    /// Returns the package after a failed attempt that another may follow, at `due_at`. `unfinished` counts the attempts
    /// that did not end in time.
    pub fn postponed(&self, due_at: Timestamp, unfinished: u32, now: Timestamp) -> Self {
        Self { claimed_until: None, due_at: Some(due_at), unfinished, ..self.changed_at(now) }
    }

    /// Returns the pause before the next attempt.
    pub fn retry_delay(&self) -> Duration {
        FIRST_RETRY_DELAY * 4_u32.saturating_pow(self.attempts.saturating_sub(1))
    }

    /// Returns the package with its document.
    pub fn ready(&self, document: PackageDocument, expires_at: Timestamp, now: Timestamp) -> Self {
        Self {
            status: PackageStatus::Ready,
            due_at: None,
            claimed_until: None,
            document: Some(document),
            expires_at: expires_at.min(self.expires_at),
            ..self.changed_at(now)
        }
    }

    /// Returns the package that could not be generated for `reason`, a sentence.
    pub fn failed(&self, reason: String, now: Timestamp) -> Self {
        Self {
            status: PackageStatus::Failed,
            due_at: None,
            claimed_until: None,
            failure: Some(reason),
            ..self.changed_at(now)
        }
    }
}

#[cfg(test)]
mod tests;
