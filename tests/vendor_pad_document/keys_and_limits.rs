//! Keys, scopes and rate limits of the document.

use super::{EVENTS, LEADS, documents_lead, keys};
use crate::harness::{Caller, IssuedKey, early_in_a_minute, error_with_fields, ids, options, run_concurrently, server};
use domain::accounts::rate_limit::Limits;
use domain::{Contract, Tier};
use local::{LocalServer, ServerOptions};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_foreign_token_is_401() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    for key in ["", "vp_live_AbCdEfGh1234", "nonsense"] {
        for path in [LEADS, EVENTS] {
            let rejected = caller.with_key(key).post(path, documents_lead()).await;
            assert_eq!(error_with_fields(&rejected, 401), ("UNAUTHORIZED".to_owned(), vec![]));
            assert_eq!(rejected.header("www-authenticate"), "Bearer");
        }
    }
}

// "Keys look like vp_live_… (or vp_test_… for test environments)."

#[tokio::test(flavor = "multi_thread")]
async fn live_and_test_keys_are_separate_environments() {
    let server = server().await;
    let (live, test) = (Caller::vendor_pad(&server), Caller::vendor_pad_test(&server));
    assert!(live.key.starts_with("vp_live_") && test.key.starts_with("vp_test_"));
    for (mode, maker, prefix) in [("live", &live, "vp_live_"), ("test", &test, "vp_test_")] {
        let body = json!({ "name": "k", "scopes": ["leads:read"], "contract": "vendorPad", "mode": mode });
        let made = maker.post("/v2/keys", body).await.expect(201);
        assert!(
            made["key"].as_str().unwrap().starts_with(prefix) && made["prefix"].as_str().unwrap().starts_with(prefix)
        );
    }
    let in_live = live.post(LEADS, documents_lead()).await.expect(201);
    // The other environment has no lead with this address.
    let in_test = test.post(LEADS, documents_lead()).await.expect(201);
    assert_ne!(in_live["lead_id"], in_test["lead_id"]);
    assert_eq!(ids(&live.get(LEADS).await.expect(200)), [in_live["lead_id"].as_str().unwrap()]);
    assert_eq!(ids(&test.get(LEADS).await.expect(200)), [in_test["lead_id"].as_str().unwrap()]);
    let path = format!("{LEADS}/{}", in_live["lead_id"].as_str().unwrap());
    error_with_fields(&test.get(&path).await, 404);
    live.post(EVENTS, json!({ "visitor_id": "v", "event_type": "pageview" })).await.expect(201);
    assert_eq!(test.get("/v2/events?visitorId=v").await.expect(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn documented_scopes_are_required() {
    let server = server().await;
    let caller = Caller::vendor_pad(&server);
    for (scope, post_lead, get_leads, post_event) in
        [("leads:write", 201, 403, 403), ("leads:read", 403, 200, 403), ("events:write", 403, 403, 201)]
    {
        let body = json!({ "name": scope, "scopes": [scope], "contract": "vendorPad" });
        let made = caller.post("/v2/keys", body).await.expect(201);
        let key = caller.with_key(made["key"].as_str().unwrap());
        let event = json!({ "visitor_id": "v", "event_type": "pageview" });
        for (reply, status, needed) in [
            (key.post(LEADS, documents_lead()).await, post_lead, "leads:write"),
            (key.get(LEADS).await, get_leads, "leads:read"),
            (key.post(EVENTS, event).await, post_event, "events:write"),
        ] {
            assert_eq!(reply.status, status, "{}", reply.text);
            if status == 403 {
                assert_eq!(error_with_fields(&reply, 403).0, "FORBIDDEN");
                assert!(reply.text.contains(needed), "it names the scope: {}", reply.text);
            }
        }
    }
}

// Table of rate limits.

#[tokio::test(flavor = "multi_thread")]
async fn each_tier_has_the_documented_limits() {
    let server = server().await;
    let native = Caller::native(&server);
    for (tier, minute, day) in [("free", 60, 5_000), ("pro", 600, 100_000), ("enterprise", 3_000, 1_000_000)] {
        let body = json!({ "name": tier, "scopes": ["leads:read"], "contract": "vendorPad", "tier": tier });
        let made = native.post("/v2/keys", body).await.expect(201);
        let reply = native.with_key(made["key"].as_str().unwrap()).get(LEADS).await;
        reply.expect(200);
        let policy = format!("\"minute\";q={minute};w=60, \"day\";q={day};w=86400");
        assert_eq!(reply.header("ratelimit-policy"), policy);
        assert_eq!(reply.header("x-ratelimit-limit"), minute.to_string(), "the tighter window");
        assert_eq!(reply.header("x-ratelimit-remaining"), (minute - 1).to_string());
        assert_eq!(Tier::parse(tier).unwrap().limits(), Limits { minute: Some(minute), day: Some(day) });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_61st_call_of_a_free_key_is_429() {
    let server = server().await;
    let free = IssuedKey::new(&server, |record| {
        record.contract = Contract::VendorPad;
        record.limits = Tier::Free.limits();
    })
    .await;
    let caller = free.caller(&server);
    early_in_a_minute(Duration::from_secs(8)).await;
    let replies = run_concurrently((0..60).map(|_| caller.get(LEADS))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    let rejected = caller.get(LEADS).await;
    assert_eq!(error_with_fields(&rejected, 429), ("RATE_LIMITED".to_owned(), vec![]));
    assert!(rejected.text.contains("60 requests per minute"), "{}", rejected.text);
    assert!((1..=60).contains(&rejected.header("retry-after").parse::<u64>().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exceeded_day_is_429_and_named() {
    let server = server().await;
    let key = IssuedKey::with_limits(&server, Limits { minute: Some(60), day: Some(3) }).await;
    let caller = key.caller(&server);
    // Midnight during the test would begin another day.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    if now % 86_400 > 86_390 {
        tokio::time::sleep(Duration::from_secs(11)).await;
    }
    for _ in 0..3 {
        caller.get(LEADS).await.expect(200);
    }
    let rejected = caller.post(EVENTS, json!({ "event_type": "pageview" })).await;
    assert_eq!(error_with_fields(&rejected, 429).0, "RATE_LIMITED");
    assert!(rejected.text.contains("3 requests per day"), "{}", rejected.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_keys_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = || LocalServer::start(ServerOptions { data: Some(folder.path().to_owned()), ..options() });
    let server = start().await.unwrap();
    let first = serde_json::to_value(&server.credentials).unwrap()["vendorPad"].clone();
    assert_eq!(keys(&first), ["apiKey", "brandId", "testApiKey"]);
    assert!(
        server.banner().contains(&format!("{LEADS} -H 'Authorization: Bearer {}'", first["apiKey"].as_str().unwrap()))
    );
    server.stop().await;
    let server = start().await.unwrap();
    assert_eq!(serde_json::to_value(&server.credentials).unwrap()["vendorPad"], first);
    Caller::vendor_pad(&server).post(LEADS, documents_lead()).await.expect(201);
}
