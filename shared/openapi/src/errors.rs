//! Responses to requests that fail, as components that operations refer to.

use crate::headers;
use crate::shapes::{Shapes, value_of};
use contract::{Access, Deprecation, ErrorKind, MAX_BODY_BYTES, Operation};
use domain::accounts::rate_limit::WindowLength;
use domain::{FieldError, FieldErrors, Scope};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The request id of examples.
const REQUEST_ID: &str = "01JDK2V6Q8";

/// Description of the response to a body that is too large.
const TOO_LARGE: &str = "The body is too large.";

/// Returns the statuses of errors that an operation may have.
pub(crate) fn statuses(operation: &Operation) -> BTreeSet<u16> {
    let mut statuses = BTreeSet::from([400, 405, 408, 414, 431, 500, 503]);
    statuses.extend(&operation.further_errors);
    if operation.access != Access::Public {
        statuses.extend([401, 403, 429]);
    }
    if !operation.path_examples.is_empty() {
        statuses.insert(404);
    }
    if operation.takes_body() {
        statuses.extend([409, 413, 415, 422]);
    }
    if operation.understands_if_match {
        statuses.insert(412);
    }
    statuses
}

/// Returns the reference to the response of an error.
pub(crate) fn reference(status: u16) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(status)) })
}

/// Returns the response of an operation to an error: a reference, unless it differs from that of other operations.
pub(crate) fn of_operation(operation: &Operation, status: u16, shapes: &Shapes) -> Value {
    let max_body_bytes = shapes.profile.max_body_bytes(&format!("{}{}", shapes.profile.base_path(), operation.path));
    match status {
        413 if max_body_bytes != MAX_BODY_BYTES => {
            response(status, TOO_LARGE, &ErrorKind::TooLarge(max_body_bytes), shapes)
        }
        _ => reference(status),
    }
}

/// Returns the responses to errors, in the shape of a contract.
pub(crate) fn components(shapes: &Shapes) -> Value {
    let all = examples().into_iter();
    let responses = all.map(|(status, description, kind)| (name(status), response(status, description, &kind, shapes)));
    Value::Object(responses.collect())
}

fn response(status: u16, description: &str, kind: &ErrorKind, shapes: &Shapes) -> Value {
    let Shapes { profile, error_schema, .. } = shapes;
    // Errors of a deprecated operation announce its end too, and all operations share the components of errors.
    let has_deprecations = !profile.deprecations().is_empty();
    let mut headers = headers::of_response(status, true);
    headers.extend(has_deprecations.then_some(Deprecation::HEADERS).into_iter().flatten());
    let headers: Map<_, _> = headers.into_iter().map(|name| (name.to_owned(), headers::reference(name))).collect();
    let example = value_of(&profile.error_json(kind, REQUEST_ID));
    json!({
        "description": description,
        "headers": headers,
        "content": { "application/json": { "schema": error_schema, "example": example } }
    })
}

fn name(status: u16) -> String {
    format!("Error{status}")
}

/// Returns each status with its meaning and an example.
fn examples() -> Vec<(u16, &'static str, ErrorKind)> {
    let invalid = FieldErrors(vec![FieldError::new("email", "must be an e-mail address such as jane@example.com")]);
    vec![
        (400, "The request is invalid; the body names each invalid field.", ErrorKind::Invalid(invalid)),
        (401, "No valid API key was sent.", ErrorKind::Unauthorized),
        (403, "The key may not do this.", ErrorKind::MissingScope(Scope::LeadsWrite)),
        (404, "It does not exist, or the key may not see it.", ErrorKind::NotFound("lead")),
        (405, "The path does not support the method.", ErrorKind::MethodNotAllowed),
        (408, "The request did not arrive in time.", ErrorKind::Timeout),
        (
            409,
            "The request conflicts with the state of the resource.",
            ErrorKind::Conflict("The lead has been changed.".to_owned()),
        ),
        (410, "What the request created has been erased.", ErrorKind::Gone),
        (412, "The resource has changed since the version in `If-Match`.", ErrorKind::PreconditionFailed),
        (413, TOO_LARGE, ErrorKind::TooLarge(MAX_BODY_BYTES)),
        (414, "The path and query are too long.", ErrorKind::UriTooLong),
        (415, "The body is compressed.", ErrorKind::UnsupportedEncoding),
        (422, "The idempotency key was used with another body.", ErrorKind::IdempotencyMismatch),
        (429, "A rate limit of the key is exceeded.", ErrorKind::RateLimited { max: 60, window: WindowLength::Minute }),
        (431, "The headers are too large.", ErrorKind::HeadersTooLarge),
        (500, "An internal error.", ErrorKind::Internal),
        (503, "Temporarily unavailable.", ErrorKind::Unavailable),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_codes_are_those_of_all_errors() {
        let shown: HashSet<_> = examples().iter().map(|(_, _, kind)| kind.code()).collect();
        assert_eq!(shown, HashSet::from(ErrorKind::CODES));
        assert!(examples().iter().all(|(status, _, kind)| *status == kind.status()));
    }
}
