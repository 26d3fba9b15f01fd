//! The follow-up plan that is shown with a lead: messages on days 0, 1, 3 and 7.
//!
//! A plan is only a proposal: nothing is sent, and every step is PROPOSED, with or without consent. Messages are sent
//! by a [sequence](super::sequence), which has to be started and which requires recorded consent.

use crate::accounts::business::Channel;
use crate::leads::Lead;
use crate::leads::contact::Phone;

/// Days after the creation of the lead on which messages are proposed.
const DAYS: [u8; 4] = [0, 1, 3, 7];

/// The status of a planned step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedStepStatus {
    /// Proposed, and not scheduled.
    Proposed,
}

impl PlannedStepStatus {
    /// Every status.
    pub const ALL: [Self; 1] = [Self::Proposed];

    /// Returns the name in API responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
        }
    }
}

/// A message that is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// Days after the creation of the lead.
    pub day: u8,
    /// Channel of the message.
    pub channel: Channel,
    /// Status of the step.
    pub status: PlannedStepStatus,
}

/// Returns the plan for `lead`: text messages if it has a telephone number that can be dialed, e-mails if it has an
/// address, and both alternately if it has both. The plan is empty if there is neither, or if the person opted out.
pub fn plan_for(lead: &Lead) -> Vec<PlannedStep> {
    let text_message = lead.phone.as_ref().and_then(Phone::e164).map(|_| Channel::Sms);
    let email = lead.email.as_ref().map(|_| Channel::Email);
    let channels: Vec<_> = text_message.into_iter().chain(email).collect();
    if lead.opted_out_at.is_some() {
        return Vec::new();
    }
    let alternating = channels.iter().cycle();
    DAYS.into_iter()
        .zip(alternating)
        .map(|(day, channel)| PlannedStep { day, channel: *channel, status: PlannedStepStatus::Proposed })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::business::{Country, TimeZone};
    use crate::leads::contact::{Email, Name};
    use crate::leads::{Attributes, Category, LeadChange, Source, Utm};
    use crate::{BusinessId, Contract, LeadId, LeadStatus, NewLead, Timestamp};

    fn lead(email: Option<&str>, phone: Option<&str>) -> Lead {
        let country = Country::parse("US").unwrap();
        let new = NewLead {
            business: BusinessId::derived(&[b"b"]),
            name: Name::parse("Jane").unwrap(),
            email: email.map(|text| Email::parse(text).unwrap()),
            phone: phone.map(|text| Phone::parse(text, &country).unwrap()),
            message: None,
            service_interest: None,
            source: Source::default(),
            category: Category::General,
            utm: Utm::default(),
            consent: None,
            attributes: Attributes::default(),
            visitor: None,
        };
        let zone = TimeZone::parse("UTC").unwrap();
        Lead::new(LeadId::derived(&[b"l"]), Contract::Native, new, &zone, Timestamp::EPOCH)
    }

    fn steps(lead: &Lead) -> Vec<(u8, &'static str)> {
        plan_for(lead).iter().map(|step| (step.day, step.channel.name())).collect()
    }

    #[test]
    fn plans_use_the_available_channels() {
        let by_mail = lead(Some("jane@example.com"), None);
        assert_eq!(steps(&by_mail), [(0, "EMAIL"), (1, "EMAIL"), (3, "EMAIL"), (7, "EMAIL")]);
        let by_phone = lead(None, Some("+15551234567"));
        assert_eq!(steps(&by_phone), [(0, "SMS"), (1, "SMS"), (3, "SMS"), (7, "SMS")]);
        let by_both = lead(Some("jane@example.com"), Some("+15551234567"));
        assert_eq!(steps(&by_both), [(0, "SMS"), (1, "EMAIL"), (3, "SMS"), (7, "EMAIL")]);
        assert_eq!(steps(&lead(None, Some("123"))), [], "a number that cannot be dialed");
    }

    #[test]
    fn opted_out_leads_have_an_empty_plan() {
        let new = lead(Some("jane@example.com"), None);
        let change = |status| LeadChange { status: Some(status), ..LeadChange::default() };
        let out = change(LeadStatus::OptedOut).apply(&new, Timestamp::EPOCH).unwrap();
        let closed = change(LeadStatus::Closed).apply(&out, Timestamp::EPOCH).unwrap();
        assert_eq!((steps(&out), steps(&closed)), (Vec::new(), Vec::new()));
    }
}
