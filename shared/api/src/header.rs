//! Request headers that may be sent once.

use crate::api_error::ApiError;
use contract::ErrorKind;
use http::HeaderMap;

/// Returns the value of the header `name`, if it was sent. One that was sent twice or is not visible ASCII is invalid.
pub fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(ErrorKind::field(name, "must be sent once, in visible ASCII characters").into()),
    }
}
