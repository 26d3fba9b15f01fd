//! The connection to DynamoDB, and the handle on both tables that every access pattern is a method of.

use crate::table::dynamodb::{DynamoDb, InProcessDatabase};
use crate::table::key_schema::{PK, SK};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use std::sync::Arc;
use std::time::Duration;

/// Maximum number of times that the SDK sends a request: the first, and three retries.
const MAX_ATTEMPTS: u32 = 4;

/// Time limit of one attempt. DynamoDB responds within some 10 ms; a request that takes this long is
/// lost and worth another try.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Time limit of a request with all its attempts: [`MAX_ATTEMPTS`] times [`ATTEMPT_TIMEOUT`]. A caller then gets 503,
/// well before the gateway's own limit of 29 seconds.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(6);

/// Pause before the SDK's first retry; it doubles with each further one.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);

/// The SDK's name for requests without a signature.
const NO_AUTHENTICATION: AuthSchemeId = AuthSchemeId::new("noAuth");

/// The credentials that requests to AWS are signed with.
pub type CredentialsProvider = SharedCredentialsProvider;

/// Connection settings of DynamoDB.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The AWS region.
    pub region: String,
    /// The credentials that requests are signed with. `None` for a database in this process, where nobody would verify
    /// a signature and computing it takes longer than many an operation.
    pub credentials: Option<CredentialsProvider>,
    /// An endpoint other than the region's own.
    pub endpoint: Option<String>,
    /// The HTTP client: `https_client::sdk_client` when deployed, the embedded database itself in the local server.
    pub http: SharedHttpClient,
}

impl Connection {
    fn client(self) -> Client {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(REQUEST_TIMEOUT)
            .build();
        let retries = RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS).with_initial_backoff(INITIAL_BACKOFF);
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region))
            .http_client(self.http)
            .retry_config(retries)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_classifier(TransactionConflictClassifier)
            .timeout_config(timeouts);
        config = match self.credentials {
            Some(credentials) => config.credentials_provider(credentials),
            None => config.allow_no_auth().auth_scheme_preference([NO_AUTHENTICATION]),
        };
        if let Some(endpoint) = self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Client::from_conf(config.build())
    }
}

/// Lets the SDK retry a single write that was rejected because a transaction was writing the same item. The SDK
/// retries throttling by itself, but not this.
#[derive(Debug)]
struct TransactionConflictClassifier;

impl ClassifyRetry for TransactionConflictClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let code = context.output_or_error().and_then(Result::err).and_then(|error| {
            let error = error.as_operation_error()?;
            error
                .downcast_ref::<PutItemError>()
                .map(ProvideErrorMetadata::code)
                .or_else(|| error.downcast_ref::<UpdateItemError>().map(ProvideErrorMetadata::code))
                .or_else(|| error.downcast_ref::<DeleteItemError>().map(ProvideErrorMetadata::code))?
        });
        if code == Some("TransactionConflictException") {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "single writes that met a transaction"
    }
}

/// The single table and the access table. Every access pattern is a method of this type, in the module of its subject.
///
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: DynamoDb,
    pub(crate) table: String,
    pub(crate) access_table: String,
}

impl Store {
    /// Returns the store on the tables with these names behind `connection`. Sends nothing.
    pub fn new(connection: Connection, table: impl Into<String>, access_table: impl Into<String>) -> Self {
        let database = DynamoDb::new(connection.client());
        Self { database, table: table.into(), access_table: access_table.into() }
    }

    /// Returns the store with `database`, which holds the same tables as its connection leads to, for the operations of
    /// calls and of background work.
    #[must_use]
    pub fn with_in_process_database(self, database: Arc<dyn InProcessDatabase>) -> Self {
        Self { database: self.database.with_in_process_database(database), ..self }
    }

    /// Connects to the table, so that the first request need not wait for the connection. If it fails, that request
    /// connects.
    pub async fn connect(&self) {
        // There is no such item: the read costs half a unit, and is one that every function with a master key may make.
        let absent = || AttributeValue::S("connect".to_owned());
        let read = GetItemInput::builder().table_name(&self.table).key(PK, absent()).key(SK, absent());
        let _ = self.database.get_item(read).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_credential_types::Credentials;
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use std::sync::Mutex;

    /// Records whether requests are signed, and answers none.
    #[derive(Clone, Debug, Default)]
    struct SignatureRecorder(Arc<Mutex<Vec<bool>>>);

    impl HttpConnector for SignatureRecorder {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.0.lock().expect("the recorder").push(request.headers().get("authorization").is_some());
            HttpConnectorFuture::ready(Err(ConnectorError::user("recorded".into())))
        }
    }

    #[tokio::test]
    async fn requests_are_signed_with_credentials_only() {
        let credentials = CredentialsProvider::new(Credentials::new("key", "secret", None, None, "test"));
        for (credentials, signed) in [(Some(credentials), true), (None, false)] {
            let recorder = SignatureRecorder::default();
            let recorded = Arc::clone(&recorder.0);
            let connection = Connection {
                region: "eu-north-1".to_owned(),
                credentials,
                endpoint: Some("http://database.invalid".to_owned()),
                http: http_client_fn(move |_, _| SharedHttpConnector::new(recorder.clone())),
            };
            Store::new(connection, "table", "access").connect().await;
            assert_eq!(*recorded.lock().expect("the recorder"), [signed]);
        }
    }
}
