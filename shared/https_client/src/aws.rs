//! Calls of AWS that are signed here instead of by the SDK: the crate of a service has a hundred thousand lines for the
//! operations that nobody needs.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use std::time::SystemTime;

/// A request cannot be signed: something in it is not valid in a request.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed")]
pub struct SigningError;

/// Returns the base URL of a service of AWS in a region. `host` is the first part of its host name.
pub fn endpoint(host: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{host}.{region}.{suffix}")
}

/// Signs a request with its headers and body as of now (AWS Signature Version 4).
///
/// # Errors
///
/// Fails if a header is no text, or the URL is not valid.
pub fn sign_request(
    request: &mut http::Request<Vec<u8>>,
    signing_name: &str,
    region: &str,
    credentials: Credentials,
) -> Result<(), SigningError> {
    let identity: Identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(signing_name)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| SigningError)?
        .into();
    let uri = request.uri().to_string();
    let headers: Option<Vec<_>> =
        request.headers().iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let headers = headers.ok_or(SigningError)?.into_iter();
    let signable = SignableRequest::new(request.method().as_str(), &uri, headers, SignableBody::Bytes(request.body()));
    let signed = signable.and_then(|signable| sign(signable, &params)).map_err(|_| SigningError)?;
    signed.into_parts().0.apply_to_request_http1x(request);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_hosts_of_aws() {
        assert_eq!(endpoint("lambda", "eu-north-1"), "https://lambda.eu-north-1.amazonaws.com");
        assert_eq!(endpoint("email", "cn-north-1"), "https://email.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn a_signature_is_of_its_service_and_region() {
        let request = http::Request::post("https://lambda.eu-north-1.amazonaws.com/a%3Ab").header("x-a", "b");
        let mut request = request.body(b"{}".to_vec()).expect("a request");
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "tests");
        sign_request(&mut request, "lambda", "eu-north-1", credentials).expect("signed");
        let signature = request.headers()["authorization"].to_str().expect("text");
        assert!(signature.contains("/eu-north-1/lambda/aws4_request"), "{signature}");
        assert!(signature.contains("x-a;"), "{signature}");
        assert_eq!(request.headers()["x-amz-security-token"], "session");
    }

    #[test]
    fn a_header_that_is_no_text_is_not_signed() {
        let value = http::HeaderValue::from_bytes(b"\xff").expect("a value");
        let request = http::Request::post("https://lambda.eu-north-1.amazonaws.com/").header("x-a", value);
        let mut request = request.body(Vec::new()).expect("a request");
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "tests");
        assert!(sign_request(&mut request, "lambda", "eu-north-1", credentials).is_err());
    }
}
