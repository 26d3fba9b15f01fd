//! A resolver that says what a test wants it to.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use webhook::resolve::{Resolve, ResolveFuture};

/// What a name resolves to when it is asked for once.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// These addresses.
    Addresses(Vec<IpAddr>),
    /// The name does not exist.
    Nothing,
    /// No answer, ever.
    Never,
}

impl Found {
    /// These addresses.
    pub(crate) fn addresses(texts: &[&str]) -> Self {
        Self::Addresses(texts.iter().map(|text| text.parse().unwrap()).collect())
    }
}

/// Names with what each resolves to, one answer after another and the last one for ever. `localhost` is this
/// machine unless told otherwise; no other name exists.
#[derive(Debug, Default)]
pub(crate) struct FakeResolver(Mutex<HashMap<String, Name>>);

#[derive(Debug, Default)]
struct Name {
    answers: VecDeque<Found>,
    asked: usize,
}

impl FakeResolver {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// From now on `name` resolves to these, in turn.
    pub(crate) fn set(&self, name: &str, answers: impl IntoIterator<Item = Found>) {
        let name_of = Name { answers: answers.into_iter().collect(), asked: 0 };
        self.0.lock().unwrap().insert(name.to_owned(), name_of);
    }

    /// How often `name` has been asked for since it was set.
    pub(crate) fn asked(&self, name: &str) -> usize {
        self.0.lock().unwrap().get(name).map_or(0, |name| name.asked)
    }

    fn next(&self, host: &str) -> Found {
        let mut names = self.0.lock().unwrap();
        let Some(name) = names.get_mut(host) else {
            return if host == "localhost" { Found::addresses(&["127.0.0.1"]) } else { Found::Nothing };
        };
        name.asked += 1;
        if name.answers.len() > 1 { name.answers.pop_front() } else { name.answers.front().cloned() }
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
