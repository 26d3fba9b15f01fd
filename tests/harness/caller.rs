//! API client of the tests, and its responses.

use local::LocalServer;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

/// Calls one server with one key.
#[derive(Clone)]
pub(crate) struct Caller {
    client: reqwest::Client,
    pub(crate) base_url: String,
    pub(crate) key: String,
}

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl ApiResponse {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// Returns the text of a header, empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns whether the response is a replay under an idempotency key.
    pub(crate) fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }

    /// Asserts the status, and returns the body as JSON (null if empty).
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }
}

impl Caller {
    pub(crate) fn new(base_url: &str, key: &str) -> Self {
        // The crypto provider is process-wide; the first test installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, base_url: base_url.to_owned(), key: key.to_owned() }
    }

    /// Returns a caller of the native demo tenant.
    pub(crate) fn native(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.native.api_key)
    }

    /// Returns a caller of the native demo tenant in its test environment.
    pub(crate) fn native_test(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.native.test_api_key)
    }

    /// Returns a caller of the Revenue Defenders demo tenant.
    pub(crate) fn revenue_defenders(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.revenue_defenders.api_key)
    }

    /// Returns a caller of the LeadRescue demo tenant.
    pub(crate) fn lead_rescue(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.lead_rescue.api_key)
    }

    /// Returns a caller of the LeadRescue demo tenant in its test environment.
    pub(crate) fn lead_rescue_test(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.lead_rescue.test_api_key)
    }

    /// Returns a caller of the VendorPad demo tenant.
    pub(crate) fn vendor_pad(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.vendor_pad.api_key)
    }

    /// Returns a caller of the VendorPad demo tenant in its test environment.
    pub(crate) fn vendor_pad_test(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.vendor_pad.test_api_key)
    }

    /// Returns a caller of the same server with another key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// Sends a request to a server that may stop meanwhile; an error if no complete response arrived.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> reqwest::Result<ApiResponse> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base_url));
        if !self.key.is_empty() {
            request = request.bearer_auth(&self.key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let response = ApiResponse { status, headers, text: response.text().await? };
        super::conformance::check(method.as_str(), path, &response);
        Ok(response)
    }

    /// Sends a request to a running server.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> ApiResponse {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// Fetches a link without a key, and returns status and bytes.
    pub(crate) async fn download(&self, url: &str) -> (u16, Vec<u8>) {
        let response = self.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    }

    pub(crate) async fn get(&self, path: &str) -> ApiResponse {
        self.send(Method::GET, path, &[], None).await
    }

    /// Returns every item of a list of the native contract, which has no parameters yet.
    pub(crate) async fn all_items(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}?limit=100{cursor}")).await.expect(200);
            items.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["pagination"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Waits until exactly `count` deliveries have succeeded, and returns them.
    pub(crate) async fn wait_for_deliveries(&self, count: usize, timeout: Duration) -> Vec<Value> {
        super::eventually(timeout, "every delivery is recorded", || async {
            let page = self.get("/v2/deliveries?status=DELIVERED&limit=100").await.expect(200);
            let data = page["data"].as_array().unwrap().clone();
            (data.len() == count).then_some(data)
        })
        .await
    }

    pub(crate) async fn delete(&self, path: &str) -> ApiResponse {
        self.send(Method::DELETE, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> ApiResponse {
        self.send(Method::POST, path, &[], Some(body.to_string().into_bytes())).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> ApiResponse {
        self.send(Method::PATCH, path, &[], Some(body.to_string().into_bytes())).await
    }

    /// Sends a POST with an idempotency key.
    pub(crate) async fn post_idempotent(&self, path: &str, key: &str, body: Value) -> ApiResponse {
        self.send(Method::POST, path, &[("Idempotency-Key", key)], Some(body.to_string().into_bytes())).await
    }

    /// Returns the path of the script of the documentation pages, as a page names it.
    pub(crate) async fn script_path(&self) -> String {
        let page = self.get("/v2/docs").await.text;
        let (_, rest) = page.split_once("<script src=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// Creates a native subscription to all events, and returns it with its secret.
    pub(crate) async fn subscribe(&self, url: &str) -> Value {
        self.post("/v2/webhooks", serde_json::json!({ "url": url, "events": ["*"] })).await.expect(201)
    }
}
