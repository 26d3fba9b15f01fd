//! The item of a delivery: its attributes, without what its key says.
//!
//! A delivery is written three times at least, and each write costs a unit for each KB of the item. So the id, which is
//! the sort key, is not repeated, and neither is the time of the event, which the id begins with; a first round of the
//! retry schedule is the default.
//!
//! Releases before this form require the id as an attribute. They cannot read such an item, which keeps it from them: they
//! would take its body, compressed with a dictionary that they do not know, for that of an erased lead, and cancel the
//! delivery. It stays in the due index for a release that can. Items of these releases are read as they are.

use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, get_text, number, text, to_item};
use crate::table::key_schema::SK;
use domain::{Delivery, DeliveryId};

/// Attribute: the id, in items of earlier releases.
const ID: &str = "id";

/// Attribute: the time of the event, in items of earlier releases.
const CREATED_AT: &str = "createdAt";

/// Attribute: the number of attempts before the current round, if there were any.
const ROUND_START: &str = "roundStart";

/// Names a delivery in errors.
const DESCRIPTION: &str = "a delivery";

/// Returns the attributes of a delivery, without its key.
pub(super) fn delivery_attributes(delivery: &Delivery) -> Result<Item, StoreError> {
    let mut item = to_item(delivery)?;
    item.remove(ID);
    if delivery.created_at == delivery.id.timestamp() {
        item.remove(CREATED_AT);
    }
    if delivery.round_start == 0 {
        item.remove(ROUND_START);
    }
    Ok(item)
}

/// Reads a delivery from its item.
pub(super) fn delivery_from_item(mut item: Item) -> Result<Delivery, StoreError> {
    let id = get_text(&item, SK).and_then(DeliveryId::parse).ok_or_else(|| StoreError::unreadable(DESCRIPTION))?;
    item.entry(ID.to_owned()).or_insert_with(|| text(id.to_string()));
    item.entry(CREATED_AT.to_owned()).or_insert_with(|| number(id.timestamp().millis()));
    if get_number::<u32>(&item, ROUND_START).is_none() {
        item.insert(ROUND_START.to_owned(), number(0));
    }
    from_item(item, DESCRIPTION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::key_schema as keys;
    use domain::{
        Contract, DeliveryStatus, Environment, EventId, EventType, Mode, SubscriptionId, TenantId, Timestamp,
    };

    fn environment() -> Environment {
        Environment { tenant: TenantId::derived(&[b"tenant"]), mode: Mode::Live }
    }

    fn delivery() -> Delivery {
        let (event, subscription) = (EventId::derived(&[b"event"]), SubscriptionId::derived(&[b"subscription"]));
        let created_at = Timestamp::from_millis(1_779_710_400_123);
        Delivery {
            id: DeliveryId::for_event(event, created_at, subscription),
            subscription,
            event,
            event_type: EventType::LeadCreated,
            generation: 3,
            contract: Contract::Native,
            lead: None,
            body: "{}".to_owned().into(),
            status: DeliveryStatus::Pending,
            attempts: 0,
            round_start: 0,
            created_at,
            due_at: Some(created_at),
            successful_attempt: None,
        }
    }

    fn stored(delivery: &Delivery) -> Item {
        keys::delivery(environment(), delivery.id).with(delivery_attributes(delivery).expect("attributes"))
    }

    #[test]
    fn items_do_not_repeat_what_the_key_says() {
        let item = stored(&delivery());
        for name in [ID, CREATED_AT, ROUND_START] {
            assert!(!item.contains_key(name), "{name}");
        }
        assert_eq!(delivery_from_item(item).expect("a delivery"), delivery());
    }

    #[test]
    fn what_the_key_does_not_say_is_stored() {
        let resent = Delivery { round_start: 6, created_at: Timestamp::from_millis(5), ..delivery() };
        assert_eq!(delivery_from_item(stored(&resent)).expect("a delivery"), resent);
    }

    #[test]
    fn items_of_earlier_releases_are_read() {
        let whole = keys::delivery(environment(), delivery().id).with(to_item(&delivery()).expect("attributes"));
        assert_eq!(delivery_from_item(whole).expect("a delivery"), delivery());
    }

    #[test]
    fn earlier_releases_cannot_read_an_item() {
        assert!(from_item::<Delivery>(stored(&delivery()), DESCRIPTION).is_err());
    }
}
