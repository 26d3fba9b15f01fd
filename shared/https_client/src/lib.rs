#![doc = include_str!("../README.md")]

pub mod aws;

use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// The client could not be created.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client could not be created")]
pub struct HttpsClientError;

/// Returns Mozilla's root certificates.
pub fn mozilla_roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// Returns the configuration of TLS that trusts these root certificates.
///
/// # Errors
///
/// Fails if ring supports no version of TLS.
pub fn tls_config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Returns the builder of a client that sends each request once, to the host that it names. Connecting, including TLS, may
/// take `connect_timeout`.
///
/// # Errors
///
/// Fails if TLS cannot be configured.
pub fn builder(connect_timeout: Duration) -> Result<reqwest::ClientBuilder, HttpsClientError> {
    let tls = tls_config(mozilla_roots()).map_err(|_| HttpsClientError)?;
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never());
    Ok(builder.connect_timeout(connect_timeout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_built_with_ring() {
        assert!(builder(Duration::from_secs(1)).is_ok_and(|builder| builder.build().is_ok()));
        assert!(mozilla_roots().len() > 100);
    }
}
