//! Calls of another caller with the ids, cursors and secrets of the owner.

use super::environment::{Environment, plain_id, secret_in};
use super::routes::{BOUND, RouteTest, Subject, required_parameters, sequence};
use super::{RouteCall, cursor_of, suppress};
use crate::harness::signature::hmac_hex;
use crate::harness::{ApiResponse, leads};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

/// Returns the status for a resource of another environment: as if it did not exist, except a business in Revenue
/// Defenders, which is a mismatch.
pub(super) fn foreign_status(path: &str, subject: Subject) -> u16 {
    let defenders = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/developer");
    if defenders && subject == Subject::Business { 403 } else { 404 }
}

/// Uses ids, cursors and idempotency keys of `owner` as `other`.
pub(super) async fn call_as_other(call: &RouteCall, route_test: &RouteTest, owner: &Environment, other: &Environment) {
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

/// Asserts that no other caller gets the new secret; a bound key may not issue one, because all businesses share it.
pub(super) async fn issue_secret_as_other(call: &RouteCall, other: &Environment) {
    let reply = call.repeat_as(&other.caller).await;
    assert_eq!(reply.header("idempotent-replayed"), "", "{}", other.name());
    if other.mode == BOUND {
        assert_eq!(reply.status, 403, "{}", reply.text);
        return;
    }
    assert_ne!(secret_in(&reply), secret_in(&call.first), "{}", other.name());
    assert_eq!(call.repeat_as(&other.caller).await.text, reply.text, "{}: its own again", other.name());
}

/// Lists suppressions as `other`, and continues at the cursor of `call`.
pub(super) async fn list_suppressions_as_other(call: &RouteCall, other: &Environment) {
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
pub(super) async fn suppress_as_other(call: &RouteCall, owner: &Environment, other: &Environment) {
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
pub(super) async fn post_batch_as_other(call: &RouteCall, owner: &Environment, other: &Environment) {
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
pub(super) async fn post_reply_as_other(call: &RouteCall, owner: &Environment, other: &Environment) {
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

pub(super) fn ids_of_batch(reply: &ApiResponse) -> Vec<String> {
    reply.expect(200)["results"].as_array().unwrap().iter().map(|result| plain_id(&result["lead"])).collect()
}

/// Returns a cursor of the list of `own` at the position of `foreign`.
pub(super) fn forged(own: &str, foreign: &str) -> String {
    let read = |cursor: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    let mut own = read(own);
    own["after"] = read(foreign)["after"].clone();
    URL_SAFE_NO_PAD.encode(own.to_string())
}
