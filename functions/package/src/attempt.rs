//! One attempt to generate a package.

use crate::files::StoredFiles;
use crate::outcome::Outcome;
use crate::render::{RenderOutcome, document};
use crate::{Dependencies, NO_DISPUTE, PackageHandler, content};
use blob::{BlobError, BlobKey};
use domain::disputes::case::DisputeCase;
use domain::file::FileType;
use domain::{Dispute, Environment, Package};
use evidence_package::RenderedPackage;
use std::sync::Arc;
use store::{CommitError, Condition, StoreError};

/// Maximum number of documents that one attempt makes, because evidence was erased while the one before was made.
const MAX_DOCUMENTS: usize = 3;

/// The reason why an attempt was broken off by a service.
#[derive(Debug, thiserror::Error)]
enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// The result of making a document.
enum DocumentOutcome {
    /// The attempt has ended.
    Ended(Outcome),
    /// Something was erased meanwhile: the document is to be made anew.
    Outdated,
}

impl PackageHandler {
    /// Makes an attempt that has been claimed.
    pub(crate) async fn attempt(&self, environment: Environment, claimed: &Package) -> Outcome {
        for _ in 0..MAX_DOCUMENTS {
            match self.make_document(environment, claimed).await {
                Ok(DocumentOutcome::Ended(outcome)) => return outcome,
                Ok(DocumentOutcome::Outdated) => {}
                Err(error) => {
                    tracing::warn!(package = %claimed.id, %error, "package not generated; it is tried again");
                    return Outcome::Unavailable;
                }
            }
        }
        Outcome::Unavailable
    }

    async fn make_document(
        &self,
        environment: Environment,
        claimed: &Package,
    ) -> Result<DocumentOutcome, ServiceError> {
        let Dependencies { store, blobs, clock, .. } = &*self.dependencies;
        let now = clock.now();
        let dispute = store.record::<Dispute>(environment, &claimed.dispute.simple(), now).await?;
        let Some(dispute) = dispute else {
            return Ok(DocumentOutcome::Ended(Outcome::Failed(NO_DISPUTE.to_owned())));
        };
        let Some(case) = store.dispute_case(environment, dispute, now).await? else {
            return Ok(DocumentOutcome::Ended(Outcome::Failed(NO_DISPUTE.to_owned())));
        };
        if !store.bind_package(environment, claimed, &case.leads()).await? {
            return self.after_conflict(environment, claimed).await;
        }
        let content = Arc::new(content::package_content(&case, claimed, now));
        let files = StoredFiles::new(blobs.clone(), environment);
        let rendered = match self.render(Arc::clone(&content), claimed.profile, files).await {
            RenderOutcome::Rendered(rendered) => rendered,
            RenderOutcome::Ended(outcome) => return Ok(DocumentOutcome::Ended(outcome)),
        };
        self.finish(environment, claimed, &case, *rendered).await
    }

    /// Stores a document, and makes the package ready if nothing that it shows was erased.
    async fn finish(
        &self,
        environment: Environment,
        claimed: &Package,
        case: &DisputeCase,
        rendered: RenderedPackage,
    ) -> Result<DocumentOutcome, ServiceError> {
        let Dependencies { store, blobs, clock, .. } = &*self.dependencies;
        let key = BlobKey::of_package(environment, claimed.id, claimed.attempts);
        let document = document(&rendered, claimed.attempts);
        blobs.put(&key, FileType::Pdf, rendered.pdf.into()).await?;
        if !store.has_whole_case(environment, case).await? {
            return self.after_conflict(environment, claimed).await;
        }
        let ready = claimed.ready(document, case.expires_at(), clock.now());
        let writes = store.finish_package(environment, &ready, claimed.version, case)?;
        match store.commit(writes).await {
            Ok(()) => {
                // Those of attempts that ended before they could record them.
                for attempt in 1..claimed.attempts {
                    blobs.delete(&BlobKey::of_package(environment, claimed.id, attempt)).await?;
                }
                Ok(DocumentOutcome::Ended(Outcome::Ready))
            }
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::ConditionFailed { condition: Condition::Unchanged, .. }) => {
                self.after_conflict(environment, claimed).await
            }
            Err(CommitError::ConditionFailed { .. } | CommitError::IdempotencyConflict) => {
                Ok(DocumentOutcome::Outdated)
            }
        }
    }

    /// Returns whether the document is to be made anew. If the package was erased, or is another process's, what this
    /// attempt has stored is deleted.
    async fn after_conflict(
        &self,
        environment: Environment,
        claimed: &Package,
    ) -> Result<DocumentOutcome, ServiceError> {
        let Dependencies { store, blobs, clock, .. } = &*self.dependencies;
        let found = store.record::<Package>(environment, &claimed.id.simple(), clock.now()).await?;
        match found {
            Some(found) if found.version == claimed.version => return Ok(DocumentOutcome::Outdated),
            // This very attempt is recorded, and only its response was lost.
            Some(found) if found.document.as_ref().is_some_and(|document| document.attempt == claimed.attempts) => {
                return Ok(DocumentOutcome::Ended(Outcome::Ready));
            }
            _ => {}
        }
        blobs.delete(&BlobKey::of_package(environment, claimed.id, claimed.attempts)).await?;
        Ok(DocumentOutcome::Ended(Outcome::Gone))
    }
}
