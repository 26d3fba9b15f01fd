//! VendorPad duplicates: each e-mail address of a business is accepted once under any concurrency, through any
//! contract, and however often it is sent. No lead is lost by it, and an address is free again when no lead has it
//! any more.

use crate::harness::{Caller, assert_one_result, id, leads, run_concurrently, server, unlimited_server};
use domain::accounts::business::TimeZone;
use domain::leads::Category;
use domain::{BusinessId, Contract, Environment, Lead, LeadId, Mode, NewLead, TenantId, Timestamp};
use futures_util::future::join_all;
use local::LocalServer;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{CreatedLead, UniqueLead};

const LEADS: &str = "/api/v1/developer/leads";

/// Returns every address in the native list with the ids of its leads.
async fn addresses(caller: &Caller) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for lead in caller.all_items("/v2/leads").await {
        let email = lead["email"].as_str().unwrap_or_default().to_owned();
        assert!(all.entry(email).or_default().insert(id(&lead)), "listed once");
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_addresses_are_accepted_once_each() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let tried = run_concurrently((0..1_000).map(|number| {
        let pad = pad.clone();
        async move {
            let email = format!("sam{number}@example.com");
            let post_to_vendor_pad = async || pad.post(LEADS, leads::for_every_contract(&email)).await;
            match number % 10 {
                // Two concurrent requests.
                0 => {
                    let (one, other) = tokio::join!(post_to_vendor_pad(), post_to_vendor_pad());
                    let (first, second) = if one.status == 201 { (one, other) } else { (other, one) };
                    let (first, second) = (first.expect(201), second.expect(200));
                    assert_eq!((&first["duplicate"], &second["duplicate"]), (&json!(false), &json!(true)));
                    assert_eq!(first["lead_id"], second["lead_id"]);
                    assert_eq!(first["visitor_id"], second["visitor_id"]);
                    (email, BTreeSet::from([id(&first)]))
                }
                // First through another contract.
                1..=4 => {
                    let path = if number % 2 == 0 { "/v2/leads" } else { "/api/v1/leads" };
                    let first = id(&pad.post(path, leads::for_every_contract(&email)).await.expect(201));
                    assert_eq!(id(&post_to_vendor_pad().await.expect(200)), first, "{path}");
                    (email, BTreeSet::from([first]))
                }
                // Concurrently with another contract, which accepts every lead.
                5 => {
                    let (native, in_vendor_pad) =
                        tokio::join!(pad.post("/v2/leads", leads::for_every_contract(&email)), post_to_vendor_pad());
                    let native = id(&native.expect(201));
                    assert!([200, 201].contains(&in_vendor_pad.status), "{}", in_vendor_pad.text);
                    if in_vendor_pad.status == 200 {
                        assert_eq!(id(&in_vendor_pad.json()), native);
                    }
                    (email, BTreeSet::from([native, id(&in_vendor_pad.json())]))
                }
                _ => {
                    let made = post_to_vendor_pad().await.expect(201);
                    (email, BTreeSet::from([id(&made)]))
                }
            }
        }
    }))
    .await;
    assert_eq!(addresses(&pad).await, tried.into_iter().collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_duplicates_create_one_lead() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let replies = join_all((0..40).map(|_| pad.post(LEADS, leads::for_every_contract("sam@example.com")))).await;
    let ids: BTreeSet<_> = replies.iter().map(|reply| id(&reply.json())).collect();
    assert_eq!((ids.len(), replies.iter().filter(|reply| reply.status == 201).count()), (1, 1));
    assert!(replies.iter().all(|reply| [200, 201].contains(&reply.status)));
    assert_eq!(addresses(&pad).await, BTreeMap::from([("sam@example.com".to_owned(), ids)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_differs_from_a_duplicate() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let mut body = leads::for_every_contract("sam@example.com");
    body["visitor_id"] = "v".into();
    let replies = join_all((0..30).map(|_| pad.post_idempotent(LEADS, "form-1", body.clone()))).await;
    let first = assert_one_result(&replies, 201);
    assert_eq!((&first["duplicate"], &first["visitor_id"]), (&json!(false), &json!("v")));
    // The same address with another key is a duplicate, and so are its retries.
    let replies =
        join_all((0..30).map(|_| pad.post_idempotent(LEADS, "form-2", leads::for_every_contract("sam@example.com"))))
            .await;
    let second = assert_one_result(&replies, 200);
    assert_eq!(second, json!({ "lead_id": first["lead_id"], "visitor_id": "v", "duplicate": true }));
    // Neither key accepts another body.
    for key in ["form-1", "form-2"] {
        let rejected =
            pad.post_idempotent(LEADS, key, leads::for_every_contract("other@example.com")).await.expect(422);
        assert_eq!(rejected["error"]["code"], "IDEMPOTENCY_MISMATCH");
    }
    // Both responses are replayed after the lead has changed and another lead has its address.
    let path = format!("/v2/leads/{}", id(&first));
    pad.patch(&path, json!({ "email": "elsewhere@example.com", "name": "Other" })).await.expect(200);
    let other = pad.post(LEADS, leads::for_every_contract("sam@example.com")).await.expect(201);
    assert_ne!(id(&other), id(&first));
    for (key, body, status, text) in
        [("form-1", body, 201, &first), ("form-2", leads::for_every_contract("sam@example.com"), 200, &second)]
    {
        let again = pad.post_idempotent(LEADS, key, body).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.expect(status), *text);
    }
    assert_eq!(addresses(&pad).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_survives_a_changed_brand_id() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let mut body = leads::for_every_contract("sam@example.com");
    body["brand_id"] = 1.into();
    let first = pad.post_idempotent(LEADS, "a", body.clone()).await;
    let second = pad.post_idempotent(LEADS, "b", body.clone()).await;
    assert_eq!((first.status, second.status), (201, 200));
    let business = pad.get("/v2/businesses").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    pad.patch(&format!("/v2/businesses/{business}"), json!({ "brandId": 5 })).await.expect(200);
    crate::harness::eventually(std::time::Duration::from_secs(10), "every process knows", || async {
        (pad.post(LEADS, body.clone()).await.status == 404).then_some(())
    })
    .await;
    for (key, before) in [("a", first), ("b", second)] {
        let again = pad.post_idempotent(LEADS, key, body.clone()).await;
        assert_eq!((again.status, &again.text), (before.status, &before.text));
        assert_eq!(again.header("idempotent-replayed"), "true");
        pad.post_idempotent(LEADS, key, json!({ "first_name": "S", "email": "s@example.com", "brand_id": 1 }))
            .await
            .expect(422);
    }
    pad.post_idempotent(LEADS, "c", body).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_creates_no_lead_and_no_event() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let receiver = crate::harness::Receiver::new().await;
    pad.subscribe(&receiver.url).await;
    let first = pad.post(LEADS, leads::for_every_contract("sam@example.com")).await.expect(201);
    for key in ["a", "b", "c"] {
        pad.post_idempotent(LEADS, key, leads::for_every_contract("sam@example.com")).await.expect(200);
    }
    let last = pad.post(LEADS, leads::for_every_contract("last@example.com")).await.expect(201);
    let received = receiver.wait_for(2, std::time::Duration::from_secs(10)).await;
    let told: BTreeSet<_> = received.iter().map(|one| id(&one.json()["data"])).collect();
    assert_eq!(told, BTreeSet::from([id(&first), id(&last)]));
    assert_eq!(addresses(&pad).await.len(), 2);
    assert_eq!(pad.get("/v2/deliveries").await.expect(200)["data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_follows_a_changed_address() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let patch = async |lead: &str, email: Value| {
        pad.patch(&format!("/v2/leads/{lead}"), json!({ "email": email, "phone": "07700 900000" })).await.expect(200)
    };
    let in_vendor_pad = async |email: &str| {
        let reply = pad.post(LEADS, leads::for_every_contract(email)).await;
        (reply.status, id(&reply.json()))
    };
    let first = id(&pad.post(LEADS, leads::for_every_contract("a@example.com")).await.expect(201));
    patch(&first, json!("b@example.com")).await;
    assert_eq!(in_vendor_pad("b@example.com").await, (200, first.clone()), "the new lead has the address");
    let (status, second) = in_vendor_pad("a@example.com").await;
    assert_eq!((status, second == first), (201, false), "the old one is free");
    // Only another notation of the address: the index does not change.
    patch(&first, json!("B@Example.com")).await;
    assert_eq!(in_vendor_pad("b@example.com").await, (200, first.clone()));
    // To an address that another lead has: that lead stays first, and when it is deleted the next one follows.
    patch(&first, json!("a@example.com")).await;
    let third = id(&pad.post("/v2/leads", leads::for_every_contract("a@example.com")).await.expect(201));
    let by_coming = [&first, &second, &third];
    for (place, holder) in by_coming.iter().enumerate() {
        assert_eq!(in_vendor_pad("a@example.com").await, (200, (*holder).clone()), "the {place} of three");
        patch(holder, Value::Null).await;
    }
    assert_eq!(in_vendor_pad("a@example.com").await.0, 201, "no lead has it");
    // A lead without an address gets one.
    let bare = pad.post("/v2/leads", json!({ "name": "Sam", "phone": "07700 900000" })).await.expect(201);
    patch(&id(&bare), json!("c@example.com")).await;
    assert_eq!(in_vendor_pad("c@example.com").await, (200, id(&bare)));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_contracts_accept_duplicates() {
    let server = unlimited_server().await;
    let pad = Caller::vendor_pad(&server);
    let create = |number: usize| {
        let pad = pad.clone();
        let path = if number.is_multiple_of(2) { "/v2/leads" } else { "/api/v1/leads" };
        async move { id(&pad.post(path, leads::for_every_contract("sam@example.com")).await.expect(201)) }
    };
    let made: BTreeSet<_> = run_concurrently((0..40).map(create)).await.into_iter().collect();
    assert_eq!(made.len(), 40);
    let duplicate = pad.post(LEADS, leads::for_every_contract("sam@example.com")).await.expect(200);
    assert!(made.contains(&id(&duplicate)));
    assert_eq!(addresses(&pad).await, BTreeMap::from([("sam@example.com".to_owned(), made)]));
}

fn environment() -> Environment {
    Environment { tenant: TenantId::derived(&[b"demo", b"vendorPad"]), mode: Mode::Live }
}

async fn business(server: &LocalServer) -> BusinessId {
    server.store.businesses(environment().tenant).await.unwrap()[0].id
}

fn lead_at(business: BusinessId, number: u8, contract: Contract, now: Timestamp) -> Lead {
    let new = NewLead { category: Category::Event, ..leads::new_lead(business, Some("sam@example.com")) };
    Lead::new(LeadId::new(now, [number; 16]), contract, new, &TimeZone::parse("UTC").unwrap(), now)
}

/// Returns the lead that has the address at `now`, other than `asking`.
async fn lead_with_address(server: &LocalServer, asking: &Lead, now: Timestamp) -> Option<LeadId> {
    match server.store.create_unique_lead(environment(), asking, None, now).await.unwrap() {
        UniqueLead::Created(CreatedLead::New) => None,
        UniqueLead::Duplicate { existing: first, replayed: false } => Some(first.id),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_lead_releases_its_address() {
    let server = server().await;
    let business = business(&server).await;
    let begin = Timestamp::parse("2026-01-31T12:00:00Z").unwrap();
    let lead = |number, now| lead_at(business, number, Contract::VendorPad, now);
    let first = lead(1, begin);
    assert_eq!(lead_with_address(&server, &first, begin).await, None);
    let over = first.expires_at();
    assert_eq!(over.to_string(), "2028-01-31T12:00:00.000Z");
    let before = Timestamp::from_millis(over.millis() - 1_000);
    assert_eq!(lead_with_address(&server, &lead(2, before), before).await, Some(first.id));
    // The table has removed neither yet.
    assert_eq!(lead_with_address(&server, &lead(3, over), over).await, None);
    assert_eq!(lead_with_address(&server, &lead(4, over), over).await, Some(lead(3, over).id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_passes_to_the_next_lead() {
    let server = server().await;
    let business = business(&server).await;
    let day = |day: u32| Timestamp::parse(&format!("2026-03-{day:02}T00:00:00Z")).unwrap();
    let native = |number: u8| lead_at(business, number, Contract::Native, day(number.into()));
    for number in 1..=20 {
        let lead = native(number);
        let made = server.store.create_lead(environment(), &lead, None, lead.created_at).await.unwrap();
        assert_eq!(made, CreatedLead::New);
    }
    let asking = |now: Timestamp| lead_at(business, 99, Contract::VendorPad, now);
    for number in 1..=3 {
        let now = Timestamp::from_millis(native(number).expires_at().millis() - 1_000);
        assert_eq!(lead_with_address(&server, &asking(now), now).await, Some(native(number).id));
        let now = native(number).expires_at();
        assert_eq!(lead_with_address(&server, &asking(now), now).await, Some(native(number + 1).id));
    }
    // More leads have the address than its index record lists; when the first ones are deleted, later ones are
    // listed.
    let later = native(1).expires_at();
    let late = lead_at(business, 50, Contract::Native, later);
    server.store.create_lead(environment(), &late, None, later).await.unwrap();
    // Deleting a lead commits this in its transaction.
    for number in 2..=16 {
        assert_eq!(lead_with_address(&server, &asking(later), later).await, Some(native(number).id));
        let left = server.store.release_email(environment(), &native(number), later).await.unwrap();
        server.store.commit(left.into_iter().collect()).await.unwrap();
    }
    assert_eq!(lead_with_address(&server, &asking(later), later).await, Some(late.id));
    let left = server.store.release_email(environment(), &late, later).await.unwrap();
    server.store.commit(left.into_iter().collect()).await.unwrap();
    assert!(server.store.release_email(environment(), &late, later).await.unwrap().is_none(), "it has left");
    assert_eq!(lead_with_address(&server, &asking(later), later).await, None, "no lead has it");
}
