//! Headers of requests and responses, as components that operations refer to.

use serde_json::{Value, json};

/// Returns the reference to a header of responses.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// Returns the headers that a response with this status has.
pub(crate) fn of_response(status: u16, is_authenticated: bool) -> Vec<&'static str> {
    let mut names = vec!["X-Request-Id"];
    if is_authenticated {
        names.extend([
            "RateLimit-Policy",
            "RateLimit",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
        ]);
    }
    if matches!(status, 429 | 503) {
        names.push("Retry-After");
    }
    names
}

/// Returns the headers of responses, by name.
pub(crate) fn components() -> Value {
    let text = json!({ "type": "string" });
    let whole = json!({ "type": "integer", "minimum": 0 });
    let header = |description: &str, schema: &Value| json!({ "description": description, "schema": schema });
    json!({
        "X-Request-Id": {
            "description": "Id of the request, for questions to support. The log line of the call has it.",
            "required": true,
            "schema": text
        },
        "RateLimit-Policy": header("Limits of the key (IETF draft of RateLimit headers).", &text),
        "RateLimit": header("Requests left in the windows, and seconds until they end.", &text),
        "X-RateLimit-Limit": header("Requests that the key may send in the window with the fewest requests left.", &whole),
        "X-RateLimit-Remaining": header("Requests left in that window.", &whole),
        "X-RateLimit-Reset": header("Time at which that window ends, in seconds since 1970.", &whole),
        "Retry-After": header("Seconds after which the request may be repeated.", &whole),
        "ETag": header("Version of the resource, for `If-Match`. A replay has that of the first response.", &text),
        "Location": header("Path of the new resource, or URL of the one that is asked for.", &text),
        "Deprecation": header("Time since which new code should not use the operation, as `@` and seconds since 1970 (RFC 9745).", &text),
        "Sunset": header("Time from which on the operation may be missing (RFC 8594).", &text),
        "Idempotent-Replayed": header("`true` if the response is that of an earlier request with the same `Idempotency-Key`.", &json!({ "type": "string", "enum": ["true"] }))
    })
}

/// Returns the headers of requests, by name.
pub(crate) fn parameter_components() -> Value {
    let idempotency_key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    json!({
        "Idempotency-Key": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Key that the caller makes, such as a UUID. A request with the same key and body is answered as the \
                            first was, and nothing is done twice. Keys are kept for at least 24 hours. `X-Idempotency-Key` \
                            is the same; a request sends either.",
            "schema": idempotency_key
        },
        "X-Idempotency-Key": {
            "name": "X-Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Key that the caller makes, such as a UUID. A request with the same key and body is answered as the \
                            first was, and nothing is done twice. Keys are kept for at least 24 hours. `Idempotency-Key` \
                            is the same; a request sends either.",
            "schema": idempotency_key
        },
        "If-Match": {
            "name": "If-Match",
            "in": "header",
            "required": false,
            "description": "`ETag` of the version that the change is made for. If there is a newer one, the answer is 412.",
            "schema": { "type": "string" },
            "example": "\"3\""
        },
        "X-Signature": {
            "name": "X-Signature",
            "in": "header",
            "required": true,
            "description": "`sha256=` and the HMAC-SHA256 of the body in hexadecimal, made with the inbound secret. The \
                            key of the HMAC is the whole text of the secret.",
            "schema": { "type": "string", "pattern": "^(sha256=)?[0-9A-Fa-f]{64}$" }
        }
    })
}
