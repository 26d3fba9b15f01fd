//! The steps of rendering.

use crate::content::PackageContent;
use crate::error::RenderError;
use crate::fit::{Fitted, fit};
use crate::prepare::prepare;
use crate::render_context::RenderContext;
use crate::rendered::{Manifest, RenderedPackage};
use domain::disputes::package::network_profile::NetworkProfile;

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
