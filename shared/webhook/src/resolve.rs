//! How a host's name becomes addresses.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

/// Addresses that are still being asked for.
pub type ResolveFuture<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Finds the addresses of a name. The house asks the system; a test hands in its own.
pub trait Resolve: Send + Sync {
    /// Every address of `host`, in the order in which they should be tried.
    fn resolve<'a>(&'a self, host: &'a str) -> ResolveFuture<'a>;
}

/// The longest that the system may take: its own resolver asks twice, five seconds each (resolv.conf(5)), and who
/// registers a subscription is waiting.
const DNS_TIMEOUT: Duration = Duration::from_secs(5);

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> ResolveFuture<'a> {
        Box::pin(async move {
            let found = tokio::time::timeout(DNS_TIMEOUT, tokio::net::lookup_host((host, 0))).await??;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
