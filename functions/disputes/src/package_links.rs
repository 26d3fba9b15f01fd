//! Expiring links to documents, made for each response.

use crate::state::DisputesState;
use api::ApiResponse;
use blob::{BlobKey, LINK_LIFETIME};
use contract::native::{DocumentLink, linked_document};
use domain::file::FileType;
use domain::{Environment, Package};

/// Returns a link to the document of a package, if it has one.
pub(crate) fn document_link(
    state: &DisputesState,
    environment: Environment,
    package: &Package,
) -> Option<DocumentLink> {
    let document = package.document.as_ref()?;
    let (key, now) = (BlobKey::of_package(environment, package.id, document.attempt), state.api.now());
    let url = state.blobs.download_link(&key, FileType::Pdf, now);
    Some(DocumentLink { url, expires_at: now.after(LINK_LIFETIME) })
}

/// Replaces the link of a replayed response, which may have expired, by a new one, if the package still exists. All else
/// stays as it was.
pub(crate) async fn renew_link(
    state: &DisputesState,
    environment: Environment,
    first: ApiResponse,
) -> Result<ApiResponse, store::StoreError> {
    let Some(package) = linked_document(first.body()) else { return Ok(first) };
    let package = state.api.store().record::<Package>(environment, &package.simple(), state.api.now()).await?;
    Ok(match package.and_then(|package| document_link(state, environment, &package)) {
        Some(link) => first.with_fields(&link.expiring_fields()),
        None => first,
    })
}
