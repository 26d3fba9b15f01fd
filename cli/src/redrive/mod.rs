//! `redrive`: puts back what was given up, and deletes it once it has been processed.
//!
//! Everything that is put back may be put back again: records of the stream and events of uploads are processed
//! idempotently, and a message of a queue only asks for work that the table still has to know of. So a command that is
//! interrupted loses nothing and is simply repeated.

mod command;
mod dead_letters;
mod functions;
mod parked;
mod queue_error;
mod queue_walk;
mod report;
mod source;
mod stack;
mod undispatched;
mod uploads;

pub use command::{RedriveCommand, RedriveLocation};
pub use functions::{Consumer, InvokeError, StreamFunctions};

use blob::ParkedRecords;
use domain::TenantId;
use std::fmt::Display;
use std::io::{self, Write};
use store::Store;

/// The storage, tables and functions with which parked records are redriven.
#[derive(Clone, Copy)]
pub struct StreamRedrive<'a> {
    /// The place of parked records and undispatched batches.
    pub records: &'a ParkedRecords,
    /// The tables, for the keys of leads.
    pub store: &'a Store,
    /// The consumers of the stream.
    pub functions: &'a dyn StreamFunctions,
}

/// The extent of a redrive: the items of a source that are selected, and whether they are really put back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Maximum number of items.
    pub(crate) limit: usize,
    /// The tenant whose dead letters are selected; all without one.
    pub(crate) tenant: Option<TenantId>,
    /// Effect on the items.
    pub(crate) mode: Mode,
}

/// The effect of a command on the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Items are put back.
    Redrive,
    /// Items are only counted.
    DryRun,
}

/// Writes a line of progress to standard error.
pub(crate) fn progress(text: impl Display) {
    // Nobody may be reading.
    let _ = writeln!(io::stderr(), "{text}");
}
