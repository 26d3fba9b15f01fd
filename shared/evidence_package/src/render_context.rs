//! Dependencies of rendering.

use crate::error::RenderError;
use crate::files::EvidenceFiles;

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
