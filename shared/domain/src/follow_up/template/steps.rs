//! The steps of a template.

use super::text::TemplateText;
use crate::accounts::business::Channel;
use serde::{Deserialize, Serialize};

/// Maximum number of steps of a template.
pub const MAX_STEPS: usize = 12;

/// Last day on which a template may have a step: a year after the start.
pub const MAX_DAY: u16 = 365;

/// A step of a template: one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateStep {
    /// Days of 24 hours after the start of the sequence. Day 0 is sent immediately.
    pub day: u16,
    /// Preferred channel. The business's channels are used if there is none, or if it is not possible.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// Subject, for e-mail. The name of the business by default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<TemplateText>,
    /// Text of the message.
    pub text: TemplateText,
}

/// The steps of a template in ascending order of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateSteps(pub(super) Vec<TemplateStep>);

impl TemplateSteps {
    /// Validates the number and order of steps. Returns the reason as a sentence fragment if they are not accepted.
    pub fn parse(steps: Vec<TemplateStep>) -> Result<Self, String> {
        if steps.is_empty() || steps.len() > MAX_STEPS {
            return Err(format!("must have 1 to {MAX_STEPS} steps"));
        }
        if steps.windows(2).any(|pair| pair[0].day >= pair[1].day) {
            return Err("must be in ascending order of day, with one step per day".to_owned());
        }
        Ok(Self(steps))
    }

    /// Iterates over the steps.
    pub fn iter(&self) -> impl Iterator<Item = &TemplateStep> {
        self.0.iter()
    }
}
