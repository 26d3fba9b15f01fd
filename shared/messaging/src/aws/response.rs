//! The results that follow from responses of AWS.

use crate::sender::ProviderResult;
use domain::follow_up::sequence::SendFailure;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// Returns the name of the error in the header that REST APIs use for it.
pub(super) fn error_in_header(headers: &HeaderMap) -> Option<String> {
    let name = headers.get("x-amzn-errortype")?.to_str().ok()?;
    Some(bare_name(name).to_owned())
}

/// Returns the result of a response with this status, error name in the header and body (`null` if it is not JSON).
///
/// 2xx means that the message was accepted, even if the body is missing. 4xx means that it was not sent; the name of
/// the error indicates whether it may be accepted later. 5xx leaves open how far the provider got, unless it names
/// throttling.
pub(super) fn result_of(status: StatusCode, error_header: Option<&str>, body: &Value) -> ProviderResult {
    if status.is_success() {
        let id = ["MessageId", "messageId"].into_iter().find_map(|name| body[name].as_str());
        return ProviderResult::Accepted { provider_id: id.map(str::to_owned) };
    }
    let error_in_body = || ["__type", "code", "Code"].into_iter().find_map(|name| body[name].as_str()).map(bare_name);
    let error = error_header.or_else(error_in_body).unwrap_or_default();
    let error_reason = body["Reason"].as_str().unwrap_or_default();
    let text = ["message", "Message"].into_iter().find_map(|name| body[name].as_str()).unwrap_or_default();
    tracing::warn!(status = status.as_u16(), error, error_reason, "message not accepted by the provider");
    let later = |failure| ProviderResult::RetryLater { failure };
    let rejected = |failure| ProviderResult::Rejected { failure };
    match error {
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "ThrottledRequestException"
        | "RequestLimitExceeded"
        | "SlowDown" => later(SendFailure::Throttled),
        _ if status.is_server_error() => ProviderResult::Unknown { failure: SendFailure::ProviderError },
        _ if status == StatusCode::TOO_MANY_REQUESTS => later(SendFailure::Throttled),
        "LimitExceededException" | "ServiceQuotaExceededException" => later(SendFailure::QuotaExceeded),
        "AccountSuspendedException" | "SendingPausedException" => later(SendFailure::SendingPaused),
        // The identity of the sender, or a recipient while the account is in the sandbox of SES.
        "MessageRejected" if text.starts_with("Email address is not verified") => later(SendFailure::NotConfigured),
        "MessageRejected" | "BadRequestException" | "InvalidParametersException" => rejected(SendFailure::Rejected),
        "ConflictException" => result_of_conflict(error_reason),
        "ValidationException" => result_of_validation(error_reason),
        // Invalid credentials, or missing permissions, resources or identities.
        "MailFromDomainNotVerifiedException"
        | "NotFoundException"
        | "ResourceNotFoundException"
        | "AccessDeniedException"
        | "AccessDenied"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "OptInRequired"
        | "UnknownOperationException" => later(SendFailure::NotConfigured),
        _ => match status.as_u16() {
            400 | 413 | 422 => rejected(SendFailure::Rejected),
            408 => later(SendFailure::NoConnection),
            _ => later(SendFailure::NotConfigured),
        },
    }
}

/// Returns the result of a `ConflictException` of SMS (`ConflictExceptionReason` in the API reference), which concerns
/// either the recipient or the configuration.
fn result_of_conflict(error_reason: &str) -> ProviderResult {
    match error_reason {
        "DESTINATION_PHONE_NUMBER_OPTED_OUT" => ProviderResult::Rejected { failure: SendFailure::OptedOut },
        "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"
        | "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE" => {
            ProviderResult::Rejected { failure: SendFailure::Blocked }
        }
        _ => ProviderResult::RetryLater { failure: SendFailure::NotConfigured },
    }
}

/// Returns the result of a `ValidationException` (`ValidationExceptionReason` in the API reference of SMS; other APIs
/// give no reason).
fn result_of_validation(error_reason: &str) -> ProviderResult {
    match error_reason {
        "COUNTRY_NOT_ENABLED"
        | "DESTINATION_COUNTRY_BLOCKED"
        | "INTERNATIONAL_SENDING_NOT_SUPPORTED"
        | "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY" => ProviderResult::Rejected { failure: SendFailure::Blocked },
        "CHANNEL_NOT_ENABLED"
        | "INVALID_ARN"
        | "RESOURCE_NOT_ACCESSIBLE"
        | "SENDER_ID_NOT_REGISTERED"
        | "SENDER_ID_NOT_SUPPORTED"
        | "SENDER_ID_REQUIRES_REGISTRATION"
        | "UNKNOWN_OPERATION" => ProviderResult::RetryLater { failure: SendFailure::NotConfigured },
        _ => ProviderResult::Rejected { failure: SendFailure::Rejected },
    }
}

/// Returns the name of an error without the namespace before `#` and the URL after `:`.
fn bare_name(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().trim()
}
