#![doc = include_str!("../README.md")]

mod audit;
mod aws;
mod data_location;
mod due;
mod error;
mod events;
mod key;
mod output;
mod random;
mod redrive;
mod tenant;
mod value_parsers;

pub use aws::LambdaError;
pub use data_location::{DataLocation, Location, connect_deployment};
pub use due::DueCommand;
pub use error::CommandError;
pub use events::{ApiCallError, ListenCommand, TriggerCommand};
pub use key::{KeyCommand, KeyRef, NewKey};
pub use output::{CommandOutput, Report};
pub use redrive::{Consumer, InvokeError, RedriveCommand, RedriveLocation, StreamFunctions, StreamRedrive};
pub use tenant::{NewTenant, TenantCommand, TenantLimits};
pub use value_parsers::LimitArg;

use clap::Subcommand;
use domain::Clock;
use store::Store;

/// A command of the operator that works on the tables alone.
#[derive(Subcommand, Clone, Debug)]
pub enum OperatorCommand {
    /// Create, list and limit tenants
    Tenant {
        /// Print JSON on a terminal too; without it, a terminal gets a table and anything else JSON
        #[arg(long, global = true)]
        json: bool,
        /// The command for tenants.
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Create, list, limit and revoke API keys
    Key {
        /// Print JSON on a terminal too; without it, a terminal gets a table and anything else JSON
        #[arg(long, global = true)]
        json: bool,
        /// The command for keys.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Show unfinished work that is overdue, by kind and age
    #[command(override_usage = data_location::usage!("due", "[OPTIONS]"))]
    Due {
        /// Print JSON on a terminal too; without it, a terminal gets a table and anything else JSON
        #[arg(long)]
        json: bool,
        /// The options.
        #[command(flatten)]
        command: DueCommand,
    },
}

impl OperatorCommand {
    /// Returns the tables that the command works on.
    pub fn location(&self) -> Result<Location<'_>, CommandError> {
        match self {
            Self::Tenant { command, .. } => command.location().resolve(),
            Self::Key { command, .. } => command.location().resolve(),
            Self::Due { command, .. } => command.location().resolve(),
        }
    }

    /// Returns whether the command may be the first one on its tables, which then need not exist.
    pub fn creates_tables(&self) -> bool {
        matches!(self, Self::Tenant { command: TenantCommand::Create(_), .. })
    }

    /// Returns whether the result is to be printed as JSON wherever it goes.
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Tenant { json, .. } | Self::Key { json, .. } | Self::Due { json, .. } => *json,
        }
    }

    /// Executes the command on `store`, which was opened at [`location`](Self::location), and returns the result to
    /// print.
    pub async fn run(self, store: &Store, clock: &dyn Clock) -> Result<CommandOutput, CommandError> {
        match self {
            Self::Tenant { command, .. } => command.run(store, clock).await,
            Self::Key { command, .. } => command.run(store, clock).await,
            Self::Due { command, .. } => command.run(store, clock).await,
        }
    }
}
