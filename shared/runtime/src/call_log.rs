//! The log line of a call.

use domain::TenantId;
use http::Method;
use std::time::Duration;

/// The target of the lines, so that a filter can show or hide them: `RUST_LOG=warn,leadhouse::call=info`.
const TARGET: &str = "leadhouse::call";

/// The methods that programs send. Any other one may be a text of any kind.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Returns the name of a method as it is logged.
fn method_name(method: &Method) -> &str {
    if METHODS.contains(method) { method.as_str() } else { "other" }
}

/// The line of one call in the log. It holds no personal data: the route instead of the path, the public beginning of
/// the key, no address and no body.
#[derive(Clone, Debug)]
pub struct CallRecord<'a> {
    /// The method, unless the request has none that can be read.
    pub method: Option<&'a Method>,
    /// The route, with `{id}` for variable segments. `None` if no route matches.
    pub route: Option<&'a str>,
    /// The status of the response.
    pub status: u16,
    /// The time from the request to the response.
    pub duration: Duration,
    /// The public beginning of the key, if a well-formed one was sent.
    pub key_prefix: Option<&'a str>,
    /// The tenant, if the key is valid.
    pub tenant: Option<TenantId>,
    /// The id that the response carries.
    pub request_id: &'a str,
}

impl CallRecord<'_> {
    /// Writes the line.
    pub fn write(&self) {
        tracing::info!(
            target: TARGET,
            method = %self.method.map_or("none", method_name),
            route = %self.route.unwrap_or("none"),
            status = self.status,
            duration_ms = u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
            key_prefix = self.key_prefix.map(tracing::field::display),
            tenant = self.tenant.map(tracing::field::display),
            request_id = %self.request_id,
            "call"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusual_method_is_not_logged() {
        assert_eq!(method_name(&Method::PATCH), "PATCH");
        let unusual = Method::from_bytes(b"anna.karlsson").expect("a token");
        assert_eq!(method_name(&unusual), "other");
    }
}
