//! Direct access to a server's database, for tests of what is stored.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use emulator::Database;

/// Returns a client of `database`.
pub(crate) fn database_client(database: &Database) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url("http://database.invalid")
        .http_client(database.http_client())
        .build();
    Client::from_conf(config)
}
