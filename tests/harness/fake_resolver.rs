//! DNS resolver with results chosen by the test.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use webhook::resolve::{Resolve, ResolveFuture};

/// Result of resolving a name.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// The name has these addresses.
    Addresses(Vec<IpAddr>),
    /// The name does not exist.
    Nothing,
    /// The query never ends.
    Never,
}

impl Found {
    /// Returns a result with these addresses.
    pub(crate) fn addresses(texts: &[&str]) -> Self {
        Self::Addresses(texts.iter().map(|text| text.parse().unwrap()).collect())
    }
}

/// Resolver with a queue of results for each name; the last result of a queue repeats.
///
/// `localhost` is this machine unless set otherwise; no other name exists.
#[derive(Debug, Default)]
pub(crate) struct FakeResolver(Mutex<HashMap<String, Name>>);

#[derive(Debug, Default)]
struct Name {
    results: VecDeque<Found>,
    resolutions: usize,
}

impl FakeResolver {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Sets the results of `name`, in order.
    pub(crate) fn set(&self, name: &str, results: impl IntoIterator<Item = Found>) {
        let entry = Name { results: results.into_iter().collect(), resolutions: 0 };
        self.0.lock().unwrap().insert(name.to_owned(), entry);
    }

    /// Returns how often `name` has been resolved since it was set.
    pub(crate) fn resolutions(&self, name: &str) -> usize {
        self.0.lock().unwrap().get(name).map_or(0, |name| name.resolutions)
    }

    fn next(&self, host: &str) -> Found {
        let mut names = self.0.lock().unwrap();
        let Some(name) = names.get_mut(host) else {
            return if host == "localhost" { Found::addresses(&["127.0.0.1"]) } else { Found::Nothing };
        };
        name.resolutions += 1;
        if name.results.len() > 1 { name.results.pop_front() } else { name.results.front().cloned() }
            .unwrap_or(Found::Nothing)
    }
}

impl Resolve for FakeResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> ResolveFuture<'a> {
        let found = self.next(host);
        Box::pin(async move {
            match found {
                Found::Addresses(addresses) => Ok(addresses),
                Found::Nothing => Err(io::Error::other("no such host")),
                Found::Never => std::future::pending().await,
            }
        })
    }
}
