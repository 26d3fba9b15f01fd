//! Attempts: what became of each request that was sent for a delivery.
//!
//! A delivery usually succeeds at the first attempt, and then costs one write: the successful attempt is an attribute of the
//! delivery. Failed attempts are items of their own, in a partition for each delivery.
//!
//! A message may come twice, so that two processes make the same attempt at the same time, and their outcomes are
//! recorded in any order. The rules that keep this consistent:
//!
//! - A **success** counts while the delivery is pending, whatever other attempts have been counted: the endpoint has
//!   the event. It never lowers the count of attempts.
//! - A **failure** counts only if exactly the attempts before it have been counted; otherwise another process has
//!   already recorded this attempt. Its item is written first and its consequence (the next attempt, or the end)
//!   second: an interruption in between leaves an attempt that is not counted yet, which is not shown, and which the
//!   repetition writes again.
//! - An outcome of a delivery that **has ended** raises the count of attempts and changes nothing else.

use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::encryption::{DataKey, decrypt_text};
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, get_text, number, text, to_item};
use crate::table::key_schema::{self as keys, DUE_CHECK, Key, TTL};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use crate::webhooks::encryption::{encrypt_response, encryption_context};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::webhooks::attempt::Outcome;
use domain::webhooks::delivery::RetryDecision;
use domain::{Attempt, Delivery, DeliveryStatus, Environment, Timestamp, retention};

/// Maximum number of attempts that are shown of one delivery: many rounds of the retry schedule, and no more than fits
/// into a response (each holds up to 1 KB of the endpoint's).
const MAX_SHOWN_ATTEMPTS: usize = 200;

/// The clause that takes a delivery out of the due index.
const LEAVE_DUE_INDEX: &str = "REMOVE dueAt, dp, da";

impl Store {
    /// Reads the last 200 attempts of a delivery, in order. Responses of the endpoint are empty if
    /// the lead whose data they may repeat was erased.
    pub async fn attempts(&self, environment: Environment, delivery: &Delivery) -> Result<Vec<Attempt>, StoreError> {
        let data_key = async {
            match delivery.lead {
                Some(lead) => self.lead_data_key(environment, lead).await,
                None => Ok(None),
            }
        };
        let query =
            self.query(Source::Table, keys::attempts(environment, delivery.id)).descending().limit(MAX_SHOWN_ATTEMPTS);
        let (found, data_key) = tokio::join!(query.page(), data_key);
        let (found, data_key) = (found?, data_key?);
        let items = found.items.into_iter().rev();
        let mut attempts: Vec<Attempt> = items.map(|item| from_item(item, "an attempt")).collect::<Result<_, _>>()?;
        // An attempt beyond the count is still under way: its item is written before it is counted.
        attempts.retain(|attempt| attempt.number <= delivery.attempts);
        let mut attempts = insert_successful(attempts, delivery.successful_attempt.as_ref());
        for attempt in &mut attempts {
            let response = decrypt_text(&attempt.response, data_key.as_ref(), &encryption_context(delivery.id));
            attempt.response = response.unwrap_or_default().into();
        }
        Ok(attempts)
    }

    /// Records the outcome of an attempt and its consequence `next`; returns whether the outcome counted.
    ///
    /// `data_key` is the key of the lead whose data the delivery holds; `check_at` is when the sweeper is to check the
    /// delivery, if another attempt follows.
    pub async fn record_attempt(
        &self,
        environment: Environment,
        delivery: &Delivery,
        data_key: Option<&DataKey>,
        attempt: &Attempt,
        next: RetryDecision,
        check_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let attempt = &encrypt_response(delivery, attempt, data_key)?;
        let key = keys::delivery(environment, delivery.id);
        let put = put_attempt(environment, delivery, attempt)?;
        if next == RetryDecision::Delivered {
            let counted = self.record_success(&key, attempt).await?;
            if !counted {
                // The delivery had ended, with a successful attempt of its own or none.
                self.commit(vec![put]).await?;
            }
            return Ok(counted);
        }
        // If the item exists, the same attempt was made twice: which of the two outcomes is shown does not matter.
        self.commit_if(vec![put.require_absent()]).await?;
        self.record_failure(&key, delivery.attempts, attempt.number, next, check_at).await
    }

    /// Ends a pending delivery with success.
    async fn record_success(&self, key: &Key, attempt: &Attempt) -> Result<bool, StoreError> {
        let successful = AttributeValue::M(to_item(attempt)?);
        let success = |count: &str| {
            Write::set(key, format!("#status = :status, arrived = :arrived{count} {LEAVE_DUE_INDEX}"))
                .name("#status", "status")
                .value(":status", text(DeliveryStatus::Delivered.name()))
                .value(":pending", text(DeliveryStatus::Pending.name()))
                .value(":arrived", successful.clone())
        };
        let counting = success(", attempts = :number")
            .require(Condition::Unchanged, "#status = :pending AND attempts < :number")
            .value(":number", number(attempt.number));
        let mut recorded = self.commit(vec![counting]).await;
        if matches!(&recorded, Err(CommitError::ConditionFailed { found: Some(found), .. }) if is_pending(found)) {
            // A later attempt was counted already: the count stays.
            recorded = self.commit(vec![success("").require(Condition::Unchanged, "#status = :pending")]).await;
        }
        self.outcome_counted(key, attempt.number, recorded).await
    }

    /// Moves a pending delivery on after attempt number `attempted` failed, if `counted_before` attempts are counted.
    async fn record_failure(
        &self,
        key: &Key,
        counted_before: u32,
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
                Write::set(key, format!("#status = :status, attempts = :number {LEAVE_DUE_INDEX}"))
                    .value(":status", text(DeliveryStatus::Failed.name()))
            }
        };
        let write = write
            .require(Condition::Unchanged, "#status = :pending AND attempts = :before")
            .name("#status", "status")
            .value(":pending", text(DeliveryStatus::Pending.name()))
            .value(":before", number(counted_before))
            .value(":number", number(attempted));
        let recorded = self.commit(vec![write]).await;
        self.outcome_counted(key, attempted, recorded).await
    }

    /// Returns whether the outcome of attempt number `attempted` counted. If it did not because the delivery had
    /// ended, the attempt itself is counted.
    async fn outcome_counted(
        &self,
        key: &Key,
        attempted: u32,
        recorded: Result<(), CommitError>,
    ) -> Result<bool, StoreError> {
        let found = match recorded {
            Ok(()) => return Ok(true),
            Err(CommitError::ConditionFailed { found, .. }) => found,
            Err(error) => return Err(error.into_contended()),
        };
        let ended_before = |found: &Item| {
            !is_pending(found) && get_number::<u32>(found, "attempts").is_some_and(|counted| counted < attempted)
        };
        if found.as_deref().is_some_and(ended_before) {
            let count = Write::set(key, "attempts = :number")
                .require(Condition::Unchanged, "#status <> :pending AND attempts < :number")
                .name("#status", "status")
                .value(":pending", text(DeliveryStatus::Pending.name()))
                .value(":number", number(attempted));
            self.commit_if(vec![count]).await?;
        }
        Ok(false)
    }
}

/// Returns the write of an attempt's own item.
pub(super) fn put_attempt(
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

/// Inserts the successful attempt in its place, replacing a failed one with the same number.
fn insert_successful(mut attempts: Vec<Attempt>, successful: Option<&Attempt>) -> Vec<Attempt> {
    let Some(successful) = successful else { return attempts };
    let place = attempts.partition_point(|attempt| attempt.number < successful.number);
    match attempts.get_mut(place).filter(|attempt| attempt.number == successful.number) {
        Some(same) if same.outcome == Outcome::Delivered => {}
        Some(failed) => *failed = successful.clone(),
        None => attempts.insert(place, successful.clone()),
    }
    attempts
}
