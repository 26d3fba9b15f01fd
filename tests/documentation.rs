//! OpenAPI documents, documentation pages and the page that names them.

use crate::harness::programs::{ask, chromium, node};
use crate::harness::{ApiResponse, Caller, server};
use domain::Contract;
use http::Method;
use serde_json::{Value, json};

async fn get(caller: &Caller, path: &str, headers: &[(&str, &str)]) -> ApiResponse {
    caller.send(Method::GET, path, headers, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_contract_serves_its_document_without_a_key() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    for profile in Contract::ALL.map(contract::profile) {
        let path = format!("{}/openapi.json", profile.base_path());
        let reply = get(&anonymous, &path, &[]).await;
        let document = reply.expect(200);
        assert_eq!(document["openapi"], "3.1.0", "{path}");
        assert_eq!(document["info"]["version"], profile.api_version(), "{path}");
        assert_eq!(document["servers"][0]["url"], profile.base_path(), "{path}");
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "public, max-age=300");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("ratelimit"), "");
        assert!(!reply.header("x-request-id").is_empty());
        let head = anonymous.send(Method::HEAD, &path, &[], None).await;
        assert_eq!((head.status, head.header("etag")), (200, reply.header("etag")), "{path}");
        let again = get(&anonymous, &path, &[("If-None-Match", reply.header("etag"))]).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
        assert_eq!(again.header("etag"), reply.header("etag"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_document_have_the_same_version() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    let document = anonymous.get("/v2/openapi.json").await.expect(200);
    let health = anonymous.get("/v2/health").await.expect(200);
    assert_eq!(document["info"]["version"], health["version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_names_every_contract_and_its_links_work() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    let index = anonymous.get("/").await.expect(200);
    let apis = index["apis"].as_array().unwrap();
    assert_eq!(apis.len(), Contract::ALL.len());
    let page = get(&anonymous, "/", &[("Accept", "text/html,*/*;q=0.8")]).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let links = apis.iter().flat_map(|api| [&api["openapi"], &api["docs"]]).chain([&index["health"]]);
    for link in links.map(|link| link.as_str().unwrap()) {
        assert_eq!(anonymous.get(link).await.status, 200, "{link}");
        assert!(page.text.contains(&format!("href=\"{link}\"")), "{link}");
    }
    let rejected = anonymous.post("/", json!({})).await;
    assert_eq!(rejected.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_allow_scripts_of_their_own_origin_only() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    for base_path in Contract::ALL.map(|contract| contract::profile(contract).base_path()) {
        let page = anonymous.get(&format!("{base_path}/docs")).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{base_path}");
        let policy = page.header("content-security-policy");
        let expected = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
                        img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; \
                        frame-ancestors 'none'";
        assert_eq!(policy, expected);
        assert!(page.text.contains(&format!("data-url=\"{base_path}/openapi.json\"")), "{base_path}");
    }
}

/// Caches never keep another script for ever: not at another version, and not as an error.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_is_kept_under_its_version() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    let path = anonymous.script_path().await;
    let script = get(&anonymous, &path, &[("Accept-Encoding", "gzip")]).await;
    assert_eq!((script.status, script.header("content-encoding")), (200, "gzip"));
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    for other in ["/assets/0.0.1/api-reference.js", "/assets/%20/api-reference.js"] {
        let reply = anonymous.get(other).await;
        assert_eq!((reply.status, reply.header("cache-control")), (404, "no-store"), "{other}");
    }
}

/// The page works with nothing but this server: it shows the operations, and a lead can be created on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_created_on_the_documentation_page() {
    let (Some(mut node), Some(browser)) = (node(), chromium()) else { return };
    let server = server().await;
    let native = Caller::native(&server);
    let question = json!({
        "browser": browser,
        "origin": native.base_url,
        "path": "/v2/docs#tag/leads/POST/leads",
        "operation": "post /leads",
        "key": native.key,
        "screenshot": std::env::var("LEADHOUSE_TEST_SCREENSHOT").ok()
    });
    node.arg("docs_page.mjs");
    let seen = tokio::task::spawn_blocking(move || ask(node, &question)).await.unwrap();
    assert_eq!(seen["title"], "Leadhouse API");
    for nothing in ["console", "failed", "outside"] {
        assert_eq!(seen[nothing], json!([]), "{nothing}");
    }
    assert_eq!(seen["created"]["status"], 201, "{seen}");
    let id = seen["created"]["body"]["id"].as_str().unwrap();
    let lead: Value = native.get(&format!("/v2/leads/{id}")).await.expect(200);
    assert_eq!(lead["id"], id);
}
