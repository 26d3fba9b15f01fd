//! What a sequence is when it starts: which message, and when.

use super::{Sequence, SequenceStatus, Step, StepStatus, StopReason};
use crate::accounts::business::TimeZone;
use crate::follow_up::quiet_hours::next_allowed_time;
use crate::follow_up::template::Template;
use crate::leads::Lead;
use crate::time::{Speedup, Timestamp};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// When the messages to a lead go out.
#[derive(Clone, Copy, Debug)]
pub struct StepSchedule<'a> {
    /// Who is written to: nobody is woken.
    pub lead: &'a Lead,
    /// Where the business is, for numbers that do not say where they are.
    pub zone: &'a TimeZone,
    /// How fast waits pass.
    pub speedup: Speedup,
}

impl StepSchedule<'_> {
    /// The time `wait` after `base`, moved forward to where the person is awake; a wait that is true, shortened by the
    /// pace only then.
    pub fn next_allowed_time(&self, base: Timestamp, wait: Duration) -> Timestamp {
        let true_time = next_allowed_time(base.after(wait), self.lead.phone.as_ref(), self.zone);
        base.after(self.speedup.shorten(true_time.since(base)))
    }
}

/// What a sequence is started with.
#[derive(Clone, Copy, Debug)]
pub struct SequenceStart<'a> {
    /// What is written.
    pub template: &'a Template,
    /// To whom, and when.
    pub schedule: StepSchedule<'a>,
    /// The sequence that the lead had before.
    pub before: Option<&'a Sequence>,
}

impl SequenceStart<'_> {
    /// The sequence that starts at `now`: the first step at once where it is of day 0. Where there is no consent it is
    /// proposed and no more.
    pub fn start(&self, now: Timestamp) -> Sequence {
        let lead = self.schedule.lead;
        let proposed = StopReason::for_lead(lead) == Some(StopReason::NoConsent);
        let (status, step_status) = if proposed {
            (SequenceStatus::Proposed, StepStatus::Proposed)
        } else {
            (SequenceStatus::Running, StepStatus::Queued)
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
                due_at: if step.day == 0 {
                    now
                } else {
                    self.schedule.next_allowed_time(now, DAY * u32::from(step.day))
                },
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
            attempts: 0,
            delays: 0,
            claim: None,
            expires_at: lead.expires_at(),
            version: self.before.map_or(1, |before| before.version + 1),
        }
    }
}
