//! Purge of an environment of any size: each call deletes what it walks, and leaves nothing that only a deleted item finds.

use crate::harness::tables::Tables;
use crate::harness::{leads, run_concurrently};
use domain::accounts::business::{Country, Currency, TimeZone};
use domain::{Business, BusinessId, Clock, Contract, Lead, LeadId, SubscriptionId, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::DeletionProgress;

/// Adds a business with `count` leads, each with an e-mail address.
async fn fill(tables: &Tables, count: usize) -> BusinessId {
    let now = runtime::SystemClock.now();
    let business = Business {
        id: BusinessId::derived(&[b"business"]),
        name: "A".to_owned(),
        country: Country::parse("GB").unwrap(),
        time_zone: TimeZone::parse("Europe/London").unwrap(),
        currency: Currency::parse("GBP").unwrap(),
        channels: Vec::new(),
        brand_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    tables.store.add_business(tables.environment.tenant, &business).await.unwrap();
    let stored = run_concurrently((0..count).map(|number| {
        let new = leads::new_lead(business.id, Some(&format!("jane{number}@example.com")));
        let lead =
            Lead::new(LeadId::derived(&[&number.to_be_bytes()]), Contract::Native, new, &business.time_zone, now);
        async move { tables.store.create_lead(tables.environment, &lead, None, now).await.map(drop) }
    }));
    stored.await.into_iter().collect::<Result<(), _>>().unwrap();
    business.id
}

/// Requests a purge, and calls it with time for `checks` rounds until it is complete. Returns the number of calls, and
/// the largest number of operations that one took.
async fn purge(tables: &Tables, checks: usize, max_calls: usize) -> (usize, u64) {
    tables.store.commit(tables.store.request_purge(tables.environment, Timestamp::EPOCH)).await.unwrap();
    let (mut calls, mut most) = (0, 0);
    loop {
        let (before, checked) = (tables.database.operations(), AtomicUsize::new(0));
        let has_time = || checked.fetch_add(1, Ordering::SeqCst) < checks;
        let progress = tables.store.purge(tables.environment, has_time).await.unwrap();
        calls += 1;
        most = most.max(tables.database.operations() - before);
        if progress == DeletionProgress::Complete {
            return (calls, most);
        }
        assert!(calls < max_calls, "{calls} calls");
    }
}

/// Asserts that of the environment only the time of its purge is left.
async fn assert_nothing_is_left(tables: &Tables) {
    let of_environment = format!("#{}#T#", tables.environment.tenant.simple());
    let left: Vec<_> = tables.keys().await.into_iter().filter(|key| key.contains(&of_environment)).collect();
    assert!(left.len() == 1 && left[0].ends_with(" emptied"), "{left:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_ends_in_a_bounded_number_of_calls() {
    let tables = Tables::new(None).await;
    fill(&tables, 1_250).await;
    let (calls, operations) = purge(&tables, 5, 10).await;
    assert_eq!(calls, 3, "five rounds of a hundred leads each");
    // For each lead: its entry of the e-mail index, a look into its partition, and the lead.
    assert!(operations < 3 * 500 + 50, "{operations}");
    assert_nothing_is_left(&tables).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_purge_leaves_no_orphans() {
    let tables = Tables::new(None).await;
    let business = fill(&tables, 3).await;
    let environment = format!("{}#T#", tables.environment.tenant.simple());
    let lead = LeadId::derived(&[&0_usize.to_be_bytes()]).simple();
    let subscriptions = [("S#", SubscriptionId::derived(&[b"1"])), ("X#", SubscriptionId::derived(&[b"2"]))];
    for number in 0..250_i64 {
        tables.put(&[("pk", &format!("L#{environment}{lead}")), ("sk", &format!("M#{number:032x}"))], &[]).await;
        tables
            .put(&[("pk", &format!("KP#{environment}{}", business.simple())), ("sk", &format!("{number}"))], &[])
            .await;
        for (_, subscription) in &subscriptions {
            let tag = subscription.tag();
            let delivery = format!("{:024x}{tag}", number % 3);
            tables.put(&[("pk", &format!("D#{environment}{tag}")), ("sk", &delivery)], &[]).await;
            let attempt = format!("{number:06}");
            tables.put(&[("pk", &format!("A#{environment}{delivery}")), ("sk", &attempt)], &[]).await;
        }
    }
    for (prefix, subscription) in &subscriptions {
        let id = format!("{prefix}{}", subscription.simple());
        tables.put(&[("pk", &format!("W#{environment}")), ("sk", &id)], &[]).await;
    }
    // Enough for one round of each part that is under way at once.
    let (calls, _) = purge(&tables, 4, 60).await;
    assert!(calls > 2, "{calls}: it was interrupted");
    assert_nothing_is_left(&tables).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_erasure_goes_on_where_it_stopped() {
    let tables = Tables::new(None).await;
    let (environment, now) = (tables.environment, runtime::SystemClock.now());
    let tenant = format!("{}#T#", environment.tenant.simple());
    let (lead, business) = (LeadId::derived(&[b"lead"]), BusinessId::derived(&[b"business"]));
    let partition = format!("L#{tenant}{}", lead.simple());
    let business_id = business.to_string();
    let tombstone = [("pk", &*partition), ("sk", "L"), ("visitorKey", "v"), ("visited", &business_id), ("dp", "due#1")];
    tables.put(&tombstone, &[("erasedAt", 1), ("da", 1)]).await;
    let of_visitor = format!("BVE#{tenant}{}#v", business.simple());
    for number in 0..250_i64 {
        tables.put(&[("pk", &partition), ("sk", &format!("M#{number:032x}"))], &[]).await;
        tables.put(&[("pk", &partition), ("sk", &format!("H#CU#{number:032x}"))], &[]).await;
        tables.put(&[("pk", &format!("CU#{tenant}{number:032x}")), ("sk", "CU")], &[]).await;
        let position = format!("{number:013}#a");
        let event = [("pk", &*format!("VE#{tenant}{number}")), ("sk", "VE"), ("sp", &of_visitor), ("at", &position)];
        tables.put(&event, &[]).await;
    }
    let mut calls = 0;
    loop {
        let checked = AtomicUsize::new(0);
        let has_time = || checked.fetch_add(1, Ordering::SeqCst) < 2;
        calls += 1;
        if tables.store.finish_erasure(environment, lead, now, &has_time).await.unwrap() == DeletionProgress::Complete {
            break;
        }
        assert!(calls < 20, "{:?}", tables.keys().await.len());
    }
    assert!(calls > 3, "{calls}: it was interrupted");
    assert_eq!(tables.keys().await, [format!("{partition} L")]);
    let shard = store::DueShard::Work(1);
    assert!(tables.store.due_page(shard, now, 10, None).await.unwrap().items.is_empty(), "it is finished");
}

/// Some minutes: `cargo test -p local --release --test end_to_end -- --ignored --nocapture fifty_thousand`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
#[expect(clippy::print_stdout, reason = "the figures are there to be read")]
async fn fifty_thousand_leads_are_purged() {
    const SLICE: Duration = Duration::from_secs(20);
    let tables = Tables::new(None).await;
    fill(&tables, 50_000).await;
    tables.store.commit(tables.store.request_purge(tables.environment, Timestamp::EPOCH)).await.unwrap();
    let mut calls = Vec::new();
    loop {
        let (started, before) = (Instant::now(), tables.database.operations());
        let progress = tables.store.purge(tables.environment, || started.elapsed() < SLICE).await.unwrap();
        calls.push((started.elapsed(), tables.database.operations() - before));
        assert!(started.elapsed() < SLICE + Duration::from_secs(5), "a round ends soon: {calls:?}");
        if progress == DeletionProgress::Complete {
            break;
        }
        assert!(calls.len() < 30, "{calls:?}");
    }
    println!("50,000 leads: {} calls, each (time, operations): {calls:?}", calls.len());
    let operations: u64 = calls.iter().map(|(_, operations)| operations).sum();
    assert!(operations < 50_000 * 3 + 2_000, "{operations}");
    assert_nothing_is_left(&tables).await;
}
