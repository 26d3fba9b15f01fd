//! Retention: expired records are no longer shown, whether or not the database has removed them.

use crate::harness::{Caller, Receiver, leads, server};
use domain::accounts::business::{Currency, TimeZone};
use domain::disputes::dispute::DisputeReason;
use domain::disputes::money::Money;
use domain::leads::contact::Name;
use domain::{
    BusinessId, Clock, Contract, Customer, CustomerId, Delivery, DeliveryId, DeliveryStatus, Dispute, DisputeId,
    Environment, EventId, EventType, Lead, LeadId, Mode, NewCustomer, NewDispute, NewTransaction, SubscriptionId,
    TenantId, Timestamp, Transaction, TransactionId, retention,
};
use local::LocalServer;
use runtime::SystemClock;
use serde_json::{Value, json};
use std::time::Duration;
use store::{BusinessRecord, DueEntry};

/// Distance to the end of retention on either side, large enough for a busy machine.
const MARGIN: Duration = Duration::from_mins(5);

struct TestSystem {
    server: LocalServer,
    native: Caller,
    environment: Environment,
    business: BusinessId,
}

impl TestSystem {
    async fn new() -> Self {
        let server = server().await;
        let native = Caller::native(&server);
        let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().and_then(TenantId::parse).unwrap();
        let business = BusinessId::parse(&server.credentials.native.business_id).unwrap();
        Self { server, native, environment: Environment { tenant, mode: Mode::Live }, business }
    }

    async fn store<T: BusinessRecord>(&self, record: &T) {
        let writes = self.server.store.put_record(self.environment, record).unwrap();
        self.server.store.commit(writes).await.unwrap();
    }

    /// Asserts that only the record within retention is shown, by its id and in the list.
    async fn shows_only(&self, list: &str, kept: String, over: String) {
        self.native.get(&format!("{list}/{kept}")).await.expect(200);
        self.native.get(&format!("{list}/{over}")).await.expect(404);
        let listed = self.native.get(list).await.expect(200);
        let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        assert_eq!(ids, [Value::String(kept)], "{list}");
    }
}

fn lead(business: BusinessId, created_at: Timestamp) -> Lead {
    let new = leads::new_lead(business, Some("jane@example.com"));
    Lead::new(
        LeadId::derived(&[&created_at.millis().to_be_bytes()]),
        Contract::Native,
        new,
        &TimeZone::parse("UTC").unwrap(),
        created_at,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_and_records_are_kept_24_months() {
    let test_system = TestSystem::new().await;
    let ended = SystemClock.now().plus_months(-24);
    let (kept, over) = (ended.after(MARGIN), ended.before(MARGIN));
    let business = test_system.business;
    let euros = || Money { cents: 100, currency: Currency::parse("EUR").unwrap() };
    let (kept_lead, over_lead) = (lead(business, kept), lead(business, over));
    for lead in [&kept_lead, &over_lead] {
        test_system.server.store.create_lead(test_system.environment, lead, None, lead.created_at).await.unwrap();
    }
    test_system.shows_only("/v2/leads", kept_lead.id.to_string(), over_lead.id.to_string()).await;

    let seed = |at: Timestamp| at.millis().to_be_bytes();
    let customer = |at| {
        let name = Name::parse("Jane Smith").unwrap();
        Customer::new(
            CustomerId::derived(&[&seed(at)]),
            NewCustomer { business, lead: None, name, email: None, phone: None },
            at,
        )
    };
    let transaction = |at| {
        let new = NewTransaction {
            business,
            customer: None,
            lead: None,
            money: euros(),
            status: domain::disputes::transaction::TransactionStatus::Paid,
            description: None,
            occurred_at: None,
        };
        Transaction::new(TransactionId::derived(&[&seed(at)]), new, at)
    };
    let dispute = |at| {
        let new = NewDispute {
            business,
            reason: DisputeReason::General,
            money: euros(),
            customer: None,
            transaction: None,
            lead: None,
            customer_claim: None,
            evidence_due_by: None,
        };
        Dispute::new(DisputeId::derived(&[&seed(at)]), new, at)
    };
    for at in [kept, over] {
        test_system.store(&customer(at)).await;
        test_system.store(&transaction(at)).await;
        test_system.store(&dispute(at)).await;
    }
    let ids = (customer(kept).id.to_string(), customer(over).id.to_string());
    test_system.shows_only("/v2/customers", ids.0, ids.1).await;
    let ids = (transaction(kept).id.to_string(), transaction(over).id.to_string());
    test_system.shows_only("/v2/transactions", ids.0, ids.1).await;
    let ids = (dispute(kept).id.to_string(), dispute(over).id.to_string());
    test_system.shows_only("/v2/disputes", ids.0, ids.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_kept_30_days() {
    let test_system = TestSystem::new().await;
    let receiver = Receiver::new().await;
    let subscription = test_system.native.subscribe(&receiver.url).await["id"].as_str().and_then(SubscriptionId::parse);
    let subscription = subscription.unwrap();
    let ended = SystemClock.now().before(retention::DELIVERY_LOGS);
    let delivery = |at: Timestamp| {
        let event = EventId::derived(&[&at.millis().to_be_bytes()]);
        Delivery {
            id: DeliveryId::for_event(event, at, subscription),
            subscription,
            event,
            event_type: EventType::Ping,
            generation: 0,
            contract: Contract::Native,
            lead: None,
            body: json!({}).to_string().into(),
            status: DeliveryStatus::Failed,
            attempts: 6,
            round_start: 0,
            created_at: at,
            due_at: None,
            successful_attempt: None,
        }
    };
    let (kept, over) = (delivery(ended.after(MARGIN)), delivery(ended.before(MARGIN)));
    for one in [&kept, &over] {
        test_system
            .server
            .store
            .create_delivery(test_system.environment, one, None, DueEntry::Own(SystemClock.now().after(MARGIN)))
            .await
            .unwrap();
    }
    test_system.shows_only("/v2/deliveries", kept.id.to_string(), over.id.to_string()).await;
}
