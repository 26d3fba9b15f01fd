//! `GET /v2/packages/{id}` and `GET /v2/packages/{id}/document`

use crate::package_links::document_link;
use crate::state::DisputesState;
use api::{ApiError, ApiResponse, Caller, Identity, PathId, require};
use axum::extract::State;
use contract::ErrorKind;
use contract::native::{document_location_json, package_json};
use domain::{Package, PackageId};

/// Returns a package, with an expiring link to its document once it is ready.
pub(crate) async fn get(
    State(state): State<DisputesState>,
    caller: Caller<require::PackagesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let package = find(&state, &caller, &id).await?;
    let link = document_link(&state, caller.environment(), &package);
    Ok(ApiResponse::ok(package_json(&package, link)).with_version(package.version))
}

/// Redirects to the document of a package. The address in payloads of webhooks: unlike an expiring link, it works whenever
/// a delivery arrives, and only for those who may read the package.
pub(crate) async fn document(
    State(state): State<DisputesState>,
    caller: Caller<require::PackagesRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let package = find(&state, &caller, &id).await?;
    let link = document_link(&state, caller.environment(), &package).ok_or_else(|| {
        let status = package.status.name();
        ErrorKind::Conflict(format!("The package has no document: its status is {status}."))
    })?;
    Ok(ApiResponse::found(&link.url, document_location_json(&link)))
}

async fn find(state: &DisputesState, caller: &Identity, id: &PathId) -> Result<Package, ApiError> {
    let id = id.parse("packageId", "package", PackageId::parse)?;
    state.api.records(caller).find(&id.simple(), "package").await
}
