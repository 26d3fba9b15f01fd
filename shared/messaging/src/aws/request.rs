//! The three requests, as the APIs' references have them, and their signature (AWS Signature Version 4).

use super::{AwsConfig, WhatsappTemplate};
use crate::OutgoingMessage;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::accounts::business::Channel;
use serde_json::{Value, json};
use std::time::SystemTime;

/// Characters of a subject: mail programs show fewer.
const MAX_SUBJECT_CHARS: usize = 200;

/// The version of Meta's API whose form messages have.
const META_API: &str = "v20.0";

/// What our id is called where a provider keeps it.
const TAG: &str = "leadhouse-message";

/// One request of an API.
pub(super) struct Call {
    service: Service,
    body: Value,
}

/// An API of AWS.
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

impl Call {
    /// The request that sends `message`; none where its channel is not configured.
    pub(super) fn of(aws: &AwsConfig, message: &OutgoingMessage) -> Option<Self> {
        Some(match message.channel {
            Channel::Email => Self { service: EMAIL, body: email(aws.email_from.as_deref()?, message) },
            Channel::Sms => Self { service: SMS, body: sms(aws.sms_from.as_deref()?, message) },
            Channel::Whatsapp => {
                let from = aws.whatsapp_from.as_deref()?;
                Self { service: WHATSAPP, body: whatsapp(from, aws.whatsapp_template.as_ref(), message) }
            }
        })
    }

    /// The request itself, signed now; none where what it is made of cannot stand in one.
    pub(super) fn signed(&self, aws: &AwsConfig) -> Option<http::Request<Vec<u8>>> {
        let Service { host, signing_name, path, content_type, target } = self.service;
        let base = aws.endpoint.clone().unwrap_or_else(|| {
            let suffix = if aws.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://{host}.{}.{suffix}", aws.region)
        });
        let uri = format!("{}{path}", base.trim_end_matches('/'));
        let body = serde_json::to_vec(&self.body).ok()?;
        let mut request = http::Request::post(&uri).header("content-type", content_type);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let mut request = request.body(body).ok()?;
        let identity: Identity = aws.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&aws.region)
            .name(signing_name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let instructions = {
            let headers =
                request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
            let signable = SignableRequest::new("POST", &uri, headers, SignableBody::Bytes(request.body())).ok()?;
            sign(signable, &params).ok()?.into_parts().0
        };
        instructions.apply_to_request_http1x(&mut request);
        Some(request)
    }
}

/// An e-mail of plain text.
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

/// A text message. Transactional: an answer to an enquiry, which goes out before advertisements do.
fn sms(from: &str, message: &OutgoingMessage) -> Value {
    json!({
        "DestinationPhoneNumber": message.to,
        "OriginationIdentity": from,
        "MessageBody": message.body,
        "MessageType": "TRANSACTIONAL",
        "Context": { TAG: tag_value(&message.id) },
    })
}

/// A message object of Meta's Cloud API, handed through as it is.
fn whatsapp(from: &str, template: Option<&WhatsappTemplate>, message: &OutgoingMessage) -> Value {
    let mut object = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        "biz_opaque_callback_data": tag_value(&message.id),
    });
    if let Some(WhatsappTemplate { name, language }) = template {
        object["type"] = "template".into();
        // A parameter may have neither line breaks nor tabs nor more than four spaces in a row.
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

/// Words with one space between them.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a tag may hold: ASCII letters, digits, `-` and `_`.
fn tag_value(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(256).collect()
}
