//! Facts about a request that the gateway knows and the request itself does not carry.

use domain::accounts::rate_limit::Quota;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// Context of a request. The HTTP adapter puts it into the request's extensions before the request is routed.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The gateway's id of the request.
    pub request_id: String,
    /// The address of the client.
    pub source_ip: Option<IpAddr>,
    /// The limits and counts of the key, set when the call has been authenticated: the response's rate limit headers
    /// are made from it, whether the call succeeds or not.
    pub quota: Arc<OnceLock<Quota>>,
}

impl RequestContext {
    /// Returns the context of a request that has not been authenticated yet.
    pub fn new(request_id: String, source_ip: Option<IpAddr>) -> Self {
        Self { request_id, source_ip, quota: Arc::default() }
    }
}
