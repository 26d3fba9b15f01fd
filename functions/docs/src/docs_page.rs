//! The documentation page of a contract: its OpenAPI document, shown by the vendored script.

use crate::embedded::SCRIPT_VERSION;
use crate::script_path;
use api::PublicCache;
use axum::Extension;
use axum::response::{Html, IntoResponse, Response};
use contract::profile;
use domain::Contract;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};

/// A page names documents and scripts by their URLs and changes seldom.
const PAGE_CACHE: PublicCache = PublicCache("public, max-age=300");

/// Policy of the pages: nothing but this origin's script, styles that the script adds, and calls to this origin. Text
/// that a caller's browser gets from a document can so neither run as a script nor send a key elsewhere.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                               connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; \
                               form-action 'none'; frame-ancestors 'none'";

/// Settings of the script: no fonts, proxies, statistics, assistants and links of the script's maker.
const SETTINGS: &str = r#"{"withDefaultFonts":false,"telemetry":false,"proxyUrl":"","agent":{"disabled":true},"mcp":{"disabled":true},"hideClientButton":true,"showDeveloperTools":"never","documentDownloadType":"direct","persistAuth":false,"authentication":{"preferredSecurityScheme":"apiKey"}}"#;

/// Returns the documentation page of `contract`.
pub(crate) fn response(contract: Contract) -> Response {
    let profile = profile(contract);
    let (name, base_path) = (profile.display_name(), profile.base_path());
    let script = script_path(SCRIPT_VERSION);
    with_page_headers(format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name} API</title>
<link rel="icon" href="data:,">
</head>
<body>
<noscript>This page needs JavaScript. The description of the API is <a href="{base_path}/openapi.json">openapi.json</a>.</noscript>
<script id="api-reference" type="application/json" data-url="{base_path}/openapi.json" data-configuration='{SETTINGS}'></script>
<script src="{script}"></script>
</body>
</html>
"#
    ))
}

/// Returns a page with the headers that all pages have.
pub(crate) fn with_page_headers(html: String) -> Response {
    let headers = [(CONTENT_SECURITY_POLICY, SECURITY_POLICY), (REFERRER_POLICY, "no-referrer")];
    (Extension(PAGE_CACHE), headers, Html(html)).into_response()
}
