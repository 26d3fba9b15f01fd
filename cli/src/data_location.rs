//! The options that name the tables, and the connection to a deployment's.

use crate::CommandError;
use aws_config::timeout::TimeoutConfig;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Connection, Store};

/// Timeout of one attempt to obtain credentials, from STS or IAM Identity Center.
const CREDENTIALS_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// Timeout of obtaining credentials with all attempts.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(15);

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
    let http = Connection::https();
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(CREDENTIALS_ATTEMPT_TIMEOUT)
        .operation_timeout(CREDENTIALS_TIMEOUT)
        .build();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http.clone());
    let config = config.timeout_config(timeouts).load().await;
    let connection = Connection {
        region: config.region().ok_or(CommandError::NoRegion)?.to_string(),
        credentials: config.credentials_provider().ok_or(CommandError::NoCredentials)?,
        endpoint: config.endpoint_url().map(str::to_owned),
        http,
    };
    Ok(Store::new(connection, table, access_table))
}
