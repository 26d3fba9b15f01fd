//! What belongs to a business and is found by its id: stored in a transaction with its place under its lead, read,
//! replaced under its version, and listed newest first.

use crate::Store;
use crate::commit::{Table, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, from_item, get_text, is_expired, number, text, to_item};
use crate::keys::{self, AT, BUSINESS_INDEX, BUSINESS_PK, PK, SK, STATUS_INDEX, STATUS_PK, TTL};
use crate::list::{Page, PageRequest, Position, Run, Start, bounded, merge};
use domain::{BusinessId, Environment, LeadId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Items that a filtered page reads at most: what a megabyte holds of ordinary ones.
const FILTERED_READS: usize = 1_000;

/// Thirteen digits are text in order of time until the year 2286.
const LATEST: Timestamp = Timestamp::from_millis(9_999_999_999_998);

/// Something that belongs to a business.
pub trait BusinessRecord: Serialize + DeserializeOwned + Send + Sync {
    /// What its partition keys begin with; `docs/data-model.md` lists them all.
    const KIND: &'static str;
    /// What it is, with its article, for errors.
    const DESCRIPTION: &'static str;

    /// Its id, 32 hexadecimal digits.
    fn id(&self) -> String;

    /// Whose it is.
    fn business(&self) -> BusinessId;

    /// When it was made: its place in lists.
    fn created_at(&self) -> Timestamp;

    /// When it is no longer shown.
    fn expires_at(&self) -> Timestamp;

    /// The word under which it is listed besides, such as a status.
    fn index_value(&self) -> Option<&str> {
        None
    }

    /// The lead that it hangs on: erasing that erases it.
    fn lead(&self) -> Option<LeadId> {
        None
    }
}

/// Which of a business's belongings are meant.
#[derive(Clone, Copy)]
pub struct RecordFilter<'a, T> {
    /// Only those listed under this word.
    pub index_value: Option<&'a str>,
    /// Only those made at or after this.
    pub created_from: Option<Timestamp>,
    /// Only those made at or before this.
    pub created_to: Option<Timestamp>,
    /// What passes besides, if anything is passed over; it is applied to what was read.
    pub predicate: Option<&'a (dyn Fn(&T) -> bool + Sync)>,
}

impl<T> Default for RecordFilter<'_, T> {
    fn default() -> Self {
        Self { index_value: None, created_from: None, created_to: None, predicate: None }
    }
}

/// The attributes of `belonging` and its keys in table and indexes.
pub(crate) fn item_of<T: BusinessRecord>(environment: Environment, belonging: &T) -> Result<Item, StoreError> {
    let mut item = keys::record(T::KIND, environment, &belonging.id()).with(to_item(belonging)?);
    let business = belonging.business();
    item.insert(BUSINESS_PK.to_owned(), text(keys::business_records(T::KIND, environment, business)));
    if let Some(word) = belonging.index_value() {
        item.insert(STATUS_PK.to_owned(), text(keys::indexed_records(T::KIND, environment, business, word)));
    }
    let position = Position::new(belonging.created_at(), &belonging.id());
    item.insert(AT.to_owned(), text(position.as_str()));
    item.insert(TTL.to_owned(), number(belonging.expires_at().seconds()));
    Ok(item)
}

impl Store {
    /// The writes of something new. Where it hangs on a lead the third fails when that has been erased.
    pub fn put_record<T: BusinessRecord>(
        &self,
        environment: Environment,
        belonging: &T,
    ) -> Result<Vec<Write>, StoreError> {
        let mut writes = vec![Write::put(Table::Main, item_of(environment, belonging)?).require_absent()];
        if let Some(lead) = belonging.lead() {
            let key = keys::child_record(environment, lead, T::KIND, &belonging.id());
            let ttl = Item::from([(TTL.to_owned(), number(belonging.expires_at().seconds()))]);
            writes.push(Write::put(Table::Main, key.with(ttl)));
            // What is not erased has a name.
            writes.push(
                Write::check(&keys::lead(environment, lead))
                    .require(Condition::LeadExists, "attribute_exists(#name)")
                    .name("#name", "name"),
            );
        }
        Ok(writes)
    }

    /// The write that puts `new` in the place of the one that had `version`; both must have it as an attribute.
    pub fn replace_record<T: BusinessRecord>(
        &self,
        environment: Environment,
        new: &T,
        version: u64,
    ) -> Result<Write, StoreError> {
        let item = item_of(environment, new)?;
        Ok(Write::put(Table::Main, item).require_version(version))
    }

    /// The one of this id, unless its time is over.
    pub async fn record<T: BusinessRecord>(
        &self,
        environment: Environment,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StoreError> {
        let found = self.item(&keys::record(T::KIND, environment, id)).await?;
        found.filter(|item| !is_expired(item, now)).map(|item| from_item(item, T::DESCRIPTION)).transpose()
    }

    /// A page of what belongs to `businesses`, newest first.
    pub async fn records<T: BusinessRecord>(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        filter: &RecordFilter<'_, T>,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<T>, StoreError> {
        let runs = businesses
            .iter()
            .map(|business| self.business_records(environment, *business, filter, page, now))
            .collect();
        let runs = bounded(runs).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(merge(runs, page.limit))
    }

    async fn business_records<T: BusinessRecord>(
        &self,
        environment: Environment,
        business: BusinessId,
        filter: &RecordFilter<'_, T>,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Run<T>, StoreError> {
        let (index, pk_name, pk) = match filter.index_value {
            Some(word) => (STATUS_INDEX, STATUS_PK, keys::indexed_records(T::KIND, environment, business, word)),
            None => (BUSINESS_INDEX, BUSINESS_PK, keys::business_records(T::KIND, environment, business)),
        };
        // One more than fits tells whether another page follows.
        let reads = if filter.predicate.is_some() { FILTERED_READS } else { page.limit + 1 };
        let from = filter.created_from.unwrap_or(Timestamp::EPOCH).min(LATEST);
        let to = filter.created_to.unwrap_or(LATEST).min(LATEST);
        let (from, to) = (format!("{:013}", from.millis()), format!("{:013}#~", to.millis()));
        let start = match page.start(&from, &to) {
            Start::AtTheEnd => None,
            Start::Behind(after) => start_key::<T>(environment, pk_name, &pk, after),
            Start::Nowhere => return Ok(Run::empty()),
        };
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(format!("{pk_name} = :pk AND #at BETWEEN :from AND :to"))
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":pk", text(&*pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .scan_index_forward(false)
            .limit(i32::try_from(reads).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let stopped_at = found.last_evaluated_key.and_then(|key| Some(Position::from_key(get_text(&key, AT)?)));
        let mut items = Vec::new();
        for item in found.items.unwrap_or_default() {
            if is_expired(&item, now) {
                continue;
            }
            let at =
                get_text(&item, AT).map(Position::from_key).ok_or_else(|| StoreError::unreadable(T::DESCRIPTION))?;
            let belonging: T = from_item(item, T::DESCRIPTION)?;
            if filter.predicate.is_none_or(|passes| passes(&belonging)) {
                items.push((at, belonging));
            }
        }
        Ok(Run { items, stopped_at })
    }
}

/// The key that a page starts behind: the position names the thing, whichever business's list is read from there.
fn start_key<T: BusinessRecord>(environment: Environment, pk_name: &str, pk: &str, after: &Position) -> Option<Item> {
    let (_, id) = after.as_str().split_once('#')?;
    let key = keys::record(T::KIND, environment, id);
    Some(Item::from([
        (pk_name.to_owned(), text(pk)),
        (AT.to_owned(), text(after.as_str())),
        (PK.to_owned(), text(key.pk)),
        (SK.to_owned(), text(key.sk)),
    ]))
}
