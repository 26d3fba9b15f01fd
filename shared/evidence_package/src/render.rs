//! The steps of rendering.

use crate::content::PackageContent;
use crate::error::RenderError;
use crate::files::EvidenceFiles;
use crate::rendered::RenderedPackage;
use domain::disputes::package::network_profile::NetworkProfile;

/// Dependencies of rendering besides the content.
pub struct RenderContext<'a> {
    /// Files of the exhibits.
    pub files: &'a dyn EvidenceFiles,
    /// Returns true if rendering is to end: asked between steps that take a fraction of a second each.
    pub stop: &'a dyn Fn() -> bool,
}

/// Renders the document of `content` within the limits of `profile`. The same input gives the same bytes.
///
/// Takes seconds of processor time, and up to about 400 MB of memory besides the largest file.
pub fn render(
    content: &PackageContent,
    profile: NetworkProfile,
    context: &RenderContext<'_>,
) -> Result<RenderedPackage, RenderError> {
    if (context.stop)() {
        return Err(RenderError::Stopped);
    }
    let _ = (content, profile, context.files);
    Err(RenderError::Document("no renderer yet".to_owned()))
}
