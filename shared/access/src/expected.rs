//! The version that a change expects to meet.

use crate::caller::Caller;
use crate::refused::Refused;

/// What `If-Match` says, if it was sent (RFC 9110, section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(Option<String>);

impl Expected {
    /// Whether something of this version may be changed.
    pub fn allows(&self, version: u64) -> bool {
        self.0.as_ref().is_none_or(|header| {
            let own = format!("\"{version}\"");
            header.split(',').map(str::trim).any(|tag| tag == "*" || tag == own)
        })
    }
}

impl<S> Caller<S> {
    /// The version that the call expects.
    pub fn expected_version(&self) -> Result<Expected, Refused> {
        Ok(Expected(self.one_header("if-match")?.map(str::to_owned)))
    }
}
