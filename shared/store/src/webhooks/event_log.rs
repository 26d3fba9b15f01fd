//! The event log: every event of an environment, in the order in which it was recorded.
//!
//! The log of an environment is one partition of batches, numbered without gaps: a batch is written under the number
//! after the last one's, on condition that nobody else has taken that number. So no batch ever appears before one that a
//! reader has seen, whatever commits late, and a page is one query. The subject of each event is encrypted under its
//! lead's key.
//!
//! **Repetitions.** The stream may bring a change twice. An event that one of the last [`MAX_COMPARED_BATCHES`] has is
//! not recorded again; an older one may be, under the same id.
//!
//! **Numbers after a break.** Batches expire, and the table deletes expired ones later, in any order. When all have expired,
//! the number that the last one had may not be known any more, and counting from one that is left, or from 1 again, would put
//! new events before the positions of readers. Counting therefore starts at the time in milliseconds, which a partition of
//! 1,000 writes a second can never have reached. One item holds that start, so that two writers who find an empty log
//! agree.

use crate::leads::data_key::data_key_of;
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::encryption::{DataKey, decrypt_text};
use crate::table::error::StoreError;
use crate::table::item::{Item, get_number, get_text, is_expired, number};
use crate::table::key_schema::{self as keys, Key, SK, TTL};
use crate::table::query::{Query, Source};
use crate::table::retry::ConflictRetries;
use crate::table::write::{Table, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::webhooks::event_log::LogPosition;
use domain::{BusinessId, Environment, Event, EventId, EventType, LeadId, ProtectedText, Timestamp, retention};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Attribute of a batch: its events.
const ENTRIES: &str = "entries";

/// Attribute of the start item: the number that counting starts after.
const FIRST: &str = "first";

/// Maximum number of events in a batch. Together with [`MAX_BATCH_BYTES`] it bounds what a page reads in vain.
const MAX_BATCH_ENTRIES: usize = 100;

/// Maximum size of the events of a batch, in bytes: far below the 400 KB of an item, unless a single event is larger.
const MAX_BATCH_BYTES: usize = 100 * 1024;

/// Maximum size of a subject, encrypted, in bytes. A larger one, which no item could hold beside its ids, is left out.
const MAX_SUBJECT_BYTES: usize = 380 * 1024;

/// Number of the last batches whose events are not recorded again.
const MAX_COMPARED_BATCHES: usize = 2;

/// Maximum number of batches that one page reads. They fit into one query: 1 MB.
const MAX_READ_BATCHES: usize = 25;

/// Maximum number of attempts to write a batch. Each failed one means that another batch was written; the functions that
/// read the stream write a batch a few times a second.
const MAX_ATTEMPTS: u32 = 20;

/// An event to record.
#[derive(Clone, Debug)]
pub struct EventToLog {
    /// The event.
    pub event: Event,
    /// The key of the lead whose data the subject holds.
    pub data_key: Option<DataKey>,
}

/// An event as it is stored in a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredEntry {
    id: EventId,
    event_type: EventType,
    #[serde(skip_serializing_if = "Option::is_none")]
    business: Option<BusinessId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<LeadId>,
    occurred_at: Timestamp,
    version: u64,
    /// The subject as JSON; `None` if it was too large, and of an example.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<ProtectedText>,
    /// Set if the entry stands for the example of the event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    example: bool,
}

impl StoredEntry {
    fn of(EventToLog { event, data_key }: &EventToLog) -> Result<Self, StoreError> {
        let text = serde_json::to_string(&event.subject)
            .map_err(|error| StoreError::Rejected(format!("an event cannot be written: {error}")))?;
        let lead = event.subject.lead();
        let subject = match (lead, data_key) {
            (None, _) => ProtectedText::Plain(text),
            (Some(_), Some(data_key)) => data_key.encrypt_text(&text.into(), &encryption_context(event.id))?,
            (Some(_), None) => {
                return Err(StoreError::Rejected("a lead's data must not be stored in the clear".to_owned()));
            }
        };
        Ok(Self {
            id: event.id,
            event_type: event.event_type,
            business: event.business,
            lead,
            occurred_at: event.occurred_at,
            version: event.version,
            subject: Some(subject).filter(|subject| stored_bytes(subject) <= MAX_SUBJECT_BYTES),
            example: false,
        })
    }

    fn example(id: EventId, event_type: EventType, occurred_at: Timestamp) -> Self {
        Self { id, event_type, business: None, lead: None, occurred_at, version: 1, subject: None, example: true }
    }

    /// Returns about the size of the entry in its batch, in bytes.
    fn bytes(&self) -> usize {
        const IDS_AND_NAMES: usize = 200;
        IDS_AND_NAMES + self.subject.as_ref().map_or(0, stored_bytes)
    }

    fn into_content(self, environment: Environment, data_key: Option<&DataKey>) -> LogContent {
        if self.example {
            return LogContent::Example;
        }
        let text = self.subject.and_then(|text| decrypt_text(&text, data_key, &encryption_context(self.id)));
        let Some(subject) = text.and_then(|text| serde_json::from_str(&text).ok()) else { return LogContent::Erased };
        LogContent::Event(Box::new(Event {
            id: self.id,
            event_type: self.event_type,
            environment,
            business: self.business,
            occurred_at: self.occurred_at,
            version: self.version,
            subject,
        }))
    }
}

/// Returns the context that the subject of an event is bound to. It is part of what is stored and must never change.
fn encryption_context(event: EventId) -> Vec<u8> {
    [b"event log ", &event.bytes()[..]].concat()
}

fn stored_bytes(text: &ProtectedText) -> usize {
    match text {
        ProtectedText::Plain(text) => text.len(),
        ProtectedText::Encrypted(bytes) => bytes.len(),
    }
}

/// An event of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// The position after the event.
    pub position: LogPosition,
    /// Id of the event.
    pub id: EventId,
    /// Type of the event.
    pub event_type: EventType,
    /// Business of the subject, if it has one.
    pub business: Option<BusinessId>,
    /// Time of the event.
    pub occurred_at: Timestamp,
    /// Content.
    pub content: LogContent,
}

/// The content of an event of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum LogContent {
    /// The event with its subject as of the change.
    Event(Box<Event>),
    /// The example of the event, which is about nobody.
    Example,
    /// Nothing: the lead has been erased since.
    Erased,
}

/// A page of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogPage {
    /// The events, in the order in which they were recorded.
    pub entries: Vec<LogEntry>,
    /// The position where the next page begins.
    pub next: LogPosition,
    /// Set if there are more events.
    pub has_more: bool,
}

/// The end of a log.
struct Head {
    /// Number of the last batch.
    number: u64,
    /// Ids of the events of the last batches.
    ids: HashSet<EventId>,
}

impl Store {
    /// Records events of one environment in its log, in this order, unless they were recorded just before.
    pub async fn log_events(
        &self,
        environment: Environment,
        events: &[EventToLog],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entries = events.iter().map(StoredEntry::of).collect::<Result<Vec<_>, _>>()?;
        for batch in batches(entries) {
            self.log_batch(environment, &batch, now).await?;
        }
        Ok(())
    }

    /// Records the example of an event.
    pub async fn log_example(
        &self,
        environment: Environment,
        id: EventId,
        event_type: EventType,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.log_batch(environment, &[StoredEntry::example(id, event_type, now)], now).await
    }

    async fn log_batch(
        &self,
        environment: Environment,
        entries: &[StoredEntry],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut retries = ConflictRetries::new(MAX_ATTEMPTS);
        loop {
            let head = self.event_log_head(environment, now).await?;
            let new: Vec<_> = entries.iter().filter(|entry| !head.ids.contains(&entry.id)).collect();
            if new.is_empty() {
                return Ok(());
            }
            let item = batch_item(environment, head.number + 1, &new, now)?;
            match self.commit(vec![Write::put(Table::Main, item).require_absent()]).await {
                Ok(()) => return Ok(()),
                Err(CommitError::ConditionFailed { .. }) => retries.next_attempt()?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Returns the end of a log, and starts the log if it is empty or has only expired batches.
    async fn event_log_head(&self, environment: Environment, now: Timestamp) -> Result<Head, StoreError> {
        let last = self.last_batches(environment, MAX_COMPARED_BATCHES).await?;
        // The last of several expired batches may be deleted before the others: the one found need not be the last written.
        let Some(number) = last.first().filter(|batch| !is_expired(batch, now)).and_then(number_of) else {
            return Ok(Head { number: self.start_event_log(environment, now).await?, ids: HashSet::new() });
        };
        let ids = last.iter().flat_map(entries_of).flatten().map(|entry| entry.id).collect();
        Ok(Head { number, ids })
    }

    /// Stores the number that batches of an empty log are counted from, and returns it.
    async fn start_event_log(&self, environment: Environment, now: Timestamp) -> Result<u64, StoreError> {
        let key = keys::event_log_start(environment);
        let mut retries = ConflictRetries::default();
        loop {
            let stored: Option<u64> = self.item(&key).await?.as_ref().and_then(|item| get_number(item, FIRST));
            let first = u64::try_from(now.millis()).unwrap_or(0);
            // A start of the last day was set by somebody who is about to write the first batch, or has just done so.
            if let Some(stored) = stored.filter(|stored| first.saturating_sub(*stored) < DAY_MILLIS) {
                return Ok(stored);
            }
            let write = Write::set(&key, "#first = :first").name("#first", FIRST).value(":first", number(first));
            let write = match stored {
                None => write.require(Condition::Absent, "attribute_not_exists(#first)"),
                Some(stored) => {
                    write.require(Condition::Unchanged, "#first = :before").value(":before", number(stored))
                }
            };
            match self.commit(vec![write]).await {
                Ok(()) => return Ok(first),
                Err(CommitError::ConditionFailed { .. }) => retries.next_attempt()?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn batches_between(&self, environment: Environment, first: u64, last: u64) -> Query {
        let (first, last) = (keys::event_log_sort_key(first), keys::event_log_sort_key(last));
        self.query(Source::Table, keys::event_log(environment)).sort_key_between(first, last)
    }

    /// Reads the last batches of a log, the last one first.
    async fn last_batches(&self, environment: Environment, limit: usize) -> Result<Vec<Item>, StoreError> {
        Ok(self.batches_between(environment, 0, u64::MAX).descending().limit(limit).page().await?.items)
    }

    /// Returns the position after the last event of an environment's log.
    pub async fn event_log_end(&self, environment: Environment, now: Timestamp) -> Result<LogPosition, StoreError> {
        let last = self.last_batches(environment, 1).await?;
        let end = last.first().and_then(|item| {
            Some(LogPosition { batch: number_of(item)?, index: position_index(entries_of(item).len()), as_of: now })
        });
        // Before the first batch there is nothing to miss.
        Ok(end.unwrap_or(LogPosition::start(now)))
    }

    /// Reads a page of an environment's log: up to `limit` events after a position. A page may have fewer, even none,
    /// and be followed by others.
    pub async fn event_log(
        &self,
        environment: Environment,
        after: LogPosition,
        limit: usize,
        now: Timestamp,
    ) -> Result<LogPage, StoreError> {
        let query = self.batches_between(environment, after.batch, u64::MAX).limit(MAX_READ_BATCHES);
        let found = query.page().await?;
        let mut page = RawPage { entries: Vec::new(), next: after.as_of(now), has_more: found.last_key.is_some() };
        for item in &found.items {
            if is_expired(item, now) {
                page.pass_over(item, now);
            } else if !page.add_batch(item, after, limit) {
                break;
            }
        }
        let keys: HashMap<LeadId, DataKey> = self.data_keys(environment, &page.entries).await?;
        let entry = |(position, stored): (LogPosition, StoredEntry)| {
            let data_key = stored.lead.and_then(|lead| keys.get(&lead));
            LogEntry {
                position,
                id: stored.id,
                event_type: stored.event_type,
                business: stored.business,
                occurred_at: stored.occurred_at,
                content: stored.into_content(environment, data_key),
            }
        };
        let RawPage { entries, next, has_more } = page;
        Ok(LogPage { entries: entries.into_iter().map(entry).collect(), next, has_more })
    }

    /// Reads the keys of the leads that a page is about. Those of erased leads are left out.
    async fn data_keys(
        &self,
        environment: Environment,
        entries: &[(LogPosition, StoredEntry)],
    ) -> Result<HashMap<LeadId, DataKey>, StoreError> {
        let leads: HashSet<_> = entries.iter().filter_map(|(_, entry)| entry.lead).collect();
        if leads.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.items(leads.iter().map(|lead| keys::lead(environment, *lead))).await?;
        let data_key = |lead: &LeadId| Some((*lead, data_key_of(found.get(&keys::lead(environment, *lead))?)?));
        Ok(leads.iter().filter_map(data_key).collect())
    }
}

/// Milliseconds of a day.
const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// A page whose subjects are encrypted.
struct RawPage {
    entries: Vec<(LogPosition, StoredEntry)>,
    next: LogPosition,
    has_more: bool,
}

impl RawPage {
    /// Continues after a batch that has expired but is not deleted yet. As many as a page reads may stand before the first
    /// event that is kept.
    fn pass_over(&mut self, item: &Item, now: Timestamp) {
        if let Some(batch) = number_of(item) {
            self.next = LogPosition { batch, index: position_index(entries_of(item).len()), as_of: now };
        }
    }

    /// Adds the events of a batch after a position. Returns whether the page has room for more batches.
    fn add_batch(&mut self, item: &Item, after: LogPosition, limit: usize) -> bool {
        let Some(batch) = number_of(item) else { return true };
        // The same whenever the event is read, so that its position stays the same.
        let expires_at: i64 = get_number(item, TTL).unwrap_or(0);
        let as_of = Timestamp::from_millis(expires_at.saturating_mul(1_000)).before(retention::EVENT_LOG);
        for (index, stored) in entries_of(item).into_iter().enumerate() {
            if !after.is_before(batch, index) {
                continue;
            }
            if self.entries.len() >= limit {
                self.has_more = true;
                return false;
            }
            self.next = LogPosition { batch, index: position_index(index + 1), as_of };
            // An event that a newer release has written is passed over.
            self.entries.extend(stored.map(|stored| (self.next, stored)));
        }
        true
    }
}

/// Divides events into batches of a bounded number and size.
fn batches(entries: Vec<StoredEntry>) -> Vec<Vec<StoredEntry>> {
    let mut all: Vec<Vec<StoredEntry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let is_full =
            |last: &Vec<StoredEntry>| last.len() >= MAX_BATCH_ENTRIES || bytes + entry.bytes() > MAX_BATCH_BYTES;
        if let Some(last) = all.last_mut().filter(|last| !is_full(last)) {
            bytes += entry.bytes();
            last.push(entry);
        } else {
            bytes = entry.bytes();
            all.push(vec![entry]);
        }
    }
    all
}

fn batch_item(
    environment: Environment,
    number_of_batch: u64,
    entries: &[&StoredEntry],
    now: Timestamp,
) -> Result<Item, StoreError> {
    let entries = entries.iter().map(|entry| {
        serde_dynamo::to_attribute_value(entry)
            .map_err(|error| StoreError::Rejected(format!("an event cannot be written: {error}")))
    });
    let entries = AttributeValue::L(entries.collect::<Result<_, _>>()?);
    let expires_at = number(now.after(retention::EVENT_LOG).seconds());
    let attributes = Item::from([(ENTRIES.to_owned(), entries), (TTL.to_owned(), expires_at)]);
    let key: Key = keys::event_log_batch(environment, number_of_batch);
    Ok(key.with(attributes))
}

/// Returns the index of the position after `events` events of a batch.
fn position_index(events: usize) -> u16 {
    u16::try_from(events).unwrap_or(u16::MAX)
}

fn number_of(batch: &Item) -> Option<u64> {
    u64::from_str_radix(get_text(batch, SK)?, 16).ok()
}

/// Returns the events of a batch; `None` for each that this version cannot read.
fn entries_of(batch: &Item) -> Vec<Option<StoredEntry>> {
    let entries = batch.get(ENTRIES).and_then(|entries| entries.as_l().ok());
    let read = |entry: &AttributeValue| serde_dynamo::from_attribute_value(entry.clone()).ok();
    entries.map(|entries| entries.iter().map(read).collect()).unwrap_or_default()
}
