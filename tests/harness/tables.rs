//! Tables without a server, for tests of what a function does with them, and a clock that the test sets.

use crate::harness::database_client;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use blob::{Blobs, LocalLinks};
use domain::{Clock, Environment, Mode, TenantId, Timestamp};
use emulator::{Database, FaultInjector, TemporaryTables};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::Store;

/// A clock that stands still until it is advanced.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.millis())))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Empty tables, an empty folder of files, and one test environment.
pub(crate) struct Tables {
    pub(crate) environment: Environment,
    pub(crate) database: Database,
    pub(crate) client: Client,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    _temporary: TemporaryTables,
}

impl Tables {
    pub(crate) async fn new(faults: Option<Arc<dyn FaultInjector>>) -> Self {
        let tables = TemporaryTables::create(faults).await.unwrap();
        let database = tables.database.clone();
        let links = LocalLinks::new("http://files.invalid", [0; 32]);
        Self {
            environment: Environment { tenant: TenantId::derived(&[b"tenant of a test"]), mode: Mode::Test },
            client: database_client(&database),
            blobs: Blobs::in_folder(&tables.folder().join("files"), links).unwrap(),
            database,
            store: tables.store.clone(),
            _temporary: tables,
        }
    }

    /// Puts an item as it is stored: texts, and numbers.
    pub(crate) async fn put(&self, texts: &[(&str, &str)], numbers: &[(&str, i64)]) {
        let texts = texts.iter().map(|(name, value)| ((*name).to_owned(), AttributeValue::S((*value).to_owned())));
        let numbers = numbers.iter().map(|(name, value)| ((*name).to_owned(), AttributeValue::N(value.to_string())));
        let item: HashMap<_, _> = texts.chain(numbers).collect();
        self.client.put_item().table_name(TemporaryTables::TABLE).set_item(Some(item)).send().await.unwrap();
    }

    /// Returns the keys of all items of the main table.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let mut pages = self.client.scan().table_name(TemporaryTables::TABLE).into_paginator().items().send();
        let mut keys = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.unwrap();
            keys.push(format!("{} {}", item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap()));
        }
        keys
    }
}
