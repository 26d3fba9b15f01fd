//! What is wrong with an input: the field and what would be accepted.

/// One field of an input that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the caller wrote it, dotted for nested ones (`utm.source`).
    pub field: String,
    /// What would be accepted, as a sentence fragment that follows the field's name.
    pub reason: String,
}

impl FieldError {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Every fault that one reading of an input found; never empty when it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// A single fault.
    pub fn single(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self(vec![FieldError::new(field, reason)])
    }
}
