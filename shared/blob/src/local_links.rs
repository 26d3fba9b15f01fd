//! Links of the local server: they expire, and are signed with HMAC-SHA256.
//!
//! The signature covers the method, the key and every query parameter, each preceded by its length, so that no part can
//! be changed or moved into another. The signing key derives from the local server's master key.

use crate::blob_key::BlobKey;
use crate::links::{DeclaredUpload, LINK_LIFETIME, UploadLink};
use domain::Timestamp;
use domain::file::{FileHash, FileType};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use url::form_urlencoded;

tokio::task_local! {
    /// The base URL of links that are made while a call is handled, if it is another than the signer's own.
    static CALLER_BASE_URL: String;
}

/// A link was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The signature does not match the method, key and parameters.
    #[error("the link is not valid")]
    Invalid,
    /// The link has expired.
    #[error("the link has expired")]
    Expired,
}

/// Signs and verifies links of the local server.
#[derive(Clone)]
pub struct LocalLinks {
    base_url: String,
    key: [u8; 32],
}

impl fmt::Debug for LocalLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedLinks").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// The query parameters of a link. All of them are signed.
type LinkParameters = BTreeMap<String, String>;

impl LocalLinks {
    /// Creates a signer of links below `base_url`, with the signing key `key`.
    pub fn new(base_url: impl Into<String>, key: [u8; 32]) -> Self {
        Self { base_url: base_url.into(), key }
    }

    /// Runs `work`, whose links begin with `base_url`: the address that the caller used to reach the server, such as that
    /// of a forwarded port. It is not part of what is signed.
    pub async fn below<F: Future>(base_url: String, work: F) -> F::Output {
        CALLER_BASE_URL.scope(base_url, work).await
    }

    pub(crate) fn upload(&self, key: &BlobKey, declared: &DeclaredUpload, now: Timestamp) -> UploadLink {
        let mut parameters = LinkParameters::from([
            ("type".to_owned(), declared.content_type.name().to_owned()),
            ("size".to_owned(), declared.size.to_string()),
        ]);
        if let Some(hash) = &declared.sha256 {
            parameters.insert("sha256".to_owned(), hash.as_str().to_owned());
        }
        let headers = BTreeMap::from([
            ("Content-Length".to_owned(), declared.size.to_string()),
            ("Content-Type".to_owned(), declared.content_type.name().to_owned()),
        ]);
        let url = self.link("PUT", key, parameters, now);
        UploadLink { url, headers, expires_at: now.after(LINK_LIFETIME) }
    }

    pub(crate) fn download(&self, key: &BlobKey, content_type: FileType, now: Timestamp) -> String {
        self.link("GET", key, LinkParameters::from([("type".to_owned(), content_type.name().to_owned())]), now)
    }

    fn link(&self, method: &str, key: &BlobKey, mut parameters: LinkParameters, now: Timestamp) -> String {
        parameters.insert("expires".to_owned(), now.after(LINK_LIFETIME).seconds().to_string());
        let signature = hex::encode(self.mac(method, key.as_str(), &parameters).finalize().into_bytes());
        parameters.insert("signature".to_owned(), signature);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
        let base_url = CALLER_BASE_URL.try_with(Clone::clone).unwrap_or_else(|_| self.base_url.clone());
        format!("{base_url}/files/{key}?{query}")
    }

    fn mac(&self, method: &str, key: &str, parameters: &LinkParameters) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        let parts = [method, key].into_iter().chain(parameters.iter().flat_map(|(name, value)| [name.as_str(), value]));
        for part in parts {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }

    /// Verifies an upload link to `key` and returns what the file has to be.
    pub fn verify_upload(&self, key: &str, query: &str, now: Timestamp) -> Result<DeclaredUpload, LinkError> {
        let parameters = self.check("PUT", key, query, now)?;
        let size = parameters.get("size").and_then(|size| size.parse().ok()).ok_or(LinkError::Invalid)?;
        let sha256 = parameters.get("sha256").map(|hash| FileHash::parse(hash)).transpose();
        let sha256 = sha256.map_err(|_| LinkError::Invalid)?;
        Ok(DeclaredUpload { content_type: type_of(&parameters)?, size, sha256 })
    }

    /// Verifies a download link to `key` and returns the key and the type of the file.
    pub fn verify_download(&self, key: &str, query: &str, now: Timestamp) -> Result<(BlobKey, FileType), LinkError> {
        let parameters = self.check("GET", key, query, now)?;
        Ok((BlobKey::from_verified_link(key), type_of(&parameters)?))
    }

    fn check(&self, method: &str, key: &str, query: &str, now: Timestamp) -> Result<LinkParameters, LinkError> {
        let mut parameters: LinkParameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let signature =
            parameters.remove("signature").and_then(|text| hex::decode(text).ok()).ok_or(LinkError::Invalid)?;
        // `verify_slice` takes constant time.
        self.mac(method, key, &parameters).verify_slice(&signature).map_err(|_| LinkError::Invalid)?;
        let expires: i64 = parameters.get("expires").and_then(|text| text.parse().ok()).ok_or(LinkError::Invalid)?;
        if now.seconds() < expires { Ok(parameters) } else { Err(LinkError::Expired) }
    }
}

fn type_of(parameters: &LinkParameters) -> Result<FileType, LinkError> {
    let name = parameters.get("type").ok_or(LinkError::Invalid)?;
    FileType::ALL.iter().copied().find(|known| known.name() == name).ok_or(LinkError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Environment, EvidenceId, Mode, TenantId};

    const NOW: Timestamp = Timestamp::from_millis(1_779_710_400_000);

    fn key(name: &[u8]) -> BlobKey {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        BlobKey::of_evidence(environment, EvidenceId::derived(&[name]))
    }

    fn declared() -> DeclaredUpload {
        let sha256 = Some(FileHash::parse(&"ab".repeat(32)).expect("a hash"));
        DeclaredUpload { content_type: FileType::Jpeg, size: 5, sha256 }
    }

    #[test]
    fn a_link_is_valid_only_as_signed() {
        let links = LocalLinks::new("http://localhost", [7; 32]);
        let url = links.upload(&key(b"a"), &declared(), NOW).url;
        let (path, query) = url.split_once('?').expect("a query");
        assert_eq!(path, format!("http://localhost/files/{}", key(b"a")));
        let check = |key: &BlobKey, query: &str, now| links.verify_upload(key.as_str(), query, now);
        assert_eq!(check(&key(b"a"), query, NOW), Ok(declared()));
        assert_eq!(check(&key(b"b"), query, NOW), Err(LinkError::Invalid));
        assert_eq!(links.verify_download(key(b"a").as_str(), query, NOW), Err(LinkError::Invalid));
        for (from, to) in [("size=5", "size=6"), ("jpeg", "png"), ("expires=1", "expires=2"), ("abab", "abac")] {
            let forged = query.replacen(from, to, 1);
            assert_ne!(forged, query);
            assert_eq!(check(&key(b"a"), &forged, NOW), Err(LinkError::Invalid), "{forged}");
        }
        assert_eq!(check(&key(b"a"), "", NOW), Err(LinkError::Invalid));
        assert_eq!(check(&key(b"a"), query, NOW.after(LINK_LIFETIME)), Err(LinkError::Expired));
        let other = LocalLinks::new("http://localhost", [8; 32]);
        assert_eq!(other.verify_upload(key(b"a").as_str(), query, NOW), Err(LinkError::Invalid));
    }

    #[tokio::test]
    async fn links_begin_with_the_callers_base_url() {
        let links = LocalLinks::new("http://localhost", [7; 32]);
        let url = || links.download(&key(b"a"), FileType::Pdf, NOW);
        let forwarded = LocalLinks::below("http://10.0.0.7:9000".to_owned(), async { url() }).await;
        assert_eq!(forwarded.replacen("http://10.0.0.7:9000", "http://localhost", 1), url());
        let query = forwarded.split_once('?').expect("a query").1;
        assert_eq!(links.verify_download(key(b"a").as_str(), query, NOW), Ok((key(b"a"), FileType::Pdf)));
    }

    #[test]
    fn a_download_link_carries_the_file_type() {
        let links = LocalLinks::new("http://localhost", [7; 32]);
        let url = links.download(&key(b"a"), FileType::Pdf, NOW);
        let query = url.split_once('?').expect("a query").1;
        assert_eq!(links.verify_download(key(b"a").as_str(), query, NOW), Ok((key(b"a"), FileType::Pdf)));
        assert_eq!(links.verify_upload(key(b"a").as_str(), query, NOW), Err(LinkError::Invalid));
    }
}
