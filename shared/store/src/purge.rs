//! Emptying a world: all that its businesses have, their figures, its subscriptions and their deliveries.
//!
//! It takes as many rounds as there is much: a note in the due index says that it has been asked for until nothing is
//! left, so that the sweep goes on where a call's time ended.

use crate::Store;
use crate::business_record::{BusinessRecord, RecordFilter};
use crate::commit::{Table, Write};
use crate::due::{due_shard, shard_key};
use crate::error::StoreError;
use crate::item::{Item, get_number, get_text, number, text};
use crate::keys::{self, BUSINESS_INDEX, BUSINESS_PK, DUE_CHECK, DUE_SHARD, Key, PK, SK, TTL};
use crate::list::{PageRequest, bounded};
use crate::unique_email::UniqueEmailIndex;
use domain::{
    BusinessId, Customer, DeliveryId, Dispute, Environment, Evidence, Lead, Template, Timestamp, Transaction,
    VisitorEvent, retention,
};
use std::time::Duration;

/// Kinds of which a business may have any number.
const KINDS: [&str; 7] =
    [Lead::KIND, Customer::KIND, Transaction::KIND, Dispute::KIND, Evidence::KIND, VisitorEvent::KIND, Template::KIND];

/// Things that are deleted between two looks at the clock.
const ROUND: i32 = 100;

/// The attribute of the mark that says when a world was emptied.
const PURGED_AT: &str = "emptiedAt";

/// Leads that are looked at for their marks between two looks at the clock.
const MARKS: usize = 200;

/// When the sweep is to look whether an emptying came to its end: longer than a call may take.
const UNFINISHED_AFTER: Duration = Duration::from_mins(1);

/// How far an emptying came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeProgress {
    /// Nothing is left.
    Complete,
    /// The time was over before.
    Incomplete,
}

impl Store {
    /// Notes that `environment` is to be emptied: the sweep goes on with what [`Store::empty`] leaves, and answers that were
    /// kept before are gone.
    pub fn request_purge(&self, environment: Environment, now: Timestamp) -> Vec<Write> {
        let item = Item::from([
            (DUE_SHARD.to_owned(), text(shard_key(due_shard(environment.tenant.bytes())))),
            (DUE_CHECK.to_owned(), number(now.after(UNFINISHED_AFTER).millis())),
        ]);
        let emptied = Item::from([
            (PURGED_AT.to_owned(), number(now.seconds())),
            (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
        ]);
        vec![
            Write::put(Table::Main, keys::purge_request(environment).with(item)),
            Write::put(Table::Main, keys::purge_time(environment).with(emptied)),
        ]
    }

    /// When `environment` was emptied last, in epoch seconds, for as long as answers are kept.
    pub async fn purged_at(&self, environment: Environment) -> Result<Option<i64>, StoreError> {
        let found = self.item(&keys::purge_time(environment)).await?;
        Ok(found.and_then(|item| get_number(&item, PURGED_AT)))
    }

    /// Deletes what is in `environment`, as long as `goes_on` says so. What comes in meanwhile may go or stay.
    pub async fn purge(
        &self,
        environment: Environment,
        goes_on: impl Fn() -> bool,
    ) -> Result<PurgeProgress, StoreError> {
        for business in self.businesses(environment.tenant).await? {
            if !goes_on() {
                return Ok(PurgeProgress::Incomplete);
            }
            let figures = keys::kpis(environment, business.id);
            let (marks, figures) = tokio::join!(
                self.purge_email_index(environment, business.id, &goes_on),
                self.purge_partition(&figures, &goes_on)
            );
            marks?;
            figures?;
            for kind in KINDS {
                let list = keys::business_records(kind, environment, business.id);
                while let Some(some) = self.some(Some(BUSINESS_INDEX), BUSINESS_PK, &list).await? {
                    if !goes_on() {
                        return Ok(PurgeProgress::Incomplete);
                    }
                    // A lead's partition holds what hangs on it.
                    bounded(some.iter().map(|key| self.purge_partition(&key.pk, &goes_on)).collect())
                        .await
                        .into_iter()
                        .collect::<Result<Vec<_>, _>>()?;
                }
            }
        }
        let (served, deleted) = tokio::join!(self.subscriptions(environment), self.deleted_subscriptions(environment));
        for subscription in served?.into_iter().chain(deleted?) {
            let deliveries = keys::deliveries(environment, &subscription.id.tag());
            while let Some(some) = self.some(None, PK, &deliveries).await? {
                if !goes_on() {
                    return Ok(PurgeProgress::Incomplete);
                }
                let attempts = some.iter().filter_map(|key| DeliveryId::parse(&key.sk));
                let attempts: Vec<_> = attempts.map(|delivery| keys::attempts(environment, delivery)).collect();
                let emptied = bounded(attempts.iter().map(|pk| self.purge_partition(pk, &goes_on)).collect()).await;
                emptied.into_iter().collect::<Result<Vec<_>, _>>()?;
                bounded(some.iter().map(|key| self.delete(key)).collect())
                    .await
                    .into_iter()
                    .collect::<Result<(), _>>()?;
            }
        }
        if self.purge_partition(&keys::subscriptions(environment), &goes_on).await? == PurgeProgress::Incomplete {
            return Ok(PurgeProgress::Incomplete);
        }
        self.delete(&keys::purge_request(environment)).await?;
        Ok(PurgeProgress::Complete)
    }

    /// Deletes the marks of the addresses that a business's leads have: no list leads to a mark but the leads'.
    async fn purge_email_index(
        &self,
        environment: Environment,
        business: BusinessId,
        goes_on: &impl Fn() -> bool,
    ) -> Result<(), StoreError> {
        let mut page = PageRequest { limit: MARKS, after: None };
        let filter = RecordFilter::<Lead>::default();
        // Of every time: what has expired may have a mark still.
        while goes_on() {
            let leads = self.records(environment, &[business], &filter, &page, Timestamp::EPOCH).await?;
            let marks = leads.items.iter().filter_map(|lead| UniqueEmailIndex::of(environment, lead));
            bounded(marks.map(|mark| self.delete_mark(mark)).collect()).await.into_iter().collect::<Result<(), _>>()?;
            page.after = leads.next;
            if page.after.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn delete_mark(&self, mark: UniqueEmailIndex) -> Result<(), StoreError> {
        self.delete(mark.key()).await
    }

    async fn purge_partition(&self, pk: &str, goes_on: &impl Fn() -> bool) -> Result<PurgeProgress, StoreError> {
        while let Some(some) = self.some(None, PK, pk).await? {
            if !goes_on() {
                return Ok(PurgeProgress::Incomplete);
            }
            bounded(some.iter().map(|key| self.delete(key)).collect()).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(PurgeProgress::Complete)
    }

    /// The keys of some of what lies under `pk`; `None` when there is nothing.
    async fn some(&self, index: Option<&str>, pk_name: &str, pk: &str) -> Result<Option<Vec<Key>>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(format!("{pk_name} = :pk"))
            .expression_attribute_values(":pk", text(pk))
            .projection_expression(format!("{PK}, {SK}"))
            .set_consistent_read(index.is_none().then_some(true))
            .limit(ROUND)
            .send()
            .await?;
        let key = |item: &Item| Some(Key { pk: get_text(item, PK)?.to_owned(), sk: get_text(item, SK)?.to_owned() });
        let found: Vec<_> = found.items.unwrap_or_default().iter().filter_map(key).collect();
        Ok(if found.is_empty() { None } else { Some(found) })
    }

    pub(crate) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.commit(vec![Write::delete(key)]).await.map_err(crate::CommitError::into_contended)
    }
}
