//! A lead's score and follow-up plan, in the contracts that show them.

use domain::Lead;
use domain::follow_up::plan;
use domain::leads::scoring::Score;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct WireScore {
    value: u8,
    reasons: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    code: &'static str,
    points: u8,
    text: &'static str,
}

impl WireScore {
    pub(crate) fn of(score: Score) -> Self {
        let reasons = score.reasons().map(|rule| Reason { code: rule.code, points: rule.points, text: rule.text });
        Self { value: score.value(), reasons: reasons.collect() }
    }
}

#[derive(Serialize)]
pub(crate) struct WirePlan {
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    day: u8,
    channel: &'static str,
    status: &'static str,
}

impl WirePlan {
    pub(crate) fn of(lead: &Lead) -> Self {
        let steps = plan::plan_for(lead);
        let step =
            |step: &plan::PlannedStep| Step { day: step.day, channel: step.channel.name(), status: step.status.name() };
        Self { steps: steps.iter().map(step).collect() }
    }
}
