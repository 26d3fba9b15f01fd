//! Slow endpoints: a tenant that has many of them delays no other, and an attempt that takes long is made once.

use crate::harness::{Caller, CannedResponse, Receiver, eventually, leads, unlimited_server};
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::delivery_lane::DeliveryLane;
use domain::{Environment, Mode, SubscriptionId, TenantId};
use local::LocalServer;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Number of subscriptions of the tenant with slow endpoints: as many as a tenant may have.
const SLOW_ENDPOINTS: usize = 50;

/// Number of leads of that tenant, each with a delivery to every endpoint.
const SLOW_LEADS: usize = 40;

/// Maximum time from a change to its first attempt for every other tenant.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Starts a receiver that responds after `delay`.
async fn responding_after(delay: Duration) -> Receiver {
    Receiver::responding(move |_| CannedResponse { delay, ..CannedResponse::status(200) }).await
}

async fn subscribe_all(caller: &Caller, receivers: &[Receiver]) {
    for receiver in receivers {
        caller.subscribe(&receiver.url).await;
    }
}

async fn health(server: &LocalServer, native: &Caller, subscription: &Value) -> EndpointHealth {
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
    let environment = Environment { tenant, mode: Mode::Live };
    let id = SubscriptionId::parse(subscription["id"].as_str().unwrap()).unwrap();
    server.store.endpoint_health(environment, id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_endpoints_delay_no_other_tenant() {
    let server = unlimited_server().await;
    let (slow, quiet) = (Caller::native(&server), Caller::vendor_pad(&server));
    let mut hanging = Vec::new();
    for _ in 0..SLOW_ENDPOINTS {
        hanging.push(responding_after(Duration::from_secs(14)).await);
    }
    subscribe_all(&slow, &hanging).await;
    let prompt = Receiver::new().await;
    quiet.subscribe(&prompt.url).await;
    let visitor = |number: usize| json!({ "first_name": "Jane", "email": format!("jane{number}@example.com") });
    quiet.post("/api/v1/developer/leads", visitor(0)).await.expect(201);
    prompt.wait_for(1, MAX_WAIT).await;

    let batch = json!({ "leads": (0..SLOW_LEADS).map(leads::numbered).collect::<Vec<_>>() });
    slow.post("/v2/leads/batch", batch).await.expect(200);
    let mut waits = Vec::new();
    // Longer than an attempt, so that every execution of the slow lane has been taken once.
    for number in 1..=40 {
        let posted = Instant::now();
        quiet.post("/api/v1/developer/leads", visitor(number)).await.expect(201);
        let received = prompt.wait_for(number + 1, MAX_WAIT).await;
        waits.push(received[number].at.saturating_duration_since(posted));
        tokio::time::sleep(Duration::from_millis(450)).await;
    }
    waits.sort();
    let attempted: usize = hanging.iter().map(|one| one.received().len()).sum();
    assert!(attempted > SLOW_ENDPOINTS, "{attempted} slow attempts are in progress");
    assert!(waits[39] < MAX_WAIT && waits[20] < Duration::from_secs(1), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_takes_long_is_made_once() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let delay = Duration::from_secs(4);
    // The first response is prompt: the endpoint becomes slow in the prompt lane.
    let respond = move |number| CannedResponse {
        delay: if number == 1 { Duration::ZERO } else { delay },
        ..CannedResponse::status(200)
    };
    let receiver = Receiver::responding(respond).await;
    let subscription = native.subscribe(&receiver.url).await;
    assert_eq!(health(&server, &native, &subscription).await.lane(), DeliveryLane::Slow, "a new endpoint is unproven");
    native.post("/v2/leads", leads::numbered(0)).await.expect(201);
    eventually(Duration::from_secs(10), "a prompt success proves it", || async {
        (health(&server, &native, &subscription).await.lane() == DeliveryLane::Prompt).then_some(())
    })
    .await;
    for number in 1..=3 {
        native.post("/v2/leads", leads::numbered(number)).await.expect(201);
    }
    receiver.wait_for(4, Duration::from_secs(5)).await;
    eventually(Duration::from_millis(3_900), "it is marked before it has responded", || async {
        (health(&server, &native, &subscription).await.lane() == DeliveryLane::Slow).then_some(())
    })
    .await;
    native.post("/v2/leads", leads::numbered(4)).await.expect(201);
    let shown = native.wait_for_deliveries(5, Duration::from_secs(30)).await;
    assert!(shown.iter().all(|one| one["status"] == "DELIVERED" && one["attemptCount"] == 1), "{shown:#?}");
    assert_eq!(receiver.received().len(), 5, "nothing is sent twice");
}
