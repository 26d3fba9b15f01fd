//! Visitor events: records of a business, listed by visitor, and erased with the person that the visitor was.

use crate::business_record::{BusinessRecord, RecordFilter, record_fields};
use crate::deletion_progress::DeletionProgress;
use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::key_schema::{self as keys, Key, PK, SK};
use crate::table::pagination::{Page, PageRequest};
use crate::table::query::Source;
use domain::{BusinessId, Environment, Timestamp, VisitorEvent, VisitorId};
use std::borrow::Cow;

/// Number of events that are deleted before the time is checked again: some tenths of a second.
const DELETE_BATCH_SIZE: usize = 100;

impl BusinessRecord for VisitorEvent {
    const KIND: &'static str = "VE";
    const DESCRIPTION: &'static str = "a visitor event";

    record_fields!();

    fn expires_at(&self) -> Timestamp {
        self.expires_at()
    }

    /// The hash of the visitor id.
    fn index_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.visitor_key))
    }
}

impl Store {
    /// Reads a page of a visitor's events on the sites of `businesses`, newest first.
    pub async fn visitor_events(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        visitor: &VisitorId,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<VisitorEvent>, StoreError> {
        let key = visitor.key(environment.tenant);
        let filter = RecordFilter { index_value: Some(&key), ..RecordFilter::default() };
        self.records(environment, businesses, &filter, page, now).await
    }

    /// Deletes a visitor's events on the sites of `businesses` while `has_time` returns `true`; `visitor_key` is the hash of
    /// the visitor id. Repeating it does no harm; events that are recorded in between may stay.
    pub(crate) async fn erase_visitor_events(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        visitor_key: &str,
        has_time: &(dyn Fn() -> bool + Sync),
    ) -> Result<DeletionProgress, StoreError> {
        for business in businesses {
            let partition = keys::indexed_records(VisitorEvent::KIND, environment, *business, visitor_key);
            let query = self.query(Source::StatusIndex, partition).project(format!("{PK}, {SK}"));
            let mut pages = query.limit(DELETE_BATCH_SIZE).pages();
            while let Some(items) = pages.next().await? {
                if !has_time() {
                    return Ok(DeletionProgress::Incomplete);
                }
                let keys: Vec<_> = items.iter().filter_map(Key::of).collect();
                self.delete_all(&keys).await?;
            }
        }
        Ok(DeletionProgress::Complete)
    }
}
