//! Lead scoring: every lead has a score with reasons, equal wherever it is shown, and a follow-up plan that sends
//! nothing.

use crate::harness::programs::tests_folder;
use crate::harness::{Caller, Receiver, server};
use domain::leads::scoring::RULES;
use serde_json::{Value, json};
use std::time::Duration;

/// Checks that value and reasons agree, and returns the codes of the reasons except for the time of arrival.
fn codes(lead: &Value) -> Vec<&str> {
    let score = &lead["score"];
    let reasons = score["reasons"].as_array().unwrap();
    let sum: u64 = reasons.iter().map(|reason| reason["points"].as_u64().unwrap()).sum();
    assert_eq!(score["value"], sum);
    assert!(reasons.iter().all(|reason| reason["text"].as_str().is_some_and(|text| text.ends_with('.'))));
    reasons.iter().map(|reason| reason["code"].as_str().unwrap()).filter(|code| *code != "OFFICE_HOURS").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_scored_on_creation() {
    let server = server().await;
    let receiver = Receiver::new().await;
    let native = Caller::native(&server);
    native.subscribe(&receiver.url).await;
    let body = json!({ "name": "Jane Smith", "email": "jane@example.com", "message": "Can you look at 2 roofs?" });
    let made = native.post_idempotent("/v2/leads", "k", body.clone()).await;
    let lead = made.expect(201);
    assert_eq!(codes(&lead), ["EMAIL", "FULL_NAME", "MESSAGE", "MESSAGE_SPECIFIC"]);
    let path = format!("/v2/leads/{}", lead["id"].as_str().unwrap());
    assert_eq!(native.get(&path).await.expect(200)["score"], lead["score"]);
    assert_eq!(native.get("/v2/leads").await.expect(200)["data"][0]["score"], lead["score"]);
    let received = receiver.wait_for(1, Duration::from_secs(10)).await;
    assert_eq!(received[0].json()["data"]["score"], lead["score"]);

    let contacted = native.patch(&path, json!({ "status": "CONTACTED" })).await.expect(200);
    assert_eq!(contacted["score"], lead["score"], "a status is no reason");
    let change = json!({ "phone": "+44 20 7946 0958", "consent": { "given": true }, "message": null });
    let richer = native.patch(&path, change).await.expect(200);
    assert_eq!(codes(&richer), ["EMAIL", "PHONE", "EMAIL_AND_PHONE", "FULL_NAME", "CONSENT"]);
    assert_eq!(native.get(&path).await.expect(200)["score"], richer["score"]);
    let again = native.post_idempotent("/v2/leads", "k", body).await;
    assert_eq!((again.status, &again.text), (201, &made.text), "as in the first response");
}

#[tokio::test(flavor = "multi_thread")]
async fn revenue_defenders_leads_have_score_and_plan() {
    let server = server().await;
    let caller = Caller::revenue_defenders(&server);
    let body = json!({
        "name": "Jane Smith", "email": "jane@example.com", "phone": "+15551234567", "source": "WEB_FORM",
        "message": "I need a roof repair estimate", "serviceInterest": "Roof repair"
    });
    let lead = caller.post("/api/v1/leads", body).await.expect(201);
    let expected = ["EMAIL", "PHONE", "EMAIL_AND_PHONE", "FULL_NAME", "MESSAGE", "SERVICE_INTEREST"];
    assert_eq!(codes(&lead), expected);
    let step = |day: u8, channel: &str| json!({ "day": day, "channel": channel, "status": "PROPOSED" });
    let steps = json!([step(0, "SMS"), step(1, "EMAIL"), step(3, "SMS"), step(7, "EMAIL")]);
    assert_eq!(lead["followUpPlan"], json!({ "steps": steps }));
    let id = lead["id"].as_str().unwrap();
    assert_eq!(caller.get(&format!("/api/v1/leads/{id}")).await.expect(200), lead);
    assert_eq!(caller.get("/api/v1/leads").await.expect(200)["items"][0], lead);
    caller.patch(&format!("/v2/leads/{id}"), json!({ "status": "OPTED_OUT" })).await.expect(200);
    let out = caller.get(&format!("/api/v1/leads/{id}")).await.expect(200);
    assert_eq!((&out["followUpPlan"]["steps"], &out["score"]), (&json!([]), &lead["score"]));
}

#[test]
fn the_scoring_page_matches_the_rules() {
    let page = std::fs::read_to_string(tests_folder().join("../docs/scoring.md")).unwrap();
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let rules: Vec<_> =
        RULES.iter().map(|rule| format!("| `{}` | {} | {} |", rule.code, rule.points, rule.text)).collect();
    assert_eq!(rows, rules);
}
