//! Keys, businesses, the caller's own account and the service's health over HTTP.
