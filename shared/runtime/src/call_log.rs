//! The log line of a call.

use domain::TenantId;
use std::time::Duration;

/// The target of the lines, so that a filter can show or hide them: `RUST_LOG=warn,leadhouse::call=info`.
const TARGET: &str = "leadhouse::call";

/// What the log says about one call. It holds no personal data: the route instead of the path, the public beginning of
/// the key, no address and no body.
#[derive(Clone, Debug)]
pub struct CallRecord<'a> {
    /// The method.
    pub method: &'a str,
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
            method = %self.method,
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
