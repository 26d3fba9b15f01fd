//! Faults of the database that a test sets while a server runs.

use super::dynamodb_error;
use emulator::FaultInjector;
use std::collections::VecDeque;
use std::sync::Mutex;

/// Point of an operation at which a fault takes effect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// One fault: the affected operations, by name and by a text in their body, and their number.
struct Fault {
    when: When,
    operation: &'static str,
    holds: &'static str,
    responses: VecDeque<(u16, String)>,
    always: Option<(u16, String)>,
    occurred: usize,
}

/// Faults that a test sets while the server runs.
#[derive(Default)]
pub(crate) struct FaultSet(Mutex<Vec<Fault>>);

/// Returns a response of the database with this code.
pub(crate) fn error_response(status: u16, code: &str) -> (u16, String) {
    (status, dynamodb_error(code).to_string())
}

impl FaultSet {
    /// Fails the next `times` matching operations with `response`.
    pub(crate) fn fail_next(
        &self,
        when: When,
        operation: &'static str,
        holds: &'static str,
        times: usize,
        response: (u16, String),
    ) {
        let responses = std::iter::repeat_n(response, times).collect();
        let fault = Fault { when, operation, holds, responses, always: None, occurred: 0 };
        self.0.lock().unwrap().push(fault);
    }

    /// Fails every matching operation with `response` until the faults are cleared.
    pub(crate) fn fail_all(&self, operation: &'static str, holds: &'static str, response: (u16, String)) {
        let fault = Fault {
            when: When::Before,
            operation,
            holds,
            responses: VecDeque::new(),
            always: Some(response),
            occurred: 0,
        };
        self.0.lock().unwrap().push(fault);
    }

    /// Clears every fault and returns how often they took effect.
    pub(crate) fn clear(&self) -> usize {
        self.0.lock().unwrap().drain(..).map(|fault| fault.occurred).sum()
    }

    fn next_response(&self, when: When, operation: &str, body: &str) -> Option<(u16, String)> {
        let mut faults = self.0.lock().unwrap();
        faults.iter_mut().find_map(|fault| {
            let matches = fault.when == when
                && (fault.operation.is_empty() || fault.operation == operation)
                && body.contains(fault.holds);
            let response = matches.then(|| fault.responses.pop_front().or_else(|| fault.always.clone())).flatten()?;
            fault.occurred += 1;
            Some(response)
        })
    }
}

impl FaultInjector for FaultSet {
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.next_response(When::Before, operation, body)
    }

    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)> {
        self.next_response(When::After, operation, body)
    }
}
