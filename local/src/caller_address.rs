//! The address that a caller used to reach the server: of a forwarded port, of a container, or another host name.
//!
//! Links to files begin with it, as no other address may be reachable for the caller. It comes from the `Host` header,
//! which the caller alone decides and which decides nothing but links in the caller's own responses: what is signed, and
//! every check of a link, is the same for all hosts. In a deployment links lead to S3 and no header changes them.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use blob::LocalLinks;
use http::header::HOST;
use http::{HeaderMap, Request as HttpRequest};
use std::net::Ipv6Addr;
use url::Url;

/// Maximum length of a host name (RFC 1035, section 2.3.4).
const MAX_HOST_LENGTH: usize = 253;

/// Reason to reject a `Host` header, as a clause that follows its name.
const ACCEPTED: &str = "must be sent once, as a host name or address with an optional port";

/// Checks that there is at most one `Host` header and that it is a host with an optional port.
pub(crate) fn check_host<B>(request: &HttpRequest<B>) -> Result<(), &'static str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        // An HTTP/1.0 request has none.
        (None, _) => Ok(()),
        (Some(host), None) if host.to_str().is_ok_and(is_authority) => Ok(()),
        _ => Err(ACCEPTED),
    }
}

/// Handles a request whose links begin with the address that the caller used. `public_url` replaces that address.
pub(crate) async fn use_in_links(State(public_url): State<Option<String>>, request: Request, next: Next) -> Response {
    match public_url.or_else(|| base_url(request.headers())) {
        Some(base_url) => LocalLinks::below(base_url, next.run(request)).await,
        None => next.run(request).await,
    }
}

/// Returns the base URL that the `Host` header names. The server speaks no TLS.
fn base_url(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok().filter(|host| is_authority(host))?;
    Some(format!("http://{host}"))
}

/// Returns whether `text` is a host name, an IPv4 address or an IPv6 address in brackets, with an optional port.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_host = if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        address.parse::<Ipv6Addr>().is_ok()
    } else {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        (1..=MAX_HOST_LENGTH).contains(&host.len()) && host.bytes().all(is_allowed)
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port > 0);
    is_host && port.is_none_or(is_port)
}

/// Parses the address under which callers reach the server, such as that of a tunnel. Returns it without a slash at its
/// end, or what is accepted.
pub fn parse_public_url(text: &str) -> Result<String, String> {
    const ACCEPTED: &str =
        "must be an http or https URL such as https://leads.example.com, without query or credentials";
    let url = Url::parse(text).map_err(|_| ACCEPTED)?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_plain = is_plain && url.query().is_none() && url.fragment().is_none() && url.has_host();
    if !is_plain || !matches!(url.scheme(), "http" | "https") {
        return Err(ACCEPTED.to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_an_optional_port_are_accepted() {
        for host in
            ["localhost", "localhost:8080", "127.0.0.1:80", "[::1]", "[::1]:8080", "a_b.example.com", "x-8080.app"]
        {
            assert!(is_authority(host), "{host}");
        }
        for host in [
            "", ":8080", "a b", "a/b", "user@a", "a:", "a:0", "a:70000", "a:+80", "a:8080/x", "[::1", "::1", "[x]",
            "a\"b", "a?b", "a#b", "a\\b", "ä", "a,b", "<script>",
        ] {
            assert!(!is_authority(host), "{host}");
        }
        assert!(!is_authority(&"a".repeat(254)));
    }

    #[test]
    fn a_public_url_has_scheme_and_host_only() {
        assert_eq!(parse_public_url("https://leads.example.com/"), Ok("https://leads.example.com".to_owned()));
        assert_eq!(parse_public_url("http://10.0.0.7:9000/base/"), Ok("http://10.0.0.7:9000/base".to_owned()));
        for bad in ["", "leads.example.com", "ftp://a", "https://", "https://u:p@a", "https://a/?x=1", "https://a/#x"] {
            assert!(parse_public_url(bad).is_err(), "{bad}");
        }
    }
}
