//! Isolation of tenants, modes and businesses: every served route is called with ids, cursors and idempotency keys of
//! another environment. A new route must be added to the table of this test.

mod environment;
mod other_caller;
mod routes;

use self::environment::{Environment, environments, plain_id};
use self::other_caller::{call_as_other, ids_of_batch};
use self::routes::{RouteTest, Subject, id_for_path, opt_out_of, required_parameters, route_tests, sequence};
use crate::harness::programs::tests_folder;
use crate::harness::signature::hmac_hex;
use crate::harness::{ApiResponse, Caller, Receiver, leads, options, packages};
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
        // The paths with names in them that are nobody's.
        RouteTest::Open => {
            path = path.replace("{type}", "lead.created");
            if path.contains("{version}") {
                path = owner.caller.script_path().await;
            }
        }
        RouteTest::OwnData | RouteTest::Kpis(_) | RouteTest::InboundSecret | RouteTest::Purge => {}
        RouteTest::Suppressions => path = format!("{path}?limit=1"),
        RouteTest::Suppress => body = json!({ "email": "suppressed@example.com" }),
        RouteTest::Example => body = json!({ "event": "lead.won" }),
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

/// Suppresses an address, and returns the id of the suppression.
async fn suppress(caller: &Caller) -> String {
    let email = format!("{}@example.com", uuid::Uuid::new_v4().simple());
    plain_id(&caller.post("/v2/suppressions", json!({ "email": email })).await.expect(201))
}

fn cursor_of(page: &ApiResponse) -> Option<String> {
    let page = page.json();
    let place = if page["pagination"].is_object() { &page["pagination"] } else { &page };
    ["nextCursor", "next_cursor"].into_iter().find_map(|name| place[name].as_str()).map(str::to_owned)
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
