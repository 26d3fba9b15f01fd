//! A person's consent to receive messages.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A recorded decision of a person to receive messages or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// True if the person consented.
    pub given: bool,
    /// The consent text that the person was shown, of up to 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Time at which the decision was recorded.
    pub at: Timestamp,
}

/// A consent decision in a request. Its time is that of recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConsent {
    /// True if the person consented.
    pub given: bool,
    /// The consent text that the person was shown, of up to 2,000 characters.
    pub text: Option<String>,
}
