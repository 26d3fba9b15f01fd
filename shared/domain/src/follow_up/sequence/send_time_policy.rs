//! Times at which the messages to a lead may be sent.

use crate::accounts::business::TimeZone;
use crate::follow_up::quiet_hours;
use crate::leads::Lead;
use crate::time::{Speedup, Timestamp};
use std::time::Duration;

/// The policy that decides when messages to a lead are sent.
#[derive(Clone, Copy, Debug)]
pub struct SendTimePolicy<'a> {
    /// Lead whose telephone number determines the quiet hours.
    pub lead: &'a Lead,
    /// Time zone of the business, for leads whose number does not determine one.
    pub zone: &'a TimeZone,
    /// Speed-up of waits.
    pub speedup: Speedup,
}

impl SendTimePolicy<'_> {
    /// Returns the time `wait` after `base` or, if that is in the person's quiet hours, a time after their end
    /// ([`quiet_hours::next_allowed_time`]).
    ///
    /// With a speed-up, the true waiting time is computed first and shortened then, so that tests see the quiet hours.
    pub fn next_allowed_time(&self, base: Timestamp, wait: Duration) -> Timestamp {
        let true_time =
            quiet_hours::next_allowed_time(base.after(wait), self.lead.phone.as_ref(), self.zone, self.lead.id);
        base.after(self.speedup.shorten(true_time.since(base)))
    }
}
