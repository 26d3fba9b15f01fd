//! Forwards events to a receiver on the developer's machine, signed as deliveries are.

use crate::error::CommandError;
use bytes::Bytes;
use domain::webhooks::attempt::Outcome;
use domain::{Contract, Timestamp};
use webhook::sender::{Sender, SenderSettings};
use webhook::signature::{self, SigningSecrets};
use webhook::signing_secret::SigningSecret;
use webhook::ssrf::TargetPolicy;
use webhook::target::Target;

/// Sends events to one URL.
pub(crate) struct Forwarder {
    target: Target,
    secrets: SigningSecrets,
    contract: Contract,
    sender: Sender,
}

impl Forwarder {
    /// Returns a forwarder to `url`, which may be on this machine or in a private network: whoever runs the command names
    /// it.
    pub(crate) fn new(url: &str, secret: SigningSecret, contract: Contract) -> Result<Self, CommandError> {
        let policy = TargetPolicy::AllowPrivate;
        let target = Target::parse(url, policy).map_err(CommandError::ForwardTo)?;
        let sender = Sender::new(SenderSettings::new(policy)).map_err(|_| CommandError::TlsUnavailable)?;
        Ok(Self { target, secrets: SigningSecrets { current: secret, previous: None }, contract, sender })
    }

    /// Sends one event and returns what the receiver answered, for people.
    pub(crate) async fn send(&self, event: &str, id: &str, payload: &str, now: Timestamp) -> String {
        let headers = signature::headers(self.contract, event, id, now.seconds(), payload.as_bytes(), &self.secrets);
        let result = self.sender.send(&self.target, &headers, Bytes::copy_from_slice(payload.as_bytes())).await;
        let millis = result.latency.as_millis();
        match (result.outcome, result.status) {
            (_, Some(status)) => format!("{status} ({millis} ms)"),
            (Outcome::Timeout, None) => format!("no response within {millis} ms"),
            (_, None) => format!("cannot reach {}", self.target.url()),
        }
    }
}
