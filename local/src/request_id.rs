//! Request ids.

use base64::Engine;

/// Returns a random request id in the form of API Gateway's.
pub(crate) fn request_id() -> String {
    let mut bytes = [0; 12];
    // The id only helps to find a request in the log: a repeated one is better than a failed request.
    let _ = getrandom::fill(&mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
