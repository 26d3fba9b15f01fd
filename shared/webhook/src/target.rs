//! Webhook target URLs: parsing, and vetting against SSRF and DNS rebinding.
//!
//! A URL is checked in two stages. [`Target::parse`] checks its syntax when a subscription is registered and again
//! before each attempt. It rejects every form that two programs could parse differently, so that the URL that was
//! checked is the one that is called.
//!
//! [`Target::vet`] resolves the host and applies the SSRF filter ([`crate::ssrf`]) to every address. The owner of a
//! name can change its addresses after registration (DNS rebinding), so vetting once is not enough: the sender vets
//! at each new connection, and connects to exactly the addresses that were vetted instead of resolving again.

use crate::resolve::Resolve;
use crate::ssrf::{TargetError, TargetPolicy, blocked_reason, check_addresses};
use http::uri::PathAndQuery;
use std::net::{IpAddr, SocketAddr};
use url::Url;

/// Maximum length of a URL, in characters. Common servers and proxies pass on URLs of this length.
pub const MAX_URL_CHARACTERS: usize = 2048;

/// Maximum length of a host name without the trailing dot (RFC 1035, section 2.3.4).
const MAX_HOST_NAME_LENGTH: usize = 253;

/// Maximum length of one label of a host name (RFC 1035, section 2.3.4).
const MAX_HOST_LABEL_LENGTH: usize = 63;

/// Top-level labels that no public name has: special-use names (RFC 6761 and IANA's registry of them, and all of
/// `arpa`), `internal` (reserved by ICANN for private use), those that ICANN will not delegate because private networks
/// use them, and those that routers commonly assign.
const NON_PUBLIC_SUFFIXES: [&str; 17] = [
    "localhost",
    "local",
    "test",
    "example",
    "invalid",
    "onion",
    "alt",
    "arpa",
    "internal",
    "home",
    "corp",
    "mail",
    "localdomain",
    "lan",
    "intranet",
    "private",
    "workgroup",
];

/// A URL with accepted syntax. Whether its host resolves to allowed addresses is checked by [`vet`](Self::vet) at
/// registration, and by the sender at every new connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The URL as the subscriber wrote it.
    text: String,
    is_https: bool,
    host: Host,
    /// The normalized host; an IPv6 address in brackets.
    written_host: String,
    port: u16,
    path: PathAndQuery,
    /// The policy for the host's addresses. [`TargetPolicy::AllowLoopback`] applies only to a host that itself is written
    /// as loopback, so that no public name can resolve to it.
    policy: TargetPolicy,
}

/// A host, by name or by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// A name in lower case and ASCII (Punycode).
    Name(String),
    /// An address that has passed the SSRF filter.
    Address(IpAddr),
}

impl Target {
    /// Parses `text` as a target.
    ///
    /// # Errors
    ///
    /// The text of the error states what is accepted and completes a sentence that begins with the field's name.
    pub fn parse(text: &str, policy: TargetPolicy) -> Result<Self, String> {
        const ACCEPTED: &str = "must be an absolute URL such as https://example.com/hooks";
        if text.chars().count() > MAX_URL_CHARACTERS {
            return Err(format!("must be at most {MAX_URL_CHARACTERS} characters"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err("must not contain spaces, control characters or backslashes".to_owned());
        }
        let (scheme, rest) = text.split_once("://").ok_or(ACCEPTED)?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("must begin with https://".to_owned()),
        };
        if rest.contains('#') {
            return Err("must not have a fragment (#)".to_owned());
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err("must not contain credentials before an @".to_owned());
        }
        let (raw_host, raw_port) = split_authority(authority).ok_or(ACCEPTED)?;
        if raw_host.contains('%') {
            return Err("must have a host without percent-encoding".to_owned());
        }
        let url = Url::parse(text).map_err(|_| ACCEPTED)?;
        let host = match url.host().ok_or(ACCEPTED)? {
            url::Host::Domain(name) => Host::Name(name.to_owned()),
            url::Host::Ipv4(ip) => Host::Address(ip.into()),
            url::Host::Ipv6(ip) => Host::Address(ip.into()),
        };
        let policy = match policy {
            TargetPolicy::AllowLoopback if !host.is_loopback() => TargetPolicy::PublicOnly,
            policy => policy,
        };
        let written_host = url.host_str().unwrap_or_default().to_owned();
        match &host {
            Host::Address(ip) => check_address(*ip, &written_host, raw_host, policy)?,
            Host::Name(name) => check_name(name, raw_host, policy)?,
        }
        if !is_https && policy == TargetPolicy::PublicOnly {
            return Err("must begin with https://".to_owned());
        }
        let port = check_port(raw_port, if is_https { 443 } else { 80 }, policy)?;
        let path_text = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let path = PathAndQuery::try_from(path_text).map_err(|_| ACCEPTED)?;
        Ok(Self { text: text.to_owned(), is_https, host, written_host, port, path, policy })
    }

    /// Returns the URL as the subscriber wrote it.
    pub fn url(&self) -> &str {
        &self.text
    }

    /// Returns the host in lower case and ASCII; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.written_host
    }

    /// Returns the port, or the scheme's default port if the URL has none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns whether requests are sent over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.is_https
    }

    /// Returns the host as a name or an address.
    pub(crate) fn parsed_host(&self) -> &Host {
        &self.host
    }

    /// Returns the path and query of a request.
    pub(crate) fn path(&self) -> &PathAndQuery {
        &self.path
    }

    /// Returns the value of a request's `Host` header, with the port unless it is the scheme's default.
    pub(crate) fn authority(&self) -> String {
        if self.is_https && self.port == 443 {
            self.written_host.clone()
        } else {
            format!("{}:{}", self.written_host, self.port)
        }
    }

    /// Resolves the host and returns its socket addresses, if the SSRF filter allows all of them.
    pub async fn vet(&self, resolver: &dyn Resolve) -> Result<Vec<SocketAddr>, TargetError> {
        self.vet_with_policy(self.policy, resolver).await
    }

    /// Vets the target as [`vet`](Self::vet) does, under `policy` if that is stricter than the target's own.
    pub(crate) async fn vet_with_policy(
        &self,
        policy: TargetPolicy,
        resolver: &dyn Resolve,
    ) -> Result<Vec<SocketAddr>, TargetError> {
        let policy = policy.min(self.policy);
        if !self.is_https && policy == TargetPolicy::PublicOnly {
            return Err(TargetError::PlainHttp);
        }
        let addresses = match &self.host {
            Host::Address(ip) => vec![*ip],
            Host::Name(name) => resolver.resolve(name).await.map_err(|_| TargetError::Unresolved)?,
        };
        // The public internet is reached over TLS only, whatever else is allowed.
        let is_public = |ip: &IpAddr| blocked_reason(*ip, TargetPolicy::PublicOnly).is_none();
        if !self.is_https && addresses.iter().any(is_public) {
            return Err(TargetError::PlainHttp);
        }
        check_addresses(&addresses, self.port, policy)
    }
}

impl Host {
    /// Returns whether the host is written as loopback: a loopback address or `localhost`.
    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Address(ip) => ip.is_loopback(),
        }
    }
}

/// Splits the authority of a URL into its host and the text of its port.
fn split_authority(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let (host, rest) = authority.split_at(authority.find(']')? + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((authority, None)),
    }
    .filter(|(host, _)| !host.is_empty())
}

/// Checks that an address is allowed and written in its canonical form: some programs read `0x7f.1` and `2130706433`
/// as loopback, others as names.
fn check_address(ip: IpAddr, normal: &str, raw: &str, policy: TargetPolicy) -> Result<(), String> {
    if let Some(reason) = blocked_reason(ip, policy) {
        return Err(format!("must have a public host, and this address is {reason}"));
    }
    if raw == normal { Ok(()) } else { Err(format!("must have its address written as {normal}")) }
}

/// Checks that a name can exist in the public DNS and is written in its IDNA (UTS #46) form.
fn check_name(name: &str, raw: &str, policy: TargetPolicy) -> Result<(), String> {
    const LABELS: &str =
        "must have a host whose labels are letters, digits and inner hyphens, up to 63 characters each";
    let normal = if raw.is_ascii() {
        raw.eq_ignore_ascii_case(name)
    } else {
        url::quirks::domain_to_unicode(name) == raw.to_lowercase()
    };
    if !normal {
        return Err(format!("must have its host written as {name}"));
    }
    if name == "localhost" && policy >= TargetPolicy::AllowLoopback {
        return Ok(());
    }
    if name.ends_with('.') {
        return Err("must have a host without a dot at its end".to_owned());
    }
    if name.len() > MAX_HOST_NAME_LENGTH {
        return Err(format!("must have a host of at most {MAX_HOST_NAME_LENGTH} characters"));
    }
    let fits = |label: &str| {
        (1..=MAX_HOST_LABEL_LENGTH).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !name.split('.').all(fits) {
        return Err(LABELS.to_owned());
    }
    // Names of containers and of private networks have any form.
    if policy >= TargetPolicy::AllowPrivate {
        return Ok(());
    }
    let ending = match name.rsplit_once('.') {
        Some((_, ending)) if !NON_PUBLIC_SUFFIXES.contains(&ending) => ending,
        _ => return Err("must have a public host such as example.com".to_owned()),
    };
    // No top-level domain begins with a digit (RFC 3696, section 2), and some programs read such a host as a number.
    if ending.len() < 2 || ending.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("must have a public host such as example.com".to_owned());
    }
    Ok(())
}

/// Checks that the port is 443 or not a system port (RFC 6335, section 6), so that Leadhouse cannot be made to send
/// HTTP to, for example, a mail server. In private networks, containers serve HTTP on port 80.
fn check_port(raw: Option<&str>, default: u16, policy: TargetPolicy) -> Result<u16, String> {
    const ACCEPTED: &str = "must use port 443 or a port from 1024 to 65535";
    let port = match raw {
        None => default,
        Some(digits) => {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
            digits.parse().ok().filter(|_| plain).ok_or(ACCEPTED)?
        }
    };
    let is_web = port == 443 || (port == 80 && policy >= TargetPolicy::AllowPrivate);
    if is_web || port >= 1024 { Ok(port) } else { Err(ACCEPTED.to_owned()) }
}

#[cfg(test)]
mod tests;
