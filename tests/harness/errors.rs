//! Assertions about error responses and idempotent replays, and errors that replace those of the database.

use super::ApiResponse;
use serde_json::{Value, json};

/// Asserts a validation error of the native contract, and returns its first field.
#[track_caller]
pub(crate) fn invalid_field(reply: &ApiResponse) -> String {
    reply.expect(400)["error"]["details"][0]["field"].as_str().unwrap().to_owned()
}

/// Asserts a validation error of the native contract, and returns all its fields.
#[track_caller]
pub(crate) fn invalid_fields(reply: &ApiResponse) -> Vec<String> {
    let details = reply.expect(400)["error"]["details"].clone();
    details.as_array().unwrap().iter().map(|detail| detail["field"].as_str().unwrap().to_owned()).collect()
}

/// Asserts an error of LeadRescue or VendorPad, and returns its code and the named fields.
#[track_caller]
pub(crate) fn error_with_fields(reply: &ApiResponse, status: u16) -> (String, Vec<String>) {
    let body = reply.expect(status);
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["error"]);
    assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    let fields = body["error"]["fields"].as_object().map(|fields| fields.keys().cloned().collect());
    (body["error"]["code"].as_str().unwrap().to_owned(), fields.unwrap_or_default())
}

/// Asserts an error of Revenue Defenders, which is `{"error": "text"}` and nothing else, and returns the text.
#[track_caller]
pub(crate) fn error_text(reply: &ApiResponse, status: u16) -> String {
    let body = reply.expect(status);
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert_eq!(reply.header("content-type"), "application/json");
    body["error"].as_str().unwrap().to_owned()
}

/// Asserts that the responses of the same call are equal and that exactly one was not replayed, and returns their
/// body.
#[track_caller]
pub(crate) fn assert_one_result(replies: &[ApiResponse], status: u16) -> Value {
    for reply in replies {
        assert_eq!((reply.status, &reply.text), (status, &replies[0].text));
    }
    assert_eq!(replies.iter().filter(|reply| !reply.is_replayed()).count(), 1, "all but the first are replayed");
    replies[0].json()
}

/// Returns the body of a DynamoDB error with this code.
pub(crate) fn dynamodb_error(code: &str) -> Value {
    json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected fault" })
}
