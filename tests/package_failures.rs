//! Packages whose renderer fails: tried again, or `FAILED` with a reason.

use crate::harness::packages::{dispute, finished, plain_document, request, server_with};
use crate::harness::{Caller, DELIVERY_TIMEOUT, Receiver, text};
use evidence_package::RenderError;
use package::Renderer;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Renders with `fail` as often as it returns an error, then as for tests.
fn failing(fail: impl Fn(usize) -> Option<RenderError> + Send + Sync + 'static) -> Renderer {
    let calls = AtomicUsize::new(0);
    Arc::new(move |content, profile, context| match fail(calls.fetch_add(1, Ordering::Relaxed)) {
        Some(error) => Err(error),
        None => plain_document(content, profile, context),
    })
}

fn unavailable() -> RenderError {
    let evidence = domain::EvidenceId::derived(&[b"e"]);
    RenderError::FileUnavailable { evidence, reason: "it is out of reach".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_failures_are_tried_again() {
    for errors in [vec![unavailable(); 3], vec![RenderError::Stopped; 2]] {
        let server = server_with(failing(move |call| errors.get(call).cloned())).await;
        let native = Caller::native(&server);
        let dispute = dispute(&native, json!({})).await;
        let package = finished(&native, &request(&native, &dispute, json!({})).await).await;
        assert_eq!(package["status"], "READY");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_failures_have_a_reason() {
    let too_long = RenderError::TextsTooLong { profile: "SAFEST", pages: 40, bytes: 9 };
    let cases: [(Renderer, &str); 4] = [
        (failing(move |_| Some(too_long.clone())), "take 40 pages"),
        (failing(|_| Some(unavailable())), "could not be read for several hours"),
        (failing(|_| Some(RenderError::Stopped)), "within the time and memory"),
        (Arc::new(|_, _, _| panic!("as a defect of a decoder does")), "within the time and memory"),
    ];
    for (renderer, expected) in cases {
        let server = server_with(renderer).await;
        let native = Caller::native(&server);
        let receiver = Receiver::new().await;
        native.post("/v2/webhooks", json!({ "url": receiver.url, "events": ["package.generated"] })).await.expect(201);
        let dispute = dispute(&native, json!({})).await;
        let package = finished(&native, &request(&native, &dispute, json!({})).await).await;
        assert_eq!(package["status"], "FAILED", "{expected}");
        assert!(text(&package, "failureReason").contains(expected), "{package}");
        let announced = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0).json();
        assert_eq!((&announced["data"]["status"], &announced["data"]["documentUrl"]), (&json!("FAILED"), &Value::Null));
        let document = native.get(&format!("/v2/packages/{}/document", text(&package, "id"))).await.expect(409);
        assert!(document["error"]["message"].as_str().unwrap().contains("FAILED"), "{document}");
        // Asked for again, it is generated anew.
        let again = request(&native, &dispute, json!({})).await;
        assert_ne!(again["id"], package["id"]);
    }
}
