//! Settings from environment variables, as `template.yaml` sets them.

use contract::native::MAX_WAIT_SECONDS;
use domain::time::Speedup;
use domain::webhooks::delivery_lane::DeliveryLane;
use messaging::WhatsappTemplate;
use std::env;
use std::time::Duration;
use webhook::ssrf::TargetPolicy;

/// The settings of a deployed function. An empty environment variable counts as not set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `AWS_REGION`, set by Lambda.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: the endpoint of an emulator, instead of AWS itself.
    pub endpoint: Option<String>,
    /// `LEADHOUSE_TABLE`: the name of the single table.
    pub table: String,
    /// `LEADHOUSE_ACCESS_TABLE`: the name of the access table (keys, counters, idempotency).
    pub access_table: String,
    /// `LEADHOUSE_QUEUE_URL`: the queue of deliveries. Set for functions that use it.
    pub delivery_queue_url: Option<String>,
    /// `LEADHOUSE_SLOW_QUEUE_URL`: the queue of deliveries to slow endpoints. Set for functions that use it.
    pub slow_delivery_queue_url: Option<String>,
    /// `LEADHOUSE_DELIVERY_LANE`: the queue that invokes the function, `prompt` (default) or `slow`.
    pub delivery_lane: DeliveryLane,
    /// `LEADHOUSE_FOLLOW_UP_QUEUE_URL`: the queue of follow-up messages. Set for functions that use it.
    pub follow_up_queue_url: Option<String>,
    /// `LEADHOUSE_PACKAGE_QUEUE_URL`: the queue of evidence packages. Set for functions that use it.
    pub package_queue_url: Option<String>,
    /// `LEADHOUSE_API_URL`: the base URL of the API, for addresses in payloads of webhooks. Set for functions that use it.
    pub api_url: Option<String>,
    /// `LEADHOUSE_MASTER_SECRET`: the ARN of the master keys in Secrets Manager. Set for functions that use them.
    pub master_secret: Option<String>,
    /// `LEADHOUSE_BUCKET`: the name of the bucket of files. Set for functions that use it.
    pub bucket: Option<String>,
    /// `LEADHOUSE_PARKING_BUCKET`: the name of the bucket of stream records that could not be processed. Set for functions
    /// that read the stream.
    pub parking_bucket: Option<String>,
    /// `LEADHOUSE_EMAIL_FROM`: the sender address of e-mail to people. Without it the e-mail channel is disabled.
    pub email_from: Option<String>,
    /// `LEADHOUSE_SMS_FROM`: the origination identity of text messages. Without it the SMS channel is disabled.
    pub sms_from: Option<String>,
    /// `LEADHOUSE_WHATSAPP_FROM`: the id of the `WhatsApp` number. Without it the `WhatsApp` channel is disabled.
    pub whatsapp_from: Option<String>,
    /// `LEADHOUSE_WHATSAPP_TEMPLATE` and `LEADHOUSE_WHATSAPP_LANGUAGE` (default: `en`): the approved template whose
    /// only parameter is the message's text. Without it messages are plain text.
    pub whatsapp_template: Option<WhatsappTemplate>,
    /// `LEADHOUSE_TARGETS`: `public` (default), or `loopback-for-tests`, which is accepted only with an emulator's
    /// endpoint: in Lambda itself, the runtime's own API listens on loopback.
    pub target_policy: TargetPolicy,
    /// `LEADHOUSE_SPEEDUP`: the factor by which scheduled waits are shortened (default: 1).
    pub speedup: Speedup,
    /// `LEADHOUSE_SWEEP_PARALLELISM`: the maximum number of invocations among which the sweeper divides a backlog (default: 1,
    /// the sweeper itself).
    pub sweep_parallelism: usize,
    /// `LEADHOUSE_EVENT_LOG_WAIT_SECONDS`: the maximum time that a request for the event log waits for an event, up to 20
    /// seconds (default: 0, because a waiting request holds a function).
    pub max_event_log_wait: Duration,
}

/// An environment variable is missing or invalid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The environment variable is not set or empty.
    #[error("environment variable {0} is not set")]
    Missing(&'static str),
    /// The environment variable has an invalid value. Holds its name and what is accepted.
    #[error("environment variable {0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Settings {
    /// Reads the environment variables.
    pub fn from_environment_variables() -> Result<Self, SettingsError> {
        Self::parse(|name| env::var(name).ok())
    }

    /// Builds settings from the value that `variable` returns for each name.
    fn parse(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let optional = |name: &'static str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(SettingsError::Missing(name));
        let endpoint = optional("AWS_ENDPOINT_URL");
        Ok(Self {
            region: required("AWS_REGION")?,
            table: required("LEADHOUSE_TABLE")?,
            access_table: required("LEADHOUSE_ACCESS_TABLE")?,
            delivery_queue_url: optional("LEADHOUSE_QUEUE_URL"),
            slow_delivery_queue_url: optional("LEADHOUSE_SLOW_QUEUE_URL"),
            delivery_lane: delivery_lane(optional("LEADHOUSE_DELIVERY_LANE").as_deref())?,
            follow_up_queue_url: optional("LEADHOUSE_FOLLOW_UP_QUEUE_URL"),
            package_queue_url: optional("LEADHOUSE_PACKAGE_QUEUE_URL"),
            api_url: optional("LEADHOUSE_API_URL"),
            master_secret: optional("LEADHOUSE_MASTER_SECRET"),
            bucket: optional("LEADHOUSE_BUCKET"),
            parking_bucket: optional("LEADHOUSE_PARKING_BUCKET"),
            email_from: optional("LEADHOUSE_EMAIL_FROM"),
            sms_from: optional("LEADHOUSE_SMS_FROM"),
            whatsapp_from: optional("LEADHOUSE_WHATSAPP_FROM"),
            whatsapp_template: optional("LEADHOUSE_WHATSAPP_TEMPLATE").map(|name| WhatsappTemplate {
                name,
                language: optional("LEADHOUSE_WHATSAPP_LANGUAGE").unwrap_or_else(|| "en".to_owned()),
            }),
            target_policy: target_policy(optional("LEADHOUSE_TARGETS").as_deref(), endpoint.as_deref())?,
            speedup: speedup(optional("LEADHOUSE_SPEEDUP").as_deref())?,
            sweep_parallelism: sweep_parallelism(optional("LEADHOUSE_SWEEP_PARALLELISM").as_deref())?,
            max_event_log_wait: event_log_wait(optional("LEADHOUSE_EVENT_LOG_WAIT_SECONDS").as_deref())?,
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

fn delivery_lane(text: Option<&str>) -> Result<DeliveryLane, SettingsError> {
    match text {
        None | Some("prompt") => Ok(DeliveryLane::Prompt),
        Some("slow") => Ok(DeliveryLane::Slow),
        Some(_) => Err(SettingsError::Invalid("LEADHOUSE_DELIVERY_LANE", "prompt or slow")),
    }
}

fn speedup(text: Option<&str>) -> Result<Speedup, SettingsError> {
    const ACCEPTED: SettingsError = SettingsError::Invalid("LEADHOUSE_SPEEDUP", "a number from 1 to 1000000");
    let Some(text) = text else { return Ok(Speedup::NONE) };
    text.parse().ok().filter(|speedup| (1.0..=1e6).contains(speedup)).map(Speedup::new).ok_or(ACCEPTED)
}

fn sweep_parallelism(text: Option<&str>) -> Result<usize, SettingsError> {
    const ACCEPTED: SettingsError = SettingsError::Invalid("LEADHOUSE_SWEEP_PARALLELISM", "an integer from 1 to 16");
    let Some(text) = text else { return Ok(1) };
    text.parse().ok().filter(|count| (1..=16).contains(count)).ok_or(ACCEPTED)
}

fn event_log_wait(text: Option<&str>) -> Result<Duration, SettingsError> {
    const ACCEPTED: SettingsError =
        SettingsError::Invalid("LEADHOUSE_EVENT_LOG_WAIT_SECONDS", "an integer from 0 to 20");
    let Some(text) = text else { return Ok(Duration::ZERO) };
    text.parse()
        .ok()
        .filter(|seconds| (0..=MAX_WAIT_SECONDS).contains(seconds))
        .map(Duration::from_secs)
        .ok_or(ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let required = [("AWS_REGION", "eu-north-1"), ("LEADHOUSE_TABLE", "t"), ("LEADHOUSE_ACCESS_TABLE", "a")];
        Settings::parse(|name| {
            let found = required.iter().chain(more).find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_are_public_targets_and_real_waits() {
        let settings = read(&[]).expect("settings");
        assert_eq!((settings.target_policy, settings.speedup), (TargetPolicy::PublicOnly, Speedup::NONE));
        assert_eq!(read(&[("LEADHOUSE_TARGETS", "public"), ("LEADHOUSE_SPEEDUP", "1")]), Ok(settings));
    }

    #[test]
    fn the_sweeper_works_alone_unless_told_otherwise() {
        assert_eq!(read(&[]).expect("settings").sweep_parallelism, 1);
        let sixteen = read(&[("LEADHOUSE_SWEEP_PARALLELISM", "16")]).expect("settings");
        assert_eq!(sixteen.sweep_parallelism, 16);
    }

    #[test]
    fn requests_for_the_event_log_wait_only_where_the_operator_allows_it() {
        let wait = |variables: &[_]| read(variables).map(|settings| settings.max_event_log_wait.as_secs());
        assert_eq!(wait(&[]), Ok(0));
        for (text, seconds) in [("0", 0), ("1", 1), ("20", 20)] {
            assert_eq!(wait(&[("LEADHOUSE_EVENT_LOG_WAIT_SECONDS", text)]), Ok(seconds));
        }
        for bad in ["21", "-1", "0.5", "no"] {
            let error = wait(&[("LEADHOUSE_EVENT_LOG_WAIT_SECONDS", bad)]).expect_err(bad).to_string();
            assert_eq!(error, "environment variable LEADHOUSE_EVENT_LOG_WAIT_SECONDS must be an integer from 0 to 20");
        }
    }

    #[test]
    fn loopback_targets_require_an_emulator() {
        let loopback = ("LEADHOUSE_TARGETS", "loopback-for-tests");
        let emulated = read(&[loopback, ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")]).expect("settings");
        assert_eq!(emulated.target_policy, TargetPolicy::AllowLoopback);
        assert!(read(&[loopback]).is_err(), "not allowed in AWS itself");
    }

    #[test]
    fn no_setting_allows_private_targets() {
        let texts = ["private", "allow-private", "AllowPrivate", "private-for-tests", "all", "any", "*", "loopback"];
        for endpoint in [None, Some(("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"))] {
            for text in texts {
                let variables: Vec<_> = [("LEADHOUSE_TARGETS", text)].into_iter().chain(endpoint).collect();
                assert!(read(&variables).is_err(), "{text}");
            }
            for text in ["", "public", "loopback-for-tests"] {
                let variables: Vec<_> = [("LEADHOUSE_TARGETS", text)].into_iter().chain(endpoint).collect();
                let policy = read(&variables).map(|settings| settings.target_policy);
                assert!(policy.is_err() || policy.is_ok_and(|policy| policy <= TargetPolicy::AllowLoopback), "{text}");
            }
        }
    }

    #[test]
    fn an_empty_or_missing_channel_is_disabled() {
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
    fn functions_serve_the_prompt_lane_by_default() {
        for (text, lane) in [("", DeliveryLane::Prompt), ("prompt", DeliveryLane::Prompt), ("slow", DeliveryLane::Slow)]
        {
            let settings = read(&[("LEADHOUSE_DELIVERY_LANE", text)]).expect("settings");
            assert_eq!(settings.delivery_lane, lane, "{text}");
        }
    }

    #[test]
    fn invalid_values_are_rejected() {
        for bad in [
            ("LEADHOUSE_TARGETS", "any"),
            ("LEADHOUSE_SPEEDUP", "0"),
            ("LEADHOUSE_SPEEDUP", "fast"),
            ("LEADHOUSE_DELIVERY_LANE", "Slow"),
        ] {
            assert!(read(&[bad]).is_err(), "{bad:?}");
        }
        for bad in ["0", "17", "-1", "many"] {
            assert!(read(&[("LEADHOUSE_SWEEP_PARALLELISM", bad)]).is_err(), "{bad}");
        }
    }
}
