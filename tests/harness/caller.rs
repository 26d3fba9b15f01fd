//! A caller of the API.

use local::LocalServer;
use reqwest::Method;
use serde_json::Value;

/// Calls one house with one key.
#[derive(Clone)]
pub(crate) struct Caller {
    client: reqwest::Client,
    pub(crate) base_url: String,
    pub(crate) key: String,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl ApiResponse {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// A header's text, empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON, of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }
}

impl Caller {
    pub(crate) fn new(base_url: &str, key: &str) -> Self {
        // The provider is the process's; whichever test comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { client, base_url: base_url.to_owned(), key: key.to_owned() }
    }

    /// The native demo tenant's.
    pub(crate) fn native(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.native.api_key)
    }

    /// The native demo tenant's in test mode.
    pub(crate) fn native_test(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.native.test_api_key)
    }

    /// The Revenue Defenders demo tenant's.
    pub(crate) fn revenue_defenders(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.revenue_defenders.api_key)
    }

    /// The LeadRescue demo tenant's.
    pub(crate) fn lead_rescue(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.lead_rescue.api_key)
    }

    /// The LeadRescue demo tenant's in test mode.
    pub(crate) fn lead_rescue_test(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.lead_rescue.test_api_key)
    }

    /// The VendorPad demo tenant's.
    pub(crate) fn vendor_pad(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.vendor_pad.api_key)
    }

    /// The VendorPad demo tenant's in test mode.
    pub(crate) fn vendor_pad_test(server: &LocalServer) -> Self {
        Self::new(&server.credentials.base_url, &server.credentials.vendor_pad.test_api_key)
    }

    /// The same house with another key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// Sends anything to a house that may be going down; an error where no whole answer came.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> reqwest::Result<ApiResponse> {
        let mut request = self.client.request(method, format!("{}{path}", self.base_url));
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
        Ok(ApiResponse { status, headers, text: response.text().await? })
    }

    /// Sends anything to a house that is there to answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> ApiResponse {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// What lies behind a link, which needs no key: status and bytes.
    pub(crate) async fn download(&self, url: &str) -> (u16, Vec<u8>) {
        let response = self.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    }

    pub(crate) async fn get(&self, path: &str) -> ApiResponse {
        self.send(Method::GET, path, &[], None).await
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

    /// POST under an idempotency key.
    pub(crate) async fn post_idempotent(&self, path: &str, key: &str, body: Value) -> ApiResponse {
        self.send(Method::POST, path, &[("Idempotency-Key", key)], Some(body.to_string().into_bytes())).await
    }

    /// Registers a native subscription to everything; answers with it, secret included.
    pub(crate) async fn subscribe(&self, url: &str) -> Value {
        self.post("/v2/webhooks", serde_json::json!({ "url": url, "events": ["*"] })).await.expect(201)
    }
}
