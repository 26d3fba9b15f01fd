//! Configuration from the environment, as `template.yaml` sets it.

use std::env;

/// Names of tables, queue and secret, and where AWS is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `AWS_REGION`, which Lambda sets.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: another endpoint than AWS itself, such as an emulator's.
    pub endpoint: Option<String>,
    /// `LEADHOUSE_TABLE`: the single table.
    pub table: String,
    /// `LEADHOUSE_ACCESS_TABLE`: the access table.
    pub access_table: String,
    /// `LEADHOUSE_QUEUE_URL`: the queue of deliveries, for functions that have to do with it.
    pub queue_url: Option<String>,
    /// `LEADHOUSE_MASTER_SECRET`: the ARN of the master keys, for functions that have to do with them.
    pub master_secret: Option<String>,
}

/// A variable that is missing.
#[derive(Debug, thiserror::Error)]
#[error("the environment lacks {0}")]
pub struct BadSettings(pub &'static str);

impl Settings {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, BadSettings> {
        let optional = |name: &'static str| env::var(name).ok().filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(BadSettings(name));
        Ok(Self {
            region: required("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL"),
            table: required("LEADHOUSE_TABLE")?,
            access_table: required("LEADHOUSE_ACCESS_TABLE")?,
            queue_url: optional("LEADHOUSE_QUEUE_URL"),
            master_secret: optional("LEADHOUSE_MASTER_SECRET"),
        })
    }
}
