//! The report of a redrive: what was found of each source, what became of it, and why something is still there.

use super::Mode;
use crate::output::{Columns, CommandOutput, Report, ReportTable};
use domain::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Maximum number of different reasons of one source that are listed.
const MAX_REASONS: usize = 50;

/// The reason that stands for all others.
const OTHER_REASONS: &str = "other reasons";

const COLUMNS: Columns = &[
    ("SOURCE", "source"),
    ("FUNCTION", "function"),
    ("FOUND", "found"),
    ("REDRIVEN", "redriven"),
    ("ERASED", "erased"),
    ("FAILED", "failed"),
    ("LEFT", "left"),
    ("OLDEST", "oldest"),
];

const DRY_RUN_COLUMNS: Columns = &[
    ("SOURCE", "source"),
    ("FUNCTION", "function"),
    ("FOUND", "found"),
    ("WOULD REDRIVE", "wouldRedrive"),
    ("ERASED", "erased"),
    ("LEFT", "left"),
    ("OLDEST", "oldest"),
];

const REASON_COLUMNS: Columns = &[
    ("SOURCE", "source"),
    ("FUNCTION", "function"),
    ("COUNT", "count"),
    ("OLDEST", "oldest"),
    ("REASON", "reason"),
    ("EXAMPLE", "example"),
];

/// The report of the items of one source.
#[derive(Debug)]
pub(crate) struct SourceReport {
    source: &'static str,
    function: &'static str,
    /// Number of items that there were.
    pub(crate) found: usize,
    /// Number of items that were processed, and are deleted.
    pub(crate) redriven: usize,
    /// Number of records that were deleted because their lead was erased.
    pub(crate) erased: usize,
    /// Number of items that failed again, and are still there.
    pub(crate) failed: usize,
    /// Number of items that a dry run looked at.
    looked_at: usize,
    oldest: Option<Timestamp>,
    reasons: BTreeMap<String, Reason>,
    error: Option<String>,
}

#[derive(Debug, Default)]
struct Reason {
    count: usize,
    oldest: Option<Timestamp>,
    example: Option<String>,
}

impl SourceReport {
    /// Creates the report of `found` items of a source, which `function` is to process.
    pub(crate) fn new(source: &'static str, function: &'static str, found: usize) -> Self {
        Self {
            source,
            function,
            found,
            redriven: 0,
            erased: 0,
            failed: 0,
            looked_at: 0,
            oldest: None,
            reasons: BTreeMap::new(),
            error: None,
        }
    }

    /// Counts an item that is still there, named `name` and given up at `since`.
    pub(crate) fn fail(&mut self, reason: &str, name: &str, since: Option<Timestamp>) {
        self.failed += 1;
        self.add_reason(reason, Some(name), since);
    }

    /// Counts an item that would be put back, or would be tried.
    pub(crate) fn would_redrive(&mut self, reason: &str, name: &str, since: Option<Timestamp>) {
        self.looked_at += 1;
        self.add_reason(reason, Some(name), since);
    }

    /// Counts at most `limit` items of which nothing is known but their number.
    pub(crate) fn would_redrive_up_to(&mut self, limit: usize) {
        self.looked_at = self.found.min(limit);
    }

    fn add_reason(&mut self, reason: &str, name: Option<&str>, since: Option<Timestamp>) {
        let full = self.reasons.len() >= MAX_REASONS && !self.reasons.contains_key(reason);
        let reason = self.reasons.entry(if full { OTHER_REASONS } else { reason }.to_owned()).or_default();
        reason.count += 1;
        reason.oldest = earlier(reason.oldest, since);
        if reason.example.is_none() {
            reason.example = name.map(str::to_owned);
        }
    }

    /// Notes the time at which an item was given up.
    pub(crate) fn see(&mut self, since: Option<Timestamp>) {
        self.oldest = earlier(self.oldest, since);
    }

    /// Ends the source with an error: what has not been tried is left.
    pub(crate) fn stop(&mut self, error: impl ToString) {
        self.error = Some(error.to_string());
    }

    /// Returns whether the source has ended with an error.
    pub(crate) fn is_stopped(&self) -> bool {
        self.error.is_some()
    }

    /// Returns the number of items that were not tried.
    fn left(&self) -> usize {
        self.found.saturating_sub(self.redriven + self.erased + self.failed + self.looked_at)
    }

    fn is_incomplete(&self) -> bool {
        self.failed > 0 || self.error.is_some()
    }

    fn json(&self, mode: Mode) -> Value {
        let mut json = json!({
            "source": self.source,
            "function": self.function,
            "found": self.found,
            "erased": self.erased,
            "left": self.left(),
            "oldest": self.oldest.map(|time| time.to_string()),
            "error": self.error,
            "reasons": self.reason_rows(),
        });
        match mode {
            Mode::DryRun => json["wouldRedrive"] = self.looked_at.into(),
            Mode::Redrive => {
                json["redriven"] = self.redriven.into();
                json["failed"] = self.failed.into();
            }
        }
        json
    }

    fn reason_rows(&self) -> Vec<Value> {
        let rows = self.reasons.iter().map(|(text, reason)| {
            json!({
                "source": self.source,
                "function": self.function,
                "reason": text,
                "count": reason.count,
                "oldest": reason.oldest.map(|time| time.to_string()),
                "example": reason.example,
            })
        });
        rows.collect()
    }
}

/// Returns the line of progress of a source.
impl std::fmt::Display for SourceReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { source, function, found, redriven, erased, failed, .. } = self;
        let settled = redriven + erased;
        write!(f, "{source}, {function}: {settled} of {found} put back, {failed} failed")
    }
}

fn earlier(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    left.into_iter().chain(right).min()
}

/// Returns the result of a command.
pub(crate) fn output(sources: &[SourceReport], mode: Mode) -> CommandOutput {
    let rows: Vec<_> = sources.iter().map(|source| source.json(mode)).collect();
    let is_incomplete = sources.iter().any(SourceReport::is_incomplete);
    let columns = if mode == Mode::DryRun { DRY_RUN_COLUMNS } else { COLUMNS };
    let reasons = sources.iter().flat_map(SourceReport::reason_rows).collect();
    let errors = sources.iter().filter_map(|source| {
        let error = source.error.as_ref()?;
        Some(format!("{}, {}: stopped: {error}", source.source, source.function))
    });
    let mut notes: Vec<_> = errors.collect();
    if mode == Mode::DryRun {
        notes.push("dry run: nothing was changed".to_owned());
    }
    CommandOutput::Report(Report {
        json: json!({ "dryRun": mode == Mode::DryRun, "complete": !is_incomplete, "sources": rows }),
        tables: vec![ReportTable { rows, columns }, ReportTable { rows: reasons, columns: REASON_COLUMNS }],
        notes,
        is_incomplete,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_bounded() {
        let mut report = SourceReport::new("parked", "dispatch", 200);
        for number in 0..100_i64 {
            report.fail(&format!("reason {number}"), &format!("name {number}"), Some(Timestamp::from_millis(number)));
            report.fail("reason 0", "again", None);
        }
        let json = report.json(Mode::Redrive);
        let reasons = json["reasons"].as_array().expect("a list");
        assert_eq!(reasons.len(), MAX_REASONS + 1);
        let of = |text: &str| reasons.iter().find(|one| one["reason"] == text).expect("a reason");
        assert_eq!((&of("reason 0")["count"], &of("reason 0")["example"]), (&json!(101), &json!("name 0")));
        assert_eq!(of(OTHER_REASONS)["count"], 50);
        assert_eq!((&json["failed"], &json["left"]), (&json!(200), &json!(0)));
    }

    #[test]
    fn what_is_left_makes_no_failure_but_an_error_does() {
        let mut report = SourceReport::new("parked", "dispatch", 3);
        report.redriven = 1;
        assert_eq!((report.left(), report.is_incomplete()), (2, false));
        report.stop("no connection");
        let output = output(&[report], Mode::Redrive);
        assert!(output.is_incomplete() && output.table().contains("stopped: no connection"), "{}", output.table());
    }
}
