//! Environments under test: tenants, modes and a key bound to one business, with resources of every kind.

use super::routes::{
    BOUND, SUBJECTS, Subject, customer, dispute, evidence, id_for_path, required_parameters, template, transaction,
    visitor_event,
};
use crate::harness::{ApiResponse, Caller, database_client, eventually, leads, packages};
use aws_sdk_dynamodb::types::AttributeValue;
use local::LocalServer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A tenant in one mode, or the part visible to a key of one business, with resources of every kind.
pub(super) struct Environment {
    pub(super) tenant: &'static str,
    pub(super) mode: &'static str,
    pub(super) caller: Caller,
    /// Live key of the tenant, which creates its businesses.
    pub(super) administrator: Caller,
    pub(super) hook: String,
    /// Secret that signs inbound messages.
    pub(super) secret: String,
    pub(super) resources: BTreeMap<Subject, Vec<String>>,
}

impl Environment {
    pub(super) async fn of(
        tenant: &'static str,
        mode: &'static str,
        (caller, administrator): (Caller, &Caller),
        hook: &str,
    ) -> Self {
        let administrator = administrator.clone();
        let secret = caller.post("/v2/webhooks/inbound-secret", json!({})).await;
        // A key bound to one business may not issue secrets.
        let secret = if mode == BOUND { String::new() } else { secret_in(&secret) };
        let (hook, resources) = (hook.to_owned(), BTreeMap::new());
        let mut environment = Self { tenant, mode, caller, administrator, hook, secret, resources };
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

    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.tenant, self.mode)
    }

    /// Creates one more resource of this kind, and returns its id.
    pub(super) async fn add(&mut self, subject: Subject) -> String {
        let name = self.name();
        let made = match subject {
            Subject::Lead => self.caller.post("/v2/leads", leads::named(&name)).await.expect(201),
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
                self.administrator.post("/v2/businesses", json!({ "name": name, "country": "SE" })).await.expect(201)
            }
            Subject::Customer => self.caller.post("/v2/customers", customer(&name)).await.expect(201),
            Subject::Transaction => self.caller.post("/v2/transactions", transaction(&name)).await.expect(201),
            Subject::Dispute => self.caller.post("/v2/disputes", dispute(&name)).await.expect(201),
            Subject::Evidence => self.caller.post("/v2/evidence", evidence(&name)).await.expect(201),
            Subject::Package => {
                let dispute = self.resources[&Subject::Dispute][0].clone();
                // Another piece of evidence makes another package.
                let added = json!({ "category": "MESSAGE", "description": "More", "disputeId": dispute });
                self.caller.post("/v2/evidence", added).await.expect(201);
                let made = self.caller.post(&format!("/v2/disputes/{dispute}/packages"), json!({})).await.expect(201);
                packages::finished(&self.caller, &made).await
            }
            Subject::Template => self.caller.post("/v2/sequence-templates", template(&name)).await.expect(201),
            Subject::Followed => {
                // Without consent the sequence is only proposed, and does not change.
                let made = self.caller.post("/v2/leads", leads::named(&name)).await.expect(201);
                self.caller.post("/v2/sequences", json!({ "leadId": made["id"] })).await.expect(201);
                made
            }
        };
        self.note(subject, plain_id(&made))
    }

    pub(super) fn note(&mut self, subject: Subject, id: String) -> String {
        self.resources.entry(subject).or_default().push(id.clone());
        id
    }

    /// Returns whether resources of this kind are hidden from `other`: businesses belong to a tenant in both modes,
    /// and live keys see test keys but not the reverse. None of these resources belong to the business of a bound
    /// key.
    pub(super) fn hides(&self, subject: Subject, other: &Self) -> bool {
        let apart = self.tenant != other.tenant || other.mode == BOUND;
        match subject {
            Subject::Business => apart,
            Subject::Key => apart || self.mode == "live",
            _ => apart || self.mode != other.mode,
        }
    }

    /// Returns whether `other` is a key of one business of this environment: it has the same lists, with fewer items.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.tenant == other.tenant && self.mode == "live" && other.mode == BOUND
    }

    /// Asserts that a response to `other` contains no id or name that this environment hides from it.
    #[track_caller]
    pub(super) fn assert_hidden_from(&self, other: &Self, reply: &ApiResponse) {
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
    pub(super) async fn settle(&self) {
        eventually(Duration::from_secs(30), "no delivery is in progress", || async {
            let pending = self.caller.get("/v2/deliveries?status=PENDING").await.expect(200);
            (pending["data"] == json!([])).then_some(())
        })
        .await;
    }

    /// Returns all resources, once no delivery is in progress.
    pub(super) async fn all(&self) -> BTreeMap<Subject, BTreeMap<String, Value>> {
        self.settle().await;
        let mut all = BTreeMap::new();
        for (subject, path) in SUBJECTS.into_iter().filter(|(_, path)| !path.is_empty()) {
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

pub(super) fn plain_id(made: &Value) -> String {
    let id = ["id", "lead_id", "event_id"].into_iter().find_map(|name| made[name].as_str());
    let id = id.unwrap_or_else(|| panic!("no id in {made}"));
    // LeadRescue has a notation of its own for ids.
    id.strip_prefix("l_").map_or(id.to_owned(), |plain| uuid::Uuid::parse_str(plain).unwrap().to_string())
}

pub(super) fn secret_in(reply: &ApiResponse) -> String {
    reply.expect(201)["secret"].as_str().unwrap().to_owned()
}

/// Removes the limits of a key, as the demo keys have none: the server answers more calls a minute than the key may make.
async fn remove_limits(server: &LocalServer, key: &str) {
    let hash = auth::ApiKey::parse(key).unwrap().hash();
    let update = database_client(&server.database).update_item().table_name("leadhouse-access");
    let update = update.key("pk", AttributeValue::S(format!("k#{hash}"))).update_expression("REMOVE ml, dl");
    update.condition_expression("attribute_exists(ml)").send().await.unwrap();
}

/// Returns the four environments of two tenants, and last a key bound to one business of the first.
pub(super) async fn environments(server: &LocalServer, hook: &str) -> Vec<Environment> {
    let native = Caller::native(server);
    let other = Caller::revenue_defenders(server);
    let scopes = other.get("/v2/me").await.expect(200)["key"]["scopes"].clone();
    let key = json!({ "name": "all", "scopes": scopes, "mode": "test", "tier": "enterprise" });
    let made = other.post("/v2/keys", key).await.expect(201);
    let other_test = other.with_key(made["key"].as_str().unwrap());
    remove_limits(server, &other_test.key).await;
    let business = native.post("/v2/businesses", json!({ "name": "Bound", "country": "SE" })).await.expect(201);
    let key = json!({ "name": "bound", "scopes": scopes, "businessId": business["id"] });
    let made = native.post("/v2/keys", key).await.expect(201);
    let bound = native.with_key(made["key"].as_str().unwrap());
    remove_limits(server, &bound.key).await;
    vec![
        Environment::of("first", "live", (native.clone(), &native), hook).await,
        Environment::of("first", "test", (Caller::native_test(server), &native), hook).await,
        Environment::of("second", "live", (other.clone(), &other), hook).await,
        Environment::of("second", "test", (other_test, &other), hook).await,
        Environment::of("first", BOUND, (bound, &native), hook).await,
    ]
}
