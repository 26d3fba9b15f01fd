//! Injected faults: between the SDK and the database, and between the service and its queue.

use crate::harness::{RandomNumbers, dynamodb_error};
use emulator::FaultInjector;
use runtime::{DeliveryMessage, Queue, QueueError, SendFuture};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Operation name of sending a message to the queue.
pub(super) const SEND: &str = "SendMessage";

/// Longer than the timeout of one attempt of the SDK.
const BEYOND_TIMEOUT: Duration = Duration::from_millis(1_600);

/// Fault of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Rejected as throttled before it took effect, more often than the SDK retries.
    Throttled,
    /// Rejected with a server error before it took effect, more often than the SDK retries.
    ServerError,
    /// Took effect, but the response did not arrive within the timeout of one attempt.
    TimedOut,
    /// Took effect, but every response is lost, more often than the SDK retries.
    ResponseLost,
    /// Met another transaction, more often than it is retried.
    Conflict,
    /// The process is killed before the step took effect.
    CrashBefore,
    /// The process is killed after the step took effect.
    CrashAfter,
}

impl Fault {
    pub(super) const ALL: [Self; 7] = [
        Self::Throttled,
        Self::ServerError,
        Self::TimedOut,
        Self::ResponseLost,
        Self::Conflict,
        Self::CrashBefore,
        Self::CrashAfter,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::ServerError => "server error",
            Self::TimedOut => "timed out",
            Self::ResponseLost => "lost responses",
            Self::Conflict => "conflict",
            Self::CrashBefore => "crash before",
            Self::CrashAfter => "crash after",
        }
    }

    pub(super) fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }

    fn is_before(self) -> bool {
        !matches!(self, Self::TimedOut | Self::ResponseLost | Self::CrashAfter)
    }

    /// Returns whether this fault can affect such an operation: a read meets no transaction, and the queue has
    /// neither transactions nor SDK retries.
    pub(super) fn applies_to(self, operation: &str) -> bool {
        match self {
            Self::Conflict => matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems"),
            Self::TimedOut => operation != SEND,
            _ => true,
        }
    }

    /// Returns how often the fault takes effect: the SDK tries four times, and a transaction that meets another is
    /// sent six times.
    fn times(self, operation: &str) -> usize {
        match self {
            _ if operation == SEND => 1,
            Self::TimedOut | Self::CrashBefore | Self::CrashAfter => 1,
            Self::Conflict if operation == "TransactWriteItems" => 8,
            Self::Throttled | Self::ServerError | Self::ResponseLost | Self::Conflict => 6,
        }
    }

    /// Returns the response that replaces the table's own.
    fn response(self, operation: &str, body: &str) -> (u16, String) {
        match self {
            Self::Throttled => (400, dynamodb_error("ThrottlingException").to_string()),
            Self::Conflict if operation == "TransactWriteItems" => {
                let request: Value = serde_json::from_str(body).unwrap();
                let count = request["TransactItems"].as_array().unwrap().len();
                let reasons: Vec<_> = (0..count)
                    .map(|place| json!({ "Code": if place == 0 { "TransactionConflict" } else { "None" } }))
                    .collect();
                let mut error = dynamodb_error("TransactionCanceledException");
                error["CancellationReasons"] = json!(reasons);
                (400, error.to_string())
            }
            Self::Conflict => (400, dynamodb_error("TransactionConflictException").to_string()),
            _ => (500, dynamodb_error("InternalServerError").to_string()),
        }
    }
}

/// Step of the service's work: an operation, identified by its name and by texts in its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) operation: &'static str,
    pub(super) body_contains: &'static [&'static str],
    /// Number of such operations in progress at the same time.
    pub(super) concurrency: usize,
}

struct Armed {
    step: Step,
    fault: Fault,
    left: usize,
}

/// Random faults, with the share of affected operations.
struct RandomFaults {
    share: f64,
    numbers: RandomNumbers,
}

/// State of the simulated process of a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ProcessState {
    Running,
    /// Killed: operations have no effect and get no response.
    Killed,
    /// Killed, and its pending operations may end, because no task waits for them.
    Released,
}

/// Faults of one server.
pub(super) struct Injection {
    armed: Mutex<Vec<Armed>>,
    random: Mutex<Option<RandomFaults>>,
    occurred: AtomicUsize,
    process: Mutex<ProcessState>,
    changed: Condvar,
    /// Number of messages that the queue loses.
    pub(super) messages_to_lose: AtomicUsize,
}

impl Injection {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            armed: Mutex::default(),
            random: Mutex::default(),
            occurred: AtomicUsize::new(0),
            process: Mutex::new(ProcessState::Running),
            changed: Condvar::new(),
            messages_to_lose: AtomicUsize::new(0),
        })
    }

    /// Applies `fault` to `step` from now on, in addition to other armed faults.
    pub(super) fn arm(&self, step: Step, fault: Fault) {
        let concurrency = if fault.is_crash() { 1 } else { step.concurrency };
        let left = fault.times(step.operation) * concurrency;
        self.armed.lock().unwrap().push(Armed { step, fault, left });
    }

    /// Makes `share` of all operations fail from now on.
    pub(super) fn at_random(&self, share: f64, seed: u64) {
        *self.random.lock().unwrap() = Some(RandomFaults { share, numbers: RandomNumbers::new(seed) });
    }

    /// Clears all faults.
    pub(super) fn clear(&self) {
        self.armed.lock().unwrap().clear();
        *self.random.lock().unwrap() = None;
    }

    pub(super) fn occurred(&self) -> usize {
        self.occurred.load(Ordering::Relaxed)
    }

    /// Returns the minimum number of times that the armed fault takes effect before its step is past: the four
    /// attempts of the SDK.
    pub(super) fn min_occurrences(step: Step, fault: Fault) -> usize {
        match fault {
            Fault::Throttled | Fault::ServerError | Fault::ResponseLost if step.operation != SEND => {
                4 * step.concurrency
            }
            _ if fault.is_crash() => 1,
            _ => step.concurrency,
        }
    }

    /// Kills the simulated process: operations in progress never end.
    pub(super) fn kill(&self) {
        *self.process.lock().unwrap() = ProcessState::Killed;
    }

    /// Lets the pending operations of a killed process end, and with them their threads.
    pub(super) fn release(&self) {
        *self.process.lock().unwrap() = ProcessState::Released;
        self.changed.notify_all();
    }

    /// Blocks until the killed process is released, and returns no usable response.
    fn block(&self) -> (u16, String) {
        let mut process = self.process.lock().unwrap();
        while *process != ProcessState::Released {
            process = self.changed.wait(process).unwrap();
        }
        (500, "{}".to_owned())
    }

    fn is_running(&self) -> bool {
        *self.process.lock().unwrap() == ProcessState::Running
    }

    /// Returns the fault that applies to this operation now.
    fn next_fault(&self, before: bool, operation: &str, body: &str) -> Option<Fault> {
        let occurred = self.armed_fault(before, operation, body).or_else(|| self.random_fault(before, operation));
        if occurred.is_some() {
            self.occurred.fetch_add(1, Ordering::Relaxed);
        }
        occurred
    }

    fn armed_fault(&self, before: bool, operation: &str, body: &str) -> Option<Fault> {
        let mut armed = self.armed.lock().unwrap();
        let matching = armed.iter_mut().find(|armed| {
            let is_next = armed.left > 0 && armed.fault.is_before() == before;
            // On a busy machine the kill may come after the timeout of an attempt: the SDK's next one must not succeed.
            let is_repeated = armed.left == 0 && armed.fault.is_crash() && before;
            (is_next || is_repeated)
                && armed.step.operation == operation
                && armed.step.body_contains.iter().all(|part| body.contains(part))
        })?;
        matching.left = matching.left.saturating_sub(1);
        Some(matching.fault)
    }

    fn random_fault(&self, before: bool, operation: &str) -> Option<Fault> {
        let random = self.random.lock().unwrap();
        let RandomFaults { share, numbers } = random.as_ref()?;
        // Each operation is drawn twice, before and after, with half the share each.
        if numbers.fraction() >= share / 2.0 {
            return None;
        }
        let kinds = if before {
            [Fault::Throttled, Fault::ServerError, Fault::Conflict]
        } else if numbers.fraction() < 0.1 {
            [Fault::TimedOut; 3]
        } else {
            [Fault::ResponseLost; 3]
        };
        let kind = kinds[numbers.index(3)];
        kind.applies_to(operation).then_some(kind)
    }

    fn inject(&self, before: bool, operation: &str, body: &str) -> Option<(u16, String)> {
        if !self.is_running() {
            return Some(self.block());
        }
        let fault = self.next_fault(before, operation, body)?;
        match fault {
            _ if fault.is_crash() => return Some(self.block()),
            Fault::TimedOut => std::thread::sleep(BEYOND_TIMEOUT),
            _ => {}
        }
        Some(fault.response(operation, body))
    }
}

impl FaultInjector for Injection {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.inject(true, operation, body)
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.inject(false, operation, body)
    }
}

/// Queue with a step that fails like those of the table; it also loses messages.
pub(super) struct FaultyQueue {
    pub(super) inner: Arc<dyn Queue>,
    pub(super) injection: Arc<Injection>,
}

impl FaultyQueue {
    async fn inject(&self, before: bool, body: &str) -> Result<(), QueueError> {
        if !self.injection.is_running() {
            std::future::pending::<()>().await;
        }
        match self.injection.next_fault(before, SEND, body) {
            None => Ok(()),
            Some(fault) if fault.is_crash() => std::future::pending().await,
            Some(fault) => Err(QueueError(fault.name().to_owned())),
        }
    }
}

impl Queue for FaultyQueue {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        Box::pin(async move {
            let lost = self
                .injection
                .messages_to_lose
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if lost.is_ok() {
                return Ok(());
            }
            let bodies: Vec<_> = messages.iter().map(|(message, _)| serde_json::to_string(message).unwrap()).collect();
            let body = bodies.join("\n");
            self.inject(true, &body).await?;
            self.inner.send(messages).await?;
            self.inject(false, &body).await
        })
    }
}
