//! The evidence of a dispute as structured data.

use crate::harness::packages::{dispute, plain_renderer, server_with};
use crate::harness::{Caller, text};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_summarized_for_dispute_apis() {
    let server = server_with(plain_renderer()).await;
    let native = Caller::native(&server);
    let customer = json!({ "name": "Jane Smith", "email": "jane@example.com" });
    let customer = native.post("/v2/customers", customer).await.expect(201);
    let dispute = dispute(&native, json!({ "reason": "CANCELLED", "customerId": customer["id"] })).await;
    let dispute_id = dispute.rsplit('/').next().unwrap().to_owned();
    let file = json!({
        "category": "CONTRACT", "disputeId": dispute_id, "description": "The terms",
        "file": { "contentType": "text/plain", "size": 5 }
    });
    let made = native.post("/v2/evidence", file).await.expect(201);
    let upload = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = upload.put(text(&made, "uploadUrl")).header("Content-Type", "text/plain").body("hello").send().await;
    assert_eq!(sent.unwrap().status().as_u16(), 200);
    let summary = native.get(&format!("{dispute}/evidence-summary")).await.expect(200);
    assert_eq!(summary["evidence"]["customer_name"], "Jane Smith");
    assert_eq!(summary["evidence"]["customer_email_address"], "jane@example.com");
    assert!(summary["evidence"]["cancellation_rebuttal"].as_str().unwrap().contains("cancelled"));
    assert!(summary["evidence"]["uncategorized_text"].as_str().unwrap().contains("The terms"));
    assert_eq!((&summary["maxCharacters"], &summary["shortened"]), (&json!(150_000), &json!([])));
    let file = &summary["files"][0];
    assert_eq!((&file["kind"], &file["evidenceId"]), (&json!("cancellation_policy"), &made["id"]));
    assert_eq!(native.download(text(file, "fileUrl")).await, (200, b"hello".to_vec()));
}
