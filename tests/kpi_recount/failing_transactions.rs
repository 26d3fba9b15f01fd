//! Counting transactions that fail, before or after they took effect.

use crate::harness::{RandomNumbers, dynamodb_error};
use emulator::FaultInjector;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;

/// Fails a share of the counting transactions, before or after they took effect; a transaction that fails for good
/// fails at every attempt.
pub(super) struct Failing(pub(super) Mutex<Option<(RandomNumbers, HashMap<String, Fate>)>>, pub(super) Mutex<usize>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Success,
    Throttled,
    Conflict,
    ResponseLostOnce,
    ResponseLost,
}

impl Failing {
    /// Returns the fate of this transaction, which all SDK attempts of it share.
    pub(super) fn fate(&self, operation: &str, body: &str) -> Fate {
        if operation != "TransactWriteItems" || !body.contains("\"KP#") {
            return Fate::Success;
        }
        let mut failing = self.0.lock().unwrap();
        let Some((random, fates)) = failing.as_mut() else { return Fate::Success };
        let request: Value = serde_json::from_str(body).unwrap();
        let token = request["ClientRequestToken"].as_str().unwrap().to_owned();
        *fates.entry(token).or_insert_with(|| match random.below(100) {
            0..5 => Fate::Throttled,
            5..10 => Fate::Conflict,
            10..15 => Fate::ResponseLostOnce,
            15..20 => Fate::ResponseLost,
            _ => Fate::Success,
        })
    }

    pub(super) fn count_fault(&self) {
        *self.1.lock().unwrap() += 1;
    }
}

impl FaultInjector for Failing {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let fault = match self.fate(operation, body) {
            Fate::Throttled => dynamodb_error("ThrottlingException"),
            Fate::Conflict => {
                let request: Value = serde_json::from_str(body).unwrap();
                let count = request["TransactItems"].as_array().unwrap().len();
                let mut fault = dynamodb_error("TransactionCanceledException");
                let code = |place| if place + 1 == count { "TransactionConflict" } else { "None" };
                fault["CancellationReasons"] = (0..count).map(|place| json!({ "Code": code(place) })).collect();
                fault
            }
            _ => return None,
        };
        self.count_fault();
        Some((400, fault.to_string()))
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        let fate = self.fate(operation, body);
        if fate == Fate::ResponseLostOnce {
            let token = serde_json::from_str::<Value>(body).unwrap()["ClientRequestToken"].as_str().unwrap().to_owned();
            self.0.lock().unwrap().as_mut().unwrap().1.insert(token, Fate::Success);
        }
        let lost = matches!(fate, Fate::ResponseLost | Fate::ResponseLostOnce);
        lost.then(|| {
            self.count_fault();
            (500, dynamodb_error("InternalServerError").to_string())
        })
    }
}
