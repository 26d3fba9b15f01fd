//! The result of an attempt.

/// The result of an attempt to generate a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The package is ready.
    Ready,
    /// The package was erased, or belongs to another process.
    Gone,
    /// A service could not be reached: another attempt may succeed.
    Unavailable,
    /// The document was not finished in time, or rendering it panicked.
    Unfinished,
    /// No attempt can succeed, for this reason.
    Failed(String),
}
