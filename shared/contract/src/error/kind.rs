//! API errors before a contract gives them their shape.

use domain::accounts::rate_limit::WindowLength;
use domain::{FieldError, FieldErrors, Scope};

/// The reason for an error response. Status, code and message are the same in every contract; the body's shape differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Path, query or body is invalid.
    Invalid(FieldErrors),
    /// The request has no valid API key.
    Unauthorized,
    /// The body has no signature, or not one made with the tenant's inbound secret.
    Unsigned,
    /// The key lacks a scope.
    MissingScope(Scope),
    /// The caller may not do this, with the message.
    Forbidden(String),
    /// The resource does not exist, or the key may not see it; with what it is.
    NotFound(&'static str),
    /// There is nothing at the path, with the path that was probably meant.
    NoSuchPath(Option<String>),
    /// The path supports other methods.
    MethodNotAllowed,
    /// The request conflicts with the resource's state, with the message.
    Conflict(String),
    /// The resource that the request created has been erased.
    Gone,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// `If-Match` has a weak entity tag, which never matches.
    WeakEntityTag(String),
    /// The request did not arrive completely, or was not answered, in time.
    Timeout,
    /// The request line is too long.
    UriTooLong,
    /// The request's headers are too large or too many.
    HeadersTooLarge,
    /// The body exceeds the maximum, with that maximum in bytes.
    TooLarge(usize),
    /// The body has a `Content-Encoding`.
    UnsupportedEncoding,
    /// The idempotency key was used with another body.
    IdempotencyMismatch,
    /// A rate limit is exceeded.
    RateLimited {
        /// Maximum number of requests in a window.
        max: u64,
        /// Length of the window.
        window: WindowLength,
    },
    /// An unexpected error. The log has its cause.
    Internal,
    /// A dependency is temporarily unavailable.
    Unavailable,
}

impl ErrorKind {
    /// Every code.
    pub const CODES: [&str; 17] = [
        "INVALID_REQUEST",
        "UNAUTHORIZED",
        "FORBIDDEN",
        "NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "REQUEST_TIMEOUT",
        "CONFLICT",
        "GONE",
        "PRECONDITION_FAILED",
        "PAYLOAD_TOO_LARGE",
        "URI_TOO_LONG",
        "UNSUPPORTED_MEDIA_TYPE",
        "IDEMPOTENCY_MISMATCH",
        "RATE_LIMITED",
        "REQUEST_HEADERS_TOO_LARGE",
        "INTERNAL",
        "UNAVAILABLE",
    ];

    /// Returns the error for one invalid field.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::single(field, reason))
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.status_and_code().0
    }

    /// Returns the code in the bodies of the contracts that have one.
    pub fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::Invalid(_) => (400, "INVALID_REQUEST"),
            Self::Unauthorized | Self::Unsigned => (401, "UNAUTHORIZED"),
            Self::MissingScope(_) | Self::Forbidden(_) => (403, "FORBIDDEN"),
            Self::NotFound(_) | Self::NoSuchPath(_) => (404, "NOT_FOUND"),
            Self::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED"),
            Self::Timeout => (408, "REQUEST_TIMEOUT"),
            Self::Conflict(_) => (409, "CONFLICT"),
            Self::Gone => (410, "GONE"),
            Self::PreconditionFailed | Self::WeakEntityTag(_) => (412, "PRECONDITION_FAILED"),
            Self::TooLarge(_) => (413, "PAYLOAD_TOO_LARGE"),
            Self::UriTooLong => (414, "URI_TOO_LONG"),
            Self::UnsupportedEncoding => (415, "UNSUPPORTED_MEDIA_TYPE"),
            Self::IdempotencyMismatch => (422, "IDEMPOTENCY_MISMATCH"),
            Self::RateLimited { .. } => (429, "RATE_LIMITED"),
            Self::HeadersTooLarge => (431, "REQUEST_HEADERS_TOO_LARGE"),
            Self::Internal => (500, "INTERNAL"),
            Self::Unavailable => (503, "UNAVAILABLE"),
        }
    }

    /// Returns the message for people.
    pub fn message(&self) -> String {
        match self {
            // As in the native document's sample.
            Self::Invalid(_) => "The request parameters are invalid".to_owned(),
            Self::Unauthorized => "A valid API key is required: send Authorization: Bearer <key>.".to_owned(),
            Self::Unsigned => "The request body must be signed with the tenant's inbound secret, created with POST \
                               /v2/webhooks/inbound-secret: send X-Signature: sha256=<HMAC-SHA256 in hexadecimal>."
                .to_owned(),
            Self::MissingScope(scope) => format!("The API key does not have the required scope {}.", scope.name()),
            Self::Forbidden(message) | Self::Conflict(message) => message.clone(),
            Self::NotFound(resource) => format!("No such {resource}."),
            Self::NoSuchPath(None) => "No such path.".to_owned(),
            Self::NoSuchPath(Some(meant)) => format!("No such path. Did you mean {meant}?"),
            Self::MethodNotAllowed => "This path does not support this method; see the Allow header.".to_owned(),
            Self::Gone => "The resource that this request created has been erased.".to_owned(),
            Self::PreconditionFailed => {
                "The resource has changed: If-Match does not match its current ETag.".to_owned()
            }
            Self::WeakEntityTag(tag) => {
                let strong = tag.trim_start_matches("W/");
                format!(
                    "If-Match compares strongly, so the weak entity tag {tag} never matches: send {strong}, as ETag \
                     returned it. Proxies that compress responses add W/."
                )
            }
            Self::Timeout => "The request took too long. Try again.".to_owned(),
            Self::UriTooLong => "The path and query are too long.".to_owned(),
            Self::HeadersTooLarge => "The request has too many headers, or headers that are too large.".to_owned(),
            Self::TooLarge(max) => format!("The request body is larger than the maximum of {max} bytes."),
            Self::UnsupportedEncoding => {
                "The request body must not be compressed: Content-Encoding is not supported.".to_owned()
            }
            Self::IdempotencyMismatch => {
                "This idempotency key was already used with a different request body.".to_owned()
            }
            // As in the Revenue Defenders document's sample.
            Self::RateLimited { max, window } => {
                format!("Rate limit exceeded. Max {max} requests per {}.", window.name())
            }
            Self::Internal => "An internal error occurred.".to_owned(),
            Self::Unavailable => "The service is temporarily unavailable. Try again later.".to_owned(),
        }
    }

    /// Returns the invalid fields, none for other errors.
    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Invalid(field_errors) => &field_errors.0,
            _ => &[],
        }
    }

    /// Returns whether the error is the server's: its body holds the request id and no cause.
    pub fn is_server_error(&self) -> bool {
        matches!(self, Self::Internal | Self::Unavailable)
    }
}

impl From<FieldErrors> for ErrorKind {
    fn from(field_errors: FieldErrors) -> Self {
        Self::Invalid(field_errors)
    }
}
