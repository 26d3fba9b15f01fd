//! Where deliveries may go: a URL that can be called without harm, however it is spelled.

use crate::resolve::Resolve;
use crate::ssrf::{TargetError, TargetPolicy, blocked_reason, check_addresses};
use http::uri::PathAndQuery;
use std::net::{IpAddr, SocketAddr};
use url::Url;

/// The longest URL, in characters: what common servers and proxies pass on.
pub const MAX_URL_CHARACTERS: usize = 2048;

/// The longest name without the trailing dot (RFC 1035, section 2.3.4).
const MAX_HOST_NAME_LENGTH: usize = 253;

/// The longest label of a name (RFC 1035, section 2.3.4).
const MAX_HOST_LABEL_LENGTH: usize = 63;

/// Endings that no public name has: special-use names (RFC 6761 and IANA's registry of them, `arpa` whole),
/// `internal` (reserved by ICANN for private use), those that ICANN will not delegate because private networks use
/// them, and what routers commonly give out.
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

/// A URL that deliveries may be sent to. Whether its name resolves to addresses that may be called is asked with
/// [`vet`](Self::vet) at registration, and by the sender at every connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As the subscriber wrote it.
    text: String,
    secure: bool,
    host: Host,
    /// The host as it stands in the URL: an IPv6 address in brackets.
    written_host: String,
    port: u16,
    path: PathAndQuery,
    /// What its addresses are held to: loopback is for hosts that are written as loopback, so that no public name
    /// leads there.
    policy: TargetPolicy,
}

/// A host by name or by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// In lower case, ASCII.
    Name(String),
    /// An address that was found harmless.
    Address(IpAddr),
}

impl Target {
    /// Reads a URL that deliveries may go to; otherwise tells what would be accepted.
    ///
    /// It refuses every spelling that two programs could read in two ways, so that what was checked is what is
    /// called.
    pub fn parse(text: &str, policy: TargetPolicy) -> Result<Self, String> {
        const ACCEPTED: &str = "must be an absolute URL such as https://example.com/hooks";
        if text.chars().count() > MAX_URL_CHARACTERS {
            return Err(format!("must be at most {MAX_URL_CHARACTERS} characters"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err("must not contain spaces, control characters or backslashes".to_owned());
        }
        let (scheme, rest) = text.split_once("://").ok_or(ACCEPTED)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("must begin with https://".to_owned()),
        };
        if rest.contains('#') {
            return Err("must not have a fragment (#)".to_owned());
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err("must not carry credentials before an @".to_owned());
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
        let policy = if host.is_loopback() { policy } else { TargetPolicy::PublicOnly };
        let written_host = url.host_str().unwrap_or_default().to_owned();
        match &host {
            Host::Address(ip) => check_address(*ip, &written_host, raw_host, policy)?,
            Host::Name(name) => check_name(name, raw_host, policy)?,
        }
        if !secure && policy == TargetPolicy::PublicOnly {
            return Err("must begin with https://".to_owned());
        }
        let port = check_port(raw_port, if secure { 443 } else { 80 })?;
        let path_text = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let path = PathAndQuery::try_from(path_text).map_err(|_| ACCEPTED)?;
        Ok(Self { text: text.to_owned(), secure, host, written_host, port, path, policy })
    }

    /// The URL as the subscriber wrote it.
    pub fn url(&self) -> &str {
        &self.text
    }

    /// The host in lower case and ASCII; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.written_host
    }

    /// The port, the scheme's own if none is written.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is called over TLS.
    pub(crate) fn secure(&self) -> bool {
        self.secure
    }

    /// The host, by name or by address.
    pub(crate) fn parsed_host(&self) -> &Host {
        &self.host
    }

    /// What a request asks for.
    pub(crate) fn path(&self) -> &PathAndQuery {
        &self.path
    }

    /// The value of a request's `Host` header: the port only where it is not the scheme's own.
    pub(crate) fn authority(&self) -> String {
        if self.secure && self.port == 443 {
            self.written_host.clone()
        } else {
            format!("{}:{}", self.written_host, self.port)
        }
    }

    /// Every address that it stands for now, if all of them may be called.
    pub async fn vet(&self, resolver: &dyn Resolve) -> Result<Vec<SocketAddr>, TargetError> {
        self.vet_with_policy(self.policy, resolver).await
    }

    /// As [`vet`](Self::vet), in a house of this policy: where it is the stricter one, it counts.
    pub(crate) async fn vet_with_policy(
        &self,
        house: TargetPolicy,
        resolver: &dyn Resolve,
    ) -> Result<Vec<SocketAddr>, TargetError> {
        let policy = if house == TargetPolicy::PublicOnly { house } else { self.policy };
        if !self.secure && policy == TargetPolicy::PublicOnly {
            return Err(TargetError::Plain);
        }
        let addresses = match &self.host {
            Host::Address(ip) => vec![*ip],
            Host::Name(name) => resolver.resolve(name).await.map_err(|_| TargetError::Unresolved)?,
        };
        check_addresses(&addresses, self.port, policy)
    }
}

impl Host {
    /// Whether it is written as loopback: an address of it or `localhost`.
    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Address(ip) => ip.is_loopback(),
        }
    }
}

/// The host and what stands behind its colon.
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

/// An address must be one that may be called, and be written as everybody writes it: `0x7f.1` and `2130706433` are
/// loopback to some programs and names to others.
fn check_address(ip: IpAddr, normal: &str, raw: &str, policy: TargetPolicy) -> Result<(), String> {
    if let Some(why) = blocked_reason(ip, policy) {
        return Err(format!("must have a public host, and this address is {why}"));
    }
    if raw == normal { Ok(()) } else { Err(format!("must have its address written as {normal}")) }
}

/// A name must be one that the public DNS can hold, and be written in the form that IDNA (UTS #46) gives it.
fn check_name(name: &str, raw: &str, policy: TargetPolicy) -> Result<(), String> {
    const LABELS: &str = "must have a host of labels of letters, digits and inner hyphens, up to 63 characters each";
    let normal = if raw.is_ascii() {
        raw.eq_ignore_ascii_case(name)
    } else {
        url::quirks::domain_to_unicode(name) == raw.to_lowercase()
    };
    if !normal {
        return Err(format!("must have its host written as {name}"));
    }
    if name == "localhost" && policy == TargetPolicy::AllowLoopback {
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
    let ending = match name.rsplit_once('.') {
        Some((_, ending)) if !NON_PUBLIC_SUFFIXES.contains(&ending) => ending,
        _ => return Err("must have a public host such as example.com".to_owned()),
    };
    // No top-level domain begins with a digit (RFC 3696, section 2); what does would be read as a number.
    if ending.len() < 2 || ending.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("must have a public host such as example.com".to_owned());
    }
    Ok(())
}

/// 443 and what is no system port (RFC 6335, section 6): so that nobody is made to speak HTTP to a mail server.
fn check_port(raw: Option<&str>, scheme: u16) -> Result<u16, String> {
    const ACCEPTED: &str = "must have port 443 or one from 1024 to 65535";
    let port = match raw {
        None => scheme,
        Some(digits) => {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
            digits.parse().ok().filter(|_| plain).ok_or(ACCEPTED)?
        }
    };
    if port == 443 || port >= 1024 { Ok(port) } else { Err(ACCEPTED.to_owned()) }
}

#[cfg(test)]
mod tests;
