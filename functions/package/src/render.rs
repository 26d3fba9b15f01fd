//! Rendering on a thread of its own, within a time limit, and what is kept of the result.

use crate::PackageHandler;
use crate::files::StoredFiles;
use crate::outcome::Outcome;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::disputes::package::{PackageDocument, PackageExhibit, ShownAs};
use domain::file::FileHash;
use evidence_package::{ManifestExhibit, PackageContent, RenderContext, RenderError, RenderedPackage, Shown};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time after which rendering is told to stop. The function's timeout is 160 seconds, of which reading and storing take
/// some.
pub const RENDER_TIMEOUT: Duration = Duration::from_secs(110);

/// Time in which rendering ends after it was told to. A step that takes longer is abandoned with its thread.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// A function that renders a document.
pub type Renderer = Arc<
    dyn Fn(&PackageContent, NetworkProfile, &RenderContext<'_>) -> Result<RenderedPackage, RenderError> + Send + Sync,
>;

/// Returns the renderer of PDF documents.
pub fn renderer() -> Renderer {
    Arc::new(evidence_package::render)
}

/// The result of rendering.
pub(crate) enum RenderOutcome {
    /// The document.
    Rendered(Box<RenderedPackage>),
    /// There is no document.
    Ended(Outcome),
}

/// Tells rendering to stop when it is dropped, as with a future that nobody waits for any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl PackageHandler {
    /// Renders the document of `content`.
    pub(crate) async fn render(
        &self,
        content: Arc<PackageContent>,
        profile: NetworkProfile,
        files: StoredFiles,
    ) -> RenderOutcome {
        let renderer = Arc::clone(&self.dependencies.renderer);
        let stopped = Arc::new(AtomicBool::new(false));
        let _stop = StopOnDrop(Arc::clone(&stopped));
        let package = content.package;
        let rendering = tokio::task::spawn_blocking(move || {
            let ends_at = Instant::now() + RENDER_TIMEOUT;
            let stop = || stopped.load(Ordering::Relaxed) || Instant::now() >= ends_at;
            renderer(&content, profile, &RenderContext { files: &files, stop: &stop })
        });
        let outcome = match tokio::time::timeout(RENDER_TIMEOUT + STOP_TIMEOUT, rendering).await {
            Ok(Ok(Ok(rendered))) => return RenderOutcome::Rendered(Box::new(rendered)),
            Ok(Ok(Err(error))) => outcome_of(&error),
            // It panicked; the panic's text may quote a text of the case.
            Ok(Err(_)) | Err(_) => Outcome::Unfinished,
        };
        tracing::warn!(%package, ?outcome, "package not rendered");
        RenderOutcome::Ended(outcome)
    }
}

/// Returns what a failed rendering means for the attempt.
fn outcome_of(error: &RenderError) -> Outcome {
    match error {
        RenderError::Stopped => Outcome::Unfinished,
        RenderError::FileUnavailable { evidence, reason } => {
            tracing::warn!(%evidence, reason, "file of a package not read");
            Outcome::Unavailable
        }
        RenderError::TextsTooLong { .. } => Outcome::Failed(error.to_string()),
        RenderError::Document(reason) => {
            tracing::error!(reason, "document not written");
            Outcome::Failed(error.to_string())
        }
    }
}

/// Returns what is kept of a document that attempt number `attempt` has made.
pub(crate) fn document(rendered: &RenderedPackage, attempt: u32) -> PackageDocument {
    PackageDocument {
        pages: rendered.page_count,
        bytes: rendered.pdf.len() as u64,
        sha256: FileHash::from_bytes(Sha256::digest(&rendered.pdf).into()),
        attempt,
        exhibits: rendered.manifest.exhibits.iter().map(exhibit).collect(),
    }
}

fn exhibit(exhibit: &ManifestExhibit) -> PackageExhibit {
    let (shown, reason, explanation) = match &exhibit.shown {
        Shown::Text => (ShownAs::Text, None, None),
        Shown::Full => (ShownAs::Full, None, None),
        Shown::DownSampled => (ShownAs::DownSampled, None, None),
        Shown::FirstPages { shown, of } => {
            (ShownAs::FirstPages, None, Some(format!("pages 1 to {shown} of {of} are shown")))
        }
        Shown::Abridged { shown, of } => {
            (ShownAs::Abridged, None, Some(format!("{shown} of {of} characters are shown")))
        }
        Shown::Listed => (ShownAs::Listed, None, None),
        Shown::LeftOut(reason) => (ShownAs::LeftOut, Some(reason.name().to_owned()), Some(reason.to_string())),
    };
    let (first_page, last_page) = exhibit.pages.unzip();
    PackageExhibit {
        evidence: exhibit.evidence,
        number: exhibit.number,
        sha256: exhibit.sha256.clone(),
        first_page,
        last_page,
        shown,
        reason,
        explanation,
    }
}
