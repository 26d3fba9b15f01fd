//! No tenant, no mode and no key of one business reaches into another: every route that is served is tried, and one
//! that is new must say how.

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

/// A kind of thing that belongs to somebody.
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
    /// A lead that has a sequence.
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

/// The parameters that a list cannot do without.
fn needed(path: &str) -> &'static str {
    if path == "/v2/events" { "visitorId=a+visitor&" } else { "" }
}

/// Fields or parameters that name something else, and what.
type Naming = &'static [(&'static str, Subject)];

/// What stands for the mode of a key that is bound to one business.
const BOUND: &str = "bound";

/// How a route is tried with what is somebody else's.
enum Trial {
    /// It tells the same to everybody, and nothing of anybody.
    Open,
    /// It tells of the caller.
    Own,
    /// It tells figures of the caller's own: neither it nor these filters reach across.
    Figures(Naming),
    /// It lists: neither things, cursors nor these filters reach across.
    List(Naming),
    /// It makes one of these, here with a body of its own: neither an idempotency key nor a named thing reaches across.
    Make(Subject, fn(&str) -> Value, Naming),
    /// It starts a sequence: neither an idempotency key nor somebody else's lead or template reaches across.
    Start,
    /// It makes many leads, each with an answer of its own: neither an idempotency key nor a named thing reaches across.
    Batch,
    /// It works on the one that its path names, here with this body.
    One(Subject, fn() -> Value),
    /// It takes what a lead answered, signed with its world's inbound secret.
    Inbound,
    /// It makes the world's inbound secret anew, which no key of one business may where there are several.
    Secret,
    /// It empties the tenant's test mode: the last to be tried.
    Empty,
}

/// No body at all.
fn nothing() -> Value {
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
    // Without a file: a link would be made anew where the first answer is given again.
    json!({ "category": "MESSAGE", "description": format!("Written by {name}@example.com") })
}

fn visitor_event(name: &str) -> Value {
    json!({ "visitorId": "a visitor", "eventType": "custom", "eventName": format!("{name}@") })
}

fn template(name: &str) -> Value {
    json!({ "name": name, "category": "EVENT", "steps": [{ "day": 0, "text": format!("I am {name}@example.com") }] })
}

/// A sequence of this lead, and of a template where one is named, as the path's contract writes it.
fn sequence(path: &str, lead: &str, template: Option<&str>) -> Value {
    let lead = spelled(path, lead);
    if path.starts_with("/v1/") {
        json!({ "lead_id": lead, "template_id": template })
    } else {
        json!({ "leadId": lead, "templateId": template })
    }
}

/// Every route, and how it is tried.
fn trials() -> Vec<(Method, &'static str, Trial)> {
    use Subject::{
        Business, Customer, Delivery, Dispute, Event, Evidence, Followed, Key, Lead, Template, Transaction, Webhook,
    };
    use Trial::{Batch, Empty, Figures, Inbound, List, Make, One, Open, Own, Secret, Start};
    const IN_BUSINESS: Naming = &[("businessId", Business)];
    const OF_CUSTOMER: Naming = &[("businessId", Business), ("leadId", Lead)];
    const OF_TRANSACTION: Naming = &[("businessId", Business), ("customerId", Customer)];
    const OF_DISPUTE: Naming =
        &[("businessId", Business), ("customerId", Customer), ("transactionId", Transaction), ("leadId", Lead)];
    const OF_EVIDENCE: Naming = &[("businessId", Business), ("disputeId", Dispute), ("leadId", Lead)];
    let webhook = |name: &str| json!({ "url": format!("http://127.0.0.1:9000/{name}"), "events": ["lead.lost"] });
    let key = |name: &str| json!({ "name": name, "scopes": ["leads:read"] });
    let business = |name: &str| json!({ "name": name, "country": "SE" });
    let test_drive = |name: &str| json!({ "customer_name": format!("{name}@"), "phone": "+46701234567" });
    let pad_lead = |name: &str| json!({ "first_name": name, "email": format!("{name}@pad.example.com") });
    let pad_event = |name: &str| json!({ "visitor_id": "a visitor", "event_type": "custom", "event_name": name });
    vec![
        (Method::GET, "/v2/leads", List(IN_BUSINESS)),
        (Method::POST, "/v2/leads", Make(Lead, lead, IN_BUSINESS)),
        (Method::POST, "/v2/leads/batch", Batch),
        (Method::GET, "/v2/leads/{id}", One(Lead, nothing)),
        (Method::DELETE, "/v2/leads/{id}", One(Lead, nothing)),
        (Method::PATCH, "/v2/leads/{id}", One(Lead, || json!({ "status": "CONTACTED" }))),
        (Method::GET, "/api/v1/leads", List(IN_BUSINESS)),
        (Method::POST, "/api/v1/leads", Make(Lead, lead, IN_BUSINESS)),
        (Method::GET, "/api/v1/leads/{id}", One(Lead, nothing)),
        (Method::GET, "/v2/customers", List(IN_BUSINESS)),
        (Method::POST, "/v2/customers", Make(Customer, customer, OF_CUSTOMER)),
        (Method::GET, "/v2/customers/{id}", One(Customer, nothing)),
        (Method::GET, "/api/v1/customers", List(IN_BUSINESS)),
        (Method::GET, "/v2/transactions", List(IN_BUSINESS)),
        (Method::POST, "/v2/transactions", Make(Transaction, transaction, OF_TRANSACTION)),
        (Method::GET, "/v2/transactions/{id}", One(Transaction, nothing)),
        (Method::GET, "/api/v1/transactions", List(IN_BUSINESS)),
        (Method::GET, "/v2/disputes", List(IN_BUSINESS)),
        (Method::POST, "/v2/disputes", Make(Dispute, dispute, OF_DISPUTE)),
        (Method::GET, "/v2/disputes/{id}", One(Dispute, nothing)),
        (Method::PATCH, "/v2/disputes/{id}", One(Dispute, || json!({ "status": "WON" }))),
        (Method::GET, "/api/v1/disputes", List(IN_BUSINESS)),
        (Method::POST, "/api/v1/disputes", Make(Dispute, dispute, OF_DISPUTE)),
        (Method::GET, "/api/v1/disputes/{id}", One(Dispute, nothing)),
        (Method::GET, "/v2/evidence", List(OF_EVIDENCE)),
        (Method::POST, "/v2/evidence", Make(Evidence, evidence, OF_EVIDENCE)),
        (Method::GET, "/v2/evidence/{id}", One(Evidence, nothing)),
        (Method::GET, "/api/v1/evidence", List(IN_BUSINESS)),
        (Method::GET, "/v2/webhooks", List(&[])),
        (Method::POST, "/v2/webhooks", Make(Webhook, webhook, IN_BUSINESS)),
        (Method::GET, "/v2/webhooks/{id}", One(Webhook, nothing)),
        (Method::PATCH, "/v2/webhooks/{id}", One(Webhook, || json!({ "events": ["lead.won"] }))),
        (Method::DELETE, "/v2/webhooks/{id}", One(Webhook, nothing)),
        (Method::POST, "/v2/webhooks/{id}/rotate-secret", One(Webhook, nothing)),
        (Method::POST, "/v2/webhooks/{id}/test", One(Webhook, nothing)),
        (Method::POST, "/v2/webhooks/{id}/recover", One(Webhook, || json!({ "since": "2026-01-01T00:00:00Z" }))),
        (Method::POST, "/v2/webhooks/inbound", Inbound),
        (Method::POST, "/v1/webhooks/inbound", Inbound),
        (Method::POST, "/v2/webhooks/inbound-secret", Secret),
        (Method::GET, "/v2/event-types", Open),
        (Method::GET, "/v2/deliveries", List(&[("webhookId", Webhook)])),
        (Method::GET, "/v2/deliveries/{id}", One(Delivery, nothing)),
        (Method::POST, "/v2/deliveries/{id}/retry", One(Delivery, nothing)),
        (Method::GET, "/v2/keys", List(&[])),
        (Method::POST, "/v2/keys", Make(Key, key, IN_BUSINESS)),
        (Method::GET, "/v2/keys/{id}", One(Key, nothing)),
        (Method::DELETE, "/v2/keys/{id}", One(Key, nothing)),
        (Method::POST, "/v2/keys/{id}/rotate", One(Key, nothing)),
        (Method::GET, "/v2/me", Own),
        (Method::GET, "/v2/businesses", List(&[])),
        (Method::POST, "/v2/businesses", Make(Business, business, &[])),
        (Method::GET, "/v2/businesses/{id}", One(Business, nothing)),
        (Method::PATCH, "/v2/businesses/{id}", One(Business, || json!({ "name": "Renamed" }))),
        (Method::GET, "/v2/audit-log", List(&[])),
        (Method::GET, "/v2/analytics/kpis", Figures(IN_BUSINESS)),
        (Method::GET, "/v1/analytics/kpis", Figures(&[])),
        (Method::GET, "/v2/health", Open),
        (Method::POST, "/v2/sequences", Start),
        (Method::POST, "/v2/sequences/{id}/stop", One(Followed, nothing)),
        (Method::GET, "/v2/leads/{id}/sequence", One(Followed, nothing)),
        (Method::GET, "/v2/leads/{id}/messages", One(Followed, nothing)),
        (Method::GET, "/v2/sequence-templates", List(IN_BUSINESS)),
        (Method::POST, "/v2/sequence-templates", Make(Template, template, IN_BUSINESS)),
        (Method::GET, "/v2/sequence-templates/{id}", One(Template, nothing)),
        (Method::PATCH, "/v2/sequence-templates/{id}", One(Template, || json!({ "category": "AGENCY" }))),
        (Method::DELETE, "/v2/sequence-templates/{id}", One(Template, nothing)),
        (Method::POST, "/v1/sequences", Start),
        (Method::POST, "/v1/sequences/{id}/stop", One(Followed, nothing)),
        (Method::POST, "/v1/leads", Make(Lead, test_drive, &[])),
        (Method::GET, "/v1/leads/{id}", One(Lead, nothing)),
        (Method::PATCH, "/v1/leads/{id}", One(Lead, || json!({ "status": "closed" }))),
        (Method::GET, "/api/v1/developer/leads", List(&[])),
        (Method::POST, "/api/v1/developer/leads", Make(Lead, pad_lead, &[])),
        (Method::GET, "/api/v1/developer/leads/{id}", One(Lead, nothing)),
        (Method::POST, "/api/v1/developer/events", Make(Event, pad_event, &[])),
        (Method::GET, "/v2/events", List(IN_BUSINESS)),
        (Method::POST, "/v2/events", Make(Event, visitor_event, IN_BUSINESS)),
        (Method::DELETE, "/v2/test-data", Empty),
    ]
}

/// A tenant in one mode, or what a key of one of its businesses sees of it, with things of every kind.
struct Environment {
    tenant: &'static str,
    mode: &'static str,
    caller: Caller,
    hook: String,
    /// What signs what comes in.
    secret: String,
    things: BTreeMap<Subject, Vec<String>>,
}

fn id_of(made: &Value) -> String {
    let id = ["id", "lead_id", "event_id"].into_iter().find_map(|name| made[name].as_str());
    let id = id.unwrap_or_else(|| panic!("no id in {made}"));
    // LeadRescue spells ids its own way.
    id.strip_prefix("l_").map_or(id.to_owned(), |plain| uuid::Uuid::parse_str(plain).unwrap().to_string())
}

/// An id as the path's contract spells it.
fn spelled(path: &str, id: &str) -> String {
    if path.starts_with("/v1/") { format!("l_{}", id.replace('-', "")) } else { id.to_owned() }
}

impl Environment {
    async fn of(tenant: &'static str, mode: &'static str, caller: Caller, hook: &str) -> Self {
        let secret = caller.post("/v2/webhooks/inbound-secret", json!({})).await;
        // A bound key may make none.
        let secret = if mode == BOUND { String::new() } else { secret_in(&secret) };
        let mut environment = Self { tenant, mode, caller, hook: hook.to_owned(), secret, things: BTreeMap::new() };
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

    /// Makes one more of these and tells its id.
    async fn add(&mut self, subject: Subject) -> String {
        let name = self.name();
        let made = match subject {
            Subject::Lead => self.caller.post("/v2/leads", lead(&name)).await.expect(201),
            Subject::Webhook => {
                // Something that does not happen here: what it is sent, it is sent at somebody's word.
                let body = json!({ "url": self.hook, "events": ["webhook.disabled"] });
                self.caller.post("/v2/webhooks", body).await.expect(201)
            }
            Subject::Delivery => {
                let test = format!("/v2/webhooks/{}/test", self.things[&Subject::Webhook][0]);
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
                // Without consent it is proposed, and stays as it is.
                let made = self.caller.post("/v2/leads", lead(&name)).await.expect(201);
                self.caller.post("/v2/sequences", json!({ "leadId": made["id"] })).await.expect(201);
                made
            }
        };
        self.note(subject, id_of(&made))
    }

    fn note(&mut self, subject: Subject, id: String) -> String {
        self.things.entry(subject).or_default().push(id.clone());
        id
    }

    /// Whether these are kept from `other`: businesses are a tenant's in both modes, and its live keys see its test
    /// keys, not the other way round. Nothing here lies in the business that a key is bound to.
    fn keeps(&self, subject: Subject, other: &Self) -> bool {
        let apart = self.tenant != other.tenant || other.mode == BOUND;
        match subject {
            Subject::Business => apart,
            Subject::Key => apart || self.mode == "live",
            _ => apart || self.mode != other.mode,
        }
    }

    /// Whether `other` is a key of one business of this very world: it knows the same lists, and sees less of them.
    fn contains(&self, other: &Self) -> bool {
        self.tenant == other.tenant && self.mode == "live" && other.mode == BOUND
    }

    /// Nothing that this world keeps from `other` is told to it.
    #[track_caller]
    fn is_not_told_to(&self, other: &Self, reply: &ApiResponse) {
        for (subject, ids) in self.things.iter().filter(|(subject, _)| self.keeps(**subject, other)) {
            let told = ids.iter().find(|id| reply.text.contains(*id) || reply.text.contains(&spelled("/v1/", id)));
            assert_eq!(told, None, "a {subject:?} of {} is told to {}: {}", self.name(), other.name(), reply.text);
        }
        assert!(!reply.text.contains(&format!("{}@", self.name())), "{}", reply.text);
    }

    /// Waits until nothing is under way.
    async fn settle(&self) {
        eventually(Duration::from_secs(30), "every delivery has been made", || async {
            let pending = self.caller.get("/v2/deliveries?status=PENDING").await.expect(200);
            (pending["data"] == json!([])).then_some(())
        })
        .await;
    }

    /// All that it has, once nothing is under way.
    async fn all(&self) -> BTreeMap<Subject, BTreeMap<String, Value>> {
        self.settle().await;
        let mut all = BTreeMap::new();
        for (subject, path) in SUBJECTS {
            let page = self.caller.get(&format!("{path}?{}limit=100", needed(path))).await.expect(200);
            assert_eq!(page["pagination"]["hasMore"], false, "{path}");
            let things = page["data"].as_array().unwrap().iter().map(|thing| {
                let mut thing = thing.clone();
                // That somebody looks is no change.
                thing.as_object_mut().unwrap().remove("lastUsedAt");
                (id_of(&thing), thing)
            });
            all.insert(subject, things.collect());
        }
        all
    }
}

fn secret_in(reply: &ApiResponse) -> String {
    reply.expect(201)["secret"].as_str().unwrap().to_owned()
}

/// What `lead` answered, as the path's contract spells it.
fn answered(path: &str, lead: &str) -> Value {
    let lead = spelled(path, lead);
    if path.starts_with("/v1/") {
        json!({ "event": "customer.opt_out", "lead_id": lead, "channel": "sms", "body": "Mine" })
    } else {
        json!({ "event": "customer.opt_out", "leadId": lead, "channel": "SMS", "body": "Mine" })
    }
}

/// One route on trial, with what its owner did there first.
struct Tried {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    idempotency_key: String,
    /// The owner's, where the body is to be signed.
    signature: Option<String>,
    first: ApiResponse,
}

impl Tried {
    async fn by(&self, caller: &Caller, headers: &[(&str, &str)]) -> ApiResponse {
        let signature = self.signature.as_deref().map(|signature| ("X-Signature", signature));
        let headers: Vec<_> = headers.iter().copied().chain(signature).collect();
        caller.send(self.method.clone(), &self.path, &headers, self.body.clone()).await
    }

    /// With the idempotency key that the owner used.
    async fn once_by(&self, caller: &Caller) -> ApiResponse {
        self.by(caller, &[("Idempotency-Key", &self.idempotency_key)]).await
    }

    /// Whether it is a call that idempotency keys count for.
    fn is_kept(&self) -> bool {
        matches!(self.method, Method::POST | Method::PATCH)
    }
}

/// The owner's own call, which must work; without one, nothing would be proven by refusing it to others.
async fn begin(owner: &mut Environment, method: &Method, path: &str, trial: &Trial) -> Tried {
    let mut path = path.to_owned();
    let mut body = Value::Null;
    match trial {
        Trial::Open | Trial::Own | Trial::Figures(_) | Trial::Secret | Trial::Empty => {}
        Trial::Inbound => {
            let lead = owner.add(Subject::Lead).await;
            body = answered(&path, &lead);
        }
        Trial::List(_) => path = format!("{path}?{}limit=1", needed(&path)),
        Trial::Make(_, make, _) => body = make("mine"),
        Trial::Start => {
            let (lead, template) = (owner.add(Subject::Lead).await, owner.things[&Subject::Template][0].clone());
            owner.settle().await;
            body = sequence(&path, &lead, Some(&template));
        }
        Trial::Batch => body = json!({ "leads": [lead("mine"), lead("mine")] }),
        Trial::One(subject, make) => {
            path = path.replace("{id}", &spelled(&path, &owner.add(*subject).await));
            owner.settle().await;
            body = make();
        }
    }
    let body = (body != Value::Null).then(|| body.to_string().into_bytes());
    let idempotency_key = format!("{method} of {}", owner.name());
    let first = ApiResponse { status: 0, headers: http::HeaderMap::new(), text: String::new() };
    let signature = body.as_ref().filter(|_| matches!(trial, Trial::Inbound));
    let signature = signature.map(|body| hmac_hex(&owner.secret, body));
    let mut tried = Tried { method: method.clone(), path, body, idempotency_key, signature, first };
    if tried.method == Method::DELETE {
        return tried;
    }
    tried.first = tried.once_by(&owner.caller).await;
    assert!((200..300).contains(&tried.first.status), "{method} {}: {}", tried.path, tried.first.text);
    assert_eq!(tried.first.header("idempotent-replayed"), "", "{method} {}", tried.path);
    if let Trial::Make(subject, ..) = trial {
        owner.note(*subject, id_of(&tried.first.json()));
    }
    if let Trial::Batch = trial {
        for id in ids_of_batch(&tried.first) {
            owner.note(Subject::Lead, id);
        }
    }
    tried
}

/// A thing that is not the caller's is as good as none; Revenue Defenders calls a foreign business a mismatch.
fn foreign(path: &str, subject: Subject) -> u16 {
    let defenders = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/developer");
    if defenders && subject == Subject::Business { 403 } else { 404 }
}

/// `owner`'s ids, cursors and idempotency keys in the hands of `other`.
async fn intrude(tried: &Tried, trial: &Trial, owner: &Environment, other: &Environment) {
    let what = format!("{} {} of {} by {}", tried.method, tried.path, owner.name(), other.name());
    let refused = |reply: ApiResponse, status: u16| {
        assert_eq!(reply.status, status, "{what}: {}", reply.text);
        assert_eq!(reply.header("idempotent-replayed"), "", "{what}");
        owner.is_not_told_to(other, &reply);
    };
    match trial {
        Trial::Open | Trial::Own => {
            let reply = tried.by(&other.caller, &[]).await;
            assert_eq!(reply.status, 200, "{what}");
            owner.is_not_told_to(other, &reply);
        }
        Trial::Figures(naming) => {
            let reply = tried.by(&other.caller, &[]).await;
            assert_eq!(reply.status, 200, "{what}");
            owner.is_not_told_to(other, &reply);
            for (name, subject) in naming.iter().filter(|(_, subject)| owner.keeps(*subject, other)) {
                let named = format!("{}?{name}={}", tried.path, owner.things[subject][0]);
                refused(other.caller.get(&named).await, foreign(&tried.path, *subject));
            }
        }
        Trial::List(naming) => {
            let path = tried.path.split('?').next().unwrap();
            let needed = needed(path);
            let own = other.caller.get(&format!("{path}?{needed}limit=100")).await;
            owner.is_not_told_to(other, &own);
            assert_eq!(own.status, 200, "{what}");
            let cursor = cursor_of(&tried.first).unwrap_or_else(|| panic!("{what}: a second page is needed"));
            let with_cursor = other.caller.get(&format!("{path}?{needed}limit=1&cursor={cursor}")).await;
            // A bound key's list is another one, of the same tenant and mode though it be.
            refused(with_cursor, 400);
            // Their own list, from where the owner's page ended; a bound key's businesses are too few for a second page.
            let of_others = cursor_of(&other.caller.get(&tried.path).await);
            assert!(of_others.is_some() || other.mode == BOUND, "{what}: a second page is needed");
            if let Some(of_others) = of_others {
                let forged = forged(&of_others, &cursor);
                let reply = other.caller.get(&format!("{path}?{needed}limit=100&cursor={forged}")).await;
                assert_eq!(reply.status, 200, "{what}: {}", reply.text);
                owner.is_not_told_to(other, &reply);
            }
            for (name, subject) in naming.iter().filter(|(_, subject)| owner.keeps(*subject, other)) {
                let filtered = format!("{path}?{needed}{name}={}", owner.things[subject][0]);
                refused(other.caller.get(&filtered).await, foreign(path, *subject));
            }
        }
        Trial::Make(Subject::Business, ..) if other.mode == BOUND => refused(tried.once_by(&other.caller).await, 403),
        Trial::Make(made, make, naming) => {
            // The same call by somebody else is another call.
            let reply = tried.once_by(&other.caller).await;
            owner.is_not_told_to(other, &reply);
            assert_eq!(reply.header("idempotent-replayed"), "", "{what}");
            assert_eq!(reply.status, tried.first.status, "{what}: {}", reply.text);
            assert_ne!(id_of(&reply.json()), id_of(&tried.first.json()), "{what}");
            assert_eq!(tried.once_by(&other.caller).await.text, reply.text, "{what}: its own again");
            for (name, subject) in naming.iter().filter(|(_, subject)| owner.keeps(*subject, other)) {
                let mut other_body = make("somebody-elses");
                other_body[name] = owner.things[subject][0].clone().into();
                // To grant another business is refused whether it exists or not.
                let granting = *made == Subject::Key && other.mode == BOUND;
                let status = if granting { 403 } else { foreign(&tried.path, *subject) };
                refused(other.caller.post(&tried.path, other_body).await, status);
            }
        }
        Trial::Start => {
            refused(tried.by(&other.caller, &[]).await, 404);
            refused(tried.once_by(&other.caller).await, 404);
            let (lead, template) = (&other.things[&Subject::Lead][0], &owner.things[&Subject::Template][0]);
            let of_their_text = sequence(&tried.path, lead, Some(template));
            refused(other.caller.post(&tried.path, of_their_text).await, 404);
        }
        Trial::Batch => intrude_with_a_batch(tried, owner, other).await,
        Trial::One(subject, _) if owner.keeps(*subject, other) => {
            refused(tried.by(&other.caller, &[]).await, 404);
            if tried.is_kept() {
                refused(tried.once_by(&other.caller).await, 404);
            }
            if tried.method == Method::GET {
                refused(other.caller.send(Method::HEAD, &tried.path, &[], None).await, 404);
            }
        }
        Trial::One(..) => {}
        Trial::Inbound => intrude_with_a_reply(tried, owner, other).await,
        Trial::Secret => intrude_on_a_secret(tried, other).await,
        Trial::Empty if other.mode == BOUND => refused(tried.by(&other.caller, &[]).await, 403),
        // A tenant's keys of both modes may.
        Trial::Empty if owner.mode == "test" && owner.tenant == other.tenant => {}
        Trial::Empty => refused(tried.by(&other.caller, &[]).await, 204),
    }
}

/// Nobody else gets the secret that was made; a bound key makes none, for it would be all businesses'.
async fn intrude_on_a_secret(tried: &Tried, other: &Environment) {
    let reply = tried.once_by(&other.caller).await;
    assert_eq!(reply.header("idempotent-replayed"), "", "{}", other.name());
    if other.mode == BOUND {
        assert_eq!(reply.status, 403, "{}", reply.text);
        return;
    }
    assert_ne!(secret_in(&reply), secret_in(&tried.first), "{}", other.name());
    assert_eq!(tried.once_by(&other.caller).await.text, reply.text, "{}: its own again", other.name());
}

/// `owner`'s batch made by `other`: another one, with none of `owner`'s leads.
async fn intrude_with_a_batch(tried: &Tried, owner: &Environment, other: &Environment) {
    let what = format!("{} {} of {} by {}", tried.method, tried.path, owner.name(), other.name());
    let reply = tried.once_by(&other.caller).await;
    owner.is_not_told_to(other, &reply);
    assert_eq!(reply.header("idempotent-replayed"), "", "{what}");
    let (own, theirs) = (ids_of_batch(&tried.first), ids_of_batch(&reply));
    assert!(theirs.len() == 2 && theirs.iter().all(|id| !own.contains(id)), "{what}: {}", reply.text);
    assert_eq!(tried.once_by(&other.caller).await.text, reply.text, "{what}: its own again");
    if owner.keeps(Subject::Business, other) {
        let mut entry = lead("somebody-elses");
        entry["businessId"] = owner.things[&Subject::Business][0].clone().into();
        let reply = other.caller.post(&tried.path, json!({ "leads": [entry] })).await;
        owner.is_not_told_to(other, &reply);
        assert_eq!(reply.expect(200)["results"][0]["status"], 404, "{what}");
    }
}

/// What a lead of `owner` answered, handed in by `other`, signed as the owner does and as `other` would.
async fn intrude_with_a_reply(tried: &Tried, owner: &Environment, other: &Environment) {
    let refused = |reply: ApiResponse, status: u16| {
        assert_eq!(reply.status, status, "{} of {} by {}: {}", tried.path, owner.name(), other.name(), reply.text);
        owner.is_not_told_to(other, &reply);
    };
    // A bound key's signature is its tenant's: it is the lead that is not its own.
    let status = if owner.contains(other) { 404 } else { 401 };
    refused(tried.by(&other.caller, &[]).await, status);
    refused(tried.once_by(&other.caller).await, status);
    if other.mode != BOUND {
        let body = tried.body.clone().unwrap();
        let signature = hmac_hex(&other.secret, &body);
        let headers = [("X-Signature", signature.as_str()), ("Idempotency-Key", &tried.idempotency_key)];
        refused(other.caller.send(Method::POST, &tried.path, &headers, Some(body)).await, 404);
    }
}

fn ids_of_batch(reply: &ApiResponse) -> Vec<String> {
    reply.expect(200)["results"].as_array().unwrap().iter().map(|result| id_of(&result["lead"])).collect()
}

fn cursor_of(page: &ApiResponse) -> Option<String> {
    let page = page.json();
    let place = if page["pagination"].is_object() { &page["pagination"] } else { &page };
    ["nextCursor", "next_cursor"].into_iter().find_map(|name| place[name].as_str()).map(str::to_owned)
}

/// A cursor of the list that `own` belongs to, at the place of `foreign`.
fn forged(own: &str, foreign: &str) -> String {
    let read = |cursor: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    let mut own = read(own);
    own["after"] = read(foreign)["after"].clone();
    URL_SAFE_NO_PAD.encode(own.to_string())
}

/// The four worlds of two tenants, and last a key that is bound to one business of the first.
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
    let trials = trials();
    let served: BTreeSet<_> =
        server.routes.iter().map(|one| format!("{} {}", one.route.method, one.route.path)).collect();
    let tried: BTreeSet<_> = trials.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(served.difference(&tried).collect::<Vec<_>>(), [""; 0], "served, and no row says how it is tried");
    assert_eq!(tried.difference(&served).collect::<Vec<_>>(), [""; 0], "tried, and not served");
    assert_eq!(tried.len(), trials.len(), "one row each");

    let receiver = Receiver::new().await;
    let mut environments = environments(&server, &receiver.url).await;
    for (method, path, trial) in &trials {
        for owner in 0..environments.len() - 1 {
            let tried = begin(&mut environments[owner], method, path, trial).await;
            let owner = &environments[owner];
            let before = owner.all().await;
            for other in environments.iter().filter(|other| other.name() != owner.name()) {
                intrude(&tried, trial, owner, other).await;
            }
            let after = owner.all().await;
            for (subject, things) in before {
                let now = &after[&subject];
                for (id, thing) in &things {
                    assert_eq!(now.get(id), Some(thing), "{method} {path}: a {subject:?} of {}", owner.name());
                }
                // A tenant's other mode makes businesses and keys that both see, its bound key makes its own.
                let shared = matches!(subject, Subject::Business | Subject::Key)
                    || environments.iter().any(|other| owner.contains(other));
                assert!(shared || now.len() == things.len(), "{method} {path}: a {subject:?} for {}", owner.name());
            }
            if tried.is_kept() {
                let again = tried.once_by(&owner.caller).await;
                assert_eq!((again.status, &again.text), (tried.first.status, &tried.first.text), "{method} {path}");
                assert_eq!(again.header("idempotent-replayed"), "true", "{method} {path}");
            } else if tried.method == Method::DELETE {
                tried.by(&owner.caller, &[]).await.expect(204);
            }
        }
    }
}

/// The paths of each function in `template.yaml`, as `function path`.
fn deployed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(tests_folder().join("../template.yaml")).unwrap();
    let mut function = "";
    let mut paths = BTreeSet::new();
    for line in text.lines() {
        // Names of resources are indented by two.
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
            assert_eq!(function, "account", "one function answers for all other paths: {line}");
            continue;
        };
        assert!(line.contains("Method: ANY"), "a wrong method is the function's to answer: {line}");
        let path = path.split([' ', ',', '}']).next().unwrap();
        // `{id}` ends where its quotes do.
        let path = line.split_once("Path: \"").map_or(path, |(_, quoted)| quoted.split('"').next().unwrap());
        assert!(paths.insert(format!("{function} {path}")), "twice: {line}");
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
