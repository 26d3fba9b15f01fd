//! Listing deliveries: a query for each subscription, merged newest first within one read budget.

use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::item::{Item, text};
use crate::table::key_schema::{self as keys, PK, SK};
use crate::table::merged_page::{PageKind, read_merged_page};
use crate::table::pagination::{Page, PageRequest, QuerySegment, SortKey, Start};
use crate::table::query::Source;
use crate::webhooks::delivery_item::delivery_from_item;
use crate::webhooks::stored_delivery::StoredDelivery;
use domain::{DeliveryId, DeliveryStatus, Environment, EventType, Subscription, SubscriptionId, Timestamp};

/// A filter of a list of deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Only deliveries with this effective status.
    pub status: Option<DeliveryStatus>,
    /// Only deliveries of this event type.
    pub event: Option<EventType>,
    /// Only deliveries of events at this time or later.
    pub created_from: Option<Timestamp>,
    /// Only deliveries of events at this time or earlier.
    pub created_to: Option<Timestamp>,
}

impl Store {
    /// Reads a page of the deliveries to `subscriptions`, newest first. Each is given with its entity, or `None` if it
    /// was deleted.
    pub async fn deliveries(
        &self,
        environment: Environment,
        subscriptions: &[(SubscriptionId, Option<Subscription>)],
        filter: &DeliveryFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<StoredDelivery>, StoreError> {
        let is_filtered = filter.status.is_some() || filter.event.is_some();
        let kind = if is_filtered { PageKind::Filtered } else { PageKind::Unfiltered };
        let read =
            |number: usize, part| self.deliveries_segment(environment, &subscriptions[number], filter, part, now);
        read_merged_page(subscriptions.len(), page, kind, read).await
    }

    async fn deliveries_segment(
        &self,
        environment: Environment,
        (id, subscription): &(SubscriptionId, Option<Subscription>),
        filter: &DeliveryFilter,
        page: PageRequest,
        now: Timestamp,
    ) -> Result<QuerySegment<StoredDelivery>, StoreError> {
        let partition = keys::deliveries(environment, &id.tag());
        // Delivery ids are hexadecimal: `0` sorts before all of them, and `g` after.
        let from = filter.created_from.map_or_else(|| "0".to_owned(), DeliveryId::time_prefix);
        let to = filter.created_to.map_or_else(|| "g".to_owned(), |to| format!("{}g", DeliveryId::time_prefix(to)));
        let start = match page.start(&from, &to) {
            Start::Newest => None,
            Start::After(after) => {
                Some(Item::from([(PK.to_owned(), text(&*partition)), (SK.to_owned(), text(after.as_str()))]))
            }
            Start::BelowRange => return Ok(QuerySegment::empty()),
        };
        let query = self
            .query(Source::Table, partition)
            .eventually_consistent()
            .sort_key_between(from, to)
            .descending()
            .limit(page.limit)
            .start_after(start);
        QuerySegment::read(query, &SortKey { attribute: SK, prefix: "" }, now, "a delivery", |item| {
            let delivery = delivery_from_item(item)?;
            let stored = StoredDelivery { environment, delivery, subscription: subscription.clone() };
            // Two subscriptions may share a tag, and so a partition.
            let matches = stored.delivery.subscription == *id
                && filter.status.is_none_or(|status| stored.status() == status)
                && filter.event.is_none_or(|event| stored.delivery.event_type == event);
            Ok(Some(stored).filter(|_| matches))
        })
        .await
    }
}
