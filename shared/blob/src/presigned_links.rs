//! Presigned S3 links: AWS Signature Version 4 in query parameters
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>), signed with the function's own
//! credentials.
//!
//! Every header that is part of the signature must be sent exactly as signed, so signing `Content-Length`,
//! `Content-Type` and `x-amz-checksum-sha256` makes S3 reject any other file, and signing `If-None-Match: *` makes it
//! reject a second upload. `object_store` can sign links too, but not with headers.

use crate::blob_key::BlobKey;
use crate::bucket::Bucket;
use crate::links::{DeclaredUpload, LINK_LIFETIME, UploadLink};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Signs links to the files of a bucket.
pub(crate) struct PresignedLinks(Bucket);

impl PresignedLinks {
    pub(crate) fn new(bucket: Bucket) -> Self {
        Self(bucket)
    }

    /// Returns a link to upload a file of the declared type, length and, if declared, SHA-256.
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

    /// Returns a link to download a file. A browser saves the file and never displays it, whatever it contains.
    pub(crate) fn download(&self, key: &BlobKey, now: Timestamp) -> String {
        self.sign("GET", key.as_str(), &BTreeMap::new(), &[("response-content-disposition", "attachment")], now)
    }

    /// Returns the URL for `method` on `key`, with the signature over the method, path, query and headers.
    fn sign(
        &self,
        method: &str,
        key: &str,
        headers: &BTreeMap<String, String>,
        parameters: &[(&str, &str)],
        now: Timestamp,
    ) -> String {
        let Bucket { region, key_id, secret_key, session_token, .. } = &self.0;
        let (scheme, host, prefix) = self.0.location();
        // 2026-05-25T12:00:00.000Z → 20260525T120000Z
        let timestamp = now.to_string();
        let at: String = timestamp.chars().take(19).filter(|c| !matches!(c, '-' | ':')).chain(['Z']).collect();
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
            query.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect::<Vec<_>>().join("&");
        let path = format!("{prefix}/{key}");
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

/// Percent-encodes everything but the unreserved characters of RFC 3986: letters, digits and `-._~`.
fn percent_encode(text: &str) -> String {
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

    /// The example of the S3 documentation with another host and lifetime. The expected signature was computed with
    /// Python's hmac and hashlib, by code that also reproduces the documentation's own signature.
    #[test]
    fn signature_matches_signature_version_4() {
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
    fn upload_links_fix_type_length_and_hash() {
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
    fn debug_output_hides_secrets() {
        let printed = format!("{:?}", links(None).0);
        assert!(!printed.contains("wJalr") && !printed.contains("AKIA"), "{printed}");
    }
}
