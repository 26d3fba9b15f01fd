//! Deliveries as they are read, with their subscription.

use crate::table::encryption::DataKey;
use domain::webhooks::circuit_breaker::EndpointHealth;
use domain::webhooks::subscription::SubscriptionStatus;
use domain::{Delivery, DeliveryStatus, Environment, Subscription};

/// A delivery with its subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDelivery {
    /// The environment of both.
    pub environment: Environment,
    /// The delivery.
    pub delivery: Delivery,
    /// The subscription; `None` if it was deleted.
    pub subscription: Option<Subscription>,
}

impl StoredDelivery {
    /// Returns the delivery's effective status. A pending delivery is cancelled if its subscription was deleted or
    /// disabled after the event: that is decided here, on reading, so that deleting a subscription with a thousand
    /// pending deliveries is one write.
    pub fn status(&self) -> DeliveryStatus {
        let is_served = self.subscription.as_ref().is_some_and(|subscription| {
            subscription.status == SubscriptionStatus::Enabled && subscription.generation == self.delivery.generation
        });
        match self.delivery.status {
            DeliveryStatus::Pending if !is_served => DeliveryStatus::Cancelled,
            status => status,
        }
    }
}

/// A delivery with everything that an attempt needs.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryToSend {
    /// The delivery and its subscription.
    pub stored: StoredDelivery,
    /// The health of the endpoint.
    pub health: EndpointHealth,
    /// The exact bytes to send; `None` if the lead whose data they hold was erased.
    pub body: Option<String>,
    /// The data key of that lead.
    pub data_key: Option<DataKey>,
}
