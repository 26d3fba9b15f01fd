//! Records of a business: entities that belong to one business, are found by their id, and are listed newest first.
//!
//! Leads, customers, transactions, disputes, evidence, packages, visitor events and sequence templates are stored alike: an item
//! under the id, in the index `business`, and, where the record has an index value such as a status, in the index
//! `status`. A record that names a lead is a **child record** of it: a reference in the lead's partition lists it, so
//! that erasing the lead finds and deletes it without a scan. Reference and record are written in one transaction with
//! a check that the lead still exists, so that nothing is added to a lead that is being erased.

use crate::table::Store;
use crate::table::condition::Condition;
use crate::table::due_index::DueShard;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, number, text, to_item};
use crate::table::key_schema::{self as keys, AT, BUSINESS_PK, PK, SK, STATUS_PK, TTL};
use crate::table::merged_page::{PageKind, read_merged_page};
use crate::table::pagination::{Page, PageRequest, Position, QuerySegment, SortKey, Start};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::{BusinessId, Environment, LeadId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The latest time that sorts correctly: positions hold 13 digits of milliseconds, which last until the year 2286.
const MAX_TIME: Timestamp = Timestamp::from_millis(9_999_999_999_998);

/// An entity that belongs to a business.
pub trait BusinessRecord: Serialize + DeserializeOwned + Send + Sync {
    /// The beginning of its partition keys. Stored, and never to be changed; `docs/data-model.md` lists all.
    const KIND: &'static str;
    /// The name of the entity with its article, for errors.
    const DESCRIPTION: &'static str;

    /// Returns the id: 32 hexadecimal digits.
    fn id(&self) -> String;

    /// Returns the business that the record belongs to.
    fn business(&self) -> BusinessId;

    /// Returns when the record was created, which is its position in lists.
    fn created_at(&self) -> Timestamp;

    /// Returns when the record expires: from then on it is not shown any more.
    fn expires_at(&self) -> Timestamp;

    /// Returns the value under which the index `status` lists the record: its status, its category, its visitor.
    fn index_value(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Returns the lead that the record is a child record of: erasing that lead deletes it.
    fn lead(&self) -> Option<LeadId> {
        None
    }

    /// Returns the shard and the check time of the due index, while something is still to be done about the record.
    fn due(&self) -> Option<(DueShard, Timestamp)> {
        None
    }
}

/// Implements the methods of [`BusinessRecord`] that return the fields `id`, `business` and `created_at` of an entity.
macro_rules! record_fields {
    () => {
        fn id(&self) -> String {
            self.id.simple()
        }

        fn business(&self) -> domain::BusinessId {
            self.business
        }

        fn created_at(&self) -> domain::Timestamp {
            self.created_at
        }
    };
}
pub(crate) use record_fields;

/// A filter of a business's records.
#[derive(Clone, Copy)]
pub struct RecordFilter<'a, T> {
    /// Only records with this index value.
    pub index_value: Option<&'a str>,
    /// Only records created at this time or later.
    pub created_from: Option<Timestamp>,
    /// Only records created at this time or earlier.
    pub created_to: Option<Timestamp>,
    /// Only records for which this returns `true`. It is applied to what the other three find, so that a page may hold
    /// fewer records than its limit.
    pub predicate: Option<&'a (dyn Fn(&T) -> bool + Sync)>,
}

impl<T> Default for RecordFilter<'_, T> {
    fn default() -> Self {
        Self { index_value: None, created_from: None, created_to: None, predicate: None }
    }
}

/// Returns the item of `record`, with its keys in the table and the indexes.
pub(crate) fn record_item<T: BusinessRecord>(environment: Environment, record: &T) -> Result<Item, StoreError> {
    let mut item = keys::record(T::KIND, environment, &record.id()).with(to_item(record)?);
    let business = record.business();
    item.insert(BUSINESS_PK.to_owned(), text(keys::business_records(T::KIND, environment, business)));
    if let Some(value) = record.index_value() {
        item.insert(STATUS_PK.to_owned(), text(keys::indexed_records(T::KIND, environment, business, &value)));
    }
    let position = Position::new(record.created_at(), &record.id());
    item.insert(AT.to_owned(), text(position.as_str()));
    item.insert(TTL.to_owned(), number(record.expires_at().seconds()));
    item.extend(record.due().into_iter().flat_map(|(shard, check_at)| shard.attributes(check_at)));
    Ok(item)
}

impl Store {
    /// Returns the writes of a new record: the record and, for a child record, its reference and a check of the lead.
    ///
    /// They fail with [`Condition::Absent`] if the id is in use, and with [`Condition::LeadExists`] if the lead was
    /// erased.
    pub fn put_record<T: BusinessRecord>(
        &self,
        environment: Environment,
        record: &T,
    ) -> Result<Vec<Write>, StoreError> {
        let mut writes = vec![Write::put(Table::Main, record_item(environment, record)?).require_absent()];
        if let Some(lead) = record.lead() {
            let reference = keys::child_record(environment, lead, T::KIND, &record.id());
            writes.push(Write::put(Table::Main, reference.expiring_at(record.expires_at())));
            writes.push(self.check_lead_exists(environment, lead));
        }
        Ok(writes)
    }

    /// Returns the check that a lead exists; it fails with [`Condition::LeadExists`] if it was erased.
    pub fn check_lead_exists(&self, environment: Environment, lead: LeadId) -> Write {
        // A tombstone has no name.
        Write::check(&keys::lead(environment, lead))
            .require(Condition::LeadExists, "attribute_exists(#name)")
            .name("#name", "name")
    }

    /// Returns the write that replaces a record which had this `version`, an attribute of the stored record; it fails
    /// with [`Condition::Unchanged`] if it has another one.
    pub fn replace_record<T: BusinessRecord>(
        &self,
        environment: Environment,
        new: &T,
        version: u64,
    ) -> Result<Write, StoreError> {
        Ok(Write::put(Table::Main, record_item(environment, new)?).require_version(version))
    }

    /// Reads the record with this id, unless it has expired.
    pub async fn record<T: BusinessRecord>(
        &self,
        environment: Environment,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StoreError> {
        self.unexpired_entity(&keys::record(T::KIND, environment, id), T::DESCRIPTION, now).await
    }

    /// Reads a page of the records of `businesses`, newest first: a query for each business, within the budget
    /// of [`read_merged_page`].
    pub async fn records<T: BusinessRecord>(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        filter: &RecordFilter<'_, T>,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<T>, StoreError> {
        let kind = if filter.predicate.is_some() { PageKind::Filtered } else { PageKind::Unfiltered };
        // A position is in the queries of all businesses: the id of its record breaks ties.
        let read = |number: usize, part| self.records_segment(environment, businesses[number], filter, part, now);
        read_merged_page(businesses.len(), page, kind, read).await
    }

    async fn records_segment<T: BusinessRecord>(
        &self,
        environment: Environment,
        business: BusinessId,
        filter: &RecordFilter<'_, T>,
        page: PageRequest,
        now: Timestamp,
    ) -> Result<QuerySegment<T>, StoreError> {
        let (source, partition) = match filter.index_value {
            Some(value) => (Source::StatusIndex, keys::indexed_records(T::KIND, environment, business, value)),
            None => (Source::BusinessIndex, keys::business_records(T::KIND, environment, business)),
        };
        let from = filter.created_from.unwrap_or(Timestamp::EPOCH).min(MAX_TIME);
        let to = filter.created_to.unwrap_or(MAX_TIME).min(MAX_TIME);
        // `~` sorts after every id.
        let (from, to) = (format!("{:013}", from.millis()), format!("{:013}#~", to.millis()));
        let start = match page.start(&from, &to) {
            Start::Newest => None,
            Start::After(after) => start_key::<T>(environment, source, &partition, after),
            Start::BelowRange => return Ok(QuerySegment::empty()),
        };
        let query =
            self.query(source, partition).sort_key_between(from, to).descending().limit(page.limit).start_after(start);
        QuerySegment::read(query, &SortKey { attribute: AT, prefix: "" }, now, T::DESCRIPTION, |item| {
            let record: T = from_item(item, T::DESCRIPTION)?;
            Ok(Some(record).filter(|record| filter.predicate.is_none_or(|passes| passes(record))))
        })
        .await
    }
}

/// Returns the index key after which a page begins. The position names the record, whichever business's list is read
/// from there: DynamoDB accepts the key of an item that is not in the partition.
fn start_key<T: BusinessRecord>(
    environment: Environment,
    source: Source,
    partition: &str,
    after: &Position,
) -> Option<Item> {
    let (_, id) = after.as_str().split_once('#')?;
    let key = keys::record(T::KIND, environment, id);
    Some(Item::from([
        (source.partition_key().to_owned(), text(partition)),
        (source.sort_key().to_owned(), text(after.as_str())),
        (PK.to_owned(), text(key.pk)),
        (SK.to_owned(), text(key.sk)),
    ]))
}
