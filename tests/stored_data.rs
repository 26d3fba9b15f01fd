//! Data that an earlier build stored is read the way that build read it. `fixtures/stored_data` holds one of every kind
//! of stored item and the responses of the build that stored them; its README describes how it was recorded.

mod restored;

use self::restored::{ACCESS_TABLE, LINK, Restored, TABLE, fixture, list, with_intended_differences};
use crate::harness::signature::{hmac_hex, is_signed_with, standard_signature};
use crate::harness::{ApiResponse, Caller, EFFECT_TIMEOUT, Received, Receiver, eventually, packages, text};
use aws_lambda_events::event::dynamodb::EventRecord;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use runtime::{DeliveryMessage, FollowUpMessage};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use store::{Change, change_from_images};

/// Placeholder in recorded responses for the expiry of links.
const EXPIRY: &str = "<expiry>";

/// Returns the kind of an item: the prefix of its partition key and its sort key, with ids left out.
fn kind(item: &Value) -> String {
    let pk = text(&item["pk"], "S").split('#').next().unwrap();
    let sk = item["sk"]["S"].as_str().unwrap_or_default();
    let id = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let parts: Vec<_> = sk.split('#').map(|part| if id(part) { "…" } else { part }).collect();
    format!("{pk} {}", parts.join("#")).trim_end().to_owned()
}

#[test]
fn the_fixture_holds_every_kind_of_item() {
    let items = fixture("items.json");
    let of = |table: &str, wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        items[table].as_array().unwrap().iter().filter(|item| wanted(item)).map(kind).collect()
    };
    let main = of(TABLE, &|_| true);
    let expected = [
        "T T",
        "T B#…",
        "T M#1",
        "T M#8",
        "T N#businesses",
        "T I#L",
        "T I#T",
        "T K#…",
        "L L",
        "EM EM",
        "VE VE",
        "L H#CU#…",
        "L H#TX#…",
        "L H#DI#…",
        "L H#EV#…",
        "L S",
        "L M#…",
        "ST ST",
        "L I#…",
        "L FR",
        "CU CU",
        "TX TX",
        "DI DI",
        "EV EV",
        "W S#…",
        "W H#…",
        "W X#…",
        "W N",
        "J emptied",
        "J empty",
        "D …",
        "A …",
        "KP …#12",
        "KM KM",
        "Y …",
    ];
    for kind in expected {
        assert!(main.iter().any(|found| found == kind), "{kind} is missing in {main:?}");
    }
    assert_eq!(of(ACCESS_TABLE, &|_| true), BTreeSet::from(["i".to_owned(), "k".to_owned()]));
    // Kinds that share their keys with others: erased leads, claims, batches, and the protections of stored responses.
    let has = |table: &str, kind: &str, wanted: &dyn Fn(&Value) -> bool| {
        assert!(of(table, wanted).iter().any(|found| found == kind), "{kind}");
    };
    has(TABLE, "L L", &|item| item["name"].is_null() && item["dp"].is_object());
    has(TABLE, "L L", &|item| item["name"].is_null() && item["dp"].is_null());
    has(TABLE, "L S", &|item| item["claim"].is_object());
    has(TABLE, "D …", &|item| item["dp"].is_object());
    has(ACCESS_TABLE, "i", &|item| item["bo"].is_null());
    has(ACCESS_TABLE, "i", &|item| item["bo"].is_object() && item["by"].is_null());
    for protected in ["m1", "m2", "l"] {
        has(ACCESS_TABLE, "i", &|item| item["by"]["S"].as_str().is_some_and(|by| by.starts_with(protected)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_records_are_shown_as_before() {
    let restored = Restored::new().await;
    for read in list("reads.json") {
        let (key, path) = (text(&read, "key"), text(&read, "path"));
        let reply = restored.caller(key).get(path).await;
        assert_eq!(u64::from(reply.status), read["status"], "{key} {path}: {}", reply.text);
        assert_eq!(reply.header("etag"), read["etag"].as_str().unwrap_or_default(), "{key} {path}");
        let expected = restored.as_recorded(read["body"].clone());
        // What a later release adds to the response for one dispute was not recorded.
        assert_eq!(packages::without_case(restored.as_recorded(reply.json())), expected, "{key} {path}");
    }
    restored.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_responses_are_replayed_to_the_byte() {
    let restored = Restored::new().await;
    for call in list("replays.json") {
        let headers: Vec<_> = call["headers"].as_object().unwrap().iter().collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let method = Method::from_bytes(text(&call, "method").as_bytes()).unwrap();
        let path = text(&call, "path");
        let body = text(&call, "body").as_bytes().to_vec();
        let reply = restored.caller(text(&call, "key")).send(method, path, &headers, Some(body)).await;
        assert_eq!(u64::from(reply.status), call["status"], "{path}: {}", reply.text);
        assert_eq!(reply.header("idempotent-replayed") == "true", call["replayed"].as_bool().unwrap(), "{path}");
        assert_eq!(reply.header("etag"), call["etag"].as_str().unwrap_or_default(), "{path}");
        if let Some(expected) = call["text"].as_str() {
            assert_eq!(
                without_reasons(&without_links(&reply, restored.base_url())),
                without_reasons(&with_intended_differences(expected)),
                "{path}"
            );
        }
    }
    restored.server.stop().await;
}

/// Returns the text of a body with placeholders for links to files and for their expiry.
fn without_links(reply: &ApiResponse, base_url: &str) -> String {
    let links = replaced(&reply.text, &format!("\"{base_url}/files/"), &format!("\"{LINK}"));
    let expiry = "\"uploadExpiresAt\":\"";
    replaced(&links, expiry, &format!("{expiry}{EXPIRY}"))
}

/// Returns the text of a body without the texts of a score's reasons, which are for people and may change.
fn without_reasons(text: &str) -> String {
    let mut parts = text.split("\"points\":");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |whole, part| {
        let (points, rest) = part.split_once("\"text\":\"").unwrap();
        format!("{whole}\"points\":{points}\"text\":\"{}", &rest[rest.find('"').unwrap()..])
    })
}

/// Replaces each occurrence of `begin`, and what follows it up to a quotation mark, by `new`.
fn replaced(text: &str, begin: &str, new: &str) -> String {
    let mut parts = text.split(begin);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |whole, part| format!("{whole}{new}{}", &part[part.find('"').unwrap()..]))
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_keys_open_what_they_did() {
    let restored = Restored::new().await;
    for call in list("key_checks.json") {
        let (key, path) = (text(&call, "key"), text(&call, "path"));
        let reply = restored.caller(key).get(path).await;
        assert_eq!(u64::from(reply.status), call["status"], "{key} {path}: {}", reply.text);
        assert_eq!(reply.header("ratelimit-policy"), call["policy"].as_str().unwrap_or_default(), "{key} {path}");
        if call["code"].is_string() {
            assert_eq!(reply.json()["error"]["code"], call["code"], "{key} {path}");
        }
    }
    // The demo keys derive from the master keys.
    let mut credentials = serde_json::to_value(&restored.server.credentials).unwrap();
    credentials.as_object_mut().unwrap().remove("baseUrl");
    assert_eq!(credentials, restored.secrets["credentials"]);
    restored.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_files_are_found_behind_new_links() {
    let restored = Restored::new().await;
    let native = restored.caller("native");
    let rescue = restored.caller("rescue");
    let evidence = native.get(&format!("/v2/evidence/{}", restored.named("evidence"))).await.expect(200);
    let drive = rescue.get(&format!("/v1/leads/{}", restored.named("photo"))).await.expect(200);
    let links = [("/evidence/", text(&evidence, "fileUrl")), ("/photo/", text(&drive, "license_photo_url"))];
    for (folder, link) in links {
        let stored: Vec<_> =
            list("files.json").into_iter().filter(|file| text(file, "path").contains(folder)).collect();
        let [stored] = &stored[..] else { panic!("one file in {folder}") };
        let bytes = STANDARD.decode(text(stored, "base64")).unwrap();
        assert_eq!(native.download(link).await, (200, bytes), "{link}");
    }
    restored.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_secrets_stay_the_same() {
    let restored = Restored::new().await;
    let names: Vec<_> = restored.secrets["secrets"].as_object().unwrap().keys().cloned().collect();
    for name in names.iter().filter(|name| !name.starts_with("inbound") && *name != "deleted") {
        let recorded = restored.subscription(name);
        let pinged = pinged(&restored, name).await;
        let (secret, previous) = (text(recorded, "secret"), recorded["previous"].as_str());
        // A header that holds one signature is the older secret's while that overlaps.
        let one = previous.unwrap_or(secret);
        assert!(is_signed_with(text(recorded, "contract"), one, &pinged), "{name}");
        let signatures: BTreeSet<_> =
            std::iter::once(secret).chain(previous).map(|secret| standard_signature(secret, &pinged)).collect();
        assert_eq!(standard_signatures(&pinged), signatures, "{name}");
    }
    restored.clock.advance(Duration::from_hours(25));
    let secret = text(restored.subscription("rotated"), "secret");
    let pinged = pinged(&restored, "rotated").await;
    assert!(is_signed_with("native", secret, &pinged));
    assert_eq!(standard_signatures(&pinged), BTreeSet::from([standard_signature(secret, &pinged)]));
    restored.server.stop().await;
}

/// Pings a subscription; returns the request that its receiver got.
async fn pinged(restored: &Restored, name: &str) -> Received {
    let receiver = Receiver::new().await;
    let (caller, path) = restored.receive(name, &receiver).await;
    caller.post(&format!("{path}/test"), json!({})).await.expect(202);
    receiver.wait_for(1, EFFECT_TIMEOUT).await.remove(0)
}

fn standard_signatures(received: &Received) -> BTreeSet<String> {
    received.header("webhook-signature").split(' ').map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_deliveries_are_sent_again_as_they_were() {
    let restored = Restored::new().await;
    let subscriptions = restored.secrets["secrets"].as_object().unwrap();
    for sent in list("sent.json") {
        let (name, _) = subscriptions.iter().find(|(_, one)| one["id"] == sent["webhookId"]).unwrap();
        let receiver = Receiver::new().await;
        let (caller, _) = restored.receive(name, &receiver).await;
        caller.post(&format!("/v2/deliveries/{}/retry", text(&sent, "id")), json!({})).await.expect(202);
        let received = receiver.wait_for(1, EFFECT_TIMEOUT).await.remove(0);
        assert_eq!(received.header("webhook-id"), text(&sent, "id"));
        assert_eq!(std::str::from_utf8(&received.body).unwrap(), text(&sent, "body"), "{name}");
    }
    restored.server.stop().await;
}

/// Hands in an inbound event of the native contract.
async fn hand_in(caller: &Caller, secret: &str, event: &Value) -> ApiResponse {
    let body = event.to_string().into_bytes();
    let signature = format!("sha256={}", hmac_hex(secret, &body));
    caller.send(Method::POST, "/v2/webhooks/inbound", &[("X-Signature", &signature)], Some(body)).await
}

async fn messages(caller: &Caller, lead: &str) -> Vec<Value> {
    let page = caller.get(&format!("/v2/leads/{lead}/messages")).await.expect(200);
    page["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn inbound_events_are_known_and_their_secrets_valid() {
    let restored = Restored::new().await;
    let native = restored.caller("native");
    let secrets = |name: &str| -> Vec<String> {
        let secrets = restored.secrets["secrets"][name].as_array().unwrap();
        secrets.iter().map(|secret| secret.as_str().unwrap().to_owned()).collect()
    };
    let lead = restored.named("replied");
    let before = messages(&native, lead).await.len();
    // The same events once more, whichever of the two valid secrets signs them.
    let events = &restored.secrets["named"]["events"];
    for secret in secrets("inbound native") {
        for event in [&events["named"], &events["unnamed"]] {
            hand_in(&native, &secret, event).await.expect(200);
        }
    }
    assert_eq!(messages(&native, lead).await.len(), before);
    for (number, secret) in secrets("inbound native").iter().enumerate() {
        let reply =
            json!({ "event": "customer.reply", "leadId": lead, "channel": "EMAIL", "body": number.to_string() });
        hand_in(&native, secret, &reply).await.expect(200);
    }
    let after = messages(&native, lead).await;
    assert_eq!(after.len(), before + 2);
    assert!(after[..2].iter().all(|message| message["firstReplyAfterSeconds"].is_null()), "{after:?}");
    // The secret of the test environment was replaced without an overlap.
    let test = restored.caller("native test");
    let unknown = json!({ "event": "customer.reply", "leadId": lead, "channel": "EMAIL", "body": "Hello" });
    let [replaced, current] = &secrets("inbound native test")[..] else { panic!("two secrets") };
    hand_in(&test, replaced, &unknown).await.expect(401);
    hand_in(&test, current, &unknown).await.expect(404);
    restored.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_addresses_are_taken_and_move_on() {
    let restored = Restored::new().await;
    let vendor = restored.caller("vendor");
    let take = async |email: &str| {
        let lead = json!({ "first_name": "Somebody", "email": email });
        let reply = vendor.post("/api/v1/developer/leads", lead).await;
        (reply.status, text(&reply.json(), "lead_id").to_owned())
    };
    let known = |name: &str| (200, restored.named(name).to_owned());
    assert_eq!(take("SAM@example.com").await, known("sam"));
    assert_eq!(take("zoe.new@example.com").await, known("zoe"));
    assert_eq!(take("shared@example.com").await, known("next"), "the one before has been erased");
    assert_eq!(take("zoe.old@example.com").await.0, 201, "it has another address now");
    // When the first one goes, the next one who has the address is known.
    vendor.delete(&format!("/v2/leads/{}", restored.named("sam"))).await.expect(204);
    assert_eq!(take("sam@example.com").await, known("sam's heir"));
    restored.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_stored_records_are_dispatched() {
    let restored = Restored::new().await;
    let native = restored.caller("native");
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let lead = format!("/v2/leads/{}", restored.named("running"));
    let kpis = native.get("/v2/analytics/kpis?range=1d").await.expect(200);
    let changed = native.patch(&lead, json!({ "status": "WON" })).await.expect(200);
    let sequence = native.get(&format!("{lead}/sequence")).await.expect(200);
    assert_eq!((&sequence["status"], &sequence["stopReason"]), (&json!("STOPPED"), &json!("WON")));
    let told = receiver.wait_for(2, EFFECT_TIMEOUT).await;
    let events: BTreeSet<_> = told.iter().map(|one| text(&one.json(), "type").to_owned()).collect();
    assert_eq!(events, BTreeSet::from(["lead.status_changed".to_owned(), "lead.won".to_owned()]));
    assert!(told.iter().all(|one| one.json()["data"] == changed));
    eventually(EFFECT_TIMEOUT, "it is counted and noted", || async {
        let now = native.get("/v2/analytics/kpis?range=1d").await.expect(200);
        let log = native.get("/v2/audit-log?action=lead.status_changed&limit=1").await.expect(200);
        let counted = now["converted"].as_u64()? == kpis["converted"].as_u64()? + 1;
        (counted && log["data"][0]["change"] == json!({ "from": "NEW", "to": "WON" })).then_some(())
    })
    .await;
    native.delete(&lead).await.expect(204);
    native.get(&lead).await.expect(404);
    restored.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_work_goes_on() {
    // A sweep every tenth of a second.
    let restored = Restored::at(600.0).await;
    let (native, fjord) = (restored.caller("native"), restored.caller("fjord"));
    let on_their_way: Vec<_> = restored.secrets["named"]["on their way"].as_array().unwrap().clone();
    let first = async |lead: &Value| messages(&fjord, lead.as_str().unwrap()).await.pop().unwrap();
    for lead in &on_their_way {
        assert_eq!(first(lead).await["status"], "SENDING");
    }
    let lost = messages(&fjord, restored.named("lost on its way")).await;
    assert_eq!((lost.len(), &lost[0]["status"]), (1, &json!("UNKNOWN")));
    let test = restored.caller("fjord test");
    assert_ne!(test.get("/v2/leads").await.expect(200)["data"], json!([]));

    // Later than the end of the claims, and than the sweep looks at unfinished purges and erasures.
    restored.clock.advance(Duration::from_mins(10));
    for lead in &on_their_way {
        eventually(EFFECT_TIMEOUT, "the lost message is settled", || async {
            (first(lead).await["status"] == "UNKNOWN").then_some(())
        })
        .await;
    }
    let leads = fjord.get("/v2/leads?limit=100").await.expect(200);
    for lead in leads["data"].as_array().unwrap() {
        let path = format!("/v2/leads/{}/sequence", text(lead, "id"));
        eventually(EFFECT_TIMEOUT, "no step of day 0 is left", || async {
            let sequence = fjord.get(&path).await;
            // Some were not started before the server ended.
            (sequence.status == 404 || sequence.json()["steps"][0]["status"] != "QUEUED").then_some(())
        })
        .await;
    }
    eventually(EFFECT_TIMEOUT, "the purge has come to its end", || async {
        (test.get("/v2/leads").await.expect(200)["data"] == json!([])).then_some(())
    })
    .await;

    // The delivery that waits for its next attempt, and the sequence for its next day.
    let receiver = Receiver::new().await;
    let path = format!("/v2/webhooks/{}", text(restored.subscription("patient"), "id"));
    native.patch(&path, json!({ "url": receiver.url })).await.expect(200);
    let sent = restored.server.sent_messages.messages().len();
    restored.clock.advance(Duration::from_hours(3 * 24));
    let waiting = format!("/v2/deliveries/{}", restored.named("waiting"));
    eventually(EFFECT_TIMEOUT, "the delivery has arrived", || async {
        (native.get(&waiting).await.expect(200)["status"] == "DELIVERED").then_some(())
    })
    .await;
    let received = receiver.received().into_iter().find(|one| one.header("webhook-id") == restored.named("waiting"));
    assert!(is_signed_with("native", text(restored.subscription("patient"), "secret"), &received.unwrap()));
    let running = format!("/v2/leads/{}/sequence", restored.named("running"));
    eventually(EFFECT_TIMEOUT, "day 3 is sent", || async {
        (native.get(&running).await.expect(200)["status"] == "COMPLETED").then_some(())
    })
    .await;
    assert!(restored.server.sent_messages.messages().len() > sent);
    restored.server.stop().await;
}

#[test]
fn stored_queue_messages_are_read_and_written_alike() {
    let messages = fixture("queue_messages.json");
    for message in messages["deliveries"].as_array().unwrap() {
        let read: DeliveryMessage = serde_json::from_str(message.as_str().unwrap()).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), message.as_str().unwrap());
    }
    for message in messages["followUp"].as_array().unwrap() {
        let read: FollowUpMessage = serde_json::from_str(message.as_str().unwrap()).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), message.as_str().unwrap());
    }
}

#[test]
fn stored_images_in_the_stream_are_read() {
    let items = fixture("items.json");
    let mut read = BTreeSet::new();
    for item in items[TABLE].as_array().unwrap() {
        // As what was changed, as what came in and as what went.
        for (old, new) in [(item, item), (&json!({}), item), (item, &json!({}))] {
            let record = json!({
                "awsRegion": "local", "eventID": "1", "eventName": "MODIFY",
                "dynamodb": {
                    "ApproximateCreationDateTime": 0, "Keys": { "pk": item["pk"], "sk": item["sk"] },
                    "NewImage": new, "OldImage": old, "SequenceNumber": "1", "SizeBytes": 0,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            });
            let record: EventRecord = serde_json::from_value(record).unwrap();
            let change = change_from_images(record.change.old_image, record.change.new_image);
            let name = match change.unwrap_or_else(|error| panic!("{error}: {item}")) {
                None => continue,
                Some(Change::Lead { old, .. }) => ("lead", old.is_some()),
                Some(Change::Dispute { old, .. }) => ("dispute", old.is_some()),
                Some(Change::Message { old, .. }) => ("message", old.is_some()),
                Some(Change::Subscription { old, .. }) => ("subscription", old.is_some()),
                Some(Change::SequenceStarted { .. }) => ("sequence", false),
                Some(Change::EvidenceRemoved { .. }) => ("evidence", true),
                Some(Change::PhotoRemoved { .. }) => ("photo", true),
                Some(Change::Package { .. } | Change::PackageRemoved { .. }) => panic!("older than packages"),
            };
            read.insert(name);
        }
    }
    let both =
        ["lead", "dispute", "message", "subscription"].into_iter().flat_map(|name| [(name, false), (name, true)]);
    assert_eq!(read, both.chain([("sequence", false), ("evidence", true), ("photo", true)]).collect());
}
