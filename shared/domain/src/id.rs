//! Ids. Each entity has an id type of its own, so that one cannot be passed for another.
//!
//! All ids are UUIDs, of three kinds:
//!
//! - **New** ids (UUID version 7) begin with the time in milliseconds, so that they sort by time.
//! - **Derived** ids (version 8) are the first 16 bytes of a SHA-256 over named parts. The same parts always give the
//!   same id, so that work that is repeated (an idempotent request, a change that the stream delivers twice) finds what
//!   it wrote the first time instead of writing it again. The parts, such as `b"delivery"`, must never change: stored
//!   ids depend on them.
//! - **Derived and time-ordered** ids (version 8) are derived ids whose first 48 bits are replaced by the time. They
//!   are repeatable and sort by time, as long as the time is a property of the change.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// Sixteen random bytes. The caller provides them, because this crate has no source of randomness.
pub type RandomBytes = [u8; 16];

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        // The length is hashed too, so that ("ab", "c") and ("a", "bc") differ.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Returns the SHA-256 of `parts` in hexadecimal. Used in database keys in place of personal data and of text that
/// callers choose.
pub fn digest(parts: &[&[u8]]) -> String {
    hex(&sha256(parts))
}

/// Returns the UUID (version 8) that is derived from `parts`.
pub fn derived(parts: &[&[u8]]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(parts)[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Returns a UUID whose first 48 bits are `at` in milliseconds, as in version 7, so that text order is time order.
fn time_ordered(at: Timestamp, rest: RandomBytes, version: uuid::Version) -> Uuid {
    let millis = u64::try_from(at.millis()).unwrap_or(0).to_be_bytes();
    let mut bytes = rest;
    bytes[..6].copy_from_slice(&millis[2..]);
    uuid::Builder::from_bytes(bytes).with_version(version).with_variant(uuid::Variant::RFC4122).into_uuid()
}

/// Returns the time in the first 48 bits of a UUID made by [`time_ordered`].
fn timestamp(id: Uuid) -> Timestamp {
    let millis = id.as_bytes()[..6].iter().fold(0_i64, |millis, byte| millis << 8 | i64::from(*byte));
    Timestamp::from_millis(millis)
}

/// Returns the twelve hexadecimal digits that time-ordered ids of `at` begin with.
fn time_prefix(at: Timestamp) -> String {
    time_ordered(at, [0; 16], uuid::Version::Custom).simple().to_string()[..12].to_owned()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Creates a new id that sorts by its creation time (UUID version 7).
            pub fn new(at: Timestamp, random: RandomBytes) -> Self {
                Self(time_ordered(at, random, uuid::Version::SortRand))
            }

            /// Returns the id that is derived from `parts`.
            pub fn derived(parts: &[&[u8]]) -> Self {
                Self(derived(parts))
            }

            /// Parses the hyphenated or the simple form, or returns `None`.
            pub fn parse(text: &str) -> Option<Self> {
                match text.len() {
                    32 | 36 => Uuid::try_parse(text).ok().map(Self),
                    _ => None,
                }
            }

            /// Returns the simple form, 32 hexadecimal digits, which database keys use.
            pub fn simple(&self) -> String {
                self.0.simple().to_string()
            }

            /// Returns the sixteen bytes.
            pub fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

id!(
    /// Id of a tenant.
    TenantId
);
id!(
    /// Id of a business.
    BusinessId
);
id!(
    /// Id of a lead.
    LeadId
);
id!(
    /// Id of a customer.
    CustomerId
);
id!(
    /// Id of a batch of deliveries that were created together, derived from what it names.
    DeliveryBatchId
);
id!(
    /// Id of a transaction.
    TransactionId
);
id!(
    /// Id of a dispute.
    DisputeId
);
id!(
    /// Id of a piece of evidence.
    EvidenceId
);
id!(
    /// Id of a suppression, derived from the keyed hash of a number or an address.
    SuppressionId
);
id!(
    /// Id of a lead's photo.
    PhotoId
);
id!(
    /// Id of an evidence package.
    PackageId
);
id!(
    /// Id of an API key. Not part of the key itself.
    KeyId
);
id!(
    /// Id of a webhook subscription.
    SubscriptionId
);
id!(
    /// Id of a visitor event.
    VisitorEventId
);
id!(
    /// Id of an event. The same for every subscription that it is delivered to.
    EventId
);
id!(
    /// Id of a delivery of one event to one subscription. The same through all attempts, retries and recoveries.
    DeliveryId
);
id!(
    /// Id of an audit entry.
    AuditId
);
id!(
    /// Id of an event that KPIs count.
    CountedEventId
);
id!(
    /// Id of a sequence template.
    TemplateId
);
id!(
    /// Id of a message in a lead's history.
    MessageId
);

impl DisputeId {
    /// Returns the time that the id begins with.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }
}

impl MessageId {
    /// Returns the time-ordered id of the message that is identified by `parts` and `at`.
    pub fn derived_at(at: Timestamp, parts: &[&[u8]]) -> Self {
        Self(time_ordered(at, *derived(parts).as_bytes(), uuid::Version::Custom))
    }

    /// Returns the time that the id begins with.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }
}

impl AuditId {
    /// Returns the time-ordered id of the entry for the change that is identified by `parts` and `at`.
    pub fn derived_at(at: Timestamp, parts: &[&[u8]]) -> Self {
        Self(time_ordered(at, *derived(parts).as_bytes(), uuid::Version::Custom))
    }

    /// Returns the prefix of all ids of `at`, to be used as the bound of a time range.
    pub fn time_prefix(at: Timestamp) -> String {
        time_prefix(at)
    }

    /// Returns the entry's time, which the id begins with.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }
}

impl DeliveryId {
    /// Returns the id of the delivery of `event` to `subscription`.
    ///
    /// It begins with the event's time (48 bits) and ends with the subscription's tag (32 bits). The id alone thus
    /// determines the partition that holds the subscription's deliveries, and deliveries sort by time within it.
    pub fn for_event(event: EventId, occurred_at: Timestamp, subscription: SubscriptionId) -> Self {
        let mut bytes = *derived(&[b"delivery", event.bytes(), subscription.bytes()]).as_bytes();
        bytes[12..].copy_from_slice(&tag(subscription));
        Self(time_ordered(occurred_at, bytes, uuid::Version::Custom))
    }

    /// Returns the prefix of all ids of `at`, to be used as the bound of a time range.
    pub fn time_prefix(at: Timestamp) -> String {
        time_prefix(at)
    }

    /// Returns the event's time, which the id begins with.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }

    /// Returns the tag of the subscription, eight hexadecimal digits, which the id ends with.
    pub fn subscription_tag(&self) -> String {
        hex(&self.0.as_bytes()[12..])
    }
}

impl SubscriptionId {
    /// Returns the tag, eight hexadecimal digits, that names the partition of this subscription's deliveries.
    pub fn tag(&self) -> String {
        hex(&tag(*self))
    }
}

fn tag(subscription: SubscriptionId) -> [u8; 4] {
    let id = derived(&[b"tag", subscription.bytes()]);
    let bytes = id.as_bytes();
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

/// Returns `bytes` as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivery_ids_are_repeatable_and_carry_the_tag() {
        let event = EventId::derived(&[b"lead", b"1"]);
        let subscription = SubscriptionId::derived(&[b"s"]);
        let at = Timestamp::from_millis(1_779_710_400_000);
        let id = DeliveryId::for_event(event, at, subscription);
        assert_eq!(id, DeliveryId::for_event(event, at, subscription));
        assert_eq!(id.subscription_tag(), subscription.tag());
        assert!(id.simple().starts_with(&DeliveryId::time_prefix(at)));
        assert_eq!(id.timestamp(), at);
        assert_ne!(id, DeliveryId::for_event(event, at, SubscriptionId::derived(&[b"other"])));
    }

    #[test]
    fn derived_ids_depend_on_part_boundaries() {
        assert_ne!(derived(&[b"ab", b"c"]), derived(&[b"a", b"bc"]));
        assert_eq!(derived(&[b"ab"]).get_version_num(), 8);
    }

    #[test]
    fn new_ids_sort_by_time() {
        let earlier = LeadId::new(Timestamp::from_millis(1_000), [0xff; 16]);
        let later = LeadId::new(Timestamp::from_millis(1_001), [0; 16]);
        assert!(earlier.simple() < later.simple());
    }

    #[test]
    fn only_uuids_parse_as_ids() {
        assert!(LeadId::parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301").is_some());
        for bad in ["", "l_8f3a", "3f2504e0-4f89-41d3-9a0c-0305e82c330", "{3f2504e0-4f89-41d3-9a0c-0305e82c33}"] {
            assert!(LeadId::parse(bad).is_none(), "{bad}");
        }
    }
}
