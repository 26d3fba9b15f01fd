//! Emptying a world: all that its businesses have, their figures, its subscriptions and their deliveries.
//!
//! It takes as many rounds as there is much: a note in the due index says that it has been asked for until nothing is
//! left, so that the sweep goes on where a call's time ended.

use crate::Store;
use crate::belonging::{Belonging, BelongingFilter};
use crate::commit::{Place, Write};
use crate::due::{shard_key, shard_of};
use crate::email_mark::MarkKey;
use crate::error::StoreError;
use crate::item::{Item, get_number, get_text, number, text};
use crate::keys::{self, BUSINESS_INDEX, BUSINESS_PK, DUE_CHECK, DUE_SHARD, Key, PK, SK, TTL};
use crate::list::{PageRequest, bounded};
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
const EMPTIED_AT: &str = "emptiedAt";

/// Leads that are looked at for their marks between two looks at the clock.
const MARKS: usize = 200;

/// When the sweep is to look whether an emptying came to its end: longer than a call may take.
const UNFINISHED_AFTER: Duration = Duration::from_mins(1);

/// How far an emptying came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptied {
    /// Nothing is left.
    Wholly,
    /// The time was over before.
    InPart,
}

impl Store {
    /// Notes that `environment` is to be emptied: the sweep goes on with what [`Store::empty`] leaves, and answers that were
    /// kept before are gone.
    pub fn note_emptying(&self, environment: Environment, now: Timestamp) -> Vec<Write> {
        let item = Item::from([
            (DUE_SHARD.to_owned(), text(shard_key(shard_of(environment.tenant.bytes())))),
            (DUE_CHECK.to_owned(), number(now.after(UNFINISHED_AFTER).millis())),
        ]);
        let emptied = Item::from([
            (EMPTIED_AT.to_owned(), number(now.seconds())),
            (TTL.to_owned(), number(now.after(retention::IDEMPOTENCY_RECORDS).seconds())),
        ]);
        vec![
            Write::put(Place::Main, keys::emptying(environment).with(item)),
            Write::put(Place::Main, keys::emptied(environment).with(emptied)),
        ]
    }

    /// When `environment` was emptied last, in epoch seconds, for as long as answers are kept.
    pub async fn emptied_at(&self, environment: Environment) -> Result<Option<i64>, StoreError> {
        let found = self.item(&keys::emptied(environment)).await?;
        Ok(found.and_then(|item| get_number(&item, EMPTIED_AT)))
    }

    /// Deletes what is in `environment`, as long as `goes_on` says so. What comes in meanwhile may go or stay.
    pub async fn empty(&self, environment: Environment, goes_on: impl Fn() -> bool) -> Result<Emptied, StoreError> {
        for business in self.businesses(environment.tenant).await? {
            if !goes_on() {
                return Ok(Emptied::InPart);
            }
            let figures = keys::figures(environment, business.id);
            let (marks, figures) = tokio::join!(
                self.empty_marks(environment, business.id, &goes_on),
                self.empty_partition(&figures, &goes_on)
            );
            marks?;
            figures?;
            for kind in KINDS {
                let list = keys::of_business(kind, environment, business.id);
                while let Some(some) = self.some(Some(BUSINESS_INDEX), BUSINESS_PK, &list).await? {
                    if !goes_on() {
                        return Ok(Emptied::InPart);
                    }
                    // A lead's partition holds what hangs on it.
                    bounded(some.iter().map(|key| self.empty_partition(&key.pk, &goes_on)).collect())
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
                    return Ok(Emptied::InPart);
                }
                let attempts = some.iter().filter_map(|key| DeliveryId::parse(&key.sk));
                let attempts: Vec<_> = attempts.map(|delivery| keys::attempts(environment, delivery)).collect();
                let emptied = bounded(attempts.iter().map(|pk| self.empty_partition(pk, &goes_on)).collect()).await;
                emptied.into_iter().collect::<Result<Vec<_>, _>>()?;
                bounded(some.iter().map(|key| self.delete(key)).collect())
                    .await
                    .into_iter()
                    .collect::<Result<(), _>>()?;
            }
        }
        if self.empty_partition(&keys::subscriptions(environment), &goes_on).await? == Emptied::InPart {
            return Ok(Emptied::InPart);
        }
        self.delete(&keys::emptying(environment)).await?;
        Ok(Emptied::Wholly)
    }

    /// Deletes the marks of the addresses that a business's leads have: no list leads to a mark but the leads'.
    async fn empty_marks(
        &self,
        environment: Environment,
        business: BusinessId,
        goes_on: &impl Fn() -> bool,
    ) -> Result<(), StoreError> {
        let mut page = PageRequest { limit: MARKS, after: None };
        let filter = BelongingFilter::<Lead>::default();
        // Of every time: what has expired may have a mark still.
        while goes_on() {
            let leads = self.belongings(environment, &[business], &filter, &page, Timestamp::EPOCH).await?;
            let marks = leads.items.iter().filter_map(|lead| MarkKey::of(environment, lead));
            bounded(marks.map(|mark| self.delete_mark(mark)).collect()).await.into_iter().collect::<Result<(), _>>()?;
            page.after = leads.next;
            if page.after.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn delete_mark(&self, mark: MarkKey) -> Result<(), StoreError> {
        self.delete(mark.key()).await
    }

    async fn empty_partition(&self, pk: &str, goes_on: &impl Fn() -> bool) -> Result<Emptied, StoreError> {
        while let Some(some) = self.some(None, PK, pk).await? {
            if !goes_on() {
                return Ok(Emptied::InPart);
            }
            bounded(some.iter().map(|key| self.delete(key)).collect()).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(Emptied::Wholly)
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
        self.commit(vec![Write::delete(key)], None).await.map_err(crate::CommitError::contended)
    }
}
