//! The score of a lead and its proposed follow-up plan.

use crate::schema::{ChannelName, PlannedStepStatusName};
use domain::Lead;
use domain::follow_up::plan;
use domain::leads::scoring::Score;
use schemars::JsonSchema;
use serde::Serialize;

/// `{"value", "reasons": [{"code", "points", "text"}]}`
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Score")]
pub(crate) struct ScoreJson {
    #[schemars(range(min = 0, max = 100))]
    value: u8,
    reasons: Vec<ReasonJson>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ScoreReason")]
struct ReasonJson {
    code: &'static str,
    points: u8,
    text: &'static str,
}

impl ScoreJson {
    pub(crate) fn of(score: Score) -> Self {
        let reasons = score.reasons().map(|rule| ReasonJson { code: rule.code, points: rule.points, text: rule.text });
        Self { value: score.value(), reasons: reasons.collect() }
    }
}

/// `{"steps": [{"day", "channel", "status"}]}`
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FollowUpPlan")]
pub(crate) struct PlanJson {
    steps: Vec<StepJson>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlannedStep")]
struct StepJson {
    day: u8,
    #[schemars(with = "ChannelName")]
    channel: &'static str,
    #[schemars(with = "PlannedStepStatusName")]
    status: &'static str,
}

impl PlanJson {
    pub(crate) fn of(lead: &Lead) -> Self {
        let step = |step: &plan::PlannedStep| StepJson {
            day: step.day,
            channel: step.channel.name(),
            status: step.status.name(),
        };
        Self { steps: plan::plan_for(lead).iter().map(step).collect() }
    }
}
