//! The SSRF filter for IP addresses: decides which addresses a webhook may be sent to.
//!
//! Subscribers choose the URLs that Leadhouse posts to. Without a filter, a subscriber could make the sender call
//! services that only its own network can reach (server-side request forgery), such as a cloud's metadata service.
//! Only addresses that IANA's special-purpose registries list as globally reachable are accepted.
//!
//! IPv6 forms that embed an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP) are rejected
//! outright instead of being judged by the embedded address: no receiver needs them, and how a network translates
//! them cannot be known here.
//!
//! [`Target`](crate::target::Target) checks the syntax of a URL; this module checks the addresses that its host
//! resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The addresses that webhooks may be sent to, from the strictest policy to the most permissive one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetPolicy {
    /// Public addresses over https only. Used by every deployment to AWS.
    PublicOnly,
    /// Also the machine's own loopback, over https or http. Used by the local server, and by a stack in an emulator
    /// that is configured for it. Other private networks are not allowed.
    AllowLoopback,
    /// Also private networks (RFC 1918, RFC 4193) and host names that only they know, over https or http. Used by the
    /// local server alone, if its user asks for it: no setting of a deployment leads to this policy. Everything else
    /// that is not public stays blocked, such as the metadata services of clouds.
    AllowPrivate,
}

/// The private networks that [`TargetPolicy::AllowPrivate`] allows.
const PRIVATE_V4: [(Ipv4Addr, u32); 3] =
    [(Ipv4Addr::new(10, 0, 0, 0), 8), (Ipv4Addr::new(172, 16, 0, 0), 12), (Ipv4Addr::new(192, 168, 0, 0), 16)];

/// The IPv6 network of private addresses: the half of `fc00::/7` that is in use (RFC 4193, section 3.1).
const PRIVATE_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0), 8);

/// Networks within [`PRIVATE_V6`] that clouds use for metadata services.
const METADATA_V6: [(Ipv6Addr, u32); 2] =
    [(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32), (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128)];

/// IPv4 networks that IANA's special-purpose registry (RFC 6890) lists as not globally reachable, and the address of
/// one cloud provider's internal service, each with the reason that callers are shown. 192.0.0.9 and 192.0.0.10 are
/// globally reachable by that registry, but they are anycast addresses of the caller's own network equipment
/// (RFC 7723, RFC 8155), so they stay blocked with the rest of 192.0.0.0/24.
const BLOCKED_V4: [(Ipv4Addr, u32, &str); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8, "this network (0.0.0.0/8)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network (10.0.0.0/8)"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a carrier's shared network (100.64.0.0/10)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback (127.0.0.0/8)"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a cloud provider's internal service (168.63.129.16)"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local network (169.254.0.0/16)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network (172.16.0.0/12)"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols (192.0.0.0/24)"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "reserved for documentation (192.0.2.0/24)"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a 6to4 relay (192.88.99.0/24)"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network (192.168.0.0/16)"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "reserved for benchmarks (198.18.0.0/15)"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "reserved for documentation (198.51.100.0/24)"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "reserved for documentation (203.0.113.0/24)"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast (224.0.0.0/4)"),
    (Ipv4Addr::BROADCAST, 32, "broadcast (255.255.255.255)"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved (240.0.0.0/4)"),
];

/// IPv6 networks that IANA's special-purpose registry lists as not globally reachable, and those that embed an IPv4
/// address, each with the reason that callers are shown. The first match gives the reason.
const BLOCKED_V6: [(Ipv6Addr, u32, &str); 20] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified (::)"),
    (Ipv6Addr::LOCALHOST, 128, "loopback (::1)"),
    (Ipv6Addr::UNSPECIFIED, 96, "an IPv4 address in IPv6 (::/96)"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4 address in IPv6 (::ffff:0:0/96)"),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, "an IPv4 address in IPv6 (::ffff:0:0:0/96)"),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, "an IPv4 address in IPv6 (64:ff9b::/96)"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "an IPv4 address in IPv6 (64:ff9b:1::/48)"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discarded (100::/64)"),
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64, "a dummy prefix (100:0:0:1::/64)"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "a Teredo tunnel (2001::/32)"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved for protocols (2001::/23)"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "reserved for documentation (2001:db8::/32)"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "an IPv4 address in IPv6 (2002::/16)"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "reserved for documentation (3fff::/20)"),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "segment routing (5f00::/16)"),
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32, "a cloud provider's internal service (fd00:ec2::/32)"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private network (fc00::/7)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "a link-local network (fe80::/10)"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "a site-local network (fec0::/10)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast (ff00::/8)"),
];

/// The block that IANA has allocated as global unicast (RFC 4291, section 2.4, and the IPv6 address space registry).
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Returns why `ip` must not be called, as a noun phrase, or `None` if it may be called.
pub fn blocked_reason(ip: IpAddr, policy: TargetPolicy) -> Option<&'static str> {
    let is_allowed = (policy >= TargetPolicy::AllowLoopback && ip.is_loopback())
        || (policy >= TargetPolicy::AllowPrivate && is_private(ip));
    if is_allowed {
        return None;
    }
    match ip {
        IpAddr::V4(ip) => blocked_reason_v4(ip),
        IpAddr::V6(ip) => blocked_reason_v6(ip),
    }
}

/// Returns whether `ip` is an address of a private network, and of no cloud's metadata service.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => PRIVATE_V4.iter().any(|(network, prefix)| is_in_v4(ip, *network, *prefix)),
        IpAddr::V6(ip) => {
            let is_metadata = METADATA_V6.iter().any(|(network, prefix)| is_in_v6(ip, *network, *prefix));
            is_in_v6(ip, PRIVATE_V6.0, PRIVATE_V6.1) && !is_metadata
        }
    }
}

fn is_in_v4(ip: Ipv4Addr, network: Ipv4Addr, prefix: u32) -> bool {
    (ip.to_bits() ^ network.to_bits()) >> (32 - prefix) == 0
}

fn is_in_v6(ip: Ipv6Addr, network: Ipv6Addr, prefix: u32) -> bool {
    (ip.to_bits() ^ network.to_bits()) >> (128 - prefix) == 0
}

fn blocked_reason_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let listed = BLOCKED_V4.iter().find(|(network, prefix, _)| is_in_v4(ip, *network, *prefix));
    listed.map(|(_, _, reason)| *reason)
}

fn blocked_reason_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let listed = BLOCKED_V6.iter().find(|(network, prefix, _)| is_in_v6(ip, *network, *prefix));
    if let Some((_, _, reason)) = listed {
        return Some(reason);
    }
    if !is_in_v6(ip, GLOBAL_UNICAST.0, GLOBAL_UNICAST.1) {
        return Some("outside the global unicast block (2000::/3)");
    }
    // ISATAP (RFC 5214, section 6.1): an interface identifier of 0000:5efe or 0200:5efe and an IPv4 address.
    match ip.segments() {
        [_, _, _, _, 0 | 0x200, 0x5efe, _, _] => Some("an IPv4 address in IPv6 (ISATAP)"),
        _ => None,
    }
}

/// The reason why a target must not be called. The texts complete a sentence that begins with the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The host has no address.
    #[error("must have a host that resolves to an address")]
    Unresolved,
    /// At least one address of the host is blocked. The text omits the address, because it may reveal something about
    /// the network that Leadhouse runs in.
    #[error("must resolve to public addresses only, and one of them is {reason}")]
    BlockedAddress {
        /// The blocked address.
        address: IpAddr,
        /// The reason, as [`blocked_reason`] returns it.
        reason: &'static str,
    },
    /// The URL uses plain http where https is required.
    #[error("must be an https URL")]
    PlainHttp,
}

/// Returns the socket addresses to connect to, if there is at least one address and none of them is blocked.
///
/// A name with one blocked address is rejected as a whole: whoever controls its DNS zone decides which address comes
/// first.
pub fn check_addresses(addresses: &[IpAddr], port: u16, policy: TargetPolicy) -> Result<Vec<SocketAddr>, TargetError> {
    if addresses.is_empty() {
        return Err(TargetError::Unresolved);
    }
    let check = |&address: &IpAddr| match blocked_reason(address, policy) {
        Some(reason) => Err(TargetError::BlockedAddress { address, reason }),
        None => Ok(SocketAddr::new(address, port)),
    };
    addresses.iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and last address of every blocked network, and the addresses of cloud metadata services.
    const BLOCKED: &str = "
        0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
        127.0.0.0 127.0.0.1 127.0.0.2 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 169.254.170.2
        169.254.169.123 169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.8 192.0.0.9 192.0.0.10
        192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.0 192.0.2.255 192.88.99.0 192.88.99.1 192.88.99.255 192.168.0.0
        192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 224.0.0.0
        224.0.0.251 239.255.255.255 240.0.0.0 255.255.255.254 255.255.255.255
        :: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:8.8.8.8
        ::1:0:0:0 64:ff9b:: 64:ff9b::8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b::ffff:ffff 64:ff9b:1:: 64:ff9b:1:ffff::1
        64:ff9b:2::1 100:: 100::ffff:ffff:ffff:ffff 100:0:0:1:: 200::1 400::1 1000::1 1fff:ffff::1
        2001:: 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:1::2 2001:2::1 2001:3::1 2001:4:112::1
        2001:5::1 2001:10::1 2001:20::1 2001:30::1 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 2001:db8:: 2001:db8::1
        2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2002:: 2002:7f00:1::1 2002:808:808::1
        2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff 4000::1 5f00:: 5f00::1
        6000::1 8000::1 a000::1 c000::1 e000::1 f000::1 fc00:: fd00::1 fd00:ec2::254 fd20:ce::254
        fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe00::1 fe80:: fe80::1 febf:ffff::1 fec0:: feff::1 ff00:: ff02::1
        ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2606:4700::5efe:a00:1 2606:4700::200:5efe:7f00:1
        2a00:1450:0:0:0:5efe:192.168.0.1
    ";

    /// Public addresses, and the direct neighbours of blocked networks.
    const ALLOWED: &str = "
        1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 126.255.255.255
        128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255
        192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
        198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255
        2000::1 2001:200::1 2001:4860:4860::8888 2001:db7::1 2001:db9::1 2003::1 2606:4700:4700::1111
        2a00:1450:4001:831::200e 3ffe:ffff::1 3fff:1000::1 2606:4700::1:5efe:a00:1
    ";

    fn addresses(list: &str) -> impl Iterator<Item = IpAddr> {
        list.split_whitespace().map(|text| text.parse().unwrap_or_else(|_| panic!("{text} is not an address")))
    }

    #[test]
    fn addresses_that_are_not_global_are_blocked() {
        for ip in addresses(BLOCKED) {
            assert!(blocked_reason(ip, TargetPolicy::PublicOnly).is_some(), "{ip}");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        for ip in addresses(ALLOWED) {
            assert_eq!(blocked_reason(ip, TargetPolicy::PublicOnly), None, "{ip}");
            assert_eq!(blocked_reason(ip, TargetPolicy::AllowLoopback), None, "{ip}");
        }
    }

    #[test]
    fn allow_loopback_opens_no_other_private_network() {
        for ip in addresses(BLOCKED) {
            let loopback = match ip {
                IpAddr::V4(ip) => ip.octets()[0] == 127,
                IpAddr::V6(ip) => ip == Ipv6Addr::LOCALHOST,
            };
            assert_eq!(blocked_reason(ip, TargetPolicy::AllowLoopback).is_none(), loopback, "{ip}");
        }
    }

    #[test]
    fn allow_private_opens_private_networks_alone() {
        let private = "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 fd00::1 \
                       fd12:3456::1 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        for ip in addresses(private) {
            assert_eq!(blocked_reason(ip, TargetPolicy::AllowPrivate), None, "{ip}");
            assert!(blocked_reason(ip, TargetPolicy::AllowLoopback).is_some(), "{ip}");
        }
        let private: Vec<_> = addresses(private).collect();
        for ip in addresses(BLOCKED).filter(|ip| !ip.is_loopback() && !private.contains(ip)) {
            assert!(blocked_reason(ip, TargetPolicy::AllowPrivate).is_some(), "{ip}");
        }
    }

    #[test]
    fn one_blocked_address_blocks_the_name() {
        let [public, private] = [IpAddr::from([8, 8, 8, 8]), IpAddr::from([10, 0, 0, 1])];
        assert_eq!(check_addresses(&[public], 443, TargetPolicy::PublicOnly), Ok(vec![SocketAddr::new(public, 443)]));
        assert_eq!(check_addresses(&[], 443, TargetPolicy::PublicOnly), Err(TargetError::Unresolved));
        let blocked =
            check_addresses(&[public, private], 443, TargetPolicy::PublicOnly).expect_err("a private address");
        assert!(matches!(blocked, TargetError::BlockedAddress { address, .. } if address == private));
        assert!(!blocked.to_string().contains("10.0.0.1"), "{blocked}");
    }
}
