//! The filter of the delivery log.

use crate::fields::text_format;
use crate::query::Query;
use domain::time_range::TimeRange;
use domain::{DeliveryStatus, EventType, SubscriptionId};

/// The filter of a list of deliveries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeliveryListQuery {
    /// Only deliveries of this subscription.
    pub subscription: Option<SubscriptionId>,
    /// Only deliveries with this status.
    pub status: Option<DeliveryStatus>,
    /// Only deliveries of events of this type.
    pub event: Option<EventType>,
    /// Only deliveries created in this range of time.
    pub created: TimeRange,
}

impl DeliveryListQuery {
    /// Reads every parameter. Errors are collected in `query`.
    pub fn read(query: &mut Query) -> Self {
        let subscription = query.optional("webhookId", text_format::id(SubscriptionId::parse));
        let status = query.one_of("status", &DeliveryStatus::ALL, DeliveryStatus::name);
        let event = query.one_of("event", EventType::ALL, EventType::name);
        let created = query.range("createdFrom", "createdTo");
        Self { subscription, status, event, created }
    }
}
