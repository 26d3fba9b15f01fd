//! The headers of a contract's webhook deliveries, beside those of Standard Webhooks, which every delivery carries.

/// Header names and signature format of a contract's webhook deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookHeaderScheme {
    /// Header with the signature: HMAC-SHA256 in hexadecimal.
    pub signature: &'static str,
    /// Text before the hexadecimal digits of the signature: `sha256=`, or empty.
    pub signature_prefix: &'static str,
    /// The bytes that the signature covers.
    pub signed_content: SignedContent,
    /// Header with the event's name.
    pub event: &'static str,
    /// Header with the delivery's id.
    pub delivery: &'static str,
}

/// The bytes that a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedContent {
    /// The body.
    Body,
    /// `timestamp.body`, with the timestamp (Unix seconds) in a header of its own.
    TimestampAndBody {
        /// Header with the timestamp.
        timestamp: &'static str,
    },
}
