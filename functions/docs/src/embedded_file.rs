//! Files that are part of the binary, compressed, as responses.

use axum::body::Body;
use axum::response::Response;
use flate2::read::GzDecoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, StatusCode};
use std::io::Read;

/// A file that is part of the binary.
#[derive(Clone, Copy)]
pub(crate) struct EmbeddedFile {
    /// The content, compressed by gzip.
    pub(crate) gzip: &'static [u8],
    /// Hash of the content.
    pub(crate) hash: &'static str,
    /// Media type.
    pub(crate) content_type: &'static str,
    /// Time for which caches may keep it.
    pub(crate) cache_control: &'static str,
}

impl EmbeddedFile {
    /// Returns the response to a `GET` with these headers: compressed if the caller accepts it, and 304 if the caller
    /// has it (RFC 9110, sections 12.5.3 and 13.1.2).
    pub(crate) fn response(self, request: &HeaderMap) -> Response {
        let is_compressed = accepts_gzip(request);
        // The compressed and the plain form are different representations, so their strong tags differ.
        let tag = if is_compressed { format!("\"{}-gzip\"", self.hash) } else { format!("\"{}\"", self.hash) };
        let is_known = has_tag(request, &tag);
        let body = match (is_known, is_compressed) {
            (true, _) => Body::empty(),
            (false, true) => Body::from(self.gzip),
            (false, false) => Body::from(self.decompressed()),
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.extend(HeaderValue::from_str(&tag).map(|tag| (ETAG, tag)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if is_compressed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }

    fn decompressed(self) -> Vec<u8> {
        let mut content = Vec::new();
        // What the build has compressed can be read.
        let _ = GzDecoder::new(self.gzip).read_to_end(&mut content);
        content
    }
}

/// Returns whether `Accept-Encoding` names gzip, or any coding, without forbidding it.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let codings: Vec<_> = list(request, &ACCEPT_ENCODING).map(str::to_ascii_lowercase).collect();
    let weight_of = |name: &str| codings.iter().find_map(|coding| weight(coding, name));
    weight_of("gzip").or_else(|| weight_of("x-gzip")).or_else(|| weight_of("*")).is_some_and(|weight| weight > 0.0)
}

/// Returns the weight of the coding `name` if `item`, such as `gzip;q=0.5`, is about it.
fn weight(item: &str, name: &str) -> Option<f32> {
    let mut parts = item.split(';').map(str::trim);
    if parts.next() != Some(name) {
        return None;
    }
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    Some(weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

/// Returns whether `If-None-Match` names `tag`. Proxies may have marked it as weak.
fn has_tag(request: &HeaderMap, tag: &str) -> bool {
    list(request, &IF_NONE_MATCH).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Returns the items of a header that is a list. None of those read here has a comma in an item.
fn list<'a>(request: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;
    use domain::Contract;
    use sha2::{Digest, Sha256};

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn gzip_is_sent_to_callers_that_accept_it() {
        for (sent, accepted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("x-gzip", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("gzip;q=much", false),
            ("br", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(&headers(&[(ACCEPT_ENCODING, sent)])), accepted, "{sent}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_known_tag_is_304_without_a_body() {
        let file = embedded::document(Contract::Native);
        let tag = file.response(&HeaderMap::new()).headers()[ETAG].to_str().expect("a tag").to_owned();
        let asked = |known: String| {
            let known = HeaderValue::from_str(&known).expect("a header");
            file.response(&HeaderMap::from_iter([(IF_NONE_MATCH, known)]))
        };
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let response = asked(known);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(response.headers()[ETAG], tag.as_str());
            assert!(!response.headers().contains_key(CONTENT_TYPE));
        }
        assert_eq!(asked("\"other\"".to_owned()).status(), StatusCode::OK);
    }

    #[test]
    fn both_forms_have_their_own_strong_tags() {
        let file = embedded::document(Contract::Native);
        let plain = file.response(&HeaderMap::new());
        let compressed = file.response(&headers(&[(ACCEPT_ENCODING, "gzip")]));
        assert_ne!(plain.headers()[ETAG], compressed.headers()[ETAG]);
        assert_eq!(compressed.headers()[CONTENT_ENCODING], "gzip");
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        assert_eq!(plain.headers()[VARY], "Accept-Encoding");
    }

    #[test]
    fn documents_are_those_of_the_repository() {
        for contract in Contract::ALL {
            let name = contract::profile(contract).document_name();
            let file = format!("{}/../../openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
            assert!(embedded::document(contract).decompressed() == std::fs::read(&file).expect("the file"), "{file}");
        }
    }

    #[test]
    fn the_script_is_the_published_one() {
        let expected = include_str!("../vendor/scalar-api-reference/standalone.js.sha256");
        let hash = hex::encode(Sha256::digest(embedded::SCRIPT.decompressed()));
        assert_eq!(expected, format!("{hash}  standalone.js\n"));
    }

    #[test]
    fn the_script_fits_into_a_response_of_a_function() {
        // Lambda's limit is 6 MiB of JSON; quotation marks, backslashes and line breaks become two bytes there.
        let script = embedded::SCRIPT.decompressed();
        let escaped = script.iter().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\t')).count();
        assert!(script.len() > 1_000_000 && script.len() + escaped < 6 * 1024 * 1024 - 10_000, "{}", script.len());
    }
}
