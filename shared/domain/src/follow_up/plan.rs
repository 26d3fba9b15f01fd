//! The follow-up plan that a new lead suggests: Day 0, then Days 1, 3 and 7.
//!
//! A plan is a proposal and no more: nothing here writes to anybody, and every step is shown as PROPOSED, whatever
//! consent there is. What is sent is a sequence, which somebody starts and which needs recorded consent.

use crate::accounts::business::Channel;
use crate::leads::Lead;
use crate::leads::contact::Phone;

/// The days after a lead came in on which it would be written to.
const DAYS: [u8; 4] = [0, 1, 3, 7];

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedStepStatus {
    /// It could be taken; nobody has decided to.
    Proposed,
}

impl PlannedStepStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
        }
    }
}

/// One message that could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// Days after the lead came in.
    pub day: u8,
    /// How.
    pub channel: Channel,
    /// What becomes of it.
    pub status: PlannedStepStatus,
}

/// The plan for `lead`: a text message where there is a number that can be dialled, an e-mail where there is an
/// address, by turns where there are both. No steps where there is neither, or where the person asked not to be
/// written to.
pub fn plan_for(lead: &Lead) -> Vec<PlannedStep> {
    let text_message = lead.phone.as_ref().and_then(Phone::e164).map(|_| Channel::Sms);
    let email = lead.email.as_ref().map(|_| Channel::Email);
    let channels: Vec<_> = text_message.into_iter().chain(email).collect();
    if lead.opted_out_at.is_some() {
        return Vec::new();
    }
    let by_turns = channels.iter().cycle();
    DAYS.into_iter()
        .zip(by_turns)
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
    fn a_plan_uses_what_the_person_can_be_reached_by() {
        let by_mail = lead(Some("jane@example.com"), None);
        assert_eq!(steps(&by_mail), [(0, "EMAIL"), (1, "EMAIL"), (3, "EMAIL"), (7, "EMAIL")]);
        let by_phone = lead(None, Some("+15551234567"));
        assert_eq!(steps(&by_phone), [(0, "SMS"), (1, "SMS"), (3, "SMS"), (7, "SMS")]);
        let by_both = lead(Some("jane@example.com"), Some("+15551234567"));
        assert_eq!(steps(&by_both), [(0, "SMS"), (1, "EMAIL"), (3, "SMS"), (7, "EMAIL")]);
        assert_eq!(steps(&lead(None, Some("123"))), [], "a number that cannot be dialled");
    }

    #[test]
    fn nobody_who_opted_out_has_a_plan() {
        let new = lead(Some("jane@example.com"), None);
        let change = |status| LeadChange { status: Some(status), ..LeadChange::default() };
        let out = change(LeadStatus::OptedOut).apply(&new, Timestamp::EPOCH).unwrap();
        let closed = change(LeadStatus::Closed).apply(&out, Timestamp::EPOCH).unwrap();
        assert_eq!((steps(&out), steps(&closed)), (Vec::new(), Vec::new()));
    }
}
