//! Evidence of the native contract, and its files.

use crate::harness::{ApiResponse, Caller, invalid_field, options, server};
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const HELLO: &[u8] = b"hello";

fn declaring(content_type: &str, size: usize) -> Value {
    json!({ "category": "PHOTO", "file": { "contentType": content_type, "size": size } })
}

fn path_of(evidence: &Value) -> String {
    format!("/v2/evidence/{}", evidence["id"].as_str().unwrap())
}

/// Calls a link without a key: path and query below the server's address.
async fn follow(
    caller: &Caller,
    method: Method,
    url: &Value,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> ApiResponse {
    let path = url.as_str().unwrap().strip_prefix(&caller.base_url).unwrap().to_owned();
    caller.with_key("").send(method, &path, headers, body.map(<[u8]>::to_vec)).await
}

async fn put(caller: &Caller, evidence: &Value, content_type: &str, body: &[u8]) -> ApiResponse {
    follow(caller, Method::PUT, &evidence["uploadUrl"], &[("Content-Type", content_type)], Some(body)).await
}

async fn declared(caller: &Caller, content_type: &str, size: usize) -> Value {
    caller.post("/v2/evidence", declaring(content_type, size)).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_uploaded_hashed_and_read_by_links() {
    let server = server().await;
    let native = Caller::native(&server);
    let body = json!({
        "category": "CONTRACT", "title": "The order",
        "file": { "contentType": "text/plain", "size": 5, "name": "order.txt" },
    });
    let made = native.post("/v2/evidence", body).await.expect(201);
    assert_eq!(
        (&made["status"], &made["fileUrl"], &made["sha256"]),
        (&json!("AWAITING_UPLOAD"), &Value::Null, &Value::Null)
    );
    assert_eq!(made["file"], json!({ "name": "order.txt", "contentType": "text/plain", "size": 5 }));
    assert_eq!(made["uploadHeaders"], json!({ "Content-Type": "text/plain", "Content-Length": "5" }));
    assert!(made["uploadExpiresAt"].as_str().unwrap() > made["createdAt"].as_str().unwrap());
    for secret_text in ["order", "jane", &server.credentials.native.api_key] {
        assert!(!made["uploadUrl"].as_str().unwrap().contains(secret_text), "a link contains no personal data");
    }
    let waiting = native.get(&path_of(&made)).await.expect(200);
    assert_eq!((waiting.get("uploadUrl"), &waiting["status"]), (None, &json!("AWAITING_UPLOAD")));

    assert_eq!(put(&native, &made, "text/plain", HELLO).await.expect(200), Value::Null);
    let ready = native.get(&path_of(&made)).await;
    assert_eq!(ready.header("etag"), "\"2\"");
    let ready = ready.expect(200);
    assert_eq!((&ready["status"], &ready["version"]), (&json!("READY"), &json!(2)));
    assert_eq!(ready["sha256"], hex::encode(Sha256::digest(HELLO)));
    for method in [Method::GET, Method::HEAD] {
        let file = follow(&native, method.clone(), &ready["fileUrl"], &[], None).await;
        assert_eq!((file.status, file.header("content-type")), (200, "text/plain"));
        assert_eq!((file.header("content-disposition"), file.header("content-length")), ("attachment", "5"));
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(file.text.as_bytes(), if method == Method::GET { HELLO } else { b"" });
    }
    let defenders = native.get("/api/v1/evidence").await.expect(200);
    assert_eq!(defenders["items"][0]["sha256"], ready["sha256"]);
    let file = follow(&native, Method::GET, &defenders["items"][0]["fileUrl"], &[], None).await;
    assert_eq!(file.text.as_bytes(), HELLO);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mismatched_upload_is_rejected_and_not_stored() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = declared(&native, "text/plain", 5).await;
    assert_eq!(invalid_field(&put(&native, &made, "text/html", HELLO).await), "Content-Type");
    assert_eq!(invalid_field(&put(&native, &made, "text/plain", b"hell").await), "Content-Length");
    let larger = put(&native, &made, "text/plain", b"hello!").await;
    assert_eq!(larger.expect(413)["error"]["code"], "PAYLOAD_TOO_LARGE");
    let untyped = follow(&native, Method::PUT, &made["uploadUrl"], &[], Some(HELLO)).await;
    assert_eq!(invalid_field(&untyped), "Content-Type");
    assert_eq!(native.get(&path_of(&made)).await.expect(200)["status"], "AWAITING_UPLOAD");
    put(&native, &made, "text/plain", HELLO).await.expect(200);

    let mut hashed = declaring("text/plain", 5);
    hashed["file"]["sha256"] = hex::encode(Sha256::digest(b"other")).into();
    let hashed = native.post("/v2/evidence", hashed).await.expect(201);
    assert_eq!(invalid_field(&put(&native, &hashed, "text/plain", HELLO).await), "body");
    assert_eq!(native.get(&path_of(&hashed)).await.expect(200)["sha256"], Value::Null);
    put(&native, &hashed, "text/plain", b"other").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_can_be_repeated() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = declared(&native, "text/plain", 5).await;
    let address = native.base_url.strip_prefix("http://").unwrap().to_owned();
    let path = made["uploadUrl"].as_str().unwrap().strip_prefix(&native.base_url).unwrap().to_owned();
    let head =
        format!("PUT {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    socket.write_all(format!("{head}hel").as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut response = String::new();
    let _ = socket.read_to_string(&mut response).await;
    assert!(!response.starts_with("HTTP/1.1 2"), "{response}");
    assert_eq!(native.get(&path_of(&made)).await.expect(200)["status"], "AWAITING_UPLOAD");
    put(&native, &made, "text/plain", HELLO).await.expect(200);
    assert_eq!(native.get(&path_of(&made)).await.expect(200)["status"], "READY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_once() {
    let server = server().await;
    let native = Caller::native(&server);
    let made = declared(&native, "text/plain", 5).await;
    let bodies: [&[u8]; 6] = [b"aaaaa", b"bbbbb", b"ccccc", b"ddddd", b"eeeee", b"fffff"];
    let putting = bodies.map(|body| {
        let (native, made) = (&native, &made);
        async move { (body, put(native, made, "text/plain", body).await) }
    });
    let replies = futures_util::future::join_all(putting).await;
    let accepted: Vec<_> = replies.iter().filter(|(_, reply)| reply.status == 200).collect();
    assert_eq!(accepted.len(), 1, "{replies:?}");
    assert!(replies.iter().all(|(_, reply)| [200, 409].contains(&reply.status)), "{replies:?}");
    let again = put(&native, &made, "text/plain", HELLO).await;
    assert_eq!(again.expect(409)["error"]["code"], "CONFLICT");
    let ready = native.get(&path_of(&made)).await.expect(200);
    assert_eq!(ready["sha256"], hex::encode(Sha256::digest(accepted[0].0)));
    let file = follow(&native, Method::GET, &ready["fileUrl"], &[], None).await;
    assert_eq!(file.text.as_bytes(), accepted[0].0, "the stored file is the uploaded one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_only_its_file() {
    let server = server().await;
    let native = Caller::native(&server);
    let (made, other) = (declared(&native, "text/plain", 5).await, declared(&native, "text/plain", 5).await);
    let url = made["uploadUrl"].as_str().unwrap();
    let [id, other_id] = [&made, &other].map(|one| one["id"].as_str().unwrap().replace('-', ""));
    let forged = [
        url.replace(&id, &other_id),
        url.replace("size=5", "size=6"),
        url.replace("text%2Fplain", "image%2Fpng"),
        url.replace("/L/", "/T/"),
        url.replace("/evidence/", "/evidence//"),
        url.replace("/evidence/", "/evidence/%2e%2e%2fevidence/"),
        url.split('?').next().unwrap().to_owned(),
        format!("{url}0"),
    ];
    for forged in forged {
        assert_ne!(forged, url);
        let headers = [("Content-Type", "text/plain")];
        let reply = follow(&native, Method::PUT, &json!(forged), &headers, Some(HELLO)).await;
        assert!([403, 404].contains(&reply.status), "{forged}: {} {}", reply.status, reply.text);
        assert!(reply.json()["error"]["code"].is_string(), "{forged}");
    }
    follow(&native, Method::GET, &json!(url), &[], None).await.expect(403);
    put(&native, &made, "text/plain", HELLO).await.expect(200);
    let ready = native.get(&path_of(&made)).await.expect(200);
    let headers = [("Content-Type", "text/plain")];
    follow(&native, Method::PUT, &ready["fileUrl"], &headers, Some(HELLO)).await.expect(403);
    let deleted = follow(&native, Method::DELETE, &ready["fileUrl"], &[], None).await;
    assert_eq!((deleted.status, deleted.header("allow")), (405, "GET, HEAD, PUT"));
    let preflight = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "PUT")];
    let preflight = follow(&native, Method::OPTIONS, &json!(url), &preflight, None).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_limited_to_20_megabytes() {
    const MAX_FILE_SIZE: usize = 20 * 1024 * 1024;
    let server = server().await;
    let native = Caller::native(&server);
    assert_eq!(
        invalid_field(&native.post("/v2/evidence", declaring("application/pdf", MAX_FILE_SIZE + 1)).await),
        "file.size"
    );
    let made = declared(&native, "application/pdf", MAX_FILE_SIZE).await;
    let bytes: Vec<u8> = (0..MAX_FILE_SIZE).map(|at| u8::try_from(at % 251).unwrap()).collect();
    put(&native, &made, "application/pdf", &bytes).await.expect(200);
    let ready = native.get(&path_of(&made)).await.expect(200);
    assert_eq!(ready["sha256"], hex::encode(Sha256::digest(&bytes)));
    let head = follow(&native, Method::HEAD, &ready["fileUrl"], &[], None).await;
    assert_eq!(head.header("content-length"), MAX_FILE_SIZE.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn content_types_are_read_in_every_spelling() {
    let server = server().await;
    let native = Caller::native(&server);
    for (written, meant) in [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("data:image/png;base64", "image/png"),
        ("audio/x-wav", "audio/wav"),
    ] {
        let made = declared(&native, written, HELLO.len()).await;
        assert_eq!(
            (&made["file"]["contentType"], &made["uploadHeaders"]["Content-Type"]),
            (&json!(meant), &json!(meant))
        );
        put(&native, &made, meant, HELLO).await.expect(200);
    }
    let heic = native.post("/v2/evidence", declaring("image/heic", 5)).await;
    assert_eq!(invalid_field(&heic), "file.contentType");
    assert!(heic.text.contains("convert the photo to image/jpeg first"), "{}", heic.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_evidence_fields_are_named() {
    let server = server().await;
    let native = Caller::native(&server);
    let file = |name: &str, value: Value| {
        let mut file = json!({ "contentType": "image/jpeg", "size": 5 });
        file[name] = value;
        file
    };
    let bad = [
        ("category", Value::Null, "category"),
        ("category", json!("SELFIE"), "category"),
        ("title", json!("x".repeat(201)), "title"),
        ("description", json!("x".repeat(10_001)), "description"),
        ("disputeId", json!("clx"), "disputeId"),
        ("leadId", json!(3), "leadId"),
        ("businessId", json!("first"), "businessId"),
        ("fileUrl", json!("https://example.com/a.jpg"), "fileUrl"),
        ("sha256", json!("ab"), "sha256"),
        ("file", json!("a.jpg"), "file"),
        ("file", json!({ "size": 5 }), "file.contentType"),
        ("file", file("size", Value::Null), "file.size"),
        ("file", file("size", json!(0)), "file.size"),
        ("file", file("size", json!(-5)), "file.size"),
        ("file", file("size", json!(5.5)), "file.size"),
        ("file", file("size", json!("5 MB")), "file.size"),
        ("file", file("contentType", json!("image/svg+xml")), "file.contentType"),
        ("file", file("contentType", json!("text/html")), "file.contentType"),
        ("file", file("sha256", json!("zz".repeat(32))), "file.sha256"),
        ("file", file("mime", json!("image/png")), "file.mime"),
    ];
    for (name, value, named) in bad {
        let mut body = json!({ "category": "PHOTO" });
        body[name] = value.clone();
        assert_eq!(invalid_field(&native.post("/v2/evidence", body).await), named, "{value}");
    }
    for (query, name) in [
        ("category=SELFIE", "category"),
        ("disputeId=clx", "disputeId"),
        ("leadId=x", "leadId"),
        ("createdFrom=2026-03-02&createdTo=2026-03-01", "createdFrom"),
        ("limit=0", "limit"),
    ] {
        assert_eq!(invalid_field(&native.get(&format!("/v2/evidence?{query}")).await), name, "{query}");
    }
    let unknown_id = "018f0000-0000-7000-8000-000000000000";
    for name in ["disputeId", "leadId"] {
        native.post("/v2/evidence", json!({ "category": "PHOTO", name: unknown_id })).await.expect(404);
        native.get(&format!("/v2/evidence?{name}={unknown_id}")).await.expect(404);
    }
    assert_eq!(invalid_field(&native.get("/v2/evidence/first").await), "evidenceId");
    native.get(&format!("/v2/evidence/{unknown_id}")).await.expect(404);
    assert_eq!(native.get("/v2/evidence").await.expect(200)["data"], json!([]), "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_listed_by_category_dispute_and_lead() {
    let server = server().await;
    let native = Caller::native(&server);
    let lead = native.post("/v2/leads", json!({ "name": "Jane", "email": "jane@example.com" })).await.expect(201);
    let dispute = json!({ "reason": "GENERAL", "amountCents": 1, "leadId": lead["id"] });
    let dispute = native.post("/v2/disputes", dispute).await.expect(201);
    let mut made = Vec::new();
    for body in [
        json!({ "category": "MESSAGE", "leadId": lead["id"] }),
        json!({ "category": "MESSAGE", "disputeId": dispute["id"] }),
        json!({ "category": "RECEIPT" }),
    ] {
        made.push(native.post("/v2/evidence", body).await.expect(201));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(made[1]["leadId"], lead["id"], "the dispute's");
    let of = async |query: String| {
        let page = native.get(&format!("/v2/evidence?{query}")).await.expect(200);
        page["data"].as_array().unwrap().clone()
    };
    let (lead, dispute) = (lead["id"].as_str().unwrap(), dispute["id"].as_str().unwrap());
    assert_eq!(of(String::new()).await, [made[2].clone(), made[1].clone(), made[0].clone()]);
    assert_eq!(of("category=RECEIPT".to_owned()).await, made[2..]);
    assert_eq!(of(format!("leadId={lead}")).await, [made[1].clone(), made[0].clone()]);
    assert_eq!(of(format!("disputeId={dispute}")).await, made[1..2]);
    assert_eq!(of(format!("disputeId={dispute}&category=PHOTO")).await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_contains_a_fresh_upload_link() {
    let server = server().await;
    let native = Caller::native(&server);
    let first = native.post_idempotent("/v2/evidence", "e-1", declaring("text/plain", 5)).await.expect(201);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let again = native.post_idempotent("/v2/evidence", "e-1", declaring("text/plain", 5)).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = again.expect(201);
    assert_ne!(again["uploadUrl"], first["uploadUrl"], "its retention is longer");
    assert!(again["uploadExpiresAt"].as_str() > first["uploadExpiresAt"].as_str());
    let mut same = again.clone();
    for name in ["uploadUrl", "uploadExpiresAt"] {
        same[name] = first[name].clone();
    }
    assert_eq!(same, first, "all else is");
    native.post_idempotent("/v2/evidence", "e-1", declaring("text/plain", 6)).await.expect(422);
    put(&native, &again, "text/plain", HELLO).await.expect(200);
    put(&native, &first, "text/plain", HELLO).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || ServerOptions { data: Some(folder.path().to_owned()), ..options() };
    let server = LocalServer::start(kept()).await.unwrap();
    let native = Caller::native(&server);
    let (made, waiting) = (declared(&native, "text/plain", 5).await, declared(&native, "text/plain", 5).await);
    put(&native, &made, "text/plain", HELLO).await.expect(200);
    server.stop().await;
    let server = LocalServer::start(kept()).await.unwrap();
    let native = Caller::native(&server);
    let ready = native.get(&path_of(&made)).await.expect(200);
    assert_eq!(follow(&native, Method::GET, &ready["fileUrl"], &[], None).await.text.as_bytes(), HELLO);
    assert_eq!(native.get(&path_of(&waiting)).await.expect(200)["status"], "AWAITING_UPLOAD");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_upload_completes_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let server = LocalServer::start(ServerOptions { data: Some(folder.path().to_owned()), ..options() }).await.unwrap();
    let native = Caller::native(&server);
    let made = declared(&native, "text/plain", 5).await;
    let plain = |id: &Value| id.as_str().unwrap().replace('-', "");
    let tenant = plain(&native.get("/v2/me").await.expect(200)["tenantId"]);
    let place = folder.path().join("files").join(tenant).join("L/evidence");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join(plain(&made["id"])), HELLO).unwrap();
    put(&native, &made, "text/plain", b"other").await.expect(409);
    let ready = native.get(&path_of(&made)).await.expect(200);
    assert_eq!((&ready["status"], &ready["sha256"]), (&json!("READY"), &json!(hex::encode(Sha256::digest(HELLO)))));
    assert_eq!(std::fs::read_dir(folder.path().join("files/uploading")).unwrap().count(), 0, "nothing half-kept");
}
