//! Encryption of what deliveries and attempts hold about a person: the body, and the endpoint's responses, which may
//! repeat it. Both are encrypted under the lead's data key.

use crate::table::encryption::DataKey;
use crate::table::error::StoreError;
use domain::{Attempt, Delivery, DeliveryId, ProtectedText};

/// Returns the context that the texts of a delivery are bound to.
pub(super) fn encryption_context(delivery: DeliveryId) -> Vec<u8> {
    [b"delivery ", &delivery.bytes()[..]].concat()
}

/// Returns the delivery with its body encrypted, if it holds a lead's data; `data_key` is the lead's.
pub(super) fn encrypt_body(delivery: &Delivery, data_key: Option<&DataKey>) -> Result<Delivery, StoreError> {
    let body = match (delivery.lead, data_key) {
        (None, _) => delivery.body.clone(),
        (Some(_), Some(data_key)) => data_key.encrypt_payload(&delivery.body, &encryption_context(delivery.id))?,
        (Some(_), None) => {
            return Err(StoreError::Rejected("a lead's data must not be stored in the clear".to_owned()));
        }
    };
    Ok(Delivery { body, ..delivery.clone() })
}

/// Returns the attempt with the endpoint's response encrypted, if it may repeat a lead's data. Without a data key the
/// lead was erased since, and the response is dropped.
pub(super) fn encrypt_response(
    delivery: &Delivery,
    attempt: &Attempt,
    data_key: Option<&DataKey>,
) -> Result<Attempt, StoreError> {
    let response = match (delivery.lead, data_key) {
        (None, _) => attempt.response.clone(),
        (Some(_), Some(data_key)) => data_key.encrypt_text(&attempt.response, &encryption_context(delivery.id))?,
        (Some(_), None) => ProtectedText::default(),
    };
    Ok(Attempt { response, ..attempt.clone() })
}
