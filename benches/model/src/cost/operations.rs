//! Costs of operations, each as a list of quantities and prices.

use super::measured::{self, BODY, Batch};
use super::price::{self, Price};
use super::template::{InvocationLogs, invocation_logs, memory_gb};

/// A part of the cost of an operation.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name of what is paid for.
    pub what: String,
    /// Number of units for one operation.
    pub quantity: f64,
    /// Price of the unit.
    pub price: Price,
}

impl Line {
    /// Returns the cost of a million operations in US dollars.
    pub fn usd_per_million(&self) -> f64 {
        self.price.of(self.quantity * 1e6)
    }
}

/// An operation with everything that it costs.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Name of the operation.
    pub name: &'static str,
    /// The parts of its cost.
    pub lines: Vec<Line>,
}

impl Operation {
    /// Returns the cost of a million operations in US dollars.
    pub fn usd_per_million(&self) -> f64 {
        self.lines.iter().map(Line::usd_per_million).sum()
    }
}

/// Number of messages, changes and events that are handled together.
#[derive(Clone, Copy, Debug)]
pub struct Batching {
    /// Changes in a batch of `dispatch`, in one environment.
    pub dispatch: f64,
    /// Deliveries in a batch of `deliver`, of one subscription.
    pub deliver: f64,
    /// Changes in a batch of `bookkeeping`, of one business.
    pub bookkeeping: f64,
    /// Changes that are counted in one transaction.
    pub counted: Batch,
    /// Entries of the due index for new deliveries.
    pub due_entries: DueEntries,
}

/// Entries of the due index for new deliveries.
#[derive(Clone, Copy, Debug)]
pub enum DueEntries {
    /// Each delivery has one of its own.
    Own,
    /// Each of so many batches has one.
    OfBatches {
        /// Batches that name the deliveries of one run of `dispatch`.
        batches: f64,
    },
}

impl Batching {
    /// Full batches, as under steady load.
    pub const FULL: Self = Self {
        dispatch: 100.0,
        deliver: 10.0,
        bookkeeping: 100.0,
        counted: measured::COUNT_BATCH,
        due_entries: DueEntries::OfBatches { batches: 2.0 },
    };

    /// Every change alone.
    pub const SINGLE: Self = Self {
        dispatch: 1.0,
        deliver: 1.0,
        bookkeeping: 1.0,
        counted: Batch { changes: 1, write_units: measured::COUNT_ALONE.write_units },
        due_entries: DueEntries::Own,
    };
}

/// Latency of a request to the database: "single-digit milliseconds".
pub const DATABASE_MS: f64 = 5.0;
/// Latency of a transaction, which has two phases.
pub const TRANSACTION_MS: f64 = 10.0;
/// Latency of a request to a queue.
pub const QUEUE_MS: f64 = 8.0;
/// Time that the slowest endpoint of a batch takes to answer.
pub const ENDPOINT_MS: f64 = 300.0;
/// CPU time of a handler for one call, change or delivery, on a whole CPU.
pub const HANDLER_CPU_MS: f64 = 0.4;
/// Memory that comes with a whole CPU.
const GB_PER_CPU: f64 = 1_769.0 / 1_024.0;

/// Bytes that Lambda logs of an invocation (`platform.start`, `platform.report`), unless its level is `WARN`.
pub const PLATFORM_LOG_BYTES: f64 = 1_000.0;
/// Bytes of the line that a function logs of a call. A test of `runtime` measures it.
pub const CALL_LOG_BYTES: f64 = 310.0;
/// Bytes of the line in the access log of the API.
pub const ACCESS_LOG_BYTES: f64 = 160.0;
/// Bytes of the line that `deliver` logs of an attempt. A test of `runtime` measures it.
pub const ATTEMPT_LOG_BYTES: f64 = 330.0;
/// Bytes of a response of the API, with headers.
const RESPONSE_BYTES: f64 = 1_800.0;
/// Bytes of headers and TLS of a webhook, whose connection is kept for a batch.
const REQUEST_OVERHEAD_BYTES: f64 = 1_200.0;

const GB: f64 = 1_073_741_824.0;

fn line(what: impl Into<String>, quantity: f64, price: Price) -> Line {
    Line { what: what.into(), quantity, price }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of units")]
fn writes(what: impl Into<String>, write_units: u64) -> Line {
    line(what, write_units as f64, price::WRITE)
}

/// Returns the invocation and the duration of `function` for one of `batch` pieces of work: waiting, and the CPU time of
/// all, of which the function's memory gives it a share.
fn invocation(function: &str, batch: f64, waiting_ms: f64) -> [Line; 2] {
    let gb = memory_gb(&format!("{function}Function"));
    let name = crate_name(function);
    let cpu_ms = HANDLER_CPU_MS * batch * (GB_PER_CPU / gb).max(1.0);
    let seconds = (waiting_ms + cpu_ms) / 1_000.0;
    [
        line(format!("`{name}`: invocation"), 1.0 / batch, price::INVOCATION),
        line(format!("`{name}`: duration"), gb * seconds / batch, price::DURATION),
    ]
}

/// Returns the name of a function's crate, such as `follow_up` for `FollowUp`.
fn crate_name(function: &str) -> String {
    let with_underscore =
        |character: char| if character.is_uppercase() { vec!['_', character] } else { vec![character] };
    let name: String = function.chars().flat_map(with_underscore).collect();
    name.trim_start_matches('_').to_lowercase()
}

/// Returns the price of log data; of nothing, if Lambda logs no successful invocations.
fn logs(what: &str, bytes: f64) -> Line {
    line(format!("logs: {what}"), bytes / GB, price::LOGS)
}

/// Returns the bytes that Lambda logs of a successful invocation of `function`.
fn platform_log_bytes(function: &str) -> f64 {
    match invocation_logs(&format!("{function}Function")) {
        InvocationLogs::All => PLATFORM_LOG_BYTES,
        InvocationLogs::Failures => 0.0,
    }
}

/// Returns what every call costs, without its effect.
fn call(function: &str, waiting_ms: f64) -> Vec<Line> {
    let mut lines = vec![line("API Gateway", 1.0, price::CALL)];
    lines.extend(invocation(function, 1.0, DATABASE_MS + waiting_ms));
    lines.extend([
        writes("authentication and counting", measured::AUTHORIZE.write_units),
        logs("call, access log", CALL_LOG_BYTES + ACCESS_LOG_BYTES + platform_log_bytes(function)),
        line("response", RESPONSE_BYTES / GB, price::TRANSFER),
    ]);
    lines
}

/// Reading one record.
pub fn read() -> Operation {
    let mut lines = call("Customers", DATABASE_MS);
    lines.push(line("read", 1.0, price::READ));
    Operation { name: "call that reads a record", lines }
}

/// Creating a lead, without what follows.
pub fn create_lead() -> Operation {
    let mut lines = call("Leads", TRANSACTION_MS);
    lines.push(writes("lead with its index entries and its e-mail address", measured::CREATE_LEAD.write_units));
    Operation { name: "lead, created", lines }
}

/// Creating a lead without an e-mail address.
pub fn create_lead_without_email() -> Operation {
    let mut lines = call("Leads", DATABASE_MS);
    lines.push(writes("lead with its index entries", measured::CREATE_LEAD_WITHOUT_EMAIL.write_units));
    Operation { name: "lead without an e-mail address, created", lines }
}

/// Counting a change and recording its event.
#[expect(clippy::cast_precision_loss, reason = "a handful of units")]
pub fn bookkeeping(batching: Batching) -> Operation {
    let mut lines = Vec::new();
    // Transactions follow one another in a batch of one business.
    let transactions = (batching.bookkeeping / batching.counted.changes as f64).max(1.0);
    lines.extend(invocation("Bookkeeping", batching.bookkeeping, transactions * TRANSACTION_MS + 2.0 * DATABASE_MS));
    lines.extend([
        line("KPI counters", batching.counted.write_units as f64 / batching.counted.changes as f64, price::WRITE),
        logs("invocation", platform_log_bytes("Bookkeeping") / batching.bookkeeping),
    ]);
    lines.extend(log_event(batching).lines);
    Operation { name: "change, counted and recorded in the event log", lines }
}

/// Recording an event in the event log.
#[expect(clippy::cast_precision_loss, reason = "sizes of items")]
pub fn log_event(batching: Batching) -> Operation {
    let batch_bytes = measured::LOGGED_EVENT.bytes as f64 * batching.bookkeeping;
    let lines = vec![
        line("event log", (batch_bytes / 1_024.0).ceil() / batching.bookkeeping, price::WRITE),
        // The last two batches are compared, at one unit for each 4 KB.
        line("event log: end", (2.0 * batch_bytes / 4_096.0).ceil() / batching.bookkeeping, price::READ),
    ];
    Operation { name: "event in the event log", lines }
}

/// Creating the delivery of a change, and enqueueing it.
#[expect(clippy::cast_precision_loss, reason = "a handful of units")]
pub fn create_delivery(batching: Batching) -> Operation {
    let (requests, delivery) = match batching.due_entries {
        DueEntries::Own => (4.0, ("delivery with its entry in the due index", measured::CREATE_DELIVERY)),
        DueEntries::OfBatches { .. } => (5.0, ("delivery", measured::CREATE_BATCHED_DELIVERY)),
    };
    let mut lines: Vec<_> = invocation("Dispatch", batching.dispatch, requests * DATABASE_MS + QUEUE_MS).into();
    lines.extend([
        line("subscriptions", 1.0 / batching.dispatch, price::READ),
        writes(delivery.0, delivery.1.write_units),
        logs("invocation", platform_log_bytes("Dispatch") / batching.dispatch),
    ]);
    if let DueEntries::OfBatches { batches } = batching.due_entries {
        let units = batches / batching.dispatch * measured::PUT_DELIVERY_BATCH.write_units as f64;
        lines.push(line("delivery batch with its entry in the due index", units, price::WRITE));
    }
    lines.extend(queue_requests("send", batching.dispatch.min(10.0)));
    Operation { name: "delivery, created", lines }
}

fn queue_requests(what: &str, messages: f64) -> [Line; 2] {
    [
        line(format!("queue: {what}"), 1.0 / messages, price::QUEUE),
        line(format!("queue: {what}, by groups"), 1.0 / messages, price::FAIR_QUEUE),
    ]
}

/// One attempt, without recording its outcome.
#[expect(clippy::cast_precision_loss, reason = "sizes of items")]
fn attempt(batching: Batching) -> Vec<Line> {
    let mut lines: Vec<_> = queue_requests("receive", batching.deliver).into();
    lines.extend(queue_requests("delete", batching.deliver));
    lines.extend(invocation("Deliver", batching.deliver, 2.0 * DATABASE_MS + ENDPOINT_MS));
    lines.extend([
        // The delivery and its lead; the subscription and the endpoint's health once for the batch.
        line("delivery, lead, subscription, health", 2.0 + 2.0 / batching.deliver, price::READ),
        line("webhook", (BODY.bytes as f64 + REQUEST_OVERHEAD_BYTES) / GB, price::TRANSFER),
        logs("attempt", ATTEMPT_LOG_BYTES),
        logs("invocation", platform_log_bytes("Deliver") / batching.deliver),
    ]);
    lines
}

/// The attempt that succeeds.
#[expect(clippy::cast_precision_loss, reason = "a handful of units")]
pub fn deliver(batching: Batching) -> Operation {
    let mut lines = attempt(batching);
    match batching.due_entries {
        DueEntries::Own => lines.push(writes("outcome; out of the due index", measured::RECORD_SUCCESS.write_units)),
        DueEntries::OfBatches { batches } => {
            let batches = batches / batching.dispatch;
            let units = batches * measured::CHECK_DELIVERY_BATCH.write_units as f64;
            lines.extend([
                writes("outcome", measured::RECORD_BATCHED_SUCCESS.write_units),
                line("delivery batch: deleted by the sweeper", units, price::WRITE),
                // The batch at one unit, and each delivery, eventually consistently, at half a unit.
                line("delivery batch: checked by the sweeper", batches + 0.5, price::READ),
            ]);
        }
    }
    Operation { name: "delivery, attempted with success", lines }
}

/// An attempt that fails, and what brings the next one.
pub fn failed_attempt(batching: Batching) -> Operation {
    let mut lines = attempt(batching);
    lines.extend([
        writes("outcome, endpoint's health, next check time", measured::RECORD_FAILURE.write_units),
        writes("moved by the sweeper", measured::REENQUEUE.write_units),
        line("due index", 0.1, price::READ),
    ]);
    lines.extend(queue_requests("send", 10.0));
    Operation { name: "failed attempt, with its re-enqueueing by the sweeper", lines }
}

/// Sending a message of a sequence; providers' prices come on top.
pub fn message(batching: Batching) -> Operation {
    let mut lines: Vec<_> = queue_requests("send, receive, delete", batching.deliver / 3.0).into();
    lines.extend(invocation("FollowUp", batching.deliver, 2.0 * TRANSACTION_MS + 2.0 * DATABASE_MS + ENDPOINT_MS));
    lines.extend([
        writes("claim, outcome, message", measured::SEND_MESSAGE.write_units),
        line("sequence, lead, business", 3.0, price::READ),
        logs("invocation", platform_log_bytes("FollowUp") / batching.deliver),
    ]);
    lines.extend(bookkeeping(batching).lines);
    Operation { name: "message to a lead", lines }
}

/// Requesting, generating and announcing an evidence package of ten exhibits.
pub fn package(batching: Batching) -> Operation {
    // Requested, claimed, and finished with a check of the lead and of twelve records.
    const GENERATE_UNITS: u64 = 5 + 5 + 2 * 13;
    const RENDER_MS: f64 = 2_000.0;
    let mut lines = call("Disputes", 3.0 * DATABASE_MS);
    lines.extend(invocation("Package", 1.0, RENDER_MS));
    lines.extend(queue_requests("send, receive, delete", 1.0 / 3.0));
    lines.extend([
        writes("request", measured::REQUEST_PACKAGE.write_units),
        writes("claim; finished package, with checks", GENERATE_UNITS),
        line("case, twice", 30.0, price::READ),
        line("document", 1.0, price::UPLOAD),
        logs("invocation", platform_log_bytes("Package")),
    ]);
    lines.extend(log_event(batching).lines);
    Operation { name: "evidence package of ten exhibits", lines }
}

/// A lead that is stored, counted, recorded and delivered once.
pub fn lead_delivered(create: Operation, batching: Batching) -> Operation {
    let parts = [create, create_delivery(batching), deliver(batching), bookkeeping(batching)];
    Operation {
        name: "lead, stored and delivered once",
        lines: parts.into_iter().flat_map(|part| part.lines).collect(),
    }
}
