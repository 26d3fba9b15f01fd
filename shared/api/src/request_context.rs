//! Facts about a request that the gateway knows and the request itself does not carry.

use domain::TenantId;
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
    /// The route that the request matched, for the log.
    pub route: Arc<OnceLock<String>>,
    /// The public beginning of the key that was sent, valid or not, for the log.
    pub key_prefix: Arc<OnceLock<String>>,
    /// The tenant of a valid key, for the log.
    pub tenant: Arc<OnceLock<TenantId>>,
}

impl RequestContext {
    /// Returns the context of a request that has not been authenticated yet.
    pub fn new(request_id: String, source_ip: Option<IpAddr>) -> Self {
        Self {
            request_id,
            source_ip,
            quota: Arc::default(),
            route: Arc::default(),
            key_prefix: Arc::default(),
            tenant: Arc::default(),
        }
    }
}
