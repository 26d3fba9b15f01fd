//! The requests of the three APIs.

use super::config::{AwsConfig, WhatsappTemplate};
use crate::sender::OutgoingMessage;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::accounts::business::Channel;
use https_client::aws::{endpoint, sign_request};
use serde_json::{Value, json};

/// Maximum number of characters of a subject. Mail programs show fewer.
const MAX_SUBJECT_CHARS: usize = 200;

/// Version of Meta's API that message objects conform to.
const META_API: &str = "v20.0";

/// Name of the tag under which a provider stores the id of a message.
const TAG: &str = "leadhouse-message";

/// A request to one of the APIs.
pub(super) struct AwsRequest {
    service: Service,
    body: Value,
}

/// The properties of an API that its requests need.
struct Service {
    host: &'static str,
    signing_name: &'static str,
    path: &'static str,
    content_type: &'static str,
    target: Option<&'static str>,
}

/// `SendEmail` of the SES API v2.
const EMAIL: Service = Service {
    host: "email",
    signing_name: "ses",
    path: "/v2/email/outbound-emails",
    content_type: "application/json",
    target: None,
};

/// `SendTextMessage` of the SMS and voice API v2.
const SMS: Service = Service {
    host: "sms-voice",
    signing_name: "sms-voice",
    path: "/",
    content_type: "application/x-amz-json-1.0",
    target: Some("PinpointSMSVoiceV2.SendTextMessage"),
};

/// `SendWhatsAppMessage` of the social messaging API.
const WHATSAPP: Service = Service {
    host: "social-messaging",
    signing_name: "social-messaging",
    path: "/v1/whatsapp/send",
    content_type: "application/json",
    target: None,
};

impl AwsRequest {
    /// Creates the request that sends `message`. Returns `None` if its channel is not configured.
    pub(super) fn new(config: &AwsConfig, message: &OutgoingMessage) -> Option<Self> {
        Some(match message.channel {
            Channel::Email => Self { service: EMAIL, body: email(config.email_from.as_deref()?, message) },
            Channel::Sms => Self { service: SMS, body: sms(config.sms_from.as_deref()?, message) },
            Channel::Whatsapp => {
                let from = config.whatsapp_from.as_deref()?;
                Self { service: WHATSAPP, body: whatsapp(from, config.whatsapp_template.as_ref(), message) }
            }
        })
    }

    /// Returns the HTTP request, signed as of now. Returns `None` if the configuration cannot be used in a request.
    pub(super) fn signed(&self, config: &AwsConfig) -> Option<http::Request<Vec<u8>>> {
        let Service { host, signing_name, path, content_type, target } = self.service;
        let base = config.endpoint.clone().unwrap_or_else(|| endpoint(host, &config.region));
        let uri = format!("{}{path}", base.trim_end_matches('/'));
        let body = serde_json::to_vec(&self.body).ok()?;
        let mut request = http::Request::post(&uri).header("content-type", content_type);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let mut request = request.body(body).ok()?;
        sign_request(&mut request, signing_name, &config.region, config.credentials.clone()).ok()?;
        Some(request)
    }
}

/// Returns the request body of a plain-text e-mail.
fn email(from: &str, message: &OutgoingMessage) -> Value {
    let text = |text: &str| json!({ "Data": text, "Charset": "UTF-8" });
    let subject = message.subject.as_deref().unwrap_or_default();
    json!({
        "FromEmailAddress": from,
        "Destination": { "ToAddresses": [message.to] },
        "Content": { "Simple": {
            "Subject": text(&one_line(subject).chars().take(MAX_SUBJECT_CHARS).collect::<String>()),
            "Body": { "Text": text(&message.body) },
        } },
        "EmailTags": [{ "Name": TAG, "Value": tag_value(&message.id) }],
    })
}

/// Returns the request body of a text message. It is transactional (a response to an enquiry), which has priority over
/// promotional messages.
fn sms(from: &str, message: &OutgoingMessage) -> Value {
    json!({
        "DestinationPhoneNumber": message.to,
        "OriginationIdentity": from,
        "MessageBody": message.body,
        "MessageType": "TRANSACTIONAL",
        "Context": { TAG: tag_value(&message.id) },
    })
}

/// Returns the request body of a `WhatsApp` message: a message object of Meta's Cloud API, which AWS passes on.
fn whatsapp(from: &str, template: Option<&WhatsappTemplate>, message: &OutgoingMessage) -> Value {
    let mut object = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        "biz_opaque_callback_data": tag_value(&message.id),
    });
    if let Some(WhatsappTemplate { name, language }) = template {
        object["type"] = "template".into();
        // WhatsApp rejects parameters with line breaks, tabs or more than four consecutive spaces.
        let parameter = json!({ "type": "text", "text": one_line(&message.body) });
        object["template"] = json!({
            "name": name,
            "language": { "code": language },
            "components": [{ "type": "body", "parameters": [parameter] }],
        });
    } else {
        object["type"] = "text".into();
        object["text"] = json!({ "body": message.body, "preview_url": false });
    }
    json!({
        "originationPhoneNumberId": from,
        "metaApiVersion": META_API,
        "message": STANDARD.encode(object.to_string()),
    })
}

/// Returns `text` with single spaces in place of whitespace and control characters.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns `id` reduced to the characters that a tag may have: ASCII letters, digits, `-` and `_`.
fn tag_value(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(256).collect()
}
