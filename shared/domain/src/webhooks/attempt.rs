//! Attempts to deliver an event, and their outcomes.

use crate::protected_text::ProtectedText;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The endpoint responded with 2xx.
    Delivered,
    /// The endpoint responded with any other status, including a redirect.
    #[serde(rename = "REFUSED")]
    ErrorStatus,
    /// The endpoint did not respond completely in time.
    Timeout,
    /// The connection or the TLS handshake failed, or the response was not HTTP.
    Unreachable,
    /// The address of the endpoint is not allowed (SSRF protection).
    Blocked,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Delivered, Self::ErrorStatus, Self::Timeout, Self::Unreachable, Self::Blocked];

    /// Returns the name in API responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVERED",
            Self::ErrorStatus => "REFUSED",
            Self::Timeout => "TIMEOUT",
            Self::Unreachable => "UNREACHABLE",
            Self::Blocked => "BLOCKED",
        }
    }
}

/// An attempt to deliver an event, with its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Number of the attempt, from one, continued when the delivery is resent.
    pub number: u32,
    /// Time at which the attempt started.
    pub started_at: Timestamp,
    /// Outcome of the attempt.
    pub outcome: Outcome,
    /// Status code of the response, if there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Time in milliseconds from the start of name resolution until the last byte was read.
    pub latency_ms: u64,
    /// First 1,024 bytes of the response. Protected, because the endpoint may echo personal data.
    #[serde(skip_serializing_if = "ProtectedText::is_empty", default)]
    pub response: ProtectedText,
}
