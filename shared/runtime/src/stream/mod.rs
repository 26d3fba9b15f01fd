//! Batches of stream records: reading them, processing them by a consumer, and the records that fail.
//!
//! A consumer turns the changes of a batch into effects, all of which are idempotent, and reports every record that
//! failed with its error. What happens then depends on the error:
//!
//! - A **permanent** error (the record cannot be parsed, or the table will never accept what follows from it) parks the
//!   record: it is stored apart, whole, for the operator to put back once the cause is fixed. The rest of the batch
//!   goes on.
//! - Any **other** error (throttling, a conflict, an outage, a faulty deployment) is reported to the stream, which hands
//!   over the batch again from the earliest such record on, for as long as it keeps its records. Records behind it that
//!   failed permanently come again too, and are parked then.
//! - A record that cannot be **parked** is reported to the stream as well: nothing is given up before it is stored
//!   elsewhere.
//!
//! A panic must not block the stream for a day: the records of its batch are processed one by one, and the one that
//! panics again is parked.

mod batch;
mod error;
mod parking;
mod record;

pub use batch::{WithRecord, handle_stream_batch};
pub use error::{FailedRecord, RecordError};
pub use parking::{ParkError, ParkedContent, ParkedRecord, Parking};
pub use record::{StreamEvent, StreamRecord};

use store::Change;

/// A consumer of the stream.
pub trait StreamConsumer: Sync {
    /// Name of the consumer's function, under which its records are parked.
    const NAME: &'static str;

    /// Performs everything that follows from `changes`, and returns each record that failed. A record that fails
    /// hinders no other. Repeating a change must change nothing.
    fn process(&self, changes: &[WithRecord<Change>]) -> impl Future<Output = Vec<FailedRecord>> + Send;
}
