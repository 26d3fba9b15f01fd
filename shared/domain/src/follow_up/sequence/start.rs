//! Start of a sequence.

use super::send_time_policy::SendTimePolicy;
use super::state::{Sequence, Step};
use super::status::{SequenceStatus, StepStatus, StopReason};
use crate::follow_up::template::Template;
use crate::time::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// The input that starts a sequence.
#[derive(Clone, Copy, Debug)]
pub struct SequenceStart<'a> {
    /// Template whose steps are copied.
    pub template: &'a Template,
    /// Lead, and the policy that decides when messages are sent.
    pub policy: SendTimePolicy<'a>,
    /// Previous sequence of the lead, whose version numbers are continued.
    pub previous: Option<&'a Sequence>,
}

impl SequenceStart<'_> {
    /// Returns the sequence that starts at `now`. A step of day 0 is due immediately, even in quiet hours. Without consent,
    /// the sequence is only proposed.
    pub fn start(&self, now: Timestamp) -> Sequence {
        let lead = self.policy.lead;
        let proposed = StopReason::for_lead(lead) == Some(StopReason::NoConsent);
        let (status, step_status) = if proposed {
            (SequenceStatus::Proposed, StepStatus::Proposed)
        } else {
            (SequenceStatus::Running, StepStatus::Queued)
        };
        let due_at = |day: u16| match day {
            0 => now,
            day => self.policy.next_allowed_time(now, DAY * u32::from(day)),
        };
        let steps: Vec<_> = self
            .template
            .steps
            .iter()
            .map(|step| Step {
                day: step.day,
                channel: step.channel,
                subject: step.subject.clone(),
                text: step.text.clone(),
                due_at: due_at(step.day),
                status: step_status,
                message: None,
                reason: None,
            })
            .collect();
        Sequence {
            lead: lead.id,
            business: lead.business,
            template: self.template.id,
            status,
            stop_reason: None,
            started_at: now,
            ended_at: None,
            due_at: steps.first().map(|step| step.due_at).filter(|_| !proposed),
            steps,
            next_step_index: 0,
            retries: 0,
            claim: None,
            first_sent_at: self.previous.and_then(|previous| previous.first_sent_at),
            expires_at: lead.expires_at(),
            version: self.previous.map_or(1, |previous| previous.version + 1),
        }
    }
}
