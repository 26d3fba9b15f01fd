//! What makes a step fail: faults between the SDK and the database, and between the house and its queue.

use emulator::FaultInjector;
use runtime::{DeliveryMessage, Queue, QueueError, SendFuture};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The name under which a message handed to the queue is a step.
pub(super) const SEND: &str = "SendMessage";

/// Longer than one try of the SDK may take.
const TOO_LONG: Duration = Duration::from_millis(1_600);

/// What happens to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Refused before it took effect, as often as the SDK tries and more.
    Throttled,
    /// The same, with the error of a server that failed.
    Refused,
    /// It took effect and no answer came within the time of one try.
    TimedOut,
    /// It took effect and every answer is lost, as often as the SDK tries and more.
    Lost,
    /// It met another transaction, more often than it is tried again.
    Conflict,
    /// The process dies before it took effect.
    CrashBefore,
    /// The process dies after it took effect.
    CrashAfter,
}

impl Fault {
    pub(super) const ALL: [Self; 7] = [
        Self::Throttled,
        Self::Refused,
        Self::TimedOut,
        Self::Lost,
        Self::Conflict,
        Self::CrashBefore,
        Self::CrashAfter,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::TimedOut => "timed out",
            Self::Lost => "lost answers",
            Self::Conflict => "conflict",
            Self::CrashBefore => "crash before",
            Self::CrashAfter => "crash after",
        }
    }

    pub(super) fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }

    fn is_before(self) -> bool {
        !matches!(self, Self::TimedOut | Self::Lost | Self::CrashAfter)
    }

    /// Whether it can happen to such an operation: what only reads meets no transaction, and the queue has no
    /// transactions and no tries of its own.
    pub(super) fn strikes(self, operation: &str) -> bool {
        match self {
            Self::Conflict => matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems"),
            Self::TimedOut => operation != SEND,
            _ => true,
        }
    }

    /// How often it strikes: the SDK tries four times, a transaction that meets another is sent six times.
    fn times(self, operation: &str) -> usize {
        match self {
            _ if operation == SEND => 1,
            Self::TimedOut | Self::CrashBefore | Self::CrashAfter => 1,
            Self::Conflict if operation == "TransactWriteItems" => 8,
            Self::Throttled | Self::Refused | Self::Lost | Self::Conflict => 6,
        }
    }

    /// What the table answers instead.
    fn answer(self, operation: &str, body: &str) -> (u16, String) {
        let error =
            |code: &str| json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "a fault" });
        match self {
            Self::Throttled => (400, error("ThrottlingException").to_string()),
            Self::Conflict if operation == "TransactWriteItems" => {
                let request: Value = serde_json::from_str(body).unwrap();
                let count = request["TransactItems"].as_array().unwrap().len();
                let reasons: Vec<_> = (0..count)
                    .map(|place| json!({ "Code": if place == 0 { "TransactionConflict" } else { "None" } }))
                    .collect();
                let mut error = error("TransactionCanceledException");
                error["CancellationReasons"] = json!(reasons);
                (400, error.to_string())
            }
            Self::Conflict => (400, error("TransactionConflictException").to_string()),
            _ => (500, error("InternalServerError").to_string()),
        }
    }
}

/// A step between two others: an operation, known by its name and by what its body holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) operation: &'static str,
    pub(super) holds: &'static [&'static str],
    /// How many of them are under way at once.
    pub(super) at_once: usize,
}

struct Armed {
    step: Step,
    fault: Fault,
    left: usize,
}

/// Faults at random: the share of operations that is struck, and where the dice stand.
struct Dice {
    share: f64,
    state: u64,
}

impl Dice {
    /// splitmix64.
    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn chance(&mut self) -> f64 {
        f64::from(u32::try_from(self.roll() >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
    }
}

/// Life and death of the process that the house stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Alive,
    /// Nothing has any effect any more, and nothing is answered.
    Dead,
    /// Nobody listens any more.
    Buried,
}

/// The faults of one house.
pub(super) struct Injection {
    armed: Mutex<Vec<Armed>>,
    dice: Mutex<Option<Dice>>,
    struck: AtomicUsize,
    life: Mutex<Life>,
    changed: Condvar,
    /// Messages that the queue loses.
    pub(super) lose: AtomicUsize,
}

impl Injection {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            armed: Mutex::default(),
            dice: Mutex::default(),
            struck: AtomicUsize::new(0),
            life: Mutex::new(Life::Alive),
            changed: Condvar::new(),
            lose: AtomicUsize::new(0),
        })
    }

    /// From now on `fault` happens to `step`, as others do to theirs.
    pub(super) fn arm(&self, step: Step, fault: Fault) {
        let at_once = if fault.is_crash() { 1 } else { step.at_once };
        let left = fault.times(step.operation) * at_once;
        self.armed.lock().unwrap().push(Armed { step, fault, left });
    }

    /// From now on `share` of all operations fails in some way.
    pub(super) fn at_random(&self, share: f64, seed: u64) {
        *self.dice.lock().unwrap() = Some(Dice { share, state: seed });
    }

    /// No more faults.
    pub(super) fn lift(&self) {
        self.armed.lock().unwrap().clear();
        *self.dice.lock().unwrap() = None;
    }

    pub(super) fn struck(&self) -> usize {
        self.struck.load(Ordering::Relaxed)
    }

    /// How often the armed fault strikes at least before its step is past: the SDK's four tries.
    pub(super) fn enough(step: Step, fault: Fault) -> usize {
        match fault {
            Fault::Throttled | Fault::Refused | Fault::Lost if step.operation != SEND => 4 * step.at_once,
            _ if fault.is_crash() => 1,
            _ => step.at_once,
        }
    }

    /// The process dies: what is under way never ends.
    pub(super) fn die(&self) {
        *self.life.lock().unwrap() = Life::Dead;
    }

    /// Nobody waits for the dead any more: their threads may end.
    pub(super) fn bury(&self) {
        *self.life.lock().unwrap() = Life::Buried;
        self.changed.notify_all();
    }

    /// Never answers: waits for the burial.
    fn hang(&self) -> (u16, String) {
        let mut life = self.life.lock().unwrap();
        while *life != Life::Buried {
            life = self.changed.wait(life).unwrap();
        }
        (500, "{}".to_owned())
    }

    fn is_alive(&self) -> bool {
        *self.life.lock().unwrap() == Life::Alive
    }

    /// The fault that strikes this operation now.
    fn strike(&self, before: bool, operation: &str, body: &str) -> Option<Fault> {
        let struck = self.armed_strike(before, operation, body).or_else(|| self.random_strike(before, operation));
        if struck.is_some() {
            self.struck.fetch_add(1, Ordering::Relaxed);
        }
        struck
    }

    fn armed_strike(&self, before: bool, operation: &str, body: &str) -> Option<Fault> {
        let mut armed = self.armed.lock().unwrap();
        let meant = armed.iter_mut().find(|armed| {
            armed.left > 0
                && armed.fault.is_before() == before
                && armed.step.operation == operation
                && armed.step.holds.iter().all(|part| body.contains(part))
        })?;
        meant.left -= 1;
        Some(meant.fault)
    }

    fn random_strike(&self, before: bool, operation: &str) -> Option<Fault> {
        let mut dice = self.dice.lock().unwrap();
        let dice = dice.as_mut()?;
        // Two chances, before and after: half the share each.
        if dice.chance() >= dice.share / 2.0 {
            return None;
        }
        let kinds = if before {
            [Fault::Throttled, Fault::Refused, Fault::Conflict]
        } else if dice.chance() < 0.1 {
            [Fault::TimedOut; 3]
        } else {
            [Fault::Lost; 3]
        };
        let kind = kinds[usize::try_from(dice.roll() % 3).unwrap_or(0)];
        kind.strikes(operation).then_some(kind)
    }

    fn interfere(&self, before: bool, operation: &str, body: &str) -> Option<(u16, String)> {
        if !self.is_alive() {
            return Some(self.hang());
        }
        let fault = self.strike(before, operation, body)?;
        match fault {
            _ if fault.is_crash() => return Some(self.hang()),
            Fault::TimedOut => std::thread::sleep(TOO_LONG),
            _ => {}
        }
        Some(fault.answer(operation, body))
    }
}

impl FaultInjector for Injection {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.interfere(true, operation, body)
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.interfere(false, operation, body)
    }
}

/// A queue whose step fails as the table's do; it loses messages besides.
pub(super) struct FaultyQueue {
    pub(super) inner: Arc<dyn Queue>,
    pub(super) injection: Arc<Injection>,
}

impl FaultyQueue {
    async fn interfere(&self, before: bool, body: &str) -> Result<(), QueueError> {
        if !self.injection.is_alive() {
            std::future::pending::<()>().await;
        }
        match self.injection.strike(before, SEND, body) {
            None => Ok(()),
            Some(fault) if fault.is_crash() => std::future::pending().await,
            Some(fault) => Err(QueueError(fault.name().to_owned())),
        }
    }
}

impl Queue for FaultyQueue {
    fn send(&self, messages: Vec<(DeliveryMessage, Duration)>) -> SendFuture<'_> {
        Box::pin(async move {
            let lost =
                self.injection.lose.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if lost.is_ok() {
                return Ok(());
            }
            let bodies: Vec<_> = messages.iter().map(|(message, _)| serde_json::to_string(message).unwrap()).collect();
            let body = bodies.join("\n");
            self.interfere(true, &body).await?;
            self.inner.send(messages).await?;
            self.interfere(false, &body).await
        })
    }
}
