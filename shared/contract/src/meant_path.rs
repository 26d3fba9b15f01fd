//! The path that a caller meant who wrote a slash too many.

use crate::profile::DOCUMENTATION_PATHS;
use crate::registry::{contract_of_path, profile};

/// Maximum length of a path that is looked at. Real ones are far shorter.
const MAX_PATH_LENGTH: usize = 512;

/// Returns the existing path that differs from `path` only in slashes: doubled ones, or one at the end.
pub fn meant_path(path: &str) -> Option<String> {
    if path.len() > MAX_PATH_LENGTH {
        return None;
    }
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let meant = format!("/{}", segments.join("/"));
    let contract = profile(contract_of_path(&meant));
    let relative = meant.strip_prefix(contract.base_path())?;
    let mut contract_paths = contract.paths().iter().chain(&DOCUMENTATION_PATHS);
    (meant != path && contract_paths.any(|template| matches(template, relative))).then_some(meant)
}

/// Returns whether `path` has the segments of `template`, where `{…}` stands for any.
fn matches(template: &str, path: &str) -> bool {
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return true,
            (Some(expected), Some(given)) if expected == given || expected.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superfluous_slashes_are_found() {
        for (path, meant) in [
            ("/v2/leads/", "/v2/leads"),
            ("/v2//leads", "/v2/leads"),
            ("//v2/leads//", "/v2/leads"),
            ("/v2/leads/018f/", "/v2/leads/018f"),
            ("/v2/leads//018f/messages/", "/v2/leads/018f/messages"),
            ("/api/v1/leads/", "/api/v1/leads"),
            ("/v1/docs/", "/v1/docs"),
            ("/api/v1//developer/leads", "/api/v1/developer/leads"),
            ("/v1/sequences/l_8f3a/stop/", "/v1/sequences/l_8f3a/stop"),
        ] {
            assert_eq!(meant_path(path).as_deref(), Some(meant), "{path}");
        }
        for path in ["/", "//", "", "/v2/leads", "/v2/nowhere/", "/v1/keys/", "/v2/", "/v2/leads/a/b/c/", "/leads/"] {
            assert_eq!(meant_path(path), None, "{path}");
        }
        assert_eq!(meant_path(&format!("/v2/leads/{}/", "a".repeat(600))), None);
    }
}
