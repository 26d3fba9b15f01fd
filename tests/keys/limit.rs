//! The limit on active keys of a tenant and mode: exact under concurrency, and no ended key counts.

use super::{in_seconds, make, message};
use crate::harness::tables::Tables;
use crate::harness::{Caller, eventually, id, run_concurrently, unlimited_server};
use domain::accounts::rate_limit::Limits;
use domain::{Contract, Environment, KeyId, KeyRecord, Mode, Scopes, Tier, Timestamp};
use local::LocalServer;
use serde_json::{Value, json};
use std::time::Duration;
use store::{CommitError, Condition, KeyRoom};

const MAX: usize = 50;

fn narrow() -> Value {
    json!({ "name": "k", "scopes": ["leads:read"] })
}

/// Creates live keys until the native demo tenant has its maximum, and returns their ids.
async fn fill(native: &Caller) -> Vec<String> {
    // The demo key is one of them.
    let made = run_concurrently((1..MAX).map(|_| native.post("/v2/keys", narrow()))).await;
    made.iter().map(|reply| id(&reply.expect(201))).collect()
}

async fn filled() -> (LocalServer, Caller, Vec<String>) {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let ids = fill(&native).await;
    (server, native, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn active_keys_are_limited_to_50_per_mode() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let replies = run_concurrently((0..60).map(|_| native.post("/v2/keys", narrow()))).await;
    let count = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
    assert_eq!((count(201), count(409)), (MAX - 1, 11), "the demo key is one of fifty");
    let rejected = native.post("/v2/keys", narrow()).await;
    let text = message(&rejected, 409);
    assert!(text.contains("at most 50 active API keys in live mode"), "{text}");
    let mut in_test_mode = narrow();
    in_test_mode["mode"] = "test".into();
    native.post("/v2/keys", in_test_mode).await.expect(201);
    let other = Caller::new(&server.credentials.base_url, &server.credentials.vendor_pad.api_key);
    other.post("/v2/keys", narrow()).await.expect(201);

    let revoked = replies.iter().find(|reply| reply.status == 201).map(|reply| id(&reply.json())).unwrap();
    native.delete(&format!("/v2/keys/{revoked}")).await.expect(204);
    native.delete(&format!("/v2/keys/{revoked}")).await.expect(204);
    native.post("/v2/keys", narrow()).await.expect(201);
    native.post("/v2/keys", narrow()).await.expect(409);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_revocations_make_room_once_each() {
    let (server, native, ids) = filled().await;
    let changes = run_concurrently(ids.iter().take(20).enumerate().map(|(number, id)| {
        let native = native.clone();
        async move {
            native.delete(&format!("/v2/keys/{id}")).await.expect(204);
            // Every other one tries to create four keys for its place.
            let attempts = if number % 2 == 0 { 4 } else { 0 };
            let mut made = 0;
            for _ in 0..attempts {
                made += usize::from(native.post("/v2/keys", narrow()).await.status == 201);
            }
            made
        }
    }))
    .await;
    let mut made: usize = changes.iter().sum();
    while native.post("/v2/keys", narrow()).await.status == 201 {
        made += 1;
    }
    assert_eq!(made, 20, "as many as were revoked");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_key_does_not_count() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let mut expiring = narrow();
    expiring["expiresAt"] = in_seconds(15).into();
    let (_, key) = make(&native, expiring).await;
    run_concurrently((2..MAX).map(|_| native.post("/v2/keys", narrow()))).await.iter().for_each(|reply| {
        reply.expect(201);
    });
    native.post("/v2/keys", narrow()).await.expect(409);
    eventually(Duration::from_secs(30), "the key expires", || async {
        (key.get("/v2/leads").await.status == 401).then_some(())
    })
    .await;
    native.post("/v2/keys", narrow()).await.expect(201);
    native.post("/v2/keys", narrow()).await.expect(409);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_counts_while_it_works() {
    let (server, native, ids) = filled().await;
    let rotate = async |id: &str, grace: u64| {
        native.post(&format!("/v2/keys/{id}/rotate"), json!({ "graceSeconds": grace })).await
    };
    let text = message(&rotate(&ids[0], 3_600).await, 409);
    assert!(text.contains("graceSeconds of 0"), "{text}");
    let newest = id(&rotate(&ids[0], 0).await.expect(201));
    native.post("/v2/keys", narrow()).await.expect(409);
    rotate(&newest, 0).await.expect(201);
    native.post("/v2/keys", narrow()).await.expect(409);

    native.delete(&format!("/v2/keys/{}", ids[1])).await.expect(204);
    rotate(&ids[2], 3).await.expect(201);
    native.post("/v2/keys", narrow()).await.expect(409);
    eventually(Duration::from_secs(10), "the grace period ends", || async {
        (native.post("/v2/keys", narrow()).await.status == 201).then_some(())
    })
    .await;
    native.post("/v2/keys", narrow()).await.expect(409);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_at_the_limit_gets_its_key() {
    let (server, native, ids) = filled().await;
    native.delete(&format!("/v2/keys/{}", ids[0])).await.expect(204);
    let calls = (0..8).map(|_| native.post_idempotent("/v2/keys", "one", narrow()));
    let replies = futures_util::future::join_all(calls).await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (201, &replies[0].text), "one key for all");
    }
    server.stop().await;
}

fn record(environment: Environment, number: usize, at: Timestamp) -> KeyRecord {
    KeyRecord {
        id: KeyId::derived(&[&number.to_be_bytes()]),
        tenant: environment.tenant,
        name: "k".to_owned(),
        prefix: format!("lh_test_{number:08}_"),
        hash: format!("{number:064x}"),
        mode: environment.mode,
        contract: Contract::Native,
        scopes: Scopes::all(),
        business: None,
        tier: Tier::Free,
        limits: Limits::UNLIMITED,
        created_at: at,
        expires_at: None,
        revoked_at: None,
        rotated_to: None,
    }
}

/// Creates a key, after counting where that is needed, and returns whether there was room.
async fn create(tables: &Tables, record: &KeyRecord) -> bool {
    for _ in 0..5 {
        match tables.store.commit(tables.store.put_key(record).unwrap()).await {
            Ok(()) => return true,
            Err(CommitError::ConditionFailed { condition: Condition::KeyLimit, .. }) => {}
            Err(error) => panic!("{error}"),
        }
        let room = tables.store.make_room_for_key(record.environment(), record.created_at).await.unwrap();
        if room != KeyRoom::Free {
            return false;
        }
    }
    panic!("no key and no limit");
}

/// Deletes the item that earlier releases do not write.
async fn forget_count(tables: &Tables) {
    let count = tables.keys().await.into_iter().find(|key| key.contains(" N#keys#")).unwrap();
    let (pk, sk) = count.split_once(' ').unwrap();
    let text = |value: &str| aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
    let request = tables.client.delete_item().table_name("leadhouse").key("pk", text(pk)).key("sk", text(sk));
    request.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_earlier_releases_count_and_stay() {
    let tables = Tables::new(None).await;
    let environment = tables.environment;
    let now = Timestamp::from_millis(1_800_000_000_000);
    tables.store.commit(vec![tables.store.set_max_keys(environment, 70)]).await.unwrap();
    for number in 0..60 {
        assert!(create(&tables, &record(environment, number, now)).await);
    }
    let live = Environment { mode: Mode::Live, ..environment };
    assert!(create(&tables, &record(live, 1_000, now)).await);
    forget_count(&tables).await;
    forget_count(&tables).await;
    // A release without a limit had sixty keys.
    assert!(!create(&tables, &record(environment, 60, now)).await, "sixty are more than fifty");
    assert!(tables.store.key(environment.tenant, KeyId::derived(&[&59_usize.to_be_bytes()])).await.unwrap().is_some());
    for number in 0..11 {
        let old = record(environment, number, now);
        tables.store.commit(tables.store.revoke_key(&old, now).unwrap()).await.unwrap();
    }
    assert!(create(&tables, &record(environment, 60, now)).await);
    assert!(!create(&tables, &record(environment, 61, now)).await);
    assert!(create(&tables, &record(live, 1_001, now)).await, "the other mode has its own number");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_count_notices_a_racing_revocation() {
    let tables = Tables::new(None).await;
    let now = Timestamp::from_millis(1_800_000_000_000);
    let environment = tables.environment;
    for number in 0..50 {
        assert!(create(&tables, &record(environment, number, now)).await);
    }
    forget_count(&tables).await;
    let revoke = async |number| {
        let old = record(environment, number, now);
        tables.store.commit(tables.store.revoke_key(&old, now).unwrap()).await.unwrap();
    };
    let mut room = 0;
    for number in 0..10 {
        let counted = tables.store.make_room_for_key(environment, now);
        let (counted, ()) = tokio::join!(counted, revoke(number));
        counted.unwrap();
        room += usize::from(create(&tables, &record(environment, 100 + number, now)).await);
    }
    assert_eq!(room, 10, "each revocation makes room");
    assert!(!create(&tables, &record(environment, 200, now)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_renewed_every_day() {
    let tables = Tables::new(None).await;
    let environment = tables.environment;
    let now = Timestamp::from_millis(1_800_000_000_000);
    assert!(create(&tables, &record(environment, 0, now)).await);
    // As an earlier release creates keys: without counting them.
    for number in 1..50 {
        let mut writes = tables.store.put_key(&record(environment, number, now)).unwrap();
        writes.truncate(2);
        tables.store.commit(writes).await.unwrap();
    }
    let tomorrow = now.after(Duration::from_secs(24 * 3_600));
    assert!(create(&tables, &record(environment, 50, now)).await, "not counted yet");
    assert!(!create(&tables, &record(environment, 51, tomorrow)).await);
}
