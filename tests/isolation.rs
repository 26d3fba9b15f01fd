//! Isolation of tenants, modes and businesses: every served route is called with ids, cursors and idempotency keys of
//! another environment. A new route must be added to the table of this test.

mod environment;
mod routes;

use self::environment::{Environment, environments, plain_id, secret_in};
use self::routes::{BOUND, RouteTest, Subject, id_for_path, opt_out_of, required_parameters, route_tests, sequence};
use crate::harness::signature::hmac_hex;
use crate::harness::{ApiResponse, Caller, Receiver, leads, options, packages, programs::tests_folder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Scope;
use domain::accounts::rate_limit::Limits;
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
        // The one path with a name in it that is nobody's.
        RouteTest::Open => path = path.replace("{id}", "lead.created"),
        RouteTest::OwnData | RouteTest::Kpis(_) | RouteTest::InboundSecret | RouteTest::Purge => {}
        RouteTest::Suppressions => path = format!("{path}?limit=1"),
        RouteTest::Suppress => body = json!({ "email": "suppressed@example.com" }),
        RouteTest::Lift => path = path.replace("{id}", &suppress(&owner.caller).await),
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
        RouteTest::Batch => body = json!({ "leads": [leads::named("mine"), leads::named("mine")] }),
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
    let mut call = RouteCall { method: method.clone(), path, body, idempotency_key, signature, first };
    if call.method == Method::DELETE {
        return call;
    }
    call.first = call.repeat_as(&owner.caller).await;
    assert!((200..303).contains(&call.first.status), "{method} {}: {}", call.path, call.first.text);
    assert_eq!(call.first.header("idempotent-replayed"), "", "{method} {}", call.path);
    if let RouteTest::Create(subject, ..) = route_test {
        owner.note(*subject, plain_id(&call.first.json()));
    }
    if let RouteTest::Batch = route_test {
        for id in ids_of_batch(&call.first) {
            owner.note(Subject::Lead, id);
        }
    }
    call
}

/// Returns the status for a resource of another environment: as if it did not exist, except a business in Revenue
/// Defenders, which is a mismatch.
fn foreign_status(path: &str, subject: Subject) -> u16 {
    let defenders = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/developer");
    if defenders && subject == Subject::Business { 403 } else { 404 }
}

/// Uses ids, cursors and idempotency keys of `owner` as `other`.
async fn call_as_other(call: &RouteCall, route_test: &RouteTest, owner: &Environment, other: &Environment) {
    let context = format!("{} {} of {} by {}", call.method, call.path, owner.name(), other.name());
    let assert_rejected = |reply: ApiResponse, status: u16| {
        assert_eq!(reply.status, status, "{context}: {}", reply.text);
        assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
        owner.assert_hidden_from(other, &reply);
    };
    match route_test {
        RouteTest::Open | RouteTest::OwnData => {
            let reply = call.send_as(&other.caller, &[]).await;
            assert_eq!(reply.status, 200, "{context}");
            owner.assert_hidden_from(other, &reply);
        }
        RouteTest::Kpis(references) => {
            let reply = call.send_as(&other.caller, &[]).await;
            assert_eq!(reply.status, 200, "{context}");
            owner.assert_hidden_from(other, &reply);
            for (name, subject) in references.iter().filter(|(_, subject)| owner.hides(*subject, other)) {
                let named = format!("{}?{name}={}", call.path, owner.resources[subject][0]);
                assert_rejected(other.caller.get(&named).await, foreign_status(&call.path, *subject));
            }
        }
        RouteTest::List(references) => {
            let path = call.path.split('?').next().unwrap();
            let required_parameters = required_parameters(path);
            let own = other.caller.get(&format!("{path}?{required_parameters}limit=100")).await;
            owner.assert_hidden_from(other, &own);
            assert_eq!(own.status, 200, "{context}");
            let cursor = cursor_of(&call.first).unwrap_or_else(|| panic!("{context}: a second page is needed"));
            let with_cursor = other.caller.get(&format!("{path}?{required_parameters}limit=1&cursor={cursor}")).await;
            // The list of a bound key is a different list, although tenant and mode are the same.
            assert_rejected(with_cursor, 400);
            // Continues the other caller's own list at the position of the owner's page; the businesses of a bound
            // key do not fill a second page.
            let next_cursor = cursor_of(&other.caller.get(&call.path).await);
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
        RouteTest::Create(Subject::Business, ..) if other.mode != "live" => {
            assert_rejected(call.repeat_as(&other.caller).await, 403);
        }
        RouteTest::Create(made, make, references) => {
            // The same call by another caller is a separate call.
            let reply = call.repeat_as(&other.caller).await;
            owner.assert_hidden_from(other, &reply);
            assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
            assert_eq!(reply.status, call.first.status, "{context}: {}", reply.text);
            assert_ne!(plain_id(&reply.json()), plain_id(&call.first.json()), "{context}");
            assert_eq!(call.repeat_as(&other.caller).await.text, reply.text, "{context}: its own again");
            for (name, subject) in references.iter().filter(|(_, subject)| owner.hides(*subject, other)) {
                let mut other_body = make("somebody-elses");
                other_body[name] = owner.resources[subject][0].clone().into();
                // Granting access to another business is forbidden whether or not it exists.
                let granting = *made == Subject::Key && other.mode == BOUND;
                let status = if granting { 403 } else { foreign_status(&call.path, *subject) };
                assert_rejected(other.caller.post(&call.path, other_body).await, status);
            }
        }
        RouteTest::Start => {
            assert_rejected(call.send_as(&other.caller, &[]).await, 404);
            assert_rejected(call.repeat_as(&other.caller).await, 404);
            let (lead, template) = (&other.resources[&Subject::Lead][0], &owner.resources[&Subject::Template][0]);
            let with_foreign_template = sequence(&call.path, lead, Some(template));
            assert_rejected(other.caller.post(&call.path, with_foreign_template).await, 404);
        }
        RouteTest::Batch => post_batch_as_other(call, owner, other).await,
        RouteTest::Single(subject, _) if owner.hides(*subject, other) => {
            assert_rejected(call.send_as(&other.caller, &[]).await, 404);
            if call.is_idempotent() {
                assert_rejected(call.repeat_as(&other.caller).await, 404);
            }
            if call.method == Method::GET {
                assert_rejected(other.caller.send(Method::HEAD, &call.path, &[], None).await, 404);
            }
        }
        RouteTest::Single(..) => {}
        RouteTest::Inbound => post_reply_as_other(call, owner, other).await,
        RouteTest::InboundSecret => issue_secret_as_other(call, other).await,
        RouteTest::Suppressions => list_suppressions_as_other(call, other).await,
        RouteTest::Suppress => suppress_as_other(call, owner, other).await,
        RouteTest::Lift | RouteTest::Purge if other.mode == BOUND => {
            assert_rejected(call.send_as(&other.caller, &[]).await, 403);
        }
        RouteTest::Lift => assert_rejected(call.send_as(&other.caller, &[]).await, 404),
        // Keys of both modes of the tenant may purge its test data.
        RouteTest::Purge if owner.mode == "test" && owner.tenant == other.tenant => {}
        RouteTest::Purge => assert_rejected(call.send_as(&other.caller, &[]).await, 204),
    }
}

/// Returns whether only live keys may make the call: businesses are shared by both modes.
fn needs_live_key(method: &Method, route_test: &RouteTest) -> bool {
    let business =
        matches!(route_test, RouteTest::Create(Subject::Business, ..) | RouteTest::Single(Subject::Business, _));
    business && method != Method::GET
}

/// Asserts that a test key gets 403.
async fn assert_needs_live_key(owner: &mut Environment, method: &Method, path: &str, route_test: &RouteTest) {
    let body = match route_test {
        RouteTest::Create(_, make, _) => make("mine"),
        RouteTest::Single(_, make) => make(),
        _ => Value::Null,
    };
    let path = path.replace("{id}", &owner.add(Subject::Business).await);
    let reply = owner.caller.send(method.clone(), &path, &[], Some(body.to_string().into_bytes())).await;
    assert_eq!(reply.status, 403, "{method} {path}: {}", reply.text);
    assert!(reply.text.contains("live key"), "{}", reply.text);
}

/// Asserts that no other caller gets the new secret; a bound key may not issue one, because all businesses share it.
async fn issue_secret_as_other(call: &RouteCall, other: &Environment) {
    let reply = call.repeat_as(&other.caller).await;
    assert_eq!(reply.header("idempotent-replayed"), "", "{}", other.name());
    if other.mode == BOUND {
        assert_eq!(reply.status, 403, "{}", reply.text);
        return;
    }
    assert_ne!(secret_in(&reply), secret_in(&call.first), "{}", other.name());
    assert_eq!(call.repeat_as(&other.caller).await.text, reply.text, "{}: its own again", other.name());
}

/// Suppresses an address, and returns the id of the suppression.
async fn suppress(caller: &Caller) -> String {
    let email = format!("{}@example.com", uuid::Uuid::new_v4().simple());
    plain_id(&caller.post("/v2/suppressions", json!({ "email": email })).await.expect(201))
}

/// Lists suppressions as `other`, and continues at the cursor of `call`.
async fn list_suppressions_as_other(call: &RouteCall, other: &Environment) {
    suppress(&other.caller).await;
    suppress(&other.caller).await;
    let own = other.caller.get("/v2/suppressions?limit=100").await;
    if other.mode == BOUND {
        own.expect(403);
        return;
    }
    let shown = call.first.json()["data"][0]["id"].as_str().map(str::to_owned);
    assert!(shown.is_none_or(|id| !own.text.contains(&id)), "{}: {}", other.name(), own.text);
    if let Some(cursor) = cursor_of(&call.first) {
        other.caller.get(&format!("/v2/suppressions?limit=1&cursor={cursor}")).await.expect(400);
        let next_cursor = cursor_of(&other.caller.get("/v2/suppressions?limit=1").await).expect("a second page");
        let forged = forged(&next_cursor, &cursor);
        let next = other.caller.get(&format!("/v2/suppressions?limit=100&cursor={forged}")).await.expect(200);
        let ids: Vec<_> = next["data"].as_array().unwrap().iter().map(|one| one["id"].to_string()).collect();
        assert!(ids.iter().all(|id| own.text.contains(id)), "{}: {next}", other.name());
    }
}

/// Suppresses or looks up the address of `owner`'s call as `other`: with an idempotency key, and a result, of its own.
async fn suppress_as_other(call: &RouteCall, owner: &Environment, other: &Environment) {
    let context = format!("{} of {} by {}", call.path, owner.name(), other.name());
    let reply = call.repeat_as(&other.caller).await;
    assert!(matches!(reply.status, 200 | 201), "{context}: {}", reply.text);
    assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
    assert_eq!(call.repeat_as(&other.caller).await.text, reply.text, "{context}: its own again");
    let id_of = |reply: &ApiResponse| {
        let json = reply.json();
        json["id"].as_str().or(json["suppressions"][0]["id"].as_str()).map(str::to_owned)
    };
    let (theirs, own) = (id_of(&call.first), id_of(&reply));
    let same = theirs.is_some() && theirs == own;
    assert_eq!(same, owner.contains(other) && theirs.is_some(), "{context}: a suppression holds for an environment");
}

/// Sends the batch of `owner` as `other`: it creates another batch, without any lead of `owner`.
async fn post_batch_as_other(call: &RouteCall, owner: &Environment, other: &Environment) {
    let context = format!("{} {} of {} by {}", call.method, call.path, owner.name(), other.name());
    let reply = call.repeat_as(&other.caller).await;
    owner.assert_hidden_from(other, &reply);
    assert_eq!(reply.header("idempotent-replayed"), "", "{context}");
    let (own, theirs) = (ids_of_batch(&call.first), ids_of_batch(&reply));
    assert!(theirs.len() == 2 && theirs.iter().all(|id| !own.contains(id)), "{context}: {}", reply.text);
    assert_eq!(call.repeat_as(&other.caller).await.text, reply.text, "{context}: its own again");
    if owner.hides(Subject::Business, other) {
        let mut entry = leads::named("somebody-elses");
        entry["businessId"] = owner.resources[&Subject::Business][0].clone().into();
        let reply = other.caller.post(&call.path, json!({ "leads": [entry] })).await;
        owner.assert_hidden_from(other, &reply);
        assert_eq!(reply.expect(200)["results"][0]["status"], 404, "{context}");
    }
}

/// Posts a reply of `owner`'s lead as `other`, signed with the secret of `owner` and with that of `other`.
async fn post_reply_as_other(call: &RouteCall, owner: &Environment, other: &Environment) {
    let assert_rejected = |reply: ApiResponse, status: u16| {
        assert_eq!(reply.status, status, "{} of {} by {}: {}", call.path, owner.name(), other.name(), reply.text);
        owner.assert_hidden_from(other, &reply);
    };
    // A bound key signs with the secret of its tenant, so only the lead is not its own.
    let status = if owner.contains(other) { 404 } else { 401 };
    assert_rejected(call.send_as(&other.caller, &[]).await, status);
    assert_rejected(call.repeat_as(&other.caller).await, status);
    if other.mode != BOUND {
        let body = call.body.clone().unwrap();
        let signature = hmac_hex(&other.secret, &body);
        let headers = [("X-Signature", signature.as_str()), ("Idempotency-Key", &call.idempotency_key)];
        assert_rejected(other.caller.send(Method::POST, &call.path, &headers, Some(body)).await, 404);
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

/// Returns a cursor of the list of `own` at the position of `foreign`.
fn forged(own: &str, foreign: &str) -> String {
    let read = |cursor: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    let mut own = read(own);
    own["after"] = read(foreign)["after"].clone();
    URL_SAFE_NO_PAD.encode(own.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_crosses_tenant_mode_or_business() {
    let server = ServerOptions {
        demo_limits: Some(Limits::UNLIMITED),
        package_renderer: Some(packages::plain_renderer()),
        ..options()
    };
    let server = LocalServer::start(server).await.unwrap();
    let route_tests = route_tests();
    let served: BTreeSet<_> =
        server.routes.iter().map(|one| format!("{} {}", one.route.method, one.route.path)).collect();
    let covered: BTreeSet<_> = route_tests.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(served.difference(&covered).collect::<Vec<_>>(), [""; 0], "served but not covered by a row");
    assert_eq!(covered.difference(&served).collect::<Vec<_>>(), [""; 0], "covered but not served");
    assert_eq!(covered.len(), route_tests.len(), "one row each");

    let receiver = Receiver::new().await;
    let mut environments = environments(&server, &receiver.url).await;
    for (method, path, route_test) in &route_tests {
        for owner in 0..environments.len() - 1 {
            if needs_live_key(method, route_test) && environments[owner].mode == "test" {
                assert_needs_live_key(&mut environments[owner], method, path, route_test).await;
                continue;
            }
            let call = call_as_owner(&mut environments[owner], method, path, route_test).await;
            let owner = &environments[owner];
            let before = owner.all().await;
            for other in environments.iter().filter(|other| other.name() != owner.name()) {
                call_as_other(&call, route_test, owner, other).await;
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
            if call.is_idempotent() {
                let again = call.repeat_as(&owner.caller).await;
                assert_eq!((again.status, &again.text), (call.first.status, &call.first.text), "{method} {path}");
                assert_eq!(again.header("idempotent-replayed"), "true", "{method} {path}");
            } else if call.method == Method::DELETE {
                call.send_as(&owner.caller, &[]).await.expect(204);
            }
        }
    }
}

/// Returns whether the text contains an API key of any contract.
fn contains_api_key(text: &str) -> bool {
    text.split('"').any(|value| auth::ApiKey::parse(value).is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_gives_no_key_or_secret_away() {
    let server = ServerOptions {
        demo_limits: Some(Limits::UNLIMITED),
        package_renderer: Some(packages::plain_renderer()),
        ..options()
    };
    let server = LocalServer::start(server).await.unwrap();
    let receiver = Receiver::new().await;
    let native = Caller::native(&server);
    let mut owner = Environment::of("first", "live", (native.clone(), &native), &receiver.url).await;
    let mut narrow = Vec::new();
    for scope in Scope::ALL {
        let made = native.post("/v2/keys", json!({ "name": scope.name(), "scopes": [scope.name()] })).await.expect(201);
        narrow.push((*scope, native.with_key(made["key"].as_str().unwrap())));
    }
    let (mut key_routes, mut secret_routes) = (BTreeSet::new(), BTreeSet::new());
    for (method, path, route_test) in &route_tests() {
        if !matches!(*method, Method::POST | Method::PATCH) {
            continue;
        }
        let call = call_as_owner(&mut owner, method, path, route_test).await;
        let route = format!("{method} {path}");
        for (scope, caller) in &narrow {
            let reply = call.repeat_as(caller).await;
            assert!(!contains_api_key(&reply.text), "{route} by a key with {} alone", scope.name());
            // A key with this scope alone can make a new secret at any time.
            let may_see_secrets = *scope == Scope::WebhooksWrite;
            assert!(may_see_secrets || !reply.text.contains("whsec_"), "{route} by a key with {} alone", scope.name());
        }
        let again = call.repeat_as(&owner.caller).await;
        assert_eq!(again.text, call.first.text, "{route}: the owner's own replay");
        if contains_api_key(&call.first.text) {
            key_routes.insert(route);
        } else if call.first.text.contains("whsec_") {
            secret_routes.insert(route);
        }
    }
    assert_eq!(key_routes, ["POST /v2/keys", "POST /v2/keys/{id}/rotate"].map(str::to_owned).into());
    let with_secret = ["POST /v2/webhooks", "POST /v2/webhooks/inbound-secret", "POST /v2/webhooks/{id}/rotate-secret"];
    assert_eq!(secret_routes, with_secret.map(str::to_owned).into());
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
