//! References to pages.

/// The pages on which things are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct References {
    /// First page of the timeline.
    pub(crate) timeline: Option<u32>,
    /// First page of the exhibits.
    pub(crate) exhibits_start: Option<u32>,
    /// First page of the manifest.
    pub(crate) manifest: Option<u32>,
    /// First and last page of each exhibit.
    pub(crate) exhibits: Vec<Option<(u32, u32)>>,
}

/// Returns a reference to an exhibit such as "Exhibit 3, page 7".
pub(crate) fn exhibit_reference(index: usize, references: &References) -> String {
    match references.exhibits.get(index) {
        Some(Some((page, _))) => format!("Exhibit {}, page {page}", index + 1),
        _ => format!("Exhibit {}, not shown", index + 1),
    }
}
