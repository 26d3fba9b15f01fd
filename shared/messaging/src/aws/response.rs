//! What an answer of AWS means for a message.

use crate::{ProviderResult, reason};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// The name of the error that a header tells, where it does: APIs that speak REST say it there.
pub(super) fn error_of_header(headers: &HeaderMap) -> Option<String> {
    let name = headers.get("x-amzn-errortype")?.to_str().ok()?;
    Some(bare(name).to_owned())
}

/// Reads an answer: its status, the error that its header names and its body, `null` where it is no JSON.
///
/// A 2xx is a yes, whatever follows. A 4xx is a no before anything was sent: which of them may turn into a yes later
/// is told by the name. Of a 5xx nobody knows what it had done before it failed, unless it is named a throttle.
pub(super) fn result_of(status: StatusCode, error_header: Option<&str>, body: &Value) -> ProviderResult {
    if status.is_success() {
        let id = ["MessageId", "messageId"].into_iter().find_map(|name| body[name].as_str());
        return ProviderResult::Accepted { provider_id: id.map(str::to_owned) };
    }
    let named = || ["__type", "code", "Code"].into_iter().find_map(|name| body[name].as_str()).map(bare);
    let error = error_header.or_else(named).unwrap_or_default();
    let why = body["Reason"].as_str().unwrap_or_default();
    let text = ["message", "Message"].into_iter().find_map(|name| body[name].as_str()).unwrap_or_default();
    tracing::warn!(status = status.as_u16(), error, why, "a provider did not take a message");
    let later = |reason| ProviderResult::RetryLater { reason };
    let refused = |reason| ProviderResult::Rejected { reason };
    match error {
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "ThrottledRequestException"
        | "RequestLimitExceeded"
        | "SlowDown" => later(reason::THROTTLED),
        _ if status.is_server_error() => ProviderResult::Unknown { reason: reason::FAILED },
        _ if status == StatusCode::TOO_MANY_REQUESTS => later(reason::THROTTLED),
        "LimitExceededException" | "ServiceQuotaExceededException" => later(reason::QUOTA),
        "AccountSuspendedException" | "SendingPausedException" => later(reason::PAUSED),
        // The sender's own identity, or a recipient while the account is in SES's sandbox.
        "MessageRejected" if text.starts_with("Email address is not verified") => later(reason::NOT_CONFIGURED),
        "MessageRejected" | "BadRequestException" | "InvalidParametersException" => refused(reason::REJECTED),
        "ConflictException" => conflict(why),
        "ValidationException" => invalid(why),
        // Names of bad credentials (400 or 403), missing permissions, resources or identities.
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
        | "UnknownOperationException" => later(reason::NOT_CONFIGURED),
        _ => match status.as_u16() {
            400 | 413 | 422 => refused(reason::REJECTED),
            408 => later(reason::NO_CONNECTION),
            _ => later(reason::NOT_CONFIGURED),
        },
    }
}

/// `ConflictException` of SMS (`ConflictExceptionReason` in its reference): of the destination, or of our settings.
fn conflict(why: &str) -> ProviderResult {
    match why {
        "DESTINATION_PHONE_NUMBER_OPTED_OUT" => ProviderResult::Rejected { reason: reason::OPTED_OUT },
        "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"
        | "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE" => {
            ProviderResult::Rejected { reason: reason::BLOCKED }
        }
        _ => ProviderResult::RetryLater { reason: reason::NOT_CONFIGURED },
    }
}

/// `ValidationException` of SMS (`ValidationExceptionReason` in its reference); of other APIs it has no such reason.
fn invalid(why: &str) -> ProviderResult {
    match why {
        "COUNTRY_NOT_ENABLED"
        | "DESTINATION_COUNTRY_BLOCKED"
        | "INTERNATIONAL_SENDING_NOT_SUPPORTED"
        | "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY" => ProviderResult::Rejected { reason: reason::BLOCKED },
        "CHANNEL_NOT_ENABLED"
        | "INVALID_ARN"
        | "RESOURCE_NOT_ACCESSIBLE"
        | "SENDER_ID_NOT_REGISTERED"
        | "SENDER_ID_NOT_SUPPORTED"
        | "SENDER_ID_REQUIRES_REGISTRATION"
        | "UNKNOWN_OPERATION" => ProviderResult::RetryLater { reason: reason::NOT_CONFIGURED },
        _ => ProviderResult::Rejected { reason: reason::REJECTED },
    }
}

/// An error's name without its namespace before `#` and the address behind `:`.
fn bare(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().trim()
}
