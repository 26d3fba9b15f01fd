//! Why a call is refused, in no contract's words yet.

use domain::{FieldError, FieldErrors, Scope};

/// Why a call is refused. One place gives each its status and code; each contract gives it its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something in path, query or body cannot be accepted.
    Invalid(FieldErrors),
    /// No valid key.
    Unauthorized,
    /// The body is not signed, or not with the tenant's inbound secret.
    Unsigned,
    /// The key lacks a scope.
    MissingScope(Scope),
    /// The caller may not do this; says why.
    Forbidden(String),
    /// No such thing, or not the caller's.
    NotFound(&'static str),
    /// The path knows other methods.
    MethodNotAllowed,
    /// What is asked contradicts what is; says why.
    Conflict(String),
    /// What the call made has been erased.
    Gone,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// The body is larger than so many bytes.
    TooLarge(usize),
    /// The body is encoded in a way that is not read.
    UnsupportedEncoding,
    /// The idempotency key was used with another body.
    IdempotencyMismatch,
    /// A limit is spent: so many calls, and the window's name.
    RateLimited(u64, &'static str),
    /// Something broke; the log knows what.
    Internal,
    /// Something is out of reach for the moment.
    Unavailable,
}

impl ErrorKind {
    /// A single fault of a field.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::single(field, reason))
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status_and_code().0
    }

    /// The code that the native contract and those like it name it by.
    pub fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::Invalid(_) => (400, "INVALID_REQUEST"),
            Self::Unauthorized | Self::Unsigned => (401, "UNAUTHORIZED"),
            Self::MissingScope(_) | Self::Forbidden(_) => (403, "FORBIDDEN"),
            Self::NotFound(_) => (404, "NOT_FOUND"),
            Self::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED"),
            Self::Conflict(_) => (409, "CONFLICT"),
            Self::Gone => (410, "GONE"),
            Self::PreconditionFailed => (412, "PRECONDITION_FAILED"),
            Self::TooLarge(_) => (413, "PAYLOAD_TOO_LARGE"),
            Self::UnsupportedEncoding => (415, "UNSUPPORTED_MEDIA_TYPE"),
            Self::IdempotencyMismatch => (422, "IDEMPOTENCY_MISMATCH"),
            Self::RateLimited(..) => (429, "RATE_LIMITED"),
            Self::Internal => (500, "INTERNAL"),
            Self::Unavailable => (503, "UNAVAILABLE"),
        }
    }

    /// What a person reads.
    pub fn message(&self) -> String {
        match self {
            Self::Invalid(_) => "Some of what was sent cannot be accepted.".to_owned(),
            Self::Unauthorized => "A valid API key is needed: Authorization: Bearer <key>.".to_owned(),
            Self::Unsigned => "The body must be signed with the tenant's inbound secret, which POST \
                               /v2/webhooks/inbound-secret makes: X-Signature: sha256=<HMAC-SHA256 in hexadecimal>."
                .to_owned(),
            Self::MissingScope(scope) => format!("The key lacks the scope {}.", scope.name()),
            Self::Forbidden(why) | Self::Conflict(why) => why.clone(),
            Self::NotFound(what) => format!("No such {what}."),
            Self::MethodNotAllowed => "The path does not know this method; see Allow.".to_owned(),
            Self::Gone => "What this call made has been erased.".to_owned(),
            Self::PreconditionFailed => "It has changed since: If-Match names another version.".to_owned(),
            Self::TooLarge(limit) => format!("The body is larger than {limit} bytes."),
            Self::UnsupportedEncoding => "The body must not be compressed: no Content-Encoding is read.".to_owned(),
            Self::IdempotencyMismatch => "This idempotency key was used with another body.".to_owned(),
            Self::RateLimited(limit, window) => format!("Rate limit exceeded. Max {limit} requests per {window}."),
            Self::Internal => "Something went wrong on our side.".to_owned(),
            Self::Unavailable => "The service is out of reach for a moment; try again.".to_owned(),
        }
    }

    /// The fields that cannot be accepted.
    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Invalid(field_errors) => &field_errors.0,
            _ => &[],
        }
    }

    /// Whether it is the house's own failing, of which an answer says nothing but the request id.
    pub fn is_server_error(&self) -> bool {
        matches!(self, Self::Internal | Self::Unavailable)
    }
}

impl From<FieldErrors> for ErrorKind {
    fn from(field_errors: FieldErrors) -> Self {
        Self::Invalid(field_errors)
    }
}
