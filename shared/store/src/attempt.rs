//! Attempts of deliveries: what follows from one stands in its delivery, and so does the one that arrived; the others
//! lie beside each other in a partition of their own.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::delivery::encryption_context;
use crate::encryption::{DataKey, decrypt_text};
use crate::error::StoreError;
use crate::item::{Item, from_item, get_number, get_text, number, text, to_item};
use crate::keys::{self, DUE_CHECK, Key, PK, TTL};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::webhooks::attempt::Outcome;
use domain::webhooks::delivery::RetryDecision;
use domain::{Attempt, Delivery, DeliveryStatus, Environment, ProtectedText, Timestamp, retention};

/// Attempts that are shown of one delivery: many rounds of the schedule, and no more than an answer holds.
const MOST_ATTEMPTS: i32 = 200;

/// What leaves the due index.
const ENDED: &str = "REMOVE dueAt, dp, da";

impl Store {
    /// The last [`MOST_ATTEMPTS`] attempts that `delivery` counts, in order; without the receivers' words where the
    /// person that they may tell of has been erased.
    pub async fn attempts(&self, environment: Environment, delivery: &Delivery) -> Result<Vec<Attempt>, StoreError> {
        let data_key = async {
            match delivery.lead {
                Some(lead) => self.lead_data_key(environment, lead).await,
                None => Ok(None),
            }
        };
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk"))
            .expression_attribute_values(":pk", text(keys::attempts(environment, delivery.id)))
            .scan_index_forward(false)
            .limit(MOST_ATTEMPTS)
            .consistent_read(true)
            .send();
        let (found, data_key) = tokio::join!(found, data_key);
        let (found, data_key) = (found?, data_key?);
        let items = found.items.unwrap_or_default().into_iter().rev();
        let mut attempts: Vec<Attempt> = items.map(|item| from_item(item, "an attempt")).collect::<Result<_, _>>()?;
        // One whose outcome is not recorded yet is under way still.
        attempts.retain(|attempt| attempt.number <= delivery.attempts);
        let mut attempts = with_arrived(attempts, delivery.successful_attempt.as_ref());
        for attempt in &mut attempts {
            let response = decrypt_text(&attempt.response, data_key.as_ref(), &encryption_context(delivery.id));
            attempt.response = response.unwrap_or_default().into();
        }
        Ok(attempts)
    }

    /// Records what an attempt came to and what follows.
    ///
    /// A success counts while the delivery is pending, whatever its number, and stands in the delivery itself: one
    /// write. A failure counts only under its own number, and is kept before its outcome, so that nothing comes
    /// between them. `data_key` is the key of the lead whose data the delivery holds; `check_at` is when the sweep is to
    /// look, if another is to follow. Answers whether the outcome counted.
    pub async fn record_attempt(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        attempt: &Attempt,
        next: RetryDecision,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let attempt = &encrypted(delivery, data_key, attempt)?;
        let key = keys::delivery(environment, delivery.id);
        if next == RetryDecision::Delivered {
            let counted = self.record_arrival(&key, attempt).await?;
            if !counted {
                // The delivery had ended: it has no place for this one.
                let kept = put_attempt(environment, delivery, attempt)?;
                self.commit(vec![kept]).await.map_err(CommitError::into_contended)?;
            }
            return Ok(counted);
        }
        let kept = put_attempt(environment, delivery, attempt)?.require_absent();
        // A message that came twice makes one attempt twice: what arrived is told, not what failed beside it.
        if let Err(CommitError::Store(error)) = self.commit(vec![kept]).await {
            return Err(error);
        }
        self.record_failure(&key, delivery.attempts, attempt.number, next, check_at).await
    }

    /// Ends a pending delivery with success. The count of attempts never falls: a later one may have failed before.
    async fn record_arrival(&self, key: &Key, attempt: &Attempt) -> Result<bool, StoreError> {
        let told = AttributeValue::M(to_item(attempt)?);
        let arrival = |counted: &str| {
            Write::set(key, format!("#status = :status, arrived = :arrived{counted} {ENDED}"))
                .name("#status", "status")
                .value(":status", text(DeliveryStatus::Delivered.name()))
                .value(":pending", text(DeliveryStatus::Pending.name()))
                .value(":arrived", told.clone())
        };
        let first = arrival(", attempts = :number")
            .require(Condition::Unchanged, "#status = :pending AND attempts < :number")
            .value(":number", number(attempt.number));
        let mut recorded = self.commit(vec![first]).await;
        if matches!(&recorded, Err(CommitError::ConditionFailed { found: Some(found), .. }) if is_pending(found)) {
            recorded = self.commit(vec![arrival("").require(Condition::Unchanged, "#status = :pending")]).await;
        }
        self.counted(key, attempt.number, recorded).await
    }

    /// Moves a pending delivery on after attempt `attempted`, when `before` had been counted before it.
    async fn record_failure(
        &self,
        key: &Key,
        before: u32,
        attempted: u32,
        next: RetryDecision,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let write = match next {
            RetryDecision::RetryAt(due_at) => {
                Write::set(key, format!("attempts = :number, dueAt = :due, {DUE_CHECK} = :check"))
                    .value(":due", number(due_at.millis()))
                    .value(":check", number(check_at.unwrap_or(due_at).millis()))
            }
            RetryDecision::Failed | RetryDecision::Delivered => {
                Write::set(key, format!("#status = :status, attempts = :number {ENDED}"))
                    .value(":status", text(DeliveryStatus::Failed.name()))
            }
        };
        let write = write
            .require(Condition::Unchanged, "#status = :pending AND attempts = :before")
            .name("#status", "status")
            .value(":pending", text(DeliveryStatus::Pending.name()))
            .value(":before", number(before))
            .value(":number", number(attempted));
        let recorded = self.commit(vec![write]).await;
        self.counted(key, attempted, recorded).await
    }

    /// Whether the outcome of attempt `attempted` counted. A delivery that had ended counts the attempt and nothing
    /// else.
    async fn counted(&self, key: &Key, attempted: u32, recorded: Result<(), CommitError>) -> Result<bool, StoreError> {
        let found = match recorded {
            Ok(()) => return Ok(true),
            Err(CommitError::ConditionFailed { found, .. }) => found,
            Err(error) => return Err(error.into_contended()),
        };
        let uncounted = |found: &Item| {
            !is_pending(found) && get_number::<u32>(found, "attempts").is_some_and(|counted| counted < attempted)
        };
        if found.as_deref().is_some_and(uncounted) {
            let count = Write::set(key, "attempts = :number")
                .require(Condition::Unchanged, "#status <> :pending AND attempts < :number")
                .name("#status", "status")
                .value(":pending", text(DeliveryStatus::Pending.name()))
                .value(":number", number(attempted));
            match self.commit(vec![count]).await {
                Ok(()) | Err(CommitError::ConditionFailed { .. }) => {}
                Err(error) => return Err(error.into_contended()),
            }
        }
        Ok(false)
    }
}

/// The attempt with the receiver's words sealed, where they may repeat somebody's data.
fn encrypted(delivery: &Delivery, data_key: Option<&DataKey>, attempt: &Attempt) -> Result<Attempt, StoreError> {
    let response = match (delivery.lead, data_key) {
        (None, _) => attempt.response.clone(),
        (Some(_), Some(data_key)) => data_key
            .encrypt_text(&attempt.response, &encryption_context(delivery.id))
            .ok_or_else(|| StoreError::Internal("no randomness".to_owned()))?,
        // Erased meanwhile: nothing of it is kept.
        (Some(_), None) => ProtectedText::default(),
    };
    Ok(Attempt { response, ..attempt.clone() })
}

/// The write of an attempt's own item.
pub(crate) fn put_attempt(
    environment: Environment,
    delivery: &Delivery,
    attempt: &Attempt,
) -> Result<Write, StoreError> {
    let mut item = keys::attempt(environment, delivery.id, attempt.number).with(to_item(attempt)?);
    item.insert(TTL.to_owned(), number(delivery.created_at.after(retention::DELIVERY_LOGS).seconds()));
    Ok(Write::put(Table::Main, item))
}

fn is_pending(delivery: &Item) -> bool {
    get_text(delivery, "status") == Some(DeliveryStatus::Pending.name())
}

/// The attempts with the one that arrived, in the place of a double that failed.
fn with_arrived(mut attempts: Vec<Attempt>, arrived: Option<&Attempt>) -> Vec<Attempt> {
    let Some(arrived) = arrived else { return attempts };
    let place = attempts.partition_point(|attempt| attempt.number < arrived.number);
    match attempts.get_mut(place).filter(|attempt| attempt.number == arrived.number) {
        Some(same) if same.outcome == Outcome::Delivered => {}
        Some(double) => *double = arrived.clone(),
        None => attempts.insert(place, arrived.clone()),
    }
    attempts
}
