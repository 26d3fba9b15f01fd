#![doc = include_str!("../README.md")]

pub mod aws;
mod sdk_client;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use sdk_client::sdk_client;

/// The client could not be created.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the HTTPS client could not be created: {0}")]
pub struct HttpsClientError(String);

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

/// Returns the configuration of TLS for calls of AWS, of which the process has one: its connections share their sessions.
///
/// Besides Mozilla's roots it trusts the certificates in the PEM file that the environment variable `AWS_CA_BUNDLE` names,
/// as AWS's own tools do.
///
/// # Errors
///
/// Fails if ring supports no version of TLS, or the file cannot be read.
pub(crate) fn aws_tls_config() -> Result<ClientConfig, HttpsClientError> {
    static CONFIG: OnceLock<Result<ClientConfig, HttpsClientError>> = OnceLock::new();
    let create = || {
        let bundle = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
        tls_config(roots_with(bundle.as_deref().map(Path::new))?).map_err(|error| HttpsClientError(error.to_string()))
    };
    CONFIG.get_or_init(create).clone()
}

/// Returns Mozilla's root certificates and those of a PEM file.
fn roots_with(bundle: Option<&Path>) -> Result<RootCertStore, HttpsClientError> {
    let mut roots = mozilla_roots();
    let Some(bundle) = bundle else { return Ok(roots) };
    let unreadable = |error: String| HttpsClientError(format!("AWS_CA_BUNDLE ({}): {error}", bundle.display()));
    let certificates = CertificateDer::pem_file_iter(bundle).map_err(|error| unreadable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    Ok(roots)
}

/// Returns the builder of a client that sends each request once, to the host that it names. Connecting, including TLS, may
/// take `connect_timeout`.
///
/// # Errors
///
/// Fails if TLS cannot be configured.
pub fn builder(connect_timeout: Duration) -> Result<reqwest::ClientBuilder, HttpsClientError> {
    let builder = reqwest::Client::builder().tls_backend_preconfigured(aws_tls_config()?).no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never());
    Ok(builder.connect_timeout(connect_timeout))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;

    #[test]
    fn a_client_is_built_with_ring() {
        assert!(builder(Duration::from_secs(1)).is_ok_and(|builder| builder.build().is_ok()));
        assert!(mozilla_roots().len() > 100);
    }

    #[test]
    fn certificates_of_a_bundle_are_trusted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bundle.pem");
        let certificate = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let pem = |der: &[u8]| {
            let text = base64::engine::general_purpose::STANDARD.encode(der);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        std::fs::write(&path, pem(certificate.cert.der())).expect("a file");
        let roots = roots_with(Some(&path)).expect("roots");
        assert_eq!(roots.len(), mozilla_roots().len() + 1);
        assert!(
            roots_with(Some(&folder.path().join("none.pem"))).is_err_and(|error| error.to_string().contains("none"))
        );
        std::fs::write(&path, pem(b"none")).expect("a file");
        assert!(roots_with(Some(&path)).is_err());
    }
}
