//! Configuration from the environment, as `template.yaml` sets it.

use domain::time::Speedup;
use messaging::WhatsappTemplate;
use std::env;
use webhook::ssrf::TargetPolicy;

/// Names of tables, queue and secret, where AWS is, and what only tests set otherwise.
#[derive(Clone, Debug, PartialEq)]
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
    /// `LEADHOUSE_FOLLOW_UP_QUEUE_URL`: the queue of follow-up, likewise.
    pub follow_up_queue_url: Option<String>,
    /// `LEADHOUSE_MASTER_SECRET`: the ARN of the master keys, for functions that have to do with them.
    pub master_secret: Option<String>,
    /// `LEADHOUSE_BUCKET`: the bucket of files, for functions that have to do with them.
    pub bucket: Option<String>,
    /// `LEADHOUSE_EMAIL_FROM`: the address that e-mail to people comes from; without it there is no e-mail.
    pub email_from: Option<String>,
    /// `LEADHOUSE_SMS_FROM`: the origination identity of text messages; without it there are none.
    pub sms_from: Option<String>,
    /// `LEADHOUSE_WHATSAPP_FROM`: the id of the `WhatsApp` number; without it there is no `WhatsApp`.
    pub whatsapp_from: Option<String>,
    /// `LEADHOUSE_WHATSAPP_TEMPLATE` and `LEADHOUSE_WHATSAPP_LANGUAGE` (`en` where nothing is said): the approved
    /// template whose one parameter is the text; without it messages are plain text.
    pub whatsapp_template: Option<WhatsappTemplate>,
    /// `LEADHOUSE_TARGETS`: `public` (where nothing is said, too) or `loopback-for-tests`, which an emulator alone
    /// may have: in Lambda itself, loopback is where the runtime's own API answers.
    pub target_policy: TargetPolicy,
    /// `LEADHOUSE_SPEEDUP`: how many times faster scheduled waits pass, 1 where nothing is said.
    pub speedup: Speedup,
}

/// A variable that is missing or says what cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// It is not there.
    #[error("the environment lacks {0}")]
    Missing(&'static str),
    /// It is there and must be otherwise.
    #[error("{0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Settings {
    /// Reads the environment.
    pub fn from_environment_variables() -> Result<Self, SettingsError> {
        Self::read(|name| env::var(name).ok())
    }

    /// Reads what `variable` says of each name; what is empty is missing.
    fn read(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let optional = |name: &'static str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(SettingsError::Missing(name));
        let endpoint = optional("AWS_ENDPOINT_URL");
        Ok(Self {
            region: required("AWS_REGION")?,
            table: required("LEADHOUSE_TABLE")?,
            access_table: required("LEADHOUSE_ACCESS_TABLE")?,
            queue_url: optional("LEADHOUSE_QUEUE_URL"),
            follow_up_queue_url: optional("LEADHOUSE_FOLLOW_UP_QUEUE_URL"),
            master_secret: optional("LEADHOUSE_MASTER_SECRET"),
            bucket: optional("LEADHOUSE_BUCKET"),
            email_from: optional("LEADHOUSE_EMAIL_FROM"),
            sms_from: optional("LEADHOUSE_SMS_FROM"),
            whatsapp_from: optional("LEADHOUSE_WHATSAPP_FROM"),
            whatsapp_template: optional("LEADHOUSE_WHATSAPP_TEMPLATE").map(|name| WhatsappTemplate {
                name,
                language: optional("LEADHOUSE_WHATSAPP_LANGUAGE").unwrap_or_else(|| "en".to_owned()),
            }),
            target_policy: target_policy(optional("LEADHOUSE_TARGETS").as_deref(), endpoint.as_deref())?,
            speedup: speedup(optional("LEADHOUSE_SPEEDUP").as_deref())?,
            endpoint,
        })
    }
}

fn target_policy(text: Option<&str>, endpoint: Option<&str>) -> Result<TargetPolicy, SettingsError> {
    match (text, endpoint) {
        (None | Some("public"), _) => Ok(TargetPolicy::PublicOnly),
        (Some("loopback-for-tests"), Some(_)) => Ok(TargetPolicy::AllowLoopback),
        _ => Err(SettingsError::Invalid("LEADHOUSE_TARGETS", "public, or loopback-for-tests with an AWS_ENDPOINT_URL")),
    }
}

fn speedup(text: Option<&str>) -> Result<Speedup, SettingsError> {
    const ACCEPTED: SettingsError = SettingsError::Invalid("LEADHOUSE_SPEEDUP", "a number from 1 to 1000000");
    let Some(text) = text else { return Ok(Speedup::NONE) };
    text.parse().ok().filter(|speedup| (1.0..=1e6).contains(speedup)).map(Speedup::new).ok_or(ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let usual = [("AWS_REGION", "eu-north-1"), ("LEADHOUSE_TABLE", "t"), ("LEADHOUSE_ACCESS_TABLE", "a")];
        Settings::read(|name| {
            let said = usual.iter().chain(more).find(|(said, _)| *said == name);
            said.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn where_nothing_is_said_targets_are_public_and_waits_real() {
        let settings = read(&[]).expect("settings");
        assert_eq!((settings.target_policy, settings.speedup), (TargetPolicy::PublicOnly, Speedup::NONE));
        assert_eq!(read(&[("LEADHOUSE_TARGETS", "public"), ("LEADHOUSE_SPEEDUP", "1")]), Ok(settings));
    }

    #[test]
    fn loopback_is_for_emulators_alone() {
        let lax = ("LEADHOUSE_TARGETS", "loopback-for-tests");
        let emulated = read(&[lax, ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")]).expect("settings");
        assert_eq!(emulated.target_policy, TargetPolicy::AllowLoopback);
        assert!(read(&[lax]).is_err(), "in AWS itself nothing is lax");
    }

    #[test]
    fn a_channel_that_is_not_said_or_empty_is_not_there() {
        let settings = read(&[("LEADHOUSE_EMAIL_FROM", ""), ("LEADHOUSE_SMS_FROM", "+46700000001")]).expect("settings");
        assert_eq!((settings.email_from, settings.sms_from.as_deref()), (None, Some("+46700000001")));
        assert_eq!((settings.whatsapp_from, settings.whatsapp_template), (None, None));
        let templated = read(&[("LEADHOUSE_WHATSAPP_TEMPLATE", "follow_up")]).expect("settings").whatsapp_template;
        assert_eq!(
            templated.map(|template| (template.name, template.language)),
            Some(("follow_up".into(), "en".into()))
        );
    }

    #[test]
    fn what_cannot_be_read_stops_the_function() {
        for bad in [("LEADHOUSE_TARGETS", "any"), ("LEADHOUSE_SPEEDUP", "0"), ("LEADHOUSE_SPEEDUP", "fast")] {
            assert!(read(&[bad]).is_err(), "{bad:?}");
        }
    }
}
