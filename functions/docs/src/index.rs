//! `GET /`: the contracts that the server speaks, for people and for programs.

use crate::docs_page::with_page_headers;
use api::PublicCache;
use axum::Extension;
use axum::response::{IntoResponse, Response};
use contract::{ContractProfile, Json, profile};
use domain::Contract;
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, VARY};
use serde::Serialize;
use std::fmt::Write;

/// Path of the service's health.
const HEALTH_PATH: &str = "/v2/health";

/// Programs that begin here may keep the answer for five minutes.
const CACHE: PublicCache = PublicCache("public, max-age=300");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IndexJson {
    name: &'static str,
    apis: Vec<ApiJson>,
    health: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiJson {
    name: &'static str,
    version: &'static str,
    base_path: &'static str,
    openapi: String,
    docs: String,
}

/// Returns a page to browsers and JSON to everybody else.
pub(crate) async fn index(headers: HeaderMap) -> Response {
    let index = IndexJson {
        name: profile(Contract::Native).display_name(),
        apis: Contract::ALL.into_iter().map(profile).map(ApiJson::of).collect(),
        health: HEALTH_PATH,
    };
    let accepts = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.contains("text/html"));
    let mut response = if headers.get_all(ACCEPT).iter().any(accepts) {
        with_page_headers(page(&index))
    } else {
        (Extension(CACHE), [(CONTENT_TYPE, "application/json")], Json::of(&index).into_string()).into_response()
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    response
}

impl ApiJson {
    fn of(profile: &'static dyn ContractProfile) -> Self {
        let base_path = profile.base_path();
        Self {
            name: profile.display_name(),
            version: profile.api_version(),
            base_path,
            openapi: format!("{base_path}/openapi.json"),
            docs: format!("{base_path}/docs"),
        }
    }
}

fn page(index: &IndexJson) -> String {
    let mut rows = String::new();
    for ApiJson { name, version, base_path, openapi, docs } in &index.apis {
        let _ = writeln!(
            rows,
            r#"<tr><td>{name}</td><td><code>{base_path}</code></td><td>{version}</td><td><a href="{docs}">documentation</a></td><td><a href="{openapi}">OpenAPI</a></td></tr>"#
        );
    }
    let IndexJson { name, health, .. } = index;
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem; color: #1c1e21; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #d8dce0; }}
</style>
</head>
<body>
<h1>{name}</h1>
<p>One lead platform with four APIs. Each API has its own documentation, in which you can send requests with your key.</p>
<table>
<thead><tr><th>API</th><th>Base path</th><th>Version</th><th></th><th></th></tr></thead>
<tbody>
{rows}</tbody>
</table>
<p>Health: <a href="{health}"><code>{health}</code></a></p>
</body>
</html>
"#
    )
}
