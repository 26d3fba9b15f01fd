//! Ownership challenges: an endpoint confirms a subscription before it is stored.
//!
//! Anybody with a key may register any public URL. A subscription that asks for it is stored only if the endpoint
//! returns a random challenge: whoever controls the URL has agreed to receive events, and a mistyped URL is noticed at
//! once. The challenge goes out through the sender of deliveries, with its SSRF filter and its bounds on what a receiver
//! can influence, once: it is never repeated.

use crate::state::{VERIFICATION_TIMEOUT, WebhooksState};
use api::ApiError;
use contract::ErrorKind;
use domain::webhooks::attempt::Outcome;
use domain::{Environment, EventId, Subscription, Timestamp};
use serde_json::{Value, json};
use webhook::sender::AttemptResult;
use webhook::signature::{self, SigningSecrets};
use webhook::target::Target;

/// The type of the request, in its body and in the header that names the event of a delivery.
const VERIFICATION_TYPE: &str = "webhook.verification";

impl WebhooksState {
    /// Sends a challenge to `target`, the URL of `subscription`, and returns an error unless the endpoint returns it.
    pub(crate) async fn verify_ownership(
        &self,
        environment: Environment,
        subscription: &Subscription,
        target: &Target,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let secret = |secret| {
            let derived = self.master_keys.signing_secret(&environment, subscription.id, secret);
            derived.map_err(|error| ApiError::internal(&error.to_string()))
        };
        let secrets = SigningSecrets {
            current: secret(subscription.secret)?,
            previous: subscription.previous_secret_at(now).map(secret).transpose()?,
        };
        let id = EventId::new(now, self.api.random()?).to_string();
        let challenge = format!("{:032x}", u128::from_be_bytes(self.api.random()?));
        let body = json!({
            "id": id,
            "type": VERIFICATION_TYPE,
            "timestamp": now.to_string(),
            "webhookId": subscription.id.to_string(),
            "challenge": challenge,
        });
        let body = body.to_string();
        let headers =
            signature::headers(subscription.contract, VERIFICATION_TYPE, &id, now.seconds(), body.as_bytes(), &secrets);
        let result = self.sender()?.send(target, &headers, body.into()).await;
        tracing::info!(
            subscription = %subscription.id,
            host = target.host(),
            outcome = result.outcome.name(),
            status = result.status,
            "ownership challenge sent"
        );
        check(&result, &challenge).map_err(|reason| ErrorKind::field("url", reason).into())
    }
}

/// Checks that an endpoint has returned the challenge. The error says what it must do, and what it did.
fn check(result: &AttemptResult, challenge: &str) -> Result<(), String> {
    let seconds = VERIFICATION_TIMEOUT.as_secs();
    let found = match (result.outcome, result.status) {
        (Outcome::Delivered, _) if returns_challenge(&result.response, challenge) => return Ok(()),
        (Outcome::Delivered, _) => "its response has no such challenge".to_owned(),
        (Outcome::ErrorStatus, Some(status)) => format!("it responded with status {status}"),
        (Outcome::Timeout, _) => "it did not respond in time".to_owned(),
        (Outcome::Blocked, _) => "its address is not allowed".to_owned(),
        (Outcome::ErrorStatus | Outcome::Unreachable, _) => "it could not be reached".to_owned(),
    };
    Err(format!(
        "must confirm the subscription: the endpoint has to return the challenge of a {VERIFICATION_TYPE} request with a \
         2xx status within {seconds} seconds, and {found}"
    ))
}

/// Returns whether the body is the challenge as a text, or a JSON object with it as `challenge`.
fn returns_challenge(body: &str, challenge: &str) -> bool {
    let body = body.trim().trim_start_matches('\u{feff}');
    body == challenge
        || match serde_json::from_str(body) {
            Ok(Value::String(text)) => text == challenge,
            Ok(Value::Object(object)) => object.get("challenge").and_then(Value::as_str) == Some(challenge),
            _ => false,
        }
}
