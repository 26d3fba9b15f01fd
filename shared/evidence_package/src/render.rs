//! The steps of rendering.

use crate::content::PackageContent;
use crate::error::RenderError;
use crate::files::EvidenceFiles;
use crate::fit::{Fitted, fit};
use crate::prepare::prepare;
use crate::rendered::{Manifest, RenderedPackage};
use domain::disputes::package::network_profile::NetworkProfile;

/// Dependencies of rendering besides the content.
pub struct RenderContext<'a> {
    /// Files of the exhibits.
    pub files: &'a dyn EvidenceFiles,
    /// Returns true if rendering is to end: asked between steps that take a fraction of a second each.
    pub stop: &'a dyn Fn() -> bool,
}

impl RenderContext<'_> {
    /// Fails if rendering is to end.
    pub(crate) fn check_stop(&self) -> Result<(), RenderError> {
        if (self.stop)() { Err(RenderError::Stopped) } else { Ok(()) }
    }
}

/// Renders the document of `content` within the limits of `profile`. The same input gives the same bytes.
pub fn render(
    content: &PackageContent,
    profile: NetworkProfile,
    context: &RenderContext<'_>,
) -> Result<RenderedPackage, RenderError> {
    context.check_stop()?;
    let prepared = prepare(content, profile.budget(), context)?;
    let Fitted { pdf, composition } = fit(content, &prepared, profile, context)?;
    let page_count = composition.page_count();
    let manifest = Manifest { exhibits: composition.manifest, sources: content.sources.clone() };
    Ok(RenderedPackage { pdf, page_count, manifest })
}
