use super::*;
use crate::resolve::ResolveFuture;
use std::io;

/// Resolves every name to the same addresses.
struct Fixed(Vec<IpAddr>);

impl Resolve for Fixed {
    fn resolve<'a>(&'a self, _: &'a str) -> ResolveFuture<'a> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// Fails to resolve any name.
struct NoSuchHost;

impl Resolve for NoSuchHost {
    fn resolve<'a>(&'a self, _: &'a str) -> ResolveFuture<'a> {
        Box::pin(async { Err(io::Error::other("no such host")) })
    }
}

fn strict(text: &str) -> Result<Target, String> {
    Target::parse(text, TargetPolicy::PublicOnly)
}

fn local(text: &str) -> Result<Target, String> {
    Target::parse(text, TargetPolicy::AllowLoopback)
}

/// The URLs of `forbidden_urls.txt`.
fn forbidden() -> Vec<&'static str> {
    include_str!("forbidden_urls.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Forbidden URLs that the loopback policy accepts.
const PLAIN_LOOPBACK: [&str; 8] = [
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://127.1.2.3/",
    "https://[::1]/",
    "https://[::1]:8443/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost:8443/",
];

#[test]
fn forbidden_urls_are_rejected() {
    assert!(forbidden().len() >= 200, "{}", forbidden().len());
    for text in forbidden() {
        match strict(text) {
            Ok(target) => panic!("{text} was accepted as {target:?}"),
            Err(reason) => assert!(reason.starts_with("must "), "{text}: {reason}"),
        }
        assert_eq!(local(text).is_ok(), PLAIN_LOOPBACK.contains(&text), "{text} with loopback allowed");
    }
}

#[test]
fn spaces_and_control_characters_are_rejected() {
    for character in
        [' ', '\t', '\n', '\r', '\0', '\u{b}', '\u{c}', '\u{7f}', '\u{85}', '\u{a0}', '\u{2028}', '\u{3000}']
    {
        for form in [
            "~https://example.com/",
            "https:~//example.com/",
            "https://exam~ple.com/",
            "https://example.com/~a",
            "https://example.com/?a=~",
            "https://example.com/~",
        ] {
            let text = form.replace('~', &character.to_string());
            assert!(strict(&text).is_err(), "{text:?}");
        }
    }
    // Invisible characters do not count as whitespace, and IDNA would silently drop them from a host.
    for character in ['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{202e}'] {
        assert!(strict(&format!("https://exam{character}ple.com/")).is_err(), "{character:?}");
    }
}

#[test]
fn public_https_urls_are_accepted() {
    let cases = [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("https://example.com/", "example.com", 443, "/", "example.com"),
        ("https://example.com?x=1", "example.com", 443, "/?x=1", "example.com"),
        ("HTTPS://Hooks.Example.COM/In?a=b&c=%20d", "hooks.example.com", 443, "/In?a=b&c=%20d", "hooks.example.com"),
        ("https://example.com:443/x", "example.com", 443, "/x", "example.com"),
        ("https://example.com:8443/x", "example.com", 8443, "/x", "example.com:8443"),
        ("https://example.com:65535/", "example.com", 65535, "/", "example.com:65535"),
        ("https://example.com/a@b:c/%2e%2F", "example.com", 443, "/a@b:c/%2e%2F", "example.com"),
        ("https://example.com/ö?ö", "example.com", 443, "/%C3%B6?%C3%B6", "example.com"),
        ("https://bücher.example.com/", "xn--bcher-kva.example.com", 443, "/", "xn--bcher-kva.example.com"),
        ("https://Bücher.example.com/", "xn--bcher-kva.example.com", 443, "/", "xn--bcher-kva.example.com"),
        ("https://xn--bcher-kva.example.com/", "xn--bcher-kva.example.com", 443, "/", "xn--bcher-kva.example.com"),
        ("https://例子.公司/", "xn--fsqu00a.xn--55qx5d", 443, "/", "xn--fsqu00a.xn--55qx5d"),
        ("https://1.example.com/", "1.example.com", 443, "/", "1.example.com"),
        ("https://localhost.example.com/", "localhost.example.com", 443, "/", "localhost.example.com"),
        ("https://my-internal.com/", "my-internal.com", 443, "/", "my-internal.com"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/", "8.8.8.8"),
        ("https://[2606:4700:4700::1111]:8443/", "[2606:4700:4700::1111]", 8443, "/", "[2606:4700:4700::1111]:8443"),
    ];
    for (text, host, port, path, authority) in cases {
        for policy in [TargetPolicy::PublicOnly, TargetPolicy::AllowLoopback] {
            let target = Target::parse(text, policy).unwrap_or_else(|reason| panic!("{text}: {reason}"));
            assert_eq!(target.url(), text);
            assert_eq!((target.host(), target.port()), (host, port), "{text}");
            assert_eq!((target.path().as_str(), target.authority().as_str()), (path, authority), "{text}");
        }
    }
}

#[test]
fn loopback_policy_accepts_http_to_loopback() {
    for text in [
        "http://127.0.0.1:8080/hooks",
        "http://127.0.0.2:1024/",
        "http://[::1]:8080/",
        "http://localhost:8080/",
        "https://localhost:8443/",
        "https://127.0.0.1/",
        "http://127.0.0.1:443/",
    ] {
        assert!(local(text).is_ok(), "{text}");
        assert!(strict(text).is_err(), "{text}");
    }
    for text in [
        "http://127.0.0.1/",
        "http://127.0.0.1:80/",
        "http://localhost/",
        "http://localhost:22/",
        "http://127.1:8080/",
        "http://0x7f000001:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://0.0.0.0:8080/",
        "http://10.0.0.1:8080/",
        "http://192.168.1.1:8080/",
        "http://169.254.169.254:8080/",
        "http://example.com:8080/",
        "http://8.8.8.8:8080/",
        "http://foo.localhost:8080/",
        "http://localhost.:8080/",
        "https://10.0.0.1/",
        "https://metadata.google.internal/",
    ] {
        assert!(local(text).is_err(), "{text}");
    }
}

#[test]
fn url_and_host_lengths_are_limited() {
    let path = |length: usize| format!("https://example.com/{}", "a".repeat(length - 20));
    assert!(strict(&path(MAX_URL_CHARACTERS)).is_ok());
    assert_eq!(strict(&path(MAX_URL_CHARACTERS + 1)), Err("must be at most 2048 characters".to_owned()));
    let name = |labels: usize| format!("https://{}com/", "abcdefghi.".repeat(labels));
    assert!(strict(&name(25)).is_ok());
    assert!(strict(&name(26)).is_err());
    assert!(strict(&format!("https://{}.com/", "a".repeat(63))).is_ok());
}

#[tokio::test]
async fn vetting_checks_every_address_of_a_name() {
    let public: IpAddr = [8, 8, 8, 8].into();
    let target = strict("https://hooks.example.com:8443/").expect("a target");
    assert_eq!(target.vet(&Fixed(vec![public])).await, Ok(vec![SocketAddr::new(public, 8443)]));
    assert_eq!(target.vet(&Fixed(vec![])).await, Err(TargetError::Unresolved));
    assert_eq!(target.vet(&NoSuchHost).await, Err(TargetError::Unresolved));
    for private in [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fd00:ec2::254",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ] {
        let private: IpAddr = private.parse().expect("an address");
        for addresses in [vec![private], vec![public, private], vec![private, public]] {
            let blocked = target.vet(&Fixed(addresses)).await;
            assert!(
                matches!(blocked, Err(TargetError::BlockedAddress { address, .. }) if address == private),
                "{private}"
            );
        }
    }
}

#[tokio::test]
async fn only_localhost_may_resolve_to_loopback() {
    let loopback: IpAddr = [127, 0, 0, 1].into();
    let resolver = Fixed(vec![loopback]);
    let localhost = local("http://localhost:8080/").expect("a target");
    assert_eq!(localhost.vet(&resolver).await, Ok(vec![SocketAddr::new(loopback, 8080)]));
    assert!(localhost.vet(&Fixed(vec![[10, 0, 0, 1].into()])).await.is_err());
    assert!(local("https://hooks.example.com/").expect("a target").vet(&resolver).await.is_err());
    let address = local("http://127.0.0.1:8080/").expect("a target");
    assert_eq!(address.vet(&NoSuchHost).await, Ok(vec![SocketAddr::new(loopback, 8080)]));
    assert_eq!(address.vet_with_policy(TargetPolicy::PublicOnly, &NoSuchHost).await, Err(TargetError::PlainHttp));
}

#[tokio::test]
async fn allow_private_accepts_names_of_private_networks() {
    let private = |text: &str| Target::parse(text, TargetPolicy::AllowPrivate);
    let inner: IpAddr = [172, 18, 0, 3].into();
    for url in ["http://receiver:9000/hook", "http://receiver/", "https://crm.internal/", "http://nas.local:8080/"] {
        let target = private(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(target.vet(&Fixed(vec![inner])).await.map(|found| found[0].ip()), Ok(inner), "{url}");
        // A server that has become stricter blocks it.
        for policy in [TargetPolicy::PublicOnly, TargetPolicy::AllowLoopback] {
            assert!(target.vet_with_policy(policy, &Fixed(vec![inner])).await.is_err(), "{url}");
            assert!(Target::parse(url, policy).is_err(), "{url}");
        }
    }
    for url in ["http://10.0.0.7:8080/", "https://192.168.1.20/", "http://[fd12::1]:8080/", "http://127.0.0.1:8080/"] {
        assert!(private(url).expect("a target").vet(&NoSuchHost).await.is_ok(), "{url}");
    }
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://0.0.0.0:8080/",
        "http://0x0a000007:8080/",
        "http://10.0.0.7:25/",
        "http://user@10.0.0.7/",
        "ftp://10.0.0.7/",
    ] {
        assert!(private(url).is_err(), "{url}");
    }
}

#[tokio::test]
async fn allow_private_calls_public_hosts_over_tls_only() {
    let [public, inner]: [IpAddr; 2] = [[8, 8, 8, 8].into(), [10, 0, 0, 1].into()];
    let plain = Target::parse("http://example.com:8080/", TargetPolicy::AllowPrivate).expect("a target");
    for addresses in [vec![public], vec![inner, public]] {
        assert_eq!(plain.vet(&Fixed(addresses)).await, Err(TargetError::PlainHttp));
    }
    let metadata: IpAddr = [169, 254, 169, 254].into();
    let blocked = plain.vet(&Fixed(vec![inner, metadata])).await;
    assert!(matches!(blocked, Err(TargetError::BlockedAddress { address, .. }) if address == metadata));
    let secure = Target::parse("https://example.com/", TargetPolicy::AllowPrivate).expect("a target");
    assert!(secure.vet(&Fixed(vec![public])).await.is_ok());
}
