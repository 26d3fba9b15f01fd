#![doc = include_str!("../README.md")]

mod accounts;
mod analytics;
mod audit;
mod business_record;
mod deletion_progress;
mod disputes;
mod erasure;
mod follow_up;
mod idempotency;
mod leads;
mod purge;
mod stream;
mod table;
mod webhooks;

pub use accounts::{
    AuthenticatedCall, AuthenticatedKey, BusinessCache, BusinessCopy, CountCallError, KeyRoom, MAX_BUSINESS_COPY_AGE,
};
pub use audit::AuditFilter;
pub use business_record::{BusinessRecord, RecordFilter};
pub use deletion_progress::DeletionProgress;
pub use follow_up::{ClaimOutcome, StepClaim, StepToSend, StepsToSend};
pub use idempotency::{
    BodyFingerprint, IdempotencyKey, IdempotencyLookup, IdempotencyRecord, Protection, StoredResponse,
};
pub use leads::{CreatedLead, LeadDataKeys, LeadFilter, LeadState, StoredLead, UniqueLead};
pub use stream::{Change, change_from_images, environment_of_partition, file_removal_image};
pub use table::batch::join_bounded;
pub use table::client::{Connection, CredentialsProvider, Store};
pub use table::commit::CommitError;
pub use table::condition::Condition;
pub use table::due_index::{
    DueDeletion, DueDelivery, DueDeliveryBatch, DueErasure, DuePackage, DuePage, DueParked, DuePosition, DuePurge,
    DueShard, DueStep, DueUpload, DueWork, UnreadableDueItem,
};
pub use table::dynamodb::{InProcessDatabase, OperationFuture};
pub use table::encryption::DataKey;
pub use table::error::{MAX_ITEM_KILOBYTES, StoreError};
pub use table::pagination::{Page, PageRequest, Position};
pub use table::retry::{ConflictRetries, MAX_CONFLICT_ATTEMPTS, MAX_SEQUENCE_CONFLICT_ATTEMPTS};
pub use table::write::Write;
pub use webhooks::{
    BatchedDelivery, CreatedDelivery, DeliveriesToSend, DeliveryBatchState, DeliveryFilter, DeliveryToSend, DueEntry,
    EventToLog, LogContent, LogEntry, LogPage, MAX_CREATION_TIME, ParkedDelivery, ParkedSubscription,
    ReadableSubscriptions, StoredDelivery,
};
