//! The `If-Match` header: a change is made only to a version that the caller has read.

use crate::api_error::ApiError;
use crate::header::single_header;
use axum::extract::FromRequestParts;
use contract::ErrorKind;
use http::HeaderMap;
use http::header::IF_MATCH;
use http::request::Parts;
use std::convert::Infallible;

/// The `If-Match` headers of a request, not parsed yet: the handler parses them after the body, which is the documented
/// order of checks.
#[derive(Clone, Debug)]
pub struct IfMatch(HeaderMap);

impl IfMatch {
    /// Parses the header. Without one, any version is accepted.
    pub fn precondition(&self) -> Result<Precondition, ApiError> {
        let Some(header) = single_header(&self.0, "If-Match")? else { return Ok(Precondition::Any) };
        let malformed = || ErrorKind::field("If-Match", "must be * or an entity tag that ETag returned, such as \"3\"");
        Precondition::parse(header).ok_or_else(|| malformed().into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let values = parts.headers.get_all(IF_MATCH).iter().map(|value| (IF_MATCH, value.clone()));
        Ok(Self(values.collect()))
    }
}

/// The versions that a change may be applied to (RFC 9110, section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Any version.
    Any,
    /// The versions with one of these entity tags, as they were sent.
    OneOf(Vec<String>),
}

impl Precondition {
    /// Returns whether an object with this version may be changed.
    pub fn accepts(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.contains(&format!("\"{version}\"")),
        }
    }

    /// Returns the error for an object that [`accepts`](Self::accepts) does not accept.
    pub fn mismatch(&self) -> ErrorKind {
        match self {
            Self::OneOf(tags) => match tags.iter().find(|tag| tag.starts_with("W/")) {
                Some(weak) => ErrorKind::WeakEntityTag(weak.clone()),
                None => ErrorKind::PreconditionFailed,
            },
            Self::Any => ErrorKind::PreconditionFailed,
        }
    }

    /// Parses the value of the header: `*`, or entity tags separated by commas.
    fn parse(header: &str) -> Option<Self> {
        if header.trim_matches([' ', '\t']) == "*" {
            return Some(Self::Any);
        }
        let mut rest = header.trim_matches([' ', '\t', ',']);
        let mut tags = Vec::new();
        while !rest.is_empty() {
            let (tag, after) = entity_tag(rest)?;
            tags.push(tag.to_owned());
            let next = after.trim_start_matches([' ', '\t']);
            if !next.is_empty() && !next.starts_with(',') {
                return None;
            }
            rest = next.trim_start_matches([' ', '\t', ',']);
        }
        (!tags.is_empty()).then_some(Self::OneOf(tags))
    }
}

/// Splits `text` behind the entity tag that it begins with (RFC 9110, section 8.8.3).
fn entity_tag(text: &str) -> Option<(&str, &str)> {
    let opaque = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?;
    let (tag, after) = opaque.split_once('"')?;
    tag.bytes().all(|byte| byte > b' ' && byte != 0x7f).then(|| text.split_at(text.len() - after.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precondition_accepts_the_versions_it_lists() {
        let accepts = |header, version| Precondition::parse(header).map(|precondition| precondition.accepts(version));
        for header in ["\"3\"", " \"3\" ", "\"1\", \"3\"", "\"a,b\",\"3\"", ", \"3\",,", "*", "\"3\" ,\t\"4\""] {
            assert_eq!(accepts(header, 3), Some(true), "{header}");
        }
        // If-Match compares strongly: a weak tag never matches (RFC 9110, section 13.1.1).
        for header in ["\"2\"", "W/\"3\"", "\"\"", "\"*\"", "\" 3\"", "\"33\""] {
            assert_ne!(accepts(header, 3), Some(true), "{header}");
        }
    }

    #[test]
    fn a_mismatch_names_a_weak_tag() {
        let mismatch = |header| Precondition::parse(header).map(|precondition| precondition.mismatch());
        assert_eq!(mismatch("\"1\""), Some(ErrorKind::PreconditionFailed));
        for header in ["W/\"1\"", "\"2\", W/\"1\""] {
            let error = mismatch(header).expect("a header");
            assert_eq!(error.status(), 412);
            assert!(error.message().contains("W/\"1\"") && error.message().contains("weak"), "{}", error.message());
        }
    }

    #[test]
    fn malformed_headers_are_rejected() {
        for header in [
            "",
            ",",
            "3",
            "\"3",
            "3\"",
            "W/3",
            "\"1\" \"3\"",
            "*, \"3\"",
            ", *",
            "*,",
            "\"3\", *",
            "\"3\"x",
            "w/\"3\"",
            "'3'",
        ] {
            assert_eq!(Precondition::parse(header), None, "{header}");
        }
    }
}
