//! The options that name the tables, and the connection to a deployment's.

use crate::CommandError;
use crate::aws::AwsAccount;
use clap::Args;
use std::path::{Path, PathBuf};
use store::Store;

/// Returns the usage of a command that works on tables. What clap generates would say that any one of the options
/// suffices.
macro_rules! usage {
    ($command:literal, $options:literal) => {
        concat!("leadhouse ", $command, " {--data <DIR> | --table <NAME> --access-table <NAME>} ", $options)
    };
}
pub(crate) use usage;

/// Options that name the tables a command works on. That there are some is checked by `resolve`, whose error says
/// which of them go together.
#[derive(Args, Clone, Debug)]
pub struct DataLocation {
    /// Data folder of a local server, which may be running
    #[arg(long, value_name = "DIR", conflicts_with_all = ["table", "access_table"])]
    data: Option<PathBuf>,
    /// Main table of a deployment, in the AWS account and region that your AWS configuration selects; together with
    /// --access-table
    #[arg(long, value_name = "NAME", requires = "access_table", env = "LEADHOUSE_TABLE")]
    table: Option<String>,
    /// Access table of a deployment; together with --table
    #[arg(long, value_name = "NAME", requires = "table", env = "LEADHOUSE_ACCESS_TABLE")]
    access_table: Option<String>,
}

/// The tables a command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location<'a> {
    /// The data folder of a local server.
    DataFolder(&'a Path),
    /// The tables of a deployment.
    Deployment {
        /// Name of the main table.
        table: &'a str,
        /// Name of the access table.
        access_table: &'a str,
    },
}

impl DataLocation {
    pub(crate) fn resolve(&self) -> Result<Location<'_>, CommandError> {
        match (&self.table, &self.access_table, &self.data) {
            (Some(table), Some(access_table), _) => Ok(Location::Deployment { table, access_table }),
            (_, _, Some(folder)) => Ok(Location::DataFolder(folder)),
            _ => Err(CommandError::NoLocation),
        }
    }
}

/// Connects to the tables of a deployment, with the region and credentials that the AWS CLI would use.
pub async fn connect_deployment(table: &str, access_table: &str) -> Result<Store, CommandError> {
    Ok(AwsAccount::from_configuration().await?.store(table, access_table))
}
