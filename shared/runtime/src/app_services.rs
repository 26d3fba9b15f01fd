//! The services of a deployed function: settings, AWS clients and the clock, built once per process.

use crate::clock::SystemClock;
use crate::invoker::{Invoker, LambdaInvoker, running_function};
use crate::queue::{DeliveryQueues, Queue, SqsQueue};
use crate::queue_message::{FollowUpMessage, PackageMessage};
use crate::settings::{Settings, SettingsError};
use crate::stream::Parking;
use api::{ApiState, ResponseKeys};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use blob::{BlobError, Blobs, Bucket, ParkedRecords};
use domain::Clock;
use domain::timing::Timing;
use domain::webhooks::delivery_lane::DeliveryLane;
use https_client::HttpsClientError;
use lambda_runtime::Error;
use messaging::{AwsConfig, AwsSender, MessageSenders};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::{Connection, DataKey, Store};
use webhook::master_keys::{MasterKeys, UnknownMasterKeyError};
use webhook::ssrf::TargetPolicy;

/// Timeout of one attempt to send to SQS, which responds within some 20 ms.
const SQS_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_200);

/// Timeout of a call to SQS with all its attempts. The sweeper finds what was not enqueued, so a late message is better
/// than a caller who is kept waiting.
const SQS_TIMEOUT: Duration = Duration::from_secs(3);

/// Timeout of one attempt to read the master keys. Secrets Manager responds within some 50 ms.
const SECRET_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// Timeout of reading the master keys with all attempts. Lambda ends a function that has not started within ten
/// seconds, and logs nothing of the reason.
const SECRET_TIMEOUT: Duration = Duration::from_secs(6);

/// Maximum time that the start of a function waits for its connection to the table. The first call retries what failed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Builds what a deployed function depends on. Clients of different services share one HTTP client.
pub struct AppServices {
    settings: Settings,
    role_credentials: Credentials,
    credentials: SharedCredentialsProvider,
    http: aws_smithy_runtime_api::client::http::SharedHttpClient,
    store: OnceLock<Store>,
    /// The system's clock.
    pub clock: Arc<dyn Clock>,
}

impl AppServices {
    /// Reads the settings and the role's credentials from the environment variables that Lambda and the template set.
    ///
    /// The AWS SDK's own search for credentials is not used: it also looks in files and at metadata services, which a
    /// function does not have.
    pub fn from_environment_variables() -> Result<Self, Error> {
        let variable = |name: &'static str| std::env::var(name).map_err(|_| SettingsError::Missing(name));
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID")?,
            variable("AWS_SECRET_ACCESS_KEY")?,
            std::env::var("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        Ok(Self::new(Settings::from_environment_variables()?, credentials)?)
    }

    fn new(settings: Settings, credentials: Credentials) -> Result<Self, HttpsClientError> {
        Ok(Self {
            settings,
            credentials: SharedCredentialsProvider::new(credentials.clone()),
            role_credentials: credentials,
            http: https_client::sdk_client()?,
            store: OnceLock::new(),
            clock: Arc::new(SystemClock),
        })
    }

    /// Returns when work is enqueued and re-enqueued, and how fast scheduled waits pass.
    pub fn timing(&self) -> Timing {
        Timing::deployed_at(self.settings.speedup)
    }

    /// Returns the addresses that webhooks may be sent to.
    pub fn target_policy(&self) -> TargetPolicy {
        self.settings.target_policy
    }

    /// Returns the maximum time that a request for the event log waits.
    pub fn max_event_log_wait(&self) -> Duration {
        self.settings.max_event_log_wait
    }

    /// Returns a client of the tables.
    pub fn store(&self) -> Store {
        let create = || {
            let connection = Connection {
                region: self.settings.region.clone(),
                credentials: Some(self.credentials.clone()),
                endpoint: self.settings.endpoint.clone(),
                http: self.http.clone(),
            };
            Store::new(connection, &self.settings.table, &self.settings.access_table)
        };
        self.store.get_or_init(create).clone()
    }

    /// Returns the queue of deliveries.
    pub fn delivery_queue(&self) -> Result<Arc<dyn Queue>, SettingsError> {
        let url = self.settings.delivery_queue_url.clone().ok_or(SettingsError::Missing("LEADHOUSE_QUEUE_URL"))?;
        Ok(Arc::new(self.sqs(url)))
    }

    /// Returns the queues of deliveries of both lanes.
    pub fn delivery_queues(&self) -> Result<DeliveryQueues, SettingsError> {
        let slow = self.settings.slow_delivery_queue_url.clone();
        let slow = slow.ok_or(SettingsError::Missing("LEADHOUSE_SLOW_QUEUE_URL"))?;
        Ok(DeliveryQueues { prompt: self.delivery_queue()?, slow: Arc::new(self.sqs(slow)) })
    }

    /// Returns the lane of the queue that invokes the function.
    pub fn delivery_lane(&self) -> DeliveryLane {
        self.settings.delivery_lane
    }

    /// Returns the queue of follow-up messages.
    pub fn follow_up_queue(&self) -> Result<Arc<dyn Queue<FollowUpMessage>>, SettingsError> {
        let url = self.settings.follow_up_queue_url.clone();
        Ok(Arc::new(self.sqs(url.ok_or(SettingsError::Missing("LEADHOUSE_FOLLOW_UP_QUEUE_URL"))?)))
    }

    /// Returns the queue of evidence packages.
    pub fn package_queue(&self) -> Result<Arc<dyn Queue<PackageMessage>>, SettingsError> {
        let url = self.settings.package_queue_url.clone();
        Ok(Arc::new(self.sqs(url.ok_or(SettingsError::Missing("LEADHOUSE_PACKAGE_QUEUE_URL"))?)))
    }

    /// Returns the invoker of the function that runs.
    pub fn self_invoker(&self) -> Result<Arc<dyn Invoker>, SettingsError> {
        let (region, endpoint) = (self.settings.region.clone(), self.settings.endpoint.as_deref());
        let credentials = self.role_credentials.clone();
        Ok(Arc::new(LambdaInvoker::new(region, endpoint, credentials, running_function()?)))
    }

    /// Returns the maximum number of invocations among which the sweeper divides a backlog.
    pub fn sweep_parallelism(&self) -> usize {
        self.settings.sweep_parallelism
    }

    /// Returns the base URL of the API.
    pub fn api_url(&self) -> Result<String, SettingsError> {
        self.settings.api_url.clone().ok_or(SettingsError::Missing("LEADHOUSE_API_URL"))
    }

    fn sqs(&self, url: String) -> SqsQueue {
        let mut config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new(self.settings.region.clone()))
            .credentials_provider(self.credentials.clone())
            .http_client(self.http.clone());
        config.set_endpoint_url(self.settings.endpoint.clone());
        config = config.timeout_config(timeouts(SQS_ATTEMPT_TIMEOUT, SQS_TIMEOUT));
        SqsQueue::new(aws_sdk_sqs::Client::from_conf(config.build()), url)
    }

    /// Returns the bucket of files.
    pub fn blobs(&self) -> Result<Blobs, Error> {
        let name = self.settings.bucket.clone().ok_or(SettingsError::Missing("LEADHOUSE_BUCKET"))?;
        Blobs::in_bucket(self.bucket(name)).map_err(|error: BlobError| error.into())
    }

    /// Returns the place where records of the stream that cannot be processed are parked.
    pub fn parking(&self) -> Result<Parking, Error> {
        let name = self.settings.parking_bucket.clone().ok_or(SettingsError::Missing("LEADHOUSE_PARKING_BUCKET"))?;
        let records = ParkedRecords::in_bucket(&self.bucket(name))?;
        Ok(Parking { records, store: self.store(), clock: Arc::clone(&self.clock) })
    }

    fn bucket(&self, name: String) -> Bucket {
        Bucket {
            name,
            region: self.settings.region.clone(),
            endpoint: self.settings.endpoint.clone(),
            key_id: self.role_credentials.access_key_id().to_owned(),
            secret_key: self.role_credentials.secret_access_key().to_owned(),
            session_token: self.role_credentials.session_token().map(str::to_owned),
        }
    }

    /// Returns the sender of messages to people, on the channels that are configured.
    pub fn senders(&self) -> Result<MessageSenders, Error> {
        let aws = AwsConfig {
            region: self.settings.region.clone(),
            credentials: self.role_credentials.clone(),
            endpoint: self.settings.endpoint.clone(),
            email_from: self.settings.email_from.clone(),
            sms_from: self.settings.sms_from.clone(),
            whatsapp_from: self.settings.whatsapp_from.clone(),
            whatsapp_template: self.settings.whatsapp_template.clone(),
        };
        Ok(MessageSenders::new(vec![Arc::new(AwsSender::new(aws)?)]))
    }

    /// Reads the master keys from Secrets Manager, and connects to the table meanwhile. They are read once per process,
    /// so a rotation takes effect as older processes end.
    pub async fn master_keys(&self) -> Result<MasterKeys, Error> {
        let store = self.store();
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, store.connect());
        tokio::join!(self.read_master_keys(), connecting).0
    }

    async fn read_master_keys(&self) -> Result<MasterKeys, Error> {
        let secret = self.settings.master_secret.clone().ok_or(SettingsError::Missing("LEADHOUSE_MASTER_SECRET"))?;
        let mut config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
            .region(aws_sdk_secretsmanager::config::Region::new(self.settings.region.clone()))
            .credentials_provider(self.credentials.clone())
            .http_client(self.http.clone())
            .timeout_config(timeouts(SECRET_ATTEMPT_TIMEOUT, SECRET_TIMEOUT));
        config.set_endpoint_url(self.settings.endpoint.clone());
        let client = aws_sdk_secretsmanager::Client::from_conf(config.build());
        let read = client.get_secret_value().secret_id(secret).send().await;
        let read =
            read.map_err(|error| format!("the master keys cannot be read: {}", error.code().unwrap_or("no response")))?;
        Ok(MasterKeys::parse(read.secret_string().unwrap_or_default())?)
    }

    /// Returns the state that the handlers of HTTP functions share.
    pub fn api(&self, master_keys: &MasterKeys) -> Result<ApiState, UnknownMasterKeyError> {
        Ok(ApiState::new(self.store(), Arc::clone(&self.clock), response_keys(master_keys)?))
    }

    /// Returns the state of an HTTP function that only reads, and therefore keeps no response for a replay.
    pub fn api_without_master_keys(&self) -> ApiState {
        ApiState::new(self.store(), Arc::clone(&self.clock), ResponseKeys::none())
    }
}

/// Returns the timeouts of a client: of each attempt, and of a call with all its attempts.
fn timeouts(attempt: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(attempt).operation_timeout(call).build()
}

/// Returns the keys that encrypt stored responses (idempotency), one for each master key. They are derived under the
/// label `idempotency seal`, which must not change: stored responses would no longer decrypt.
pub fn response_keys(master_keys: &MasterKeys) -> Result<ResponseKeys, UnknownMasterKeyError> {
    let key = |number| Ok((number, DataKey::new(master_keys.derive(number, "idempotency seal", &[])?)));
    Ok(ResponseKeys { current: master_keys.current(), keys: master_keys.numbers().map(key).collect::<Result<_, _>>()? })
}

#[cfg(test)]
mod tests;
