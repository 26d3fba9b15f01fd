//! Ids: every entity's is a type of its own, so that one can never be passed for another.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// Sixteen random bytes, handed in by whoever has a source of randomness.
pub type RandomBytes = [u8; 16];

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        // Lengths go in, so that ("ab", "c") and ("a", "bc") differ.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 of these parts in hexadecimal: what stands in a key for text that callers make up, or that tells of a
/// person.
pub fn digest(parts: &[&[u8]]) -> String {
    hex(&sha256(parts))
}

/// A UUID (version 8) that only these parts give: the same parts always give the same id.
pub fn derived(parts: &[&[u8]]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(parts)[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// A UUID whose first 48 bits are the millisecond it was made in, as version 7 has them: text order is time order.
fn time_ordered(at: Timestamp, rest: RandomBytes, version: uuid::Version) -> Uuid {
    let millis = u64::try_from(at.millis()).unwrap_or(0).to_be_bytes();
    let mut bytes = rest;
    bytes[..6].copy_from_slice(&millis[2..]);
    uuid::Builder::from_bytes(bytes).with_version(version).with_variant(uuid::Variant::RFC4122).into_uuid()
}

/// The time that a UUID of [`time_ordered`] carries.
fn timestamp(id: Uuid) -> Timestamp {
    let millis = id.as_bytes()[..6].iter().fold(0_i64, |millis, byte| millis << 8 | i64::from(*byte));
    Timestamp::from_millis(millis)
}

/// The twelve hexadecimal digits that ids of `at` begin with.
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
            /// A new id that sorts by the time it was made at (UUID version 7).
            pub fn new(at: Timestamp, random: RandomBytes) -> Self {
                Self(time_ordered(at, random, uuid::Version::SortRand))
            }

            /// The id that only these parts give.
            pub fn derived(parts: &[&[u8]]) -> Self {
                Self(derived(parts))
            }

            /// Reads the hyphenated or the plain form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                match text.len() {
                    32 | 36 => Uuid::try_parse(text).ok().map(Self),
                    _ => None,
                }
            }

            /// The plain form, 32 hexadecimal digits, as keys of the table hold it.
            pub fn simple(&self) -> String {
                self.0.simple().to_string()
            }

            /// The sixteen bytes.
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
    /// A company that uses Leadhouse.
    TenantId
);
id!(
    /// One of a tenant's businesses.
    BusinessId
);
id!(
    /// A lead.
    LeadId
);
id!(
    /// A customer.
    CustomerId
);
id!(
    /// What a customer paid, or was to pay.
    TransactionId
);
id!(
    /// A dispute.
    DisputeId
);
id!(
    /// A piece of evidence.
    EvidenceId
);
id!(
    /// A lead's photo.
    PhotoId
);
id!(
    /// An API key's own id; never part of the key.
    KeyId
);
id!(
    /// A webhook subscription.
    SubscriptionId
);
id!(
    /// Something that a visitor did.
    VisitorEventId
);
id!(
    /// Something that happened, told to every subscription that wants it.
    EventId
);
id!(
    /// One event on its way to one subscription; the same through every attempt, resend and recovery.
    DeliveryId
);
id!(
    /// An entry of the audit log.
    AuditId
);
id!(
    /// A change that figures count.
    CountedEventId
);
id!(
    /// A sequence template.
    TemplateId
);
id!(
    /// A message of a lead's history.
    MessageId
);

impl MessageId {
    /// The id of the message that these parts name, of `at`: the same parts and time always give the same one, and
    /// text order is time order.
    pub fn derived_at(at: Timestamp, parts: &[&[u8]]) -> Self {
        Self(time_ordered(at, *derived(parts).as_bytes(), uuid::Version::Custom))
    }

    /// The time that it is of, which the id carries in its first 48 bits.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }
}

impl AuditId {
    /// The id of the entry that tells of a change at `at`: the same parts always give the same one, and text order is
    /// time order.
    pub fn derived_at(at: Timestamp, parts: &[&[u8]]) -> Self {
        Self(time_ordered(at, *derived(parts).as_bytes(), uuid::Version::Custom))
    }

    /// What every id of `at` begins with, as a bound for ranges of time.
    pub fn time_prefix(at: Timestamp) -> String {
        time_prefix(at)
    }

    /// The time of the entry, which the id carries in its first 48 bits.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }
}

impl DeliveryId {
    /// The id of `event`'s delivery to `subscription`: the same change always has the same one.
    ///
    /// Its first 48 bits are the event's time and the next free 32 bits are the subscription's tag, so that a
    /// delivery is found by its id alone in the partition of its subscription, where text order is time order.
    pub fn for_event(event: EventId, occurred_at: Timestamp, subscription: SubscriptionId) -> Self {
        let mut bytes = *derived(&[b"delivery", event.bytes(), subscription.bytes()]).as_bytes();
        bytes[12..].copy_from_slice(&tag(subscription));
        Self(time_ordered(occurred_at, bytes, uuid::Version::Custom))
    }

    /// The smallest id that a delivery of `at` can have, as a bound for ranges of time.
    pub fn time_prefix(at: Timestamp) -> String {
        time_prefix(at)
    }

    /// The time of the event, which the id carries in its first 48 bits.
    pub fn timestamp(&self) -> Timestamp {
        timestamp(self.0)
    }

    /// The subscription's tag that the id carries, eight hexadecimal digits.
    pub fn subscription_tag(&self) -> String {
        hex(&self.0.as_bytes()[12..])
    }
}

impl SubscriptionId {
    /// Eight hexadecimal digits that name the partition of this subscription's deliveries.
    pub fn tag(&self) -> String {
        hex(&tag(*self))
    }
}

fn tag(subscription: SubscriptionId) -> [u8; 4] {
    let id = derived(&[b"tag", subscription.bytes()]);
    let bytes = id.as_bytes();
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

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
    fn the_same_change_has_the_same_delivery_id_which_names_its_partition() {
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
    fn derived_ids_keep_their_parts_apart() {
        assert_ne!(derived(&[b"ab", b"c"]), derived(&[b"a", b"bc"]));
        assert_eq!(derived(&[b"ab"]).get_version_num(), 8);
    }

    #[test]
    fn later_ids_sort_later() {
        let earlier = LeadId::new(Timestamp::from_millis(1_000), [0xff; 16]);
        let later = LeadId::new(Timestamp::from_millis(1_001), [0; 16]);
        assert!(earlier.simple() < later.simple());
    }

    #[test]
    fn only_uuids_are_ids() {
        assert!(LeadId::parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301").is_some());
        for bad in ["", "l_8f3a", "3f2504e0-4f89-41d3-9a0c-0305e82c330", "{3f2504e0-4f89-41d3-9a0c-0305e82c33}"] {
            assert!(LeadId::parse(bad).is_none(), "{bad}");
        }
    }
}
