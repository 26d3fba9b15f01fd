//! Inbound secrets, which sign inbound events.

use crate::json::Json;
use crate::schema::Time;
use domain::InboundSecret;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InboundSecret")]
#[serde(rename_all = "camelCase")]
pub(in crate::native) struct InboundSecretJson<'a> {
    secret: &'a str,
    #[schemars(with = "Option<Time>")]
    previous_secret_until: Option<String>,
    #[schemars(with = "Time")]
    created_at: String,
}

/// Returns a new inbound secret with its text, which is shown only in this response.
pub fn inbound_secret_json(new: &InboundSecret, secret: &str) -> Json {
    Json::of(&InboundSecretJson {
        secret,
        previous_secret_until: new.previous.map(|previous| previous.until.to_string()),
        created_at: new.created_at.to_string(),
    })
}
