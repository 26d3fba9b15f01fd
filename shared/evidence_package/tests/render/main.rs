//! Renders cases of all kinds, and reads the documents with other programs.

mod cases;
mod document;
mod files;
mod limits;
mod tools;

use cases::Case;
use domain::disputes::package::network_profile::NetworkProfile;
use evidence_package::{RenderContext, RenderedPackage, render};

/// Returns the package of a case, which is within the limits of the profile.
fn rendered(case: &Case, profile: NetworkProfile) -> RenderedPackage {
    let context = RenderContext { files: &case.files, stop: &|| false };
    let package = render(&case.content, profile, &context).expect("a package");
    let budget = profile.budget();
    assert!(package.page_count <= budget.max_pages, "{} pages for {profile:?}", package.page_count);
    assert!(package.pdf.len() as u64 <= budget.max_bytes, "{} bytes for {profile:?}", package.pdf.len());
    assert_eq!(package.manifest.exhibits.len(), case.content.exhibits.len());
    package
}
