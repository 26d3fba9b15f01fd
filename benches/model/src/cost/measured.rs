//! Measured numbers, as data: what the budget tests measure, which fail if a number here is another.

/// Relation of a number to what the budget tests measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is what they measure.
    Equal,
    /// It is the ceiling below which they hold what they measure, because that varies.
    Ceiling,
}

/// The cost of an operation in the database.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    /// Name of the operation in the budget tests.
    pub operation: &'static str,
    /// Sequential trips to the database, at most.
    pub trips: usize,
    /// Write units, those of the indexes included.
    pub write_units: u64,
    /// Relation of `write_units` to what the budget tests measure.
    pub relation: Relation,
}

const fn units(operation: &'static str, trips: usize, write_units: u64) -> Units {
    Units { operation, trips, write_units, relation: Relation::Equal }
}

const fn ceiling(operation: &'static str, trips: usize, write_units: u64) -> Units {
    Units { relation: Relation::Ceiling, ..units(operation, trips, write_units) }
}

/// Authenticating, authorizing and counting a call.
pub const AUTHORIZE: Units = units("authorize a call", 1, 1);
/// Reading one record.
pub const READ_ONE: Units = ceiling("read one", 1, 0);
/// Creating a lead of usual size with an e-mail address.
pub const CREATE_LEAD: Units = units("create a usual lead", 1, 6);
/// Creating a lead of usual size without an e-mail address.
pub const CREATE_LEAD_WITHOUT_EMAIL: Units = units("create a usual lead without e-mail", 1, 3);
/// Creating the delivery of a lead of usual size.
pub const CREATE_DELIVERY: Units = units("create a usual delivery", 1, 2);
/// Recording that it succeeded.
pub const RECORD_SUCCESS: Units = units("record a usual success", 1, 2);
/// Creating a delivery of a batch, which has no entry of its own in the due index.
pub const CREATE_BATCHED_DELIVERY: Units = units("create a usual delivery of a batch", 1, 1);
/// Recording that it succeeded.
pub const RECORD_BATCHED_SUCCESS: Units = units("record a usual success of a batch", 1, 1);
/// Writing a batch with its entry in the due index.
pub const PUT_DELIVERY_BATCH: Units = units("put a delivery batch", 1, 2);
/// Checking and deleting a batch whose deliveries are finished.
pub const CHECK_DELIVERY_BATCH: Units = units("check a finished delivery batch", 3, 2);
/// Recording that the first attempt of a delivery failed.
pub const RECORD_FAILURE: Units = units("record a usual failure", 3, 5);
/// Moving a delivery to its next check time, before it is enqueued again.
pub const REENQUEUE: Units = units("re-enqueue a usual delivery", 1, 3);
/// Counting a change that comes alone.
pub const COUNT_ALONE: Units = units("count a lead that comes alone", 1, 4);
/// Recording an event that comes alone.
pub const LOG_ALONE: Units = units("log a usual event that comes alone", 2, 1);
/// Sending a message of a sequence, with the change of its sequence.
pub const SEND_MESSAGE: Units = ceiling("a message of a sequence that is sent", 4, 18);
/// Requesting an evidence package.
pub const REQUEST_PACKAGE: Units = ceiling("request a package", 3, 4);

/// Every measured operation.
pub const ALL: [Units; 16] = [
    AUTHORIZE,
    READ_ONE,
    CREATE_LEAD,
    CREATE_LEAD_WITHOUT_EMAIL,
    CREATE_DELIVERY,
    RECORD_SUCCESS,
    CREATE_BATCHED_DELIVERY,
    RECORD_BATCHED_SUCCESS,
    PUT_DELIVERY_BATCH,
    CHECK_DELIVERY_BATCH,
    RECORD_FAILURE,
    REENQUEUE,
    COUNT_ALONE,
    LOG_ALONE,
    SEND_MESSAGE,
    REQUEST_PACKAGE,
];

/// Returns the numbers of the operation with this name.
pub fn of(operation: &str) -> Option<Units> {
    ALL.into_iter().find(|units| units.operation == operation)
}

/// Write units of counting a full batch of changes: two for the item that names them, of each of the two periods that
/// they fall into, and two for the counters.
pub const COUNT_BATCH: Batch = Batch { changes: 50, write_units: 6 };

/// Changes that are written together.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Number of changes.
    pub changes: u64,
    /// Write units of all.
    pub write_units: u64,
}

/// Size of an item with the names of its attributes, in bytes. The budget tests measure it within five percent.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Name of the item in the budget tests.
    pub item: &'static str,
    /// Size in bytes.
    pub bytes: u64,
}

/// The item of a lead of usual size.
pub const LEAD: Size = Size { item: "usual lead", bytes: 966 };
/// The delivery of such a lead, before its attempt.
pub const DELIVERY: Size = Size { item: "usual delivery", bytes: 762 };
/// The request body that delivers such a lead.
pub const BODY: Size = Size { item: "usual webhook body", bytes: 1_862 };
/// The event of such a lead in a batch of the event log.
pub const LOGGED_EVENT: Size = Size { item: "usual logged event", bytes: 713 };

/// Every measured size.
pub const SIZES: [Size; 4] = [LEAD, DELIVERY, BODY, LOGGED_EVENT];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_tests_measure_every_number() {
        const TESTS: [&str; 2] =
            [include_str!("../../../../tests/budgets.rs"), include_str!("../../../../tests/budgets/usual_lead.rs")];
        let names = ALL.map(|units| units.operation).into_iter().chain(SIZES.map(|size| size.item));
        for name in names {
            assert!(TESTS.iter().any(|text| text.contains(&format!("\"{name}\""))), "{name} is not measured");
        }
    }
}
