//! Reads the table's stream and turns each change into deliveries.
//!
//! The stream is the outbox: what is committed is in it, so no event is lost between two writes. Ids are derived
//! from the change, so that a record read twice makes nothing twice; what it made before and nobody has attempted
//! yet is enqueued again. A lead's other status is also noted in the audit log: here it costs the call that changed
//! it nothing, and the stream loses nothing. The figures of each business are counted here as well (`counts`).

mod counts;
mod follow_up;

use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use blob::{BlobKey, Blobs};
use counts::Counts;
use domain::audit::{Actor, AuditEntry};
use domain::webhooks::event;
use domain::{Clock, Delivery, DeliveryStatus, Environment, Event, Subscription};
use futures_util::StreamExt;
use runtime::{DeliveryMessage, FollowUpMessage, Queue, Timing};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;
use store::{BusinessCache, Change, CreatedDelivery, DataKey, Store, change_from_images};

/// Writes that one batch has under way at once.
const MAX_CONCURRENT_WRITES: usize = 32;

/// What a [`Dispatch`] is made of.
#[derive(Clone)]
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// Takes deliveries.
    pub queue: Arc<dyn Queue>,
    /// Takes the first steps of sequences.
    pub follow_up: Arc<dyn Queue<FollowUpMessage>>,
    /// Where the files of evidence and the photos of leads that went are removed from.
    pub blobs: Blobs,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// When the sweep is to look.
    pub timing: Timing,
}

/// The stream's reader.
#[derive(Clone)]
pub struct Dispatch(Arc<Dependencies>, BusinessCache);

/// A delivery that a record of the batch asks for.
struct Planned {
    record: usize,
    environment: Environment,
    delivery: Delivery,
    data_key: Option<DataKey>,
}

/// Something to be done again.
type DispatchError = Box<dyn std::error::Error + Send + Sync>;

impl Dispatch {
    /// A reader made of `dependencies`.
    pub fn new(dependencies: Dependencies) -> Self {
        let businesses = BusinessCache::new(dependencies.store.clone());
        Self(Arc::new(dependencies), businesses)
    }

    /// Handles a batch of records. Names the first that failed: the stream hands out everything from it again.
    pub async fn handle(&self, batch: StreamEvent) -> DynamoDbEventResponse {
        let sequence_numbers: Vec<_> =
            batch.records.iter().map(|record| record.change.sequence_number.clone()).collect();
        let failed_at = match Box::pin(self.dispatch(batch.records)).await {
            Ok(()) => None,
            Err((record, error)) => {
                tracing::error!(%error, "a change was not dispatched");
                sequence_numbers.get(record).cloned()
            }
        };
        let mut response = DynamoDbEventResponse::default();
        if let Some(number) = failed_at.flatten() {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(number);
            response.batch_item_failures.push(failure);
        }
        response
    }

    async fn dispatch(&self, records: Vec<EventRecord>) -> Result<(), (usize, DispatchError)> {
        let mut planned = Vec::new();
        let mut noted: Vec<(usize, Environment, AuditEntry)> = Vec::new();
        let mut counts = Counts::default();
        let mut steps = Vec::new();
        // Subscriptions are read once for a batch.
        let mut subscriptions: HashMap<Environment, Vec<Subscription>> = HashMap::new();
        let mut unread = None;
        'changes: for (record, content) in records.into_iter().enumerate() {
            let change = match change_from_images(content.change.old_image, content.change.new_image) {
                Ok(Some(change)) => change,
                Ok(None) => continue,
                Err(error) => {
                    unread = Some((record, error.into()));
                    break;
                }
            };
            if let Some(file) = orphaned_file(&change) {
                if let Err(error) = self.0.blobs.delete(&file).await {
                    unread = Some((record, error.into()));
                    break;
                }
                continue;
            }
            if let Err(error) = self.end_follow_up(&change).await {
                unread = Some((record, error.into()));
                break;
            }
            steps.extend(self.first_step(&change));
            noted.extend(audit_entry_of(&change).map(|(environment, entry)| (record, environment, entry)));
            counts.note(record, &change);
            let events = events_of(&change);
            let told_of = events.first().and_then(|event| Some((event.environment, event.subject.lead()?)));
            let data_key = match (&change, told_of) {
                (Change::Lead { data_key, .. }, _) => Some(data_key.clone()),
                (_, None) => None,
                (_, Some((environment, lead))) => match self.0.store.lead_data_key(environment, lead).await {
                    Ok(Some(data_key)) => Some(data_key),
                    // Erased meanwhile: nobody is told.
                    Ok(None) => continue,
                    Err(error) => {
                        unread = Some((record, error.into()));
                        break;
                    }
                },
            };
            for event in events {
                let known = match subscriptions.entry(event.environment) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => match self.0.store.subscriptions(event.environment).await {
                        Ok(read) => unknown.insert(read),
                        // The stream hands out this record again, and none before it.
                        Err(error) => {
                            unread = Some((record, error.into()));
                            break 'changes;
                        }
                    },
                };
                let wanting =
                    known.iter().filter(|subscription| subscription.receives(event.event_type, event.business));
                let now = self.0.clock.now();
                planned.extend(wanting.map(|subscription| Planned {
                    record,
                    environment: event.environment,
                    delivery: webhook::payload::delivery(&event, subscription, now),
                    data_key: data_key.clone(),
                }));
            }
        }
        // All of it, whatever fails: what comes again is only what stands behind the first failure.
        let (created, noted, counted, ()) =
            tokio::join!(self.create(planned), self.note(noted), self.count(counts), self.enqueue_steps(steps));
        let failures = [created.err(), noted.err(), counted.err(), unread];
        failures.into_iter().flatten().min_by_key(|(record, _)| *record).map_or(Ok(()), Err)
    }

    /// Writes entries of the audit log; those that were written before stay as they are.
    async fn note(&self, noted: Vec<(usize, Environment, AuditEntry)>) -> Result<(), (usize, DispatchError)> {
        let written: Vec<_> = futures_util::stream::iter(noted)
            .map(|(record, environment, entry)| async move {
                (record, self.0.store.add_audit_entry(environment, &entry).await)
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        let failed = written.into_iter().find_map(|(record, written)| Some((record, written.err()?)));
        failed.map_or(Ok(()), |(record, error)| Err((record, error.into())))
    }

    /// Stores what was planned and enqueues what nobody has attempted yet.
    async fn create(&self, planned: Vec<Planned>) -> Result<(), (usize, DispatchError)> {
        let created: Vec<_> = futures_util::stream::iter(planned)
            .map(|Planned { record, environment, delivery, data_key }| async move {
                let check_at = self.0.timing.check_at_when_enqueued(delivery.due_at.unwrap_or(delivery.created_at));
                let created = self.0.store.create_delivery(environment, &delivery, data_key.as_ref(), check_at).await;
                (record, environment, delivery, created)
            })
            .buffered(MAX_CONCURRENT_WRITES)
            .collect()
            .await;
        let mut messages = Vec::new();
        let mut failed = None;
        for (record, environment, delivery, created) in created {
            let unattempted = match created {
                Ok(CreatedDelivery::New) => true,
                Ok(CreatedDelivery::Existing(existing)) => {
                    existing.attempts == 0 && existing.status == DeliveryStatus::Pending
                }
                Err(error) => {
                    failed.get_or_insert((record, DispatchError::from(error)));
                    false
                }
            };
            if unattempted {
                messages.push((DeliveryMessage::new(environment, delivery.reference(), 1), Duration::ZERO));
            }
        }
        if !messages.is_empty()
            && let Err(error) = self.0.queue.send(messages).await
        {
            // Every delivery is in the due index already: the sweep finds what the queue did not take.
            tracing::warn!(%error, "deliveries were stored but not enqueued");
        }
        failed.map_or(Ok(()), Err)
    }
}

/// What the audit log says of a change; what is not written in one transaction with its effect is told here.
fn audit_entry_of(change: &Change) -> Option<(Environment, AuditEntry)> {
    let Change::Lead { environment, old: Some(old), new, by, .. } = change else { return None };
    let actor = by.clone().unwrap_or(Actor::System);
    AuditEntry::for_lead_change(old, new, actor).map(|entry| (*environment, entry))
}

/// The file that a change has left without anything that it belongs to.
fn orphaned_file(change: &Change) -> Option<BlobKey> {
    match change {
        Change::EvidenceRemoved { environment, evidence } => Some(BlobKey::of_evidence(*environment, *evidence)),
        Change::PhotoRemoved { environment, photo } => Some(BlobKey::of_photo(*environment, *photo)),
        _ => None,
    }
}

fn events_of(change: &Change) -> Vec<Event> {
    match change {
        Change::Lead { environment, old, new, .. } => event::from_lead_change(*environment, old.as_deref(), new),
        Change::Dispute { environment, old, new } => event::from_dispute_change(*environment, old.as_deref(), new),
        Change::Message { environment, old, new } => event::from_message_change(*environment, old.as_deref(), new),
        Change::EvidenceRemoved { .. } | Change::PhotoRemoved { .. } | Change::SequenceStarted { .. } => Vec::new(),
        Change::Subscription { environment, old, new } => {
            event::from_subscription_change(*environment, old.as_deref(), new)
        }
    }
}
