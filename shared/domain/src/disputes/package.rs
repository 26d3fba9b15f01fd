//! Evidence packages: documents that answer a dispute. None is generated yet; their event has its form already.

pub mod network_profile;

use crate::id::{BusinessId, DisputeId, LeadId, PackageId};
use crate::time::Timestamp;

/// The status of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// Returns the name in payloads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
        }
    }
}

/// An evidence package.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Id of the package.
    pub id: PackageId,
    /// Dispute that the package answers.
    pub dispute: DisputeId,
    /// Business that the dispute is with.
    pub business: BusinessId,
    /// Lead of the dispute.
    pub lead: Option<LeadId>,
    /// Status of the package.
    pub status: PackageStatus,
    /// Expiring link to the document.
    pub document_url: Option<String>,
    /// Time of creation.
    pub created_at: Timestamp,
}
