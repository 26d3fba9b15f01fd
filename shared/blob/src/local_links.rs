//! The house's own links: expiring, and signed with HMAC-SHA256 under a key of the house.

use crate::{BlobKey, DeclaredUpload, LINK_LIFETIME, UploadLink};
use domain::Timestamp;
use domain::file::{FileHash, FileType};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use url::form_urlencoded;

/// A link that does not open anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It is not one that the house has made for this.
    #[error("the link is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

/// Makes links and knows its own.
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

/// What a link says beside the key: every part is signed.
type LinkParameters = BTreeMap<String, String>;

impl LocalLinks {
    /// Links below `base_url`, signed under `key`.
    pub fn new(base_url: impl Into<String>, key: [u8; 32]) -> Self {
        Self { base_url: base_url.into(), key }
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
        format!("{}/files/{key}?{query}", self.base_url)
    }

    fn mac(&self, method: &str, key: &str, parameters: &LinkParameters) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        let parts = [method, key].into_iter().chain(parameters.iter().flat_map(|(name, value)| [name.as_str(), value]));
        for part in parts {
            // Lengths go in, so that ("ab", "c") and ("a", "bc") differ.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }

    /// What a link to put a file under `key` holds the upload to.
    pub fn verify_upload(&self, key: &str, query: &str, now: Timestamp) -> Result<DeclaredUpload, LinkError> {
        let parameters = self.check("PUT", key, query, now)?;
        let size = parameters.get("size").and_then(|size| size.parse().ok()).ok_or(LinkError::Invalid)?;
        let sha256 = parameters.get("sha256").map(|hash| FileHash::parse(hash)).transpose();
        let sha256 = sha256.map_err(|_| LinkError::Invalid)?;
        Ok(DeclaredUpload { content_type: type_of(&parameters)?, size, sha256 })
    }

    /// The key that a link to read the file under `key` was made for, and what it says that the file is.
    pub fn verify_download(&self, key: &str, query: &str, now: Timestamp) -> Result<(BlobKey, FileType), LinkError> {
        let parameters = self.check("GET", key, query, now)?;
        Ok((BlobKey::from_verified_link(key), type_of(&parameters)?))
    }

    fn check(&self, method: &str, key: &str, query: &str, now: Timestamp) -> Result<LinkParameters, LinkError> {
        let mut parameters: LinkParameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let signature =
            parameters.remove("signature").and_then(|text| hex::decode(text).ok()).ok_or(LinkError::Invalid)?;
        // In constant time.
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
    fn a_link_opens_what_it_was_made_for_and_nothing_else() {
        let links = LocalLinks::new("http://house", [7; 32]);
        let url = links.upload(&key(b"a"), &declared(), NOW).url;
        let (path, query) = url.split_once('?').expect("a query");
        assert_eq!(path, format!("http://house/files/{}", key(b"a")));
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
        let other = LocalLinks::new("http://house", [8; 32]);
        assert_eq!(other.verify_upload(key(b"a").as_str(), query, NOW), Err(LinkError::Invalid));
    }

    #[test]
    fn a_link_to_read_says_what_the_file_is() {
        let links = LocalLinks::new("http://house", [7; 32]);
        let url = links.download(&key(b"a"), FileType::Pdf, NOW);
        let query = url.split_once('?').expect("a query").1;
        assert_eq!(links.verify_download(key(b"a").as_str(), query, NOW), Ok((key(b"a"), FileType::Pdf)));
        assert_eq!(links.verify_upload(key(b"a").as_str(), query, NOW), Err(LinkError::Invalid));
    }
}
