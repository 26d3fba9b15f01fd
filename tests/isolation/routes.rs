//! Table of all routes, each with its test and the request bodies that it needs.

use crate::harness::leads;
use http::Method;
use serde_json::{Value, json};

/// Kind of resource that belongs to an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Lead,
    Webhook,
    Delivery,
    Key,
    Business,
    Customer,
    Transaction,
    Dispute,
    Evidence,
    Package,
    Event,
    Template,
    /// A lead with a sequence.
    Followed,
}

pub(super) const SUBJECTS: [(Subject, &str); 13] = [
    (Subject::Lead, "/v2/leads"),
    (Subject::Webhook, "/v2/webhooks"),
    (Subject::Delivery, "/v2/deliveries"),
    (Subject::Key, "/v2/keys"),
    (Subject::Business, "/v2/businesses"),
    (Subject::Customer, "/v2/customers"),
    (Subject::Transaction, "/v2/transactions"),
    (Subject::Dispute, "/v2/disputes"),
    (Subject::Evidence, "/v2/evidence"),
    // A dispute shows its packages; there is no list of them.
    (Subject::Package, ""),
    (Subject::Event, "/v2/events"),
    (Subject::Template, "/v2/sequence-templates"),
    (Subject::Followed, "/v2/leads"),
];

/// Returns the query parameters that a list requires.
pub(super) fn required_parameters(path: &str) -> &'static str {
    if path == "/v2/events" { "visitorId=a+visitor&" } else { "" }
}

/// Fields or parameters that refer to another resource, with its kind.
pub(super) type References = &'static [(&'static str, Subject)];

/// Mode of an environment that stands for a key bound to one business.
pub(super) const BOUND: &str = "bound";

/// Way in which a route is tested with the resources of another environment.
pub(super) enum RouteTest {
    /// Returns the same to every caller, without data of any tenant.
    Open,
    /// Returns data of the caller itself.
    OwnData,
    /// Returns KPIs of the caller's own; neither they nor these filters cross environments.
    Kpis(References),
    /// Returns a list; neither its items, nor cursors, nor these filters cross environments.
    List(References),
    /// Creates a resource of this kind with a body of its own; neither idempotency keys nor these references cross
    /// environments.
    Create(Subject, fn(&str) -> Value, References),
    /// Starts a sequence; neither an idempotency key nor a lead or template of another environment is accepted.
    Start,
    /// Creates many leads with individual results; neither idempotency keys nor references cross environments.
    Batch,
    /// Acts on the resource named in the path, with this body.
    Single(Subject, fn() -> Value),
    /// Accepts the reply of a lead, signed with the inbound secret of its environment.
    Inbound,
    /// Replaces the inbound secret of the environment; forbidden for keys of one business, because several businesses
    /// share it.
    InboundSecret,
    /// Returns the suppressions of the environment; forbidden for keys of one business, because they hold for all.
    Suppressions,
    /// Suppresses or looks up an address: another environment has its own, and a key of one business the same.
    Suppress,
    /// Lifts a suppression; forbidden for keys of one business.
    Lift,
    /// Adds the example of an event to the environment's own log.
    Example,
    /// Purges the test data of the tenant; called last.
    Purge,
}

/// Returns an absent body.
pub(super) fn no_body() -> Value {
    Value::Null
}

pub(super) fn customer(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com") })
}

pub(super) fn transaction(name: &str) -> Value {
    json!({ "amountCents": 100, "description": format!("Paid by {name}@example.com") })
}

pub(super) fn dispute(name: &str) -> Value {
    json!({ "reason": "GENERAL", "amountCents": 100, "customerClaim": format!("I am {name}@example.com") })
}

pub(super) fn evidence(name: &str) -> Value {
    // Evidence without a file, because a replayed response contains a fresh upload link.
    json!({ "category": "MESSAGE", "description": format!("Written by {name}@example.com") })
}

pub(super) fn visitor_event(name: &str) -> Value {
    json!({ "visitorId": "a visitor", "eventType": "custom", "eventName": format!("{name}@") })
}

pub(super) fn template(name: &str) -> Value {
    json!({ "name": name, "category": "EVENT", "steps": [{ "day": 0, "text": format!("I am {name}@example.com") }] })
}

/// Returns a sequence for this lead, and optionally this template, in the notation of the path's contract.
pub(super) fn sequence(path: &str, lead: &str, template: Option<&str>) -> Value {
    let lead = id_for_path(path, lead);
    if path.starts_with("/v1/") {
        json!({ "lead_id": lead, "template_id": template })
    } else {
        json!({ "leadId": lead, "templateId": template })
    }
}

/// Returns every route with its test.
pub(super) fn route_tests() -> Vec<(Method, &'static str, RouteTest)> {
    use RouteTest::{Batch, Create, Example, Inbound, InboundSecret, Kpis, List, Open, OwnData, Purge, Single};
    use Subject::{
        Business, Customer, Delivery, Dispute, Event, Evidence, Key, Lead, Package, Template, Transaction, Webhook,
    };
    const IN_BUSINESS: References = &[("businessId", Business)];
    const OF_CUSTOMER: References = &[("businessId", Business), ("leadId", Lead)];
    const OF_TRANSACTION: References = &[("businessId", Business), ("customerId", Customer)];
    const OF_DISPUTE: References =
        &[("businessId", Business), ("customerId", Customer), ("transactionId", Transaction), ("leadId", Lead)];
    const OF_EVIDENCE: References = &[("businessId", Business), ("disputeId", Dispute), ("leadId", Lead)];
    let webhook = |name: &str| json!({ "url": format!("http://127.0.0.1:9000/{name}"), "events": ["lead.lost"] });
    let key = |name: &str| json!({ "name": name, "scopes": ["leads:read"] });
    let business = |name: &str| json!({ "name": name, "country": "SE" });
    let test_drive = |name: &str| json!({ "customer_name": format!("{name}@"), "phone": "+46701234567" });
    let pad_lead = |name: &str| json!({ "first_name": name, "email": format!("{name}@pad.example.com") });
    let pad_event = |name: &str| json!({ "visitor_id": "a visitor", "event_type": "custom", "event_name": name });
    let mut tests = follow_up_route_tests();
    tests.extend(documentation_route_tests());
    tests.extend([
        (Method::GET, "/v2/leads", List(IN_BUSINESS)),
        (Method::POST, "/v2/leads", Create(Lead, leads::named, IN_BUSINESS)),
        (Method::POST, "/v2/leads/batch", Batch),
        (Method::GET, "/v2/leads/{id}", Single(Lead, no_body)),
        (Method::DELETE, "/v2/leads/{id}", Single(Lead, no_body)),
        (Method::PATCH, "/v2/leads/{id}", Single(Lead, || json!({ "status": "CONTACTED" }))),
        (Method::GET, "/api/v1/leads", List(IN_BUSINESS)),
        (Method::POST, "/api/v1/leads", Create(Lead, leads::named, IN_BUSINESS)),
        (Method::GET, "/api/v1/leads/{id}", Single(Lead, no_body)),
        (Method::GET, "/v2/customers", List(IN_BUSINESS)),
        (Method::POST, "/v2/customers", Create(Customer, customer, OF_CUSTOMER)),
        (Method::GET, "/v2/customers/{id}", Single(Customer, no_body)),
        (Method::GET, "/api/v1/customers", List(IN_BUSINESS)),
        (Method::GET, "/v2/transactions", List(IN_BUSINESS)),
        (Method::POST, "/v2/transactions", Create(Transaction, transaction, OF_TRANSACTION)),
        (Method::GET, "/v2/transactions/{id}", Single(Transaction, no_body)),
        (Method::GET, "/api/v1/transactions", List(IN_BUSINESS)),
        (Method::GET, "/v2/disputes", List(IN_BUSINESS)),
        (Method::POST, "/v2/disputes", Create(Dispute, dispute, OF_DISPUTE)),
        (Method::GET, "/v2/disputes/{id}", Single(Dispute, no_body)),
        (Method::PATCH, "/v2/disputes/{id}", Single(Dispute, || json!({ "status": "WON" }))),
        (Method::GET, "/v2/disputes/{id}/evidence-summary", Single(Dispute, no_body)),
        (Method::POST, "/v2/disputes/{id}/packages", Single(Dispute, || json!({}))),
        (Method::GET, "/v2/packages/{id}", Single(Package, no_body)),
        (Method::GET, "/v2/packages/{id}/document", Single(Package, no_body)),
        (Method::GET, "/api/v1/disputes", List(IN_BUSINESS)),
        (Method::POST, "/api/v1/disputes", Create(Dispute, dispute, OF_DISPUTE)),
        (Method::GET, "/api/v1/disputes/{id}", Single(Dispute, no_body)),
        (Method::GET, "/v2/evidence", List(OF_EVIDENCE)),
        (Method::POST, "/v2/evidence", Create(Evidence, evidence, OF_EVIDENCE)),
        (Method::GET, "/v2/evidence/{id}", Single(Evidence, no_body)),
        (Method::GET, "/api/v1/evidence", List(IN_BUSINESS)),
        (Method::GET, "/v2/webhooks", List(&[])),
        (Method::POST, "/v2/webhooks", Create(Webhook, webhook, IN_BUSINESS)),
        (Method::GET, "/v2/webhooks/{id}", Single(Webhook, no_body)),
        (Method::PATCH, "/v2/webhooks/{id}", Single(Webhook, || json!({ "events": ["lead.won"] }))),
        (Method::DELETE, "/v2/webhooks/{id}", Single(Webhook, no_body)),
        (Method::POST, "/v2/webhooks/{id}/rotate-secret", Single(Webhook, no_body)),
        (Method::POST, "/v2/webhooks/{id}/test", Single(Webhook, no_body)),
        (Method::POST, "/v2/webhooks/{id}/recover", Single(Webhook, || json!({ "since": "2026-01-01T00:00:00Z" }))),
        (Method::POST, "/v2/webhooks/inbound", Inbound),
        (Method::POST, "/v1/webhooks/inbound", Inbound),
        (Method::POST, "/v2/webhooks/inbound-secret", InboundSecret),
        (Method::GET, "/v2/event-types", Open),
        (Method::GET, "/v2/event-types/{type}/sample", Open),
        (Method::GET, "/v2/event-log", OwnData),
        (Method::POST, "/v2/event-log", Example),
        (Method::GET, "/v2/deliveries", List(&[("webhookId", Webhook)])),
        (Method::GET, "/v2/deliveries/{id}", Single(Delivery, no_body)),
        (Method::POST, "/v2/deliveries/{id}/retry", Single(Delivery, no_body)),
        (Method::GET, "/v2/keys", List(&[])),
        (Method::POST, "/v2/keys", Create(Key, key, IN_BUSINESS)),
        (Method::GET, "/v2/keys/{id}", Single(Key, no_body)),
        (Method::DELETE, "/v2/keys/{id}", Single(Key, no_body)),
        (Method::POST, "/v2/keys/{id}/rotate", Single(Key, no_body)),
        (Method::GET, "/v2/me", OwnData),
        (Method::GET, "/v2/businesses", List(&[])),
        (Method::POST, "/v2/businesses", Create(Business, business, &[])),
        (Method::GET, "/v2/businesses/{id}", Single(Business, no_body)),
        (Method::PATCH, "/v2/businesses/{id}", Single(Business, || json!({ "name": "Renamed" }))),
        (Method::GET, "/v2/audit-log", List(&[])),
        (Method::GET, "/v2/analytics/kpis", Kpis(IN_BUSINESS)),
        (Method::GET, "/v1/analytics/kpis", Kpis(&[])),
        (Method::GET, "/v2/health", Open),
        (Method::GET, "/v2/sequence-templates", List(IN_BUSINESS)),
        (Method::POST, "/v2/sequence-templates", Create(Template, template, IN_BUSINESS)),
        (Method::GET, "/v2/sequence-templates/{id}", Single(Template, no_body)),
        (Method::PATCH, "/v2/sequence-templates/{id}", Single(Template, || json!({ "category": "AGENCY" }))),
        (Method::DELETE, "/v2/sequence-templates/{id}", Single(Template, no_body)),
        (Method::POST, "/v1/leads", Create(Lead, test_drive, &[])),
        (Method::GET, "/v1/leads/{id}", Single(Lead, no_body)),
        (Method::PATCH, "/v1/leads/{id}", Single(Lead, || json!({ "status": "closed" }))),
        (Method::GET, "/api/v1/developer/leads", List(&[])),
        (Method::POST, "/api/v1/developer/leads", Create(Lead, pad_lead, &[])),
        (Method::GET, "/api/v1/developer/leads/{id}", Single(Lead, no_body)),
        (Method::POST, "/api/v1/developer/events", Create(Event, pad_event, &[])),
        (Method::GET, "/v2/events", List(IN_BUSINESS)),
        (Method::POST, "/v2/events", Create(Event, visitor_event, IN_BUSINESS)),
        (Method::DELETE, "/v2/test-data", Purge),
    ]);
    tests
}

/// Returns the routes of the API's documentation with their tests.
fn documentation_route_tests() -> Vec<(Method, &'static str, RouteTest)> {
    use RouteTest::Open;
    vec![
        (Method::GET, "/", Open),
        (Method::GET, "/assets/{version}/api-reference.js", Open),
        (Method::GET, "/v2/openapi.json", Open),
        (Method::GET, "/v2/docs", Open),
        (Method::GET, "/api/v1/openapi.json", Open),
        (Method::GET, "/api/v1/docs", Open),
        (Method::GET, "/v1/openapi.json", Open),
        (Method::GET, "/v1/docs", Open),
        (Method::GET, "/api/v1/developer/openapi.json", Open),
        (Method::GET, "/api/v1/developer/docs", Open),
    ]
}

/// Returns the routes of sequences and suppressions with their tests.
fn follow_up_route_tests() -> Vec<(Method, &'static str, RouteTest)> {
    use RouteTest::{Lift, Single, Start, Suppress, Suppressions};
    use Subject::Followed;
    vec![
        (Method::POST, "/v2/sequences", Start),
        (Method::POST, "/v2/sequences/{id}/stop", Single(Followed, no_body)),
        (Method::GET, "/v2/leads/{id}/sequence", Single(Followed, no_body)),
        (Method::GET, "/v2/leads/{id}/messages", Single(Followed, no_body)),
        (Method::GET, "/v2/suppressions", Suppressions),
        (Method::POST, "/v2/suppressions", Suppress),
        (Method::POST, "/v2/suppressions/lookup", Suppress),
        (Method::DELETE, "/v2/suppressions/{id}", Lift),
        (Method::POST, "/v1/sequences", Start),
        (Method::POST, "/v1/sequences/{id}/stop", Single(Followed, no_body)),
    ]
}

/// Returns an id in the notation of the path's contract.
pub(super) fn id_for_path(path: &str, id: &str) -> String {
    if path.starts_with("/v1/") { format!("l_{}", id.replace('-', "")) } else { id.to_owned() }
}

/// Returns a reply of `lead`, with its id in the notation of the path's contract.
pub(super) fn opt_out_of(path: &str, lead: &str) -> Value {
    let lead = id_for_path(path, lead);
    if path.starts_with("/v1/") {
        json!({ "event": "customer.opt_out", "lead_id": lead, "channel": "sms", "body": "Mine" })
    } else {
        json!({ "event": "customer.opt_out", "leadId": lead, "channel": "SMS", "body": "Mine" })
    }
}
