//! Isolation of tenants, modes and businesses: every served route is called with ids, cursors and idempotency keys of
//! another environment. A new route must be added to the table of this test.

use crate::harness::signature::hmac_hex;
use crate::harness::{ApiResponse, Caller, Receiver, eventually, options, programs::tests_folder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::accounts::rate_limit::Limits;
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Kind of resource that belongs to an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Lead,
    Webhook,
    Delivery,
    Key,
    Business,
    Customer,
    Transaction,
    Dispute,
    Evidence,
    Event,
    Template,
    /// A lead with a sequence.
    Followed,
}

const SUBJECTS: [(Subject, &str); 12] = [
    (Subject::Lead, "/v2/leads"),
    (Subject::Webhook, "/v2/webhooks"),
    (Subject::Delivery, "/v2/deliveries"),
    (Subject::Key, "/v2/keys"),
    (Subject::Business, "/v2/businesses"),
    (Subject::Customer, "/v2/customers"),
    (Subject::Transaction, "/v2/transactions"),
    (Subject::Dispute, "/v2/disputes"),
    (Subject::Evidence, "/v2/evidence"),
    (Subject::Event, "/v2/events"),
    (Subject::Template, "/v2/sequence-templates"),
    (Subject::Followed, "/v2/leads"),
];

/// Returns the query parameters that a list requires.
fn required_parameters(path: &str) -> &'static str {
    if path == "/v2/events" { "visitorId=a+visitor&" } else { "" }
}

/// Fields or parameters that refer to another resource, with its kind.
type References = &'static [(&'static str, Subject)];

/// Mode of an environment that stands for a key bound to one business.
const BOUND: &str = "bound";

/// Way in which a route is tested with the resources of another environment.
enum RouteTest {
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
    /// Purges the test data of the tenant; called last.
    Purge,
}

/// Returns an absent body.
fn no_body() -> Value {
    Value::Null
}

fn lead(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com") })
}

fn customer(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com") })
}

fn transaction(name: &str) -> Value {
    json!({ "amountCents": 100, "description": format!("Paid by {name}@example.com") })
}

fn dispute(name: &str) -> Value {
    json!({ "reason": "GENERAL", "amountCents": 100, "customerClaim": format!("I am {name}@example.com") })
}

fn evidence(name: &str) -> Value {
    // Evidence without a file, because a replayed response contains a fresh upload link.
    json!({ "category": "MESSAGE", "description": format!("Written by {name}@example.com") })
}

fn visitor_event(name: &str) -> Value {
    json!({ "visitorId": "a visitor", "eventType": "custom", "eventName": format!("{name}@") })
}

fn template(name: &str) -> Value {
    json!({ "name": name, "category": "EVENT", "steps": [{ "day": 0, "text": format!("I am {name}@example.com") }] })
}

/// Returns a sequence for this lead, and optionally this template, in the notation of the path's contract.
fn sequence(path: &str, lead: &str, template: Option<&str>) -> Value {
    let lead = id_for_path(path, lead);
    if path.starts_with("/v1/") {
        json!({ "lead_id": lead, "template_id": template })
    } else {
        json!({ "leadId": lead, "templateId": template })
    }
}

/// Returns every route with its test.
fn route_tests() -> Vec<(Method, &'static str, RouteTest)> {
    use RouteTest::{Batch, Create, Inbound, InboundSecret, Kpis, List, Open, OwnData, Purge, Single, Start};
    use Subject::{
        Business, Customer, Delivery, Dispute, Event, Evidence, Followed, Key, Lead, Template, Transaction, Webhook,
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
    vec![
        (Method::GET, "/v2/leads", List(IN_BUSINESS)),
        (Method::POST, "/v2/leads", Create(Lead, lead, IN_BUSINESS)),
        (Method::POST, "/v2/leads/batch", Batch),
        (Method::GET, "/v2/leads/{id}", Single(Lead, no_body)),
        (Method::DELETE, "/v2/leads/{id}", Single(Lead, no_body)),
        (Method::PATCH, "/v2/leads/{id}", Single(Lead, || json!({ "status": "CONTACTED" }))),
        (Method::GET, "/api/v1/leads", List(IN_BUSINESS)),
        (Method::POST, "/api/v1/leads", Create(Lead, lead, IN_BUSINESS)),
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
        (Method::POST, "/v2/sequences", Start),
        (Method::POST, "/v2/sequences/{id}/stop", Single(Followed, no_body)),
        (Method::GET, "/v2/leads/{id}/sequence", Single(Followed, no_body)),
        (Method::GET, "/v2/leads/{id}/messages", Single(Followed, no_body)),
        (Method::GET, "/v2/sequence-templates", List(IN_BUSINESS)),
        (Method::POST, "/v2/sequence-templates", Create(Template, template, IN_BUSINESS)),
        (Method::GET, "/v2/sequence-templates/{id}", Single(Template, no_body)),
        (Method::PATCH, "/v2/sequence-templates/{id}", Single(Template, || json!({ "category": "AGENCY" }))),
        (Method::DELETE, "/v2/sequence-templates/{id}", Single(Template, no_body)),
        (Method::POST, "/v1/sequences", Start),
        (Method::POST, "/v1/sequences/{id}/stop", Single(Followed, no_body)),
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
    ]
}

/// A tenant in one mode, or the part visible to a key of one business, with resources of every kind.
struct Environment {
    tenant: &'static str,
    mode: &'static str,
    caller: Caller,
    hook: String,
    /// Secret that signs inbound messages.
    secret: String,
    resources: BTreeMap<Subject, Vec<String>>,
}

fn plain_id(made: &Value) -> String {
    let id = ["id", "lead_id", "event_id"].into_iter().find_map(|name| made[name].as_str());
    let id = id.unwrap_or_else(|| panic!("no id in {made}"));
    // LeadRescue has a notation of its own for ids.
    id.strip_prefix("l_").map_or(id.to_owned(), |plain| uuid::Uuid::parse_str(plain).unwrap().to_string())
}

/// Returns an id in the notation of the path's contract.
fn id_for_path(path: &str, id: &str) -> String {
    if path.starts_with("/v1/") { format!("l_{}", id.replace('-', "")) } else { id.to_owned() }
}

impl Environment {
    async fn of(tenant: &'static str, mode: &'static str, caller: Caller, hook: &str) -> Self {
        let secret = caller.post("/v2/webhooks/inbound-secret", json!({})).await;
        // A key bound to one business may not issue secrets.
        let secret = if mode == BOUND { String::new() } else { secret_in(&secret) };
        let mut environment = Self { tenant, mode, caller, hook: hook.to_owned(), secret, resources: BTreeMap::new() };
        for (subject, _) in SUBJECTS {
            if mode == BOUND && subject == Subject::Business {
                continue;
            }
            for _ in 0..2 {
                environment.add(subject).await;
            }
        }
        environment
    }

    fn name(&self) -> String {
        format!("{}-{}", self.tenant, self.mode)
    }

    /// Creates one more resource of this kind, and returns its id.
    async fn add(&mut self, subject: Subject) -> String {
        let name = self.name();
        let made = match subject {
            Subject::Lead => self.caller.post("/v2/leads", lead(&name)).await.expect(201),
            Subject::Webhook => {
                // Subscribed to an event that does not occur here, so that only requested deliveries are sent.
                let body = json!({ "url": self.hook, "events": ["webhook.disabled"] });
                self.caller.post("/v2/webhooks", body).await.expect(201)
            }
            Subject::Delivery => {
                let test = format!("/v2/webhooks/{}/test", self.resources[&Subject::Webhook][0]);
                let pinged = self.caller.post(&test, json!({})).await.expect(202);
                json!({ "id": pinged["deliveryId"] })
            }
            Subject::Key => {
                let body = json!({ "name": name, "scopes": ["leads:read"] });
                self.caller.post("/v2/keys", body).await.expect(201)
            }
            Subject::Event => self.caller.post("/v2/events", visitor_event(&name)).await.expect(201),
            Subject::Business => {
                self.caller.post("/v2/businesses", json!({ "name": name, "country": "SE" })).await.expect(201)
            }
            Subject::Customer => self.caller.post("/v2/customers", customer(&name)).await.expect(201),
            Subject::Transaction => self.caller.post("/v2/transactions", transaction(&name)).await.expect(201),
            Subject::Dispute => self.caller.post("/v2/disputes", dispute(&name)).await.expect(201),
            Subject::Evidence => self.caller.post("/v2/evidence", evidence(&name)).await.expect(201),
            Subject::Template => self.caller.post("/v2/sequence-templates", template(&name)).await.expect(201),
            Subject::Followed => {
                // Without consent the sequence is only proposed, and does not change.
                let made = self.caller.post("/v2/leads", lead(&name)).await.expect(201);
                self.caller.post("/v2/sequences", json!({ "leadId": made["id"] })).await.expect(201);
                made
            }
        };
        self.note(subject, plain_id(&made))
    }

    fn note(&mut self, subject: Subject, id: String) -> String {
        self.resources.entry(subject).or_default().push(id.clone());
        id
    }

    /// Returns whether resources of this kind are hidden from `other`: businesses belong to a tenant in both modes,
    /// and live keys see test keys but not the reverse. None of these resources belong to the business of a bound
    /// key.
    fn hides(&self, subject: Subject, other: &Self) -> bool {
        let apart = self.tenant != other.tenant || other.mode == BOUND;
        match subject {
            Subject::Business => apart,
            Subject::Key => apart || self.mode == "live",
            _ => apart || self.mode != other.mode,
        }
    }

    /// Returns whether `other` is a key of one business of this environment: it has the same lists, with fewer items.
    fn contains(&self, other: &Self) -> bool {
        self.tenant == other.tenant && self.mode == "live" && other.mode == BOUND
    }

    /// Asserts that a response to `other` contains no id or name that this environment hides from it.
    #[track_caller]
    fn assert_hidden_from(&self, other: &Self, reply: &ApiResponse) {
        for (subject, ids) in self.resources.iter().filter(|(subject, _)| self.hides(**subject, other)) {
            let disclosed =
                ids.iter().find(|id| reply.text.contains(*id) || reply.text.contains(&id_for_path("/v1/", id)));
            assert_eq!(
                disclosed,
                None,
                "a {subject:?} of {} is disclosed to {}: {}",
                self.name(),
                other.name(),
                reply.text
            );
        }
        assert!(!reply.text.contains(&format!("{}@", self.name())), "{}", reply.text);
    }

    /// Waits until no delivery is in progress.
    async fn settle(&self) {
        eventually(Duration::from_secs(30), "no delivery is in progress", || async {
            let pending = self.caller.get("/v2/deliveries?status=PENDING").await.expect(200);
            (pending["data"] == json!([])).then_some(())
        })
        .await;
    }

    /// Returns all resources, once no delivery is in progress.
    async fn all(&self) -> BTreeMap<Subject, BTreeMap<String, Value>> {
        self.settle().await;
        let mut all = BTreeMap::new();
        for (subject, path) in SUBJECTS {
            let page = self.caller.get(&format!("{path}?{}limit=100", required_parameters(path))).await.expect(200);
            assert_eq!(page["pagination"]["hasMore"], false, "{path}");
            let resources = page["data"].as_array().unwrap().iter().map(|resource| {
                let mut resource = resource.clone();
                // The time of the last use changes with every read.
                resource.as_object_mut().unwrap().remove("lastUsedAt");
                (plain_id(&resource), resource)
            });
            all.insert(subject, resources.collect());
        }
        all
    }
}

fn secret_in(reply: &ApiResponse) -> String {
    reply.expect(201)["secret"].as_str().unwrap().to_owned()
}

/// Returns a reply of `lead`, with its id in the notation of the path's contract.
fn opt_out_of(path: &str, lead: &str) -> Value {
    let lead = id_for_path(path, lead);
    if path.starts_with("/v1/") {
        json!({ "event": "customer.opt_out", "lead_id": lead, "channel": "sms", "body": "Mine" })
    } else {
        json!({ "event": "customer.opt_out", "leadId": lead, "channel": "SMS", "body": "Mine" })
    }
}

/// One route under test, with the owner's own call.
struct RouteCall {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    idempotency_key: String,
    /// Signature of the owner, if the body is signed.
    signature: Option<String>,
    first: ApiResponse,
}

impl RouteCall {
    async fn send_as(&self, caller: &Caller, headers: &[(&str, &str)]) -> ApiResponse {
        let signature = self.signature.as_deref().map(|signature| ("X-Signature", signature));
        let headers: Vec<_> = headers.iter().copied().chain(signature).collect();
        caller.send(self.method.clone(), &self.path, &headers, self.body.clone()).await
    }

    /// Sends the call with the idempotency key that the owner used.
    async fn repeat_as(&self, caller: &Caller) -> ApiResponse {
        self.send_as(caller, &[("Idempotency-Key", &self.idempotency_key)]).await
    }

    /// Returns whether idempotency keys apply to the call.
    fn is_idempotent(&self) -> bool {
        matches!(self.method, Method::POST | Method::PATCH)
    }
}

/// Makes the owner's own call, which must succeed; otherwise a rejection of others would prove nothing.
async fn call_as_owner(owner: &mut Environment, method: &Method, path: &str, route_test: &RouteTest) -> RouteCall {
    let mut path = path.to_owned();
    let mut body = Value::Null;
    match route_test {
        RouteTest::Open | RouteTest::OwnData | RouteTest::Kpis(_) | RouteTest::InboundSecret | RouteTest::Purge => {}
        RouteTest::Inbound => {
            let lead = owner.add(Subject::Lead).await;
            body = opt_out_of(&path, &lead);
        }
        RouteTest::List(_) => path = format!("{path}?{}limit=1", required_parameters(&path)),
        RouteTest::Create(_, make, _) => body = make("mine"),
        RouteTest::Start => {
            let (lead, template) = (owner.add(Subject::Lead).await, owner.resources[&Subject::Template][0].clone());
            owner.settle().await;
            body = sequence(&path, &lead, Some(&template));
        }
        RouteTest::Batch => body = json!({ "leads": [lead("mine"), lead("mine")] }),
        RouteTest::Single(subject, make) => {
            path = path.replace("{id}", &id_for_path(&path, &owner.add(*subject).await));
            owner.settle().await;
            body = make();
        }
    }
    let body = (body != Value::Null).then(|| body.to_string().into_bytes());
    let idempotency_key = format!("{method} of {}", owner.name());
    let first = ApiResponse { status: 0, headers: http::HeaderMap::new(), text: String::new() };
    let signature = body.as_ref().filter(|_| matches!(route_test, RouteTest::Inbound));
    let signature = signature.map(|body| hmac_hex(&owner.secret, body));
    let mut tried = RouteCall { method: method.clone(), path, body, idempotency_key, signature, first };
    if tried.method == Method::DELETE {
        return tried;
    }
    tried.first = tried.repeat_as(&owner.caller).await;
    assert!((200..300).contains(&tried.first.status), "{method} {}: {}", tried.path, tried.first.text);
    assert_eq!(tried.first.header("idempotent-replayed"), "", "{method} {}", tried.path);
    if let RouteTest::Create(subject, ..) = route_test {
        owner.note(*subject, plain_id(&tried.first.json()));
    }
    if let RouteTest::Batch = route_test {
        for id in ids_of_batch(&tried.first) {
            owner.note(Subject::Lead, id);
        }
    }
    tried
}

/// Returns the status for a resource of another environment: as if it did not exist, except a business in Revenue
/// Defenders, which is a mismatch.
fn foreign_status(path: &str, subject: Subject) -> u16 {
    let defenders = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/developer");
    if defenders && subject == Subject::Business { 403 } else { 404 }
}

/// Uses ids, cursors and idempotency keys of `owner` as `other`.
async fn call_as_other(tried: &RouteCall, route_test: &RouteTest, owner: &Environment, other: &Environment) {
    let context = format!("{} {} of {} by {}", tried.method, tried.path, owner.name(), other.name());
    let assert_rejected = |reply: ApiResponse, status: u16| {
        assert_eq!(reply.status, status, "{context}: {}", reply.text);
        assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
        owner.assert_hidden_from(other, &reply);
    };
    match route_test {
        RouteTest::Open | RouteTest::OwnData => {
            let reply = tried.send_as(&other.caller, &[]).await;
            assert_eq!(reply.status, 200, "{context}");
            owner.assert_hidden_from(other, &reply);
        }
        RouteTest::Kpis(references) => {
            let reply = tried.send_as(&other.caller, &[]).await;
            assert_eq!(reply.status, 200, "{context}");
            owner.assert_hidden_from(other, &reply);
            for (name, subject) in references.iter().filter(|(_, subject)| owner.hides(*subject, other)) {
                let named = format!("{}?{name}={}", tried.path, owner.resources[subject][0]);
                assert_rejected(other.caller.get(&named).await, foreign_status(&tried.path, *subject));
            }
        }
        RouteTest::List(references) => {
            let path = tried.path.split('?').next().unwrap();
            let required_parameters = required_parameters(path);
            let own = other.caller.get(&format!("{path}?{required_parameters}limit=100")).await;
            owner.assert_hidden_from(other, &own);
            assert_eq!(own.status, 200, "{context}");
            let cursor = cursor_of(&tried.first).unwrap_or_else(|| panic!("{context}: a second page is needed"));
            let with_cursor = other.caller.get(&format!("{path}?{required_parameters}limit=1&cursor={cursor}")).await;
            // The list of a bound key is a different list, although tenant and mode are the same.
            assert_rejected(with_cursor, 400);
            // Continues the other caller's own list at the position of the owner's page; the businesses of a bound
            // key do not fill a second page.
            let next_cursor = cursor_of(&other.caller.get(&tried.path).await);
            assert!(next_cursor.is_some() || other.mode == BOUND, "{context}: a second page is needed");
            if let Some(next_cursor) = next_cursor {
                let forged = forged(&next_cursor, &cursor);
                let reply = other.caller.get(&format!("{path}?{required_parameters}limit=100&cursor={forged}")).await;
                assert_eq!(reply.status, 200, "{context}: {}", reply.text);
                owner.assert_hidden_from(other, &reply);
            }
            for (name, subject) in references.iter().filter(|(_, subject)| owner.hides(*subject, other)) {
                let filtered = format!("{path}?{required_parameters}{name}={}", owner.resources[subject][0]);
                assert_rejected(other.caller.get(&filtered).await, foreign_status(path, *subject));
            }
        }
        RouteTest::Create(Subject::Business, ..) if other.mode == BOUND => {
            assert_rejected(tried.repeat_as(&other.caller).await, 403);
        }
        RouteTest::Create(made, make, references) => {
            // The same call by another caller is a separate call.
            let reply = tried.repeat_as(&other.caller).await;
            owner.assert_hidden_from(other, &reply);
            assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
            assert_eq!(reply.status, tried.first.status, "{context}: {}", reply.text);
            assert_ne!(plain_id(&reply.json()), plain_id(&tried.first.json()), "{context}");
            assert_eq!(tried.repeat_as(&other.caller).await.text, reply.text, "{context}: its own again");
            for (name, subject) in references.iter().filter(|(_, subject)| owner.hides(*subject, other)) {
                let mut other_body = make("somebody-elses");
                other_body[name] = owner.resources[subject][0].clone().into();
                // Granting access to another business is forbidden whether or not it exists.
                let granting = *made == Subject::Key && other.mode == BOUND;
                let status = if granting { 403 } else { foreign_status(&tried.path, *subject) };
                assert_rejected(other.caller.post(&tried.path, other_body).await, status);
            }
        }
        RouteTest::Start => {
            assert_rejected(tried.send_as(&other.caller, &[]).await, 404);
            assert_rejected(tried.repeat_as(&other.caller).await, 404);
            let (lead, template) = (&other.resources[&Subject::Lead][0], &owner.resources[&Subject::Template][0]);
            let with_foreign_template = sequence(&tried.path, lead, Some(template));
            assert_rejected(other.caller.post(&tried.path, with_foreign_template).await, 404);
        }
        RouteTest::Batch => post_batch_as_other(tried, owner, other).await,
        RouteTest::Single(subject, _) if owner.hides(*subject, other) => {
            assert_rejected(tried.send_as(&other.caller, &[]).await, 404);
            if tried.is_idempotent() {
                assert_rejected(tried.repeat_as(&other.caller).await, 404);
            }
            if tried.method == Method::GET {
                assert_rejected(other.caller.send(Method::HEAD, &tried.path, &[], None).await, 404);
            }
        }
        RouteTest::Single(..) => {}
        RouteTest::Inbound => post_reply_as_other(tried, owner, other).await,
        RouteTest::InboundSecret => issue_secret_as_other(tried, other).await,
        RouteTest::Purge if other.mode == BOUND => assert_rejected(tried.send_as(&other.caller, &[]).await, 403),
        // Keys of both modes of the tenant may purge its test data.
        RouteTest::Purge if owner.mode == "test" && owner.tenant == other.tenant => {}
        RouteTest::Purge => assert_rejected(tried.send_as(&other.caller, &[]).await, 204),
    }
}

/// Asserts that no other caller gets the new secret; a bound key may not issue one, because all businesses share it.
async fn issue_secret_as_other(tried: &RouteCall, other: &Environment) {
    let reply = tried.repeat_as(&other.caller).await;
    assert_eq!(reply.header("idempotent-replayed"), "", "{}", other.name());
    if other.mode == BOUND {
        assert_eq!(reply.status, 403, "{}", reply.text);
        return;
    }
    assert_ne!(secret_in(&reply), secret_in(&tried.first), "{}", other.name());
    assert_eq!(tried.repeat_as(&other.caller).await.text, reply.text, "{}: its own again", other.name());
}

/// Sends the batch of `owner` as `other`: it creates another batch, without any lead of `owner`.
async fn post_batch_as_other(tried: &RouteCall, owner: &Environment, other: &Environment) {
    let context = format!("{} {} of {} by {}", tried.method, tried.path, owner.name(), other.name());
    let reply = tried.repeat_as(&other.caller).await;
    owner.assert_hidden_from(other, &reply);
    assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
    let (own, theirs) = (ids_of_batch(&tried.first), ids_of_batch(&reply));
    assert!(theirs.len() == 2 && theirs.iter().all(|id| !own.contains(id)), "{context}: {}", reply.text);
    assert_eq!(tried.repeat_as(&other.caller).await.text, reply.text, "{context}: its own again");
    if owner.hides(Subject::Business, other) {
        let mut entry = lead("somebody-elses");
        entry["businessId"] = owner.resources[&Subject::Business][0].clone().into();
        let reply = other.caller.post(&tried.path, json!({ "leads": [entry] })).await;
        owner.assert_hidden_from(other, &reply);
        assert_eq!(reply.expect(200)["results"][0]["status"], 404, "{context}");
    }
}

/// Posts a reply of `owner`'s lead as `other`, signed with the secret of `owner` and with that of `other`.
async fn post_reply_as_other(tried: &RouteCall, owner: &Environment, other: &Environment) {
    let assert_rejected = |reply: ApiResponse, status: u16| {
        assert_eq!(reply.status, status, "{} of {} by {}: {}", tried.path, owner.name(), other.name(), reply.text);
        owner.assert_hidden_from(other, &reply);
    };
    // A bound key signs with the secret of its tenant, so only the lead is not its own.
    let status = if owner.contains(other) { 404 } else { 401 };
    assert_rejected(tried.send_as(&other.caller, &[]).await, status);
    assert_rejected(tried.repeat_as(&other.caller).await, status);
    if other.mode != BOUND {
        let body = tried.body.clone().unwrap();
        let signature = hmac_hex(&other.secret, &body);
        let headers = [("X-Signature", signature.as_str()), ("Idempotency-Key", &tried.idempotency_key)];
        assert_rejected(other.caller.send(Method::POST, &tried.path, &headers, Some(body)).await, 404);
    }
}

fn ids_of_batch(reply: &ApiResponse) -> Vec<String> {
    reply.expect(200)["results"].as_array().unwrap().iter().map(|result| plain_id(&result["lead"])).collect()
}

fn cursor_of(page: &ApiResponse) -> Option<String> {
    let page = page.json();
    let place = if page["pagination"].is_object() { &page["pagination"] } else { &page };
    ["nextCursor", "next_cursor"].into_iter().find_map(|name| place[name].as_str()).map(str::to_owned)
}

/// Returns a cursor of the list of `own` at the position of `foreign_status`.
fn forged(own: &str, foreign_status: &str) -> String {
    let read = |cursor: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    let mut own = read(own);
    own["after"] = read(foreign_status)["after"].clone();
    URL_SAFE_NO_PAD.encode(own.to_string())
}

/// Returns the four environments of two tenants, and last a key bound to one business of the first.
async fn environments(server: &LocalServer, hook: &str) -> Vec<Environment> {
    let native = Caller::native(server);
    let other = Caller::revenue_defenders(server);
    let scopes = other.get("/v2/me").await.expect(200)["key"]["scopes"].clone();
    let key = json!({ "name": "all", "scopes": scopes, "mode": "test", "tier": "enterprise" });
    let made = other.post("/v2/keys", key).await.expect(201);
    let other_test = other.with_key(made["key"].as_str().unwrap());
    let business = native.post("/v2/businesses", json!({ "name": "Bound", "country": "SE" })).await.expect(201);
    let key = json!({ "name": "bound", "scopes": scopes, "businessId": business["id"] });
    let made = native.post("/v2/keys", key).await.expect(201);
    let bound = native.with_key(made["key"].as_str().unwrap());
    vec![
        Environment::of("first", "live", native, hook).await,
        Environment::of("first", "test", Caller::native_test(server), hook).await,
        Environment::of("second", "live", other, hook).await,
        Environment::of("second", "test", other_test, hook).await,
        Environment::of("first", BOUND, bound, hook).await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_crosses_tenant_mode_or_business() {
    let server = ServerOptions { demo_limits: Some(Limits::UNLIMITED), ..options() };
    let server = LocalServer::start(server).await.unwrap();
    let route_tests = route_tests();
    let served: BTreeSet<_> =
        server.routes.iter().map(|one| format!("{} {}", one.route.method, one.route.path)).collect();
    let tried: BTreeSet<_> = route_tests.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(served.difference(&tried).collect::<Vec<_>>(), [""; 0], "served but not covered by a row");
    assert_eq!(tried.difference(&served).collect::<Vec<_>>(), [""; 0], "covered but not served");
    assert_eq!(tried.len(), route_tests.len(), "one row each");

    let receiver = Receiver::new().await;
    let mut environments = environments(&server, &receiver.url).await;
    for (method, path, route_test) in &route_tests {
        for owner in 0..environments.len() - 1 {
            let tried = call_as_owner(&mut environments[owner], method, path, route_test).await;
            let owner = &environments[owner];
            let before = owner.all().await;
            for other in environments.iter().filter(|other| other.name() != owner.name()) {
                call_as_other(&tried, route_test, owner, other).await;
            }
            let after = owner.all().await;
            for (subject, resources) in before {
                let now = &after[&subject];
                for (id, resource) in &resources {
                    assert_eq!(now.get(id), Some(resource), "{method} {path}: a {subject:?} of {}", owner.name());
                }
                // Both modes of a tenant see its new businesses and keys; its bound key creates its own.
                let shared = matches!(subject, Subject::Business | Subject::Key)
                    || environments.iter().any(|other| owner.contains(other));
                assert!(shared || now.len() == resources.len(), "{method} {path}: a {subject:?} for {}", owner.name());
            }
            if tried.is_idempotent() {
                let again = tried.repeat_as(&owner.caller).await;
                assert_eq!((again.status, &again.text), (tried.first.status, &tried.first.text), "{method} {path}");
                assert_eq!(again.header("idempotent-replayed"), "true", "{method} {path}");
            } else if tried.method == Method::DELETE {
                tried.send_as(&owner.caller, &[]).await.expect(204);
            }
        }
    }
}

/// Returns the paths of each function in `template.yaml`, as `function path`.
fn deployed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(tests_folder().join("../template.yaml")).unwrap();
    let mut function = "";
    let mut paths = BTreeSet::new();
    for line in text.lines() {
        // Names of resources are indented by two spaces.
        if line.starts_with("  ") && !line.starts_with("   ") {
            function = "";
        }
        if let Some(folder) = line.trim().strip_prefix("CodeUri: functions/") {
            function = folder;
        }
        if !line.contains("Type: HttpApi") {
            continue;
        }
        assert_ne!(function, "", "an event of no function: {line}");
        let Some((_, path)) = line.split_once("Path: ") else {
            assert_eq!(function, "account", "one function serves all other paths: {line}");
            continue;
        };
        assert!(line.contains("Method: ANY"), "the function handles wrong methods: {line}");
        let path = path.split([' ', ',', '}']).next().unwrap();
        // A quoted path ends at its closing quote.
        let path = line.split_once("Path: \"").map_or(path, |(_, quoted)| quoted.split('"').next().unwrap());
        assert!(paths.insert(format!("{function} {path}")), "duplicate: {line}");
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn local_routes_match_the_template() {
    let server = LocalServer::start(options()).await.unwrap();
    let served: BTreeSet<_> = server.routes.iter().map(|one| format!("{} {}", one.function, one.route.path)).collect();
    let deployed = deployed();
    assert_eq!(
        served.difference(&deployed).collect::<Vec<_>>(),
        [""; 0],
        "served, and template.yaml does not route it"
    );
    assert_eq!(deployed.difference(&served).collect::<Vec<_>>(), [""; 0], "routed by template.yaml, and not served");
}
