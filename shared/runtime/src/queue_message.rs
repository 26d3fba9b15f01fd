//! The messages that the queues carry.

use domain::webhooks::delivery::DeliveryRef;
use domain::{Environment, LeadId, Mode, PackageId, TenantId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A message of a queue. Its JSON is the body of the SQS message, so field names are stored names and never change.
///
/// A message is only a hint: it names the work and the number of the attempt or step that it was sent for. Its function
/// reads the current state and ignores a message that is late or repeated.
pub trait QueueMessage: Serialize + DeserializeOwned + Copy + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// Returns the fairness group (SQS: message group id of a fair queue). A long backlog in one group does not delay
    /// the others.
    fn fairness_group(&self) -> [u8; 16];

    /// Returns the id of the delivery or lead that the message is about.
    fn subject(&self) -> [u8; 16];
}

/// Asks `deliver` for one attempt of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    /// The tenant that owns the subscription.
    pub tenant: TenantId,
    /// The mode that the delivery belongs to.
    pub mode: Mode,
    /// The delivery, its subscription, and the lead whose data it holds.
    #[serde(flatten)]
    pub name: DeliveryRef,
    /// The number of the attempt. The message is ignored if that attempt has been made.
    pub attempt: u32,
}

impl DeliveryMessage {
    /// Creates the message for attempt number `attempt` of a delivery.
    pub fn new(environment: Environment, name: DeliveryRef, attempt: u32) -> Self {
        Self { tenant: environment.tenant, mode: environment.mode, name, attempt }
    }

    /// Returns the environment that the delivery belongs to.
    pub fn environment(&self) -> Environment {
        Environment { tenant: self.tenant, mode: self.mode }
    }
}

impl QueueMessage for DeliveryMessage {
    /// Returns the tenant's id: a tenant has one share, however many subscriptions it has. Its slow endpoints are kept
    /// from its prompt ones by a queue of their own.
    fn fairness_group(&self) -> [u8; 16] {
        *self.tenant.bytes()
    }

    fn subject(&self) -> [u8; 16] {
        *self.name.delivery.bytes()
    }
}

/// Asks `follow_up` to send one step of a lead's sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpMessage {
    /// The tenant that owns the lead.
    pub tenant: TenantId,
    /// The mode that the lead belongs to.
    pub mode: Mode,
    /// The lead.
    pub lead: LeadId,
    /// The number of the step. The message is ignored if the sequence is at another step.
    pub step: u32,
}

impl FollowUpMessage {
    /// Creates the message for step number `step` of a lead's sequence.
    pub fn new(environment: Environment, lead: LeadId, step: u32) -> Self {
        Self { tenant: environment.tenant, mode: environment.mode, lead, step }
    }

    /// Returns the environment that the lead belongs to.
    pub fn environment(&self) -> Environment {
        Environment { tenant: self.tenant, mode: self.mode }
    }
}

impl QueueMessage for FollowUpMessage {
    /// Returns the tenant's id: a tenant with many leads does not delay the others.
    fn fairness_group(&self) -> [u8; 16] {
        *self.tenant.bytes()
    }

    fn subject(&self) -> [u8; 16] {
        *self.lead.bytes()
    }
}

/// Asks `package` for one attempt to generate an evidence package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageMessage {
    /// The tenant that owns the package.
    pub tenant: TenantId,
    /// The mode that the package belongs to.
    pub mode: Mode,
    /// The package.
    pub package: PackageId,
    /// The number of the attempt. The message is ignored if that attempt has been made.
    pub attempt: u32,
}

impl PackageMessage {
    /// Creates the message for attempt number `attempt` of a package.
    pub fn new(environment: Environment, package: PackageId, attempt: u32) -> Self {
        Self { tenant: environment.tenant, mode: environment.mode, package, attempt }
    }

    /// Returns the environment that the package belongs to.
    pub fn environment(&self) -> Environment {
        Environment { tenant: self.tenant, mode: self.mode }
    }
}

impl QueueMessage for PackageMessage {
    /// Returns the tenant's id: a tenant that asks for many packages does not delay the others.
    fn fairness_group(&self) -> [u8; 16] {
        *self.tenant.bytes()
    }

    fn subject(&self) -> [u8; 16] {
        *self.package.bytes()
    }
}
