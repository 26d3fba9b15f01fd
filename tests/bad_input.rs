//! Invalid input returns a 4xx in the error format of the called contract that names the field, and never a 5xx.

mod all_contracts;
mod lead_rescue;
mod native;
mod native_and_revenue_defenders_leads;
mod random_mutations;

use crate::harness::{ApiResponse, Caller};
use local::LocalServer;
use reqwest::Method;
use serde_json::Value;

/// Error formats of the contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorFormat {
    Native,
    RevenueDefenders,
    /// Format with named fields, used by LeadRescue and VendorPad.
    Fields,
}

/// Asserts that `reply` is an error in `format`, and returns the names of its fields.
#[track_caller]
fn assert_error(reply: &ApiResponse, status: u16, format: ErrorFormat) -> Vec<String> {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert!(!reply.header("x-request-id").is_empty());
    let body = reply.json();
    let only = |value: &Value, allowed: &[&str]| {
        let names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        assert!(names.iter().all(|name| allowed.contains(&name.as_str())), "{names:?} in {}", reply.text);
    };
    only(&body, &["error"]);
    match format {
        ErrorFormat::RevenueDefenders => {
            let text = body["error"].as_str().unwrap();
            assert!(!text.is_empty());
            text.trim_end_matches('.').split("; ").map(|part| part.split(' ').next().unwrap().to_owned()).collect()
        }
        ErrorFormat::Native => {
            only(&body["error"], &["code", "message", "details"]);
            assert!(!body["error"]["code"].as_str().unwrap().is_empty());
            assert!(!body["error"]["message"].as_str().unwrap().is_empty());
            let details = body["error"]["details"].as_array().cloned().unwrap_or_default();
            details.iter().map(|detail| detail["field"].as_str().unwrap().to_owned()).collect()
        }
        ErrorFormat::Fields => {
            only(&body["error"], &["code", "message", "fields"]);
            assert!(!body["error"]["code"].as_str().unwrap().is_empty());
            body["error"]["fields"].as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
        }
    }
}

/// Returns the endpoints that create leads, each with its error format.
fn lead_endpoints(server: &LocalServer) -> [(Caller, &'static str, ErrorFormat); 2] {
    [
        (Caller::native(server), "/v2/leads", ErrorFormat::Native),
        (Caller::revenue_defenders(server), "/api/v1/leads", ErrorFormat::RevenueDefenders),
    ]
}

async fn post_raw(caller: &Caller, path: &str, body: impl Into<Vec<u8>>) -> ApiResponse {
    caller.send(Method::POST, path, &[], Some(body.into())).await
}
