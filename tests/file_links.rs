//! Links to files behind a forwarded port or another host name: they begin with the address that the caller used.

use crate::harness::{ApiResponse, Caller, options, server};
use http::Method;
use local::{LocalServer, ServerOptions};
use serde_json::json;

async fn declare(caller: &Caller, host: &str) -> ApiResponse {
    let body = json!({ "category": "PHOTO", "file": { "contentType": "text/plain", "size": 5 } });
    let body = body.to_string().into_bytes();
    caller.send(Method::POST, "/v2/evidence", &[("Host", host), ("Idempotency-Key", host)], Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn links_begin_with_the_host_that_was_called() {
    let server = server().await;
    let native = Caller::native(&server);
    for host in ["leads.example.com", "10.0.0.7:9000", "localhost:8080", "[::1]:8080", "x-8080.preview.example"] {
        let made = declare(&native, host).await.expect(201);
        let url = made["uploadUrl"].as_str().unwrap();
        assert!(url.starts_with(&format!("http://{host}/files/")), "{url}");
        // The address is not part of what is signed: the link works at whatever address leads to the server.
        let path = url.strip_prefix(&format!("http://{host}")).unwrap();
        let headers = [("Content-Type", "text/plain")];
        let put = native.with_key("").send(Method::PUT, path, &headers, Some(b"hello".to_vec())).await;
        assert_eq!(put.status, 200, "{}", put.text);
        let read = native.get(&format!("/v2/evidence/{}", made["id"].as_str().unwrap())).await.expect(200);
        assert!(read["fileUrl"].as_str().unwrap().starts_with(&native.base_url), "{read}");
        // A replay through another address has a link for that address.
        let body = json!({ "category": "PHOTO", "file": { "contentType": "text/plain", "size": 5 } });
        let again = native.post_idempotent("/v2/evidence", host, body).await;
        assert!(again.is_replayed() && again.json()["uploadUrl"].as_str().unwrap().starts_with(&native.base_url));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_hosts_are_rejected() {
    let server = server().await;
    let native = Caller::native(&server);
    for host in ["a b", "evil.example/path", "user@evil.example", "a:99999", "a?x", "\"", "<script>", "[::1", "a,b"] {
        let reply = declare(&native, host).await;
        assert_eq!(reply.expect(400)["error"]["details"][0]["field"], "Host", "{host}");
        assert!(!reply.text.contains("evil"), "{}", reply.text);
    }
    assert_eq!(native.get("/v2/evidence").await.expect(200)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_url_replaces_the_host() {
    let public_url = Some("https://leads.example.com/base".to_owned());
    let server = LocalServer::start(ServerOptions { public_url, ..options() }).await.unwrap();
    assert_eq!(server.credentials.base_url, "https://leads.example.com/base");
    let local_url = format!("http://{}", server.address());
    let banner = server.banner();
    assert!(banner.starts_with(&format!("Leadhouse is ready at {local_url}\n")), "the port is shown: {banner}");
    assert!(banner.contains("begin with https://leads.example.com/base"), "{banner}");
    assert!(banner.matches("curl -s ").count() == banner.matches(&format!("curl -s {local_url}/")).count(), "{banner}");
    let native = Caller::new(&local_url, &server.credentials.native.api_key);
    for host in ["other.example.com", "10.0.0.7:9000"] {
        let url = declare(&native, host).await.expect(201)["uploadUrl"].clone();
        assert!(url.as_str().unwrap().starts_with("https://leads.example.com/base/files/"), "{url}");
    }
}
