//! S3: the bucket, and links that are signed with the function's own credentials (AWS Signature Version 4, query
//! parameters: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>).
//!
//! The crate behind the bucket signs links too, but none that holds an upload to its length.

use crate::{BlobError, BlobKey, DeclaredUpload, LINK_LIFETIME, UploadLink};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::{ClientOptions, StaticCredentialProvider};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// A bucket, and who may use it.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Another endpoint than AWS itself, such as an emulator's.
    pub endpoint: Option<String>,
    /// The access key's id.
    pub key_id: String,
    /// The access key.
    pub secret_key: String,
    /// The session that both belong to.
    pub session_token: Option<String>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("region", &self.region).finish_non_exhaustive()
    }
}

impl Bucket {
    /// The bucket behind its API.
    pub(crate) fn store(&self) -> Result<AmazonS3, BlobError> {
        // The provider is the process's; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let credential = AwsCredential {
            key_id: self.key_id.clone(),
            secret_key: self.secret_key.clone(),
            token: self.session_token.clone(),
        };
        let allow_http = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_credentials(Arc::new(StaticCredentialProvider::new(credential)))
            .with_virtual_hosted_style_request(self.endpoint.is_none())
            .with_client_options(
                ClientOptions::new().with_allow_http(allow_http).with_timeout(Duration::from_secs(30)),
            );
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        builder.build().map_err(|error| BlobError::Unusable(error.to_string()))
    }

    /// Scheme, host, and the path that keys lie under.
    fn place(&self) -> (String, String, String) {
        match &self.endpoint {
            None => ("https".to_owned(), format!("{}.s3.{}.amazonaws.com", self.name, self.region), String::new()),
            Some(endpoint) => {
                let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
                (scheme.to_owned(), host.trim_end_matches('/').to_owned(), format!("/{}", self.name))
            }
        }
    }
}

/// Links to a bucket.
pub(crate) struct PresignedLinks(Bucket);

impl PresignedLinks {
    pub(crate) fn new(bucket: Bucket) -> Self {
        Self(bucket)
    }

    /// Signed with the file's type, its length and, where that is known, its hash; S3 refuses what differs, and what
    /// would replace a file.
    pub(crate) fn upload(&self, key: &BlobKey, declared: &DeclaredUpload, now: Timestamp) -> UploadLink {
        let mut headers = BTreeMap::from([
            ("Content-Length".to_owned(), declared.size.to_string()),
            ("Content-Type".to_owned(), declared.content_type.name().to_owned()),
            ("If-None-Match".to_owned(), "*".to_owned()),
        ]);
        if let Some(bytes) = declared.sha256.as_ref().and_then(|hash| hex::decode(hash.as_str()).ok()) {
            headers.insert("x-amz-checksum-sha256".to_owned(), STANDARD.encode(bytes));
        }
        let url = self.sign("PUT", key.as_str(), &headers, &[], now);
        UploadLink { url, headers, expires_at: now.after(LINK_LIFETIME) }
    }

    /// Whatever it holds, a browser saves it and shows nothing of it.
    pub(crate) fn download(&self, key: &BlobKey, now: Timestamp) -> String {
        self.sign("GET", key.as_str(), &BTreeMap::new(), &[("response-content-disposition", "attachment")], now)
    }

    fn sign(
        &self,
        method: &str,
        key: &str,
        headers: &BTreeMap<String, String>,
        parameters: &[(&str, &str)],
        now: Timestamp,
    ) -> String {
        let Bucket { region, key_id, secret_key, session_token, .. } = &self.0;
        let (scheme, host, under) = self.0.place();
        // 2026-05-25T12:00:00.000Z → 20260525T120000Z
        let shown = now.to_string();
        let at: String = shown.chars().take(19).filter(|c| !matches!(c, '-' | ':')).chain(['Z']).collect();
        let day = &at[..8];
        let scope = format!("{day}/{region}/s3/aws4_request");
        let mut signed: BTreeMap<String, &str> =
            headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())).collect();
        signed.insert("host".to_owned(), &host);
        let names = signed.keys().map(String::as_str).collect::<Vec<_>>().join(";");
        let mut query: BTreeMap<&str, String> = BTreeMap::from([
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("X-Amz-Credential", format!("{key_id}/{scope}")),
            ("X-Amz-Date", at.clone()),
            ("X-Amz-Expires", LINK_LIFETIME.as_secs().to_string()),
            ("X-Amz-SignedHeaders", names.clone()),
        ]);
        if let Some(token) = session_token {
            query.insert("X-Amz-Security-Token", token.clone());
        }
        query.extend(parameters.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let query =
            query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&");
        let path = format!("{under}/{key}");
        let headers = signed.iter().fold(String::new(), |mut all, (name, value)| {
            let _ = writeln!(all, "{name}:{value}");
            all
        });
        let request = format!("{method}\n{path}\n{query}\n{headers}\n{names}\nUNSIGNED-PAYLOAD");
        let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex::encode(Sha256::digest(request)));
        let parts = [day, region, "s3", "aws4_request", &to_sign];
        let signature =
            parts.iter().fold(format!("AWS4{secret_key}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
        format!("{scheme}://{host}{path}?{query}&X-Amz-Signature={}", hex::encode(signature))
    }
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// RFC 3986: everything but letters, digits and `-._~` is escaped.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            all.push(char::from(byte));
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::file::{FileHash, FileType};
    use domain::{Environment, EvidenceId, Mode, TenantId};

    fn links(endpoint: Option<&str>) -> PresignedLinks {
        PresignedLinks(Bucket {
            name: "examplebucket".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: None,
        })
    }

    fn key() -> BlobKey {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        BlobKey::of_evidence(environment, EvidenceId::derived(&[b"e"]))
    }

    /// The manual's example with our host and expiry, the signature as Python's hmac and hashlib give it; with the
    /// manual's own they give the manual's own.
    #[test]
    fn the_signature_is_that_of_signature_version_4() {
        let at = Timestamp::parse("2013-05-24T00:00:00Z").expect("a time");
        let url = links(None).sign("GET", "test.txt", &BTreeMap::new(), &[], at);
        assert_eq!(
            url,
            "https://examplebucket.s3.us-east-1.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=\
             db2386a0383be8f8e71c9a55425dbea213b9eb6f8639809046db72ac57b6d118"
        );
    }

    #[test]
    fn an_upload_is_held_to_type_length_and_hash_and_replaces_nothing() {
        let hash = FileHash::parse(&"ab".repeat(32)).expect("a hash");
        let declared = DeclaredUpload { content_type: FileType::Pdf, size: 17, sha256: Some(hash) };
        let link = links(Some("http://127.0.0.1:4566")).upload(&key(), &declared, Timestamp::from_millis(0));
        let names = "content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256";
        assert!(link.url.contains(&format!("X-Amz-SignedHeaders={names}")), "{}", link.url);
        assert!(link.url.starts_with(&format!("http://127.0.0.1:4566/examplebucket/{}?", key())), "{}", link.url);
        assert_eq!(link.headers["Content-Length"], "17");
        assert_eq!(link.expires_at, Timestamp::from_millis(900_000));
    }

    #[test]
    fn nothing_secret_is_printed_by_accident() {
        let printed = format!("{:?}", links(None).0);
        assert!(!printed.contains("wJalr") && !printed.contains("AKIA"), "{printed}");
    }
}
