#![doc = include_str!("../README.md")]

mod audit;
mod data_location;
mod error;
mod key;
mod random;
mod tenant;
mod value_parsers;

pub use data_location::{DataLocation, Location, connect_deployment};
pub use error::CommandError;
pub use key::{KeyCommand, KeyRef, NewKey};
pub use tenant::{NewTenant, TenantCommand};
pub use value_parsers::LimitArg;

use clap::Subcommand;
use domain::Clock;
use serde_json::Value;
use store::Store;

/// A command of the operator.
#[derive(Subcommand, Clone, Debug)]
pub enum OperatorCommand {
    /// Create tenants
    Tenant {
        /// The command for tenants.
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Create, list, limit and revoke API keys
    Key {
        /// The command for keys.
        #[command(subcommand)]
        command: KeyCommand,
    },
}

impl OperatorCommand {
    /// Returns the tables that the command works on.
    pub fn location(&self) -> Result<Location<'_>, CommandError> {
        match self {
            Self::Tenant { command } => command.location().resolve(),
            Self::Key { command } => command.location().resolve(),
        }
    }

    /// Executes the command on `store`, which was opened at [`location`](Self::location), and returns the result to
    /// print.
    pub async fn run(self, store: &Store, clock: &dyn Clock) -> Result<Value, CommandError> {
        match self {
            Self::Tenant { command } => command.run(store, clock).await,
            Self::Key { command } => command.run(store, clock).await,
        }
    }
}
