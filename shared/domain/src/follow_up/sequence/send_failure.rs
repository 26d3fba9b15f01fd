//! Reasons why a message was not sent.

use std::fmt;

macro_rules! send_failures {
    ($($variant:ident $text:literal $doc:literal),* $(,)?) => {
        /// The reason why a message was not sent, or why it is unknown whether it was. The texts are stored with the
        /// message and shown to tenants; `docs/operations.md` lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SendFailure { $(#[doc = $doc] $variant,)* }

        impl SendFailure {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the text that is stored and shown.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

send_failures! {
    Rejected "rejected" "The provider rejected the message or its address.",
    OptedOut "opted out" "The person has opted out with the provider.",
    Blocked "blocked" "The provider does not send to this number or country.",
    NoChannel "no channel available" "The lead cannot be reached on any channel of the business.",
    Throttled "throttled" "The provider limits the rate of messages.",
    QuotaExceeded "quota used up" "A quota or spending limit of the account is used up.",
    NoConnection "no connection" "The connection to the provider failed.",
    SendingPaused "sending paused" "The account may not send messages at present.",
    NotConfigured "not configured" "A setting, a verified identity or a permission is missing.",
    ClaimExpired "claim expired before sending" "Too little time of the claim was left to send the message.",
    Timeout "timeout" "The provider received the request and did not respond in time.",
    ConnectionLost "connection lost" "The connection broke after the request was sent.",
    ProviderError "provider error" "The provider failed while processing the request.",
    Interrupted "sending interrupted" "The process that claimed the message ended without recording an outcome.",
}

impl fmt::Display for SendFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_page_lists_every_reason() {
        let page = include_str!("../../../../../docs/operations.md");
        for failure in SendFailure::ALL {
            assert!(page.contains(&format!("`{failure}`")), "{failure}");
        }
    }
}
