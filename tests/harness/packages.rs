//! Evidence packages: disputes with evidence, renderers without a document, and finished packages.

use super::{Caller, EFFECT_TIMEOUT, eventually, options, text};
use domain::accounts::rate_limit::Limits;
use domain::disputes::package::network_profile::NetworkProfile;
use evidence_package::{Manifest, ManifestExhibit, PackageContent, RenderContext, RenderError, RenderedPackage, Shown};
use local::{LocalServer, ServerOptions};
use package::Renderer;
use serde_json::{Value, json};
use std::sync::Arc;

/// Returns a dispute as lists and changes show it: without what only the response for one dispute adds. Other resources
/// stay as they are.
pub(crate) fn without_case(mut resource: Value) -> Value {
    if let Some(fields) = resource.as_object_mut() {
        for name in ["evidenceChecklist", "packages"] {
            fields.remove(name);
        }
    }
    resource
}

/// Returns the document of a renderer for tests: a line for each exhibit, with the bytes of its file.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a renderer")]
pub(crate) fn plain_document(
    content: &PackageContent,
    profile: NetworkProfile,
    context: &RenderContext<'_>,
) -> Result<RenderedPackage, RenderError> {
    let mut pdf = format!("%PDF-1.7\n{}\n", profile.name()).into_bytes();
    let mut exhibits = Vec::new();
    for (number, exhibit) in (1..).zip(&content.exhibits) {
        let file = exhibit.file.as_ref().and_then(|_| context.files.read(exhibit.evidence).ok());
        pdf.extend(format!("{} {}\n", exhibit.evidence, exhibit.description.as_deref().unwrap_or_default()).bytes());
        pdf.extend(file.iter().flatten());
        exhibits.push(ManifestExhibit {
            number,
            evidence: exhibit.evidence,
            sha256: exhibit.file.as_ref().map(|file| file.sha256.clone()),
            bytes: file.as_ref().map(|file| file.len() as u64),
            pages: Some((2, 2)),
            shown: if file.is_some() { Shown::Full } else { Shown::Text },
        });
    }
    pdf.extend(content.timeline.iter().flat_map(|entry| entry.text.clone().unwrap_or_default().into_bytes()));
    Ok(RenderedPackage { pdf, page_count: 2, manifest: Manifest { exhibits, sources: content.sources.clone() } })
}

/// Returns the renderer for tests.
pub(crate) fn plain_renderer() -> Renderer {
    Arc::new(plain_document)
}

/// Starts a server that renders with `renderer`, in which an hour passes in a second.
pub(crate) async fn server_with(renderer: Renderer) -> LocalServer {
    let options = ServerOptions {
        package_renderer: Some(renderer),
        speedup: 3_600.0,
        demo_limits: Some(Limits::UNLIMITED),
        ..options()
    };
    LocalServer::start(options).await.unwrap()
}

/// Requests a package of the dispute at this path, and returns it.
pub(crate) async fn request(caller: &Caller, dispute: &str, body: Value) -> Value {
    caller.post(&format!("{dispute}/packages"), body).await.expect(201)
}

/// Opens a dispute, with these fields added, and returns its path.
pub(crate) async fn dispute(caller: &Caller, more: Value) -> String {
    let mut body = json!({ "reason": "NOT_AS_DESCRIBED", "amountCents": 48_500 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = caller.post("/v2/disputes", body).await.expect(201);
    format!("/v2/disputes/{}", text(&made, "id"))
}

/// Adds evidence without a file to the dispute at `path`, and returns it.
pub(crate) async fn add_evidence(caller: &Caller, path: &str, description: &str) -> Value {
    let dispute = path.rsplit('/').next().unwrap();
    let body = json!({ "category": "CONTRACT", "disputeId": dispute, "description": description });
    caller.post("/v2/evidence", body).await.expect(201)
}

/// Waits until a package is finished, and returns it.
pub(crate) async fn finished(caller: &Caller, package: &Value) -> Value {
    let path = format!("/v2/packages/{}", text(package, "id"));
    eventually(2 * EFFECT_TIMEOUT, "the package is finished", || async {
        let shown = caller.get(&path).await.expect(200);
        (shown["status"] != "PENDING").then_some(shown)
    })
    .await
}
