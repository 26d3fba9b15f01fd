//! Inbound messages: each reply is processed once, authenticated by a key and a signature.

mod opt_out_race;
mod replies;

use crate::harness::signature::hmac_hex;
use crate::harness::{
    ApiResponse, Caller, EFFECT_TIMEOUT, IssuedKey, eventually, leads, options, programs, unlimited_server,
};
use domain::TenantId;
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};

const NATIVE: &str = "/v2/webhooks/inbound";

const LEAD_RESCUE_INBOUND: &str = "/v1/webhooks/inbound";

/// Issues another inbound secret for the tenant and mode of the caller, and returns it.
async fn issue_secret(caller: &Caller) -> String {
    let made = caller.post("/v2/webhooks/inbound-secret", json!({})).await.expect(201);
    made["secret"].as_str().unwrap().to_owned()
}

/// Posts an inbound event, signed with `secret`.
async fn post_event(caller: &Caller, path: &str, secret: &str, event: &Value) -> ApiResponse {
    let body = event.to_string().into_bytes();
    let signature = format!("sha256={}", hmac_hex(secret, &body));
    caller.send(Method::POST, path, &[("X-Signature", &signature)], Some(body)).await
}

fn reply_of(lead: &str, body: &str) -> Value {
    json!({ "event": "customer.reply", "leadId": lead, "channel": "EMAIL", "body": body })
}

fn opt_out_of(lead: &str) -> Value {
    json!({ "event": "customer.opt_out", "leadId": lead, "channel": "EMAIL" })
}

/// Creates a lead that may be contacted, and returns its id.
async fn lead(native: &Caller, name: &str) -> String {
    native.post("/v2/leads", leads::named_with_consent(name)).await.expect(201)["id"].as_str().unwrap().to_owned()
}

fn in_rescue(id: &str) -> String {
    format!("l_{}", id.replace('-', ""))
}

/// Starts the lead's sequence, unless creating the lead has started it.
async fn start(native: &Caller, lead: &str) {
    let started = native.post("/v2/sequences", json!({ "leadId": lead })).await;
    assert!(matches!(started.status, 201 | 409), "{}", started.text);
}

async fn messages(native: &Caller, lead: &str) -> Vec<Value> {
    let page = native.get(&format!("/v2/leads/{lead}/messages")).await.expect(200);
    page["data"].as_array().unwrap().clone()
}

async fn status(native: &Caller, lead: &str) -> String {
    native.get(&format!("/v2/leads/{lead}")).await.expect(200)["status"].as_str().unwrap().to_owned()
}

/// Waits until a message has been sent to the lead.
async fn wait_for_message(native: &Caller, lead: &str) {
    eventually(EFFECT_TIMEOUT, "a message has been sent", || async {
        messages(native, lead).await.iter().any(|message| message["status"] == "SENT").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_payload_is_accepted() {
    let Some(document) = programs::document("lead-rescue.txt") else { return };
    let server = unlimited_server().await;
    let rescue = Caller::lead_rescue(&server);
    let body = json!({ "customer_name": "Anna Karlsson", "phone": "+46701234567" });
    let made = rescue.post("/v1/leads", body).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let sample = programs::lines_of(&document, "{", "}").join("\n");
    assert!(sample.contains("l_8f3a"), "{sample}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("payload.json"), sample.replace("l_8f3a", id)).unwrap();
    let send = r#"
        signature=$(openssl dgst -sha256 -hmac "$SECRET" payload.json | sed 's/^.*= *//')
        curl -s --noproxy '*' -w '\n%{http_code}' -X POST "$URL/v1/webhooks/inbound" \
          -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
          -H "X-Signature: $PREFIX$signature" --data-binary @payload.json"#;
    for prefix in ["sha256=", ""] {
        let ran = tokio::process::Command::new("sh")
            .args(["-c", send])
            .current_dir(folder.path())
            .env("SECRET", &server.credentials.lead_rescue.inbound_secret)
            .env("URL", &server.credentials.base_url)
            .env("KEY", &rescue.key)
            .env("PREFIX", prefix)
            .output()
            .await
            .unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert_eq!(said, "{\"received\":true}\n200", "{}", String::from_utf8_lossy(&ran.stderr));
    }
    let plain = uuid::Uuid::parse_str(id.strip_prefix("l_").unwrap()).unwrap().to_string();
    let own = IssuedKey::new(&server, |record| record.tenant = TenantId::derived(&[b"demo", b"leadRescue"])).await;
    let shown = messages(&own.caller(&server), &plain).await;
    assert_eq!(shown.len(), 1, "the second is the same event");
    let expected = json!({
        "id": shown[0]["id"], "leadId": plain, "direction": "INBOUND", "channel": "WHATSAPP",
        "body": "Tack, kanon känsla!", "status": "RECEIVED", "receivedAt": "2026-06-26T11:11:02.000Z",
        "createdAt": shown[0]["createdAt"],
    });
    assert_eq!(shown[0], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn opt_out_keywords_work_in_five_languages() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let secret = issue_secret(&native).await;
    let stops = [
        "STOP",
        "Unsubscribe please!",
        "sluta",
        "avregistrera",
        "basta",
        "Cancelar",
        "Abmelden",
        "stopp",
        "arrêter",
        "désabonner",
    ];
    for (number, text) in stops.into_iter().enumerate() {
        let id = lead(&native, &format!("stop{number}")).await;
        post_event(&native, NATIVE, &secret, &reply_of(&id, text)).await.expect(200);
        assert_eq!(status(&native, &id).await, "OPTED_OUT", "{text}");
    }
    for (number, text) in ["Stop by at 5?", "Tack, kanon känsla!", "Non", "No"].into_iter().enumerate() {
        let id = lead(&native, &format!("go{number}")).await;
        post_event(&native, NATIVE, &secret, &reply_of(&id, text)).await.expect(200);
        assert_eq!(status(&native, &id).await, "NEW", "{text}");
    }
    // An opt-out applies in every status of a lead, and remains after the lead is closed.
    let id = lead(&native, "won").await;
    native.patch(&format!("/v2/leads/{id}"), json!({ "status": "WON" })).await.expect(200);
    post_event(&native, NATIVE, &secret, &opt_out_of(&id)).await.expect(200);
    assert_eq!(status(&native, &id).await, "OPTED_OUT");
    native.patch(&format!("/v2/leads/{id}"), json!({ "status": "CLOSED" })).await.expect(200);
    post_event(&native, NATIVE, &secret, &reply_of(&id, "stop")).await.expect(200);
    assert_eq!(status(&native, &id).await, "CLOSED");
    let prefix = native.key.split('_').take(3).collect::<Vec<_>>().join("_");
    eventually(EFFECT_TIMEOUT, "the log names the key that handed an opt-out in", || async {
        let log = native.get("/v2/audit-log?action=lead.status_changed&limit=100").await.expect(200);
        let mut entries = log["data"].as_array().unwrap().iter().map(Value::to_string);
        entries.any(|entry| entry.contains("OPTED_OUT") && entry.contains(&prefix)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_signature_is_401() {
    let server = unlimited_server().await;
    let (native, test, rescue) = (Caller::native(&server), Caller::native_test(&server), Caller::lead_rescue(&server));
    let id = lead(&native, "jane").await;
    let event = reply_of(&id, "Hello");
    let foreign = &server.credentials.lead_rescue.inbound_secret;
    let unsigned = |reply: ApiResponse| {
        let error = reply.expect(401)["error"].clone();
        assert_eq!(error["code"], "UNAUTHORIZED");
        assert!(error["message"].as_str().unwrap().contains("X-Signature"), "{error}");
    };
    unsigned(post_event(&native, NATIVE, foreign, &event).await);
    let secret = issue_secret(&native).await;
    let of_test = issue_secret(&test).await;
    assert_ne!(secret, of_test);
    assert_ne!(server.credentials.lead_rescue.inbound_secret, server.credentials.lead_rescue.test_inbound_secret);
    for wrong in [foreign.as_str(), &of_test, "", "whsec_", secret.trim_start_matches("whsec_")] {
        unsigned(post_event(&native, NATIVE, wrong, &event).await);
    }
    unsigned(
        post_event(&rescue, LEAD_RESCUE_INBOUND, &server.credentials.lead_rescue.test_inbound_secret, &json!({})).await,
    );
    let body = event.to_string().into_bytes();
    let right = hmac_hex(&secret, &body);
    let send = async |headers: &[(&str, &str)], body: &[u8]| {
        native.send(Method::POST, NATIVE, headers, Some(body.to_vec())).await
    };
    unsigned(send(&[], &body).await);
    unsigned(send(&[], b"no JSON at all").await);
    let malformed = ["", "sha256=", "sha256", &right[..63], &format!("{right}00"), &format!("sha1={right}")];
    for given in malformed {
        unsigned(send(&[("X-Signature", given)], &body).await);
    }
    unsigned(send(&[("X-Signature", &right), ("X-Signature", &right)], &body).await);
    unsigned(send(&[("X-Signature", &right)], &event.to_string().replace("Hello", "Hallo").into_bytes()).await);
    assert!(messages(&native, &id).await.is_empty());
    // Checks are in this order: key, scope, signature, JSON.
    native.with_key("").send(Method::POST, NATIVE, &[("X-Signature", &right)], Some(body.clone())).await.expect(401);
    let key = json!({ "name": "reader", "scopes": ["leads:read"] });
    let reader = native.post("/v2/keys", key).await.expect(201);
    let reader = native.with_key(reader["key"].as_str().unwrap());
    post_event(&reader, NATIVE, &secret, &event).await.expect(403);
    let nonsense = hmac_hex(&secret, b"no JSON");
    let rejected = send(&[("X-Signature", &nonsense)], b"no JSON").await.expect(400);
    assert_eq!(rejected["error"]["details"][0]["field"], "body");
    send(&[("X-Signature", &right.to_uppercase())], &body).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_leads_are_404_and_bad_fields_named() {
    let server = unlimited_server().await;
    let (native, test, rescue) = (Caller::native(&server), Caller::native_test(&server), Caller::lead_rescue(&server));
    let secret = issue_secret(&native).await;
    let erased = lead(&native, "erased").await;
    native.delete(&format!("/v2/leads/{erased}")).await.expect(204);
    let other = rescue.post("/v1/leads", json!({ "customer_name": "Eva", "phone": "+46701740605" })).await.expect(201);
    let other = uuid::Uuid::parse_str(other["id"].as_str().unwrap().strip_prefix("l_").unwrap()).unwrap().to_string();
    let business = native.post("/v2/businesses", json!({ "name": "B", "country": "SE" })).await.expect(201);
    let key = json!({ "name": "b", "scopes": ["inbound:write", "webhooks:write"], "businessId": business["id"] });
    let bound = native.post("/v2/keys", key).await.expect(201);
    let bound = native.with_key(bound["key"].as_str().unwrap());
    let own = lead(&native, "own").await;
    let of_test = lead(&test, "test").await;
    let unknown = "018f0000-0000-7000-8000-000000000000";
    for (caller, id) in [
        (&native, unknown),
        (&native, erased.as_str()),
        (&native, other.as_str()),
        (&native, of_test.as_str()),
        (&bound, own.as_str()),
    ] {
        for event in [reply_of(id, "Hello"), opt_out_of(id)] {
            let rejected = post_event(caller, NATIVE, &secret, &event).await.expect(404);
            assert_eq!(rejected["error"]["code"], "NOT_FOUND");
        }
    }
    bound.post("/v2/webhooks/inbound-secret", json!({})).await.expect(403);
    assert_eq!(status(&native, &own).await, "NEW");
    assert_eq!(status(&test, &of_test).await, "NEW");

    let ahead = "2999-01-01T00:00:00Z";
    let bad = [
        ("event", json!(null)),
        ("event", json!("lead.won")),
        ("leadId", json!(null)),
        ("leadId", json!("jane")),
        ("channel", json!(null)),
        ("channel", json!("e-mail")),
        ("channel", json!("PIGEON")),
        ("body", json!(null)),
        ("body", json!("")),
        ("body", json!(7)),
        ("body", json!("x".repeat(50_001))),
        ("receivedAt", json!("yesterday")),
        ("receivedAt", json!(ahead)),
        ("receivedAt", json!(1)),
        ("id", json!(7)),
        ("id", json!("x".repeat(256))),
    ];
    for (field, value) in bad {
        let mut event = reply_of(&own, "Hello");
        event[field] = value;
        let rejected = post_event(&native, NATIVE, &secret, &event).await.expect(400);
        assert_eq!(rejected["error"]["details"][0]["field"], field, "{event}");
    }
    let secret = &server.credentials.lead_rescue.inbound_secret;
    let rejected = post_event(&rescue, LEAD_RESCUE_INBOUND, secret, &json!({ "received_at": ahead })).await.expect(400);
    let fields: Vec<_> = rejected["error"]["fields"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["channel", "event", "lead_id", "received_at"]);
    assert!(messages(&native, &own).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_keeps_its_overlap() {
    let server = unlimited_server().await;
    let native = Caller::native(&server);
    let id = lead(&native, "jane").await;
    let works = async |secret: &str| post_event(&native, NATIVE, secret, &reply_of(&id, "Hello")).await.status;
    let make = async |body: Value| native.post("/v2/webhooks/inbound-secret", body).await.expect(201);
    let text = |made: &Value| made["secret"].as_str().unwrap().to_owned();
    let first = make(json!({})).await;
    assert_eq!(first.as_object().unwrap().len(), 3);
    assert!(text(&first).starts_with("whsec_") && first["previousSecretUntil"].is_null());
    let second = make(json!({})).await;
    assert!(second["previousSecretUntil"].as_str().unwrap() > second["createdAt"].as_str().unwrap());
    assert_eq!([works(&text(&first)).await, works(&text(&second)).await], [200, 200]);
    let third = make(json!({ "overlapSeconds": 0 })).await;
    assert!(third["previousSecretUntil"].is_null());
    assert_eq!([works(&text(&first)).await, works(&text(&second)).await, works(&text(&third)).await], [401, 401, 200]);
    let fourth = make(json!({ "overlapSeconds": 1 })).await;
    eventually(EFFECT_TIMEOUT, "the overlap ends", || async { (works(&text(&third)).await == 401).then_some(()) })
        .await;
    assert_eq!(works(&text(&fourth)).await, 200);
    for overlap in [json!(-1), json!(604_801), json!("1s")] {
        let body = json!({ "overlapSeconds": overlap });
        let rejected = native.post("/v2/webhooks/inbound-secret", body).await.expect(400);
        assert_eq!(rejected["error"]["details"][0]["field"], "overlapSeconds");
    }
    let first_reply = native.post_idempotent("/v2/webhooks/inbound-secret", "k", json!({})).await;
    let again = native.post_idempotent("/v2/webhooks/inbound-secret", "k", json!({})).await;
    assert_eq!((first_reply.status, &first_reply.text), (again.status, &again.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let log = native.get("/v2/audit-log?action=inbound_secret.created").await.expect(200);
    assert_eq!(log["data"].as_array().unwrap().len(), 5);
    server.stop().await;

    // The secret of the demo tenant stays the same on the same data, even if another was issued meanwhile.
    let data = tempfile::tempdir().unwrap();
    let kept = || ServerOptions { data: Some(data.path().to_owned()), ..options() };
    let server = LocalServer::start(kept()).await.unwrap();
    let first = server.credentials.lead_rescue.inbound_secret.clone();
    server.stop().await;
    let server = LocalServer::start(kept()).await.unwrap();
    assert_eq!(server.credentials.lead_rescue.inbound_secret, first);
    let second = issue_secret(&Caller::lead_rescue(&server)).await;
    server.stop().await;
    let server = LocalServer::start(kept()).await.unwrap();
    assert_eq!(server.credentials.lead_rescue.inbound_secret, second);
}
