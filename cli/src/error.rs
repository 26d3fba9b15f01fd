//! Errors of the operator's commands, as they are printed.

use crate::aws::LambdaError;
use crate::events::ApiCallError;
use auth::IssueError;
use blob::BlobError;
use domain::{BusinessId, KeyId, TenantId, Timestamp};
use store::{CommitError, StoreError};

/// Reason why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Neither a data folder nor the tables of a deployment are given.
    #[error("no tables specified: use --data DIR, or --table NAME together with --access-table NAME")]
    NoLocation,
    /// The AWS configuration has no region.
    #[error("no AWS region configured: set AWS_REGION, or a region in the AWS profile")]
    NoRegion,
    /// The HTTPS client could not be created.
    #[error(transparent)]
    HttpsClient(#[from] https_client::HttpsClientError),
    /// The AWS configuration has no credentials.
    #[error("no AWS credentials found: configure them as for the AWS CLI")]
    NoCredentials,
    /// The tenant is unknown.
    #[error("no such tenant: {0}")]
    TenantNotFound(TenantId),
    /// The tenant has no such key.
    #[error("no such key: {0}")]
    KeyNotFound(KeyId),
    /// The tenant has no such business.
    #[error("no such business: {0}")]
    BusinessNotFound(BusinessId),
    /// The tenant has its maximum number of active keys in the mode of the new one.
    #[error("the tenant has {0} active keys in this mode, its maximum: revoke one, or raise it with `tenant limit`")]
    TooManyKeys(u64),
    /// The key would never work.
    #[error("--expires-at is in the past: {0}")]
    ExpiresInThePast(Timestamp),
    /// The contract's rules for keys forbid the key.
    #[error("{0}{hint}", hint = option_hint(*.0))]
    Issue(#[from] IssueError),
    /// Neither a data folder nor a stack is given.
    #[error("nothing specified to redrive: use --data DIR for a local server, or --stack NAME for a deployment")]
    NoRedriveLocation,
    /// A local server has only parked records.
    #[error("a local server has parked records only: --only {0} needs --stack NAME")]
    OnlyOnDeployment(&'static str),
    /// A selected source belongs to no consumer of the stream.
    #[error("--consumer selects parked records and undispatched batches only, not {0}")]
    NotOfConsumer(&'static str),
    /// A selected source cannot be narrowed to a tenant.
    #[error("--tenant selects dead letters only, not {0}")]
    NotOfTenant(&'static str),
    /// A function of the stack lacks an environment variable that names what is to be redriven.
    #[error("the function {function} has no environment variable {variable}: is it of this release?")]
    MissingVariable {
        /// Name of the function.
        function: String,
        /// Name of the variable.
        variable: &'static str,
    },
    /// The receiver of forwarded events is not a URL that can be called.
    #[error("--forward-to {0}")]
    ForwardTo(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    TlsUnavailable,
    /// No API key is given.
    #[error("no API key: use --key KEY, or set LEADHOUSE_API_KEY")]
    NoApiKey,
    /// A call of a server's API failed.
    #[error(transparent)]
    Api(#[from] ApiCallError),
    /// The output could not be written.
    #[error("the output could not be written")]
    Output(#[from] std::io::Error),
    /// Lambda could not be called.
    #[error(transparent)]
    Lambda(#[from] LambdaError),
    /// Parked records could not be listed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The system gives no random numbers.
    #[error("the system's random number generator failed")]
    Random,
    /// The tables could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The change was not written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Returns the option that would make the key possible, as a clause that follows the error's text.
fn option_hint(error: IssueError) -> &'static str {
    match error {
        IssueError::BusinessRequired(_) => ": --business is required",
        IssueError::ModeUnavailable(..) => ": choose another --mode",
        IssueError::NoRandomness => "",
    }
}
