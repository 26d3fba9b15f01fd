//! Lead scoring: a score from 0 to 100, with reasons.
//!
//! A rule applies to a lead or it does not, and the score is the sum of the points of the rules that apply. [`RULES`]
//! is the whole algorithm; `docs/scoring.md` shows it. No rule subtracts points, so that giving more information never
//! lowers a score.
//!
//! A lead is scored when it is created, and again only when a change affects something that a rule looks at. The score
//! is stored as one bit for each rule, so that value and reasons always agree.

use super::attributes::Attributes;
use super::contact::{Email, Name, Phone};
use super::source::Source;
use crate::accounts::business::TimeZone;
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Number of letters and digits from which on a message is detailed: about two lines.
const MIN_DETAILED_CHARS: usize = 60;

/// Sources that mean that the person approached the business directly or was referred to it.
const DIRECT_SOURCES: [&str; 6] = ["CHAT", "PHONE", "PHONE_CALL", "REFERRAL", "WALK_IN", "WHATSAPP"];

/// The properties of a lead that rules look at.
pub(super) struct ScoringInput<'a> {
    pub(super) name: &'a Name,
    pub(super) email: Option<&'a Email>,
    pub(super) phone: Option<&'a Phone>,
    pub(super) message: Option<&'a MultiLine>,
    pub(super) service_interest: Option<&'a SingleLine>,
    pub(super) source: &'a Source,
    pub(super) consented: bool,
    pub(super) attributes: &'a Attributes,
    pub(super) created: CreationTime,
}

/// The time of day at which a lead was created, as a rule looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CreationTime {
    InOfficeHours,
    OutsideOfficeHours,
}

impl CreationTime {
    /// Returns the time of a lead that is created at `at`, for a business in the time zone `zone`.
    pub(super) fn of(at: Timestamp, zone: &TimeZone) -> Self {
        if zone.is_in_office_hours(at) { Self::InOfficeHours } else { Self::OutsideOfficeHours }
    }
}

/// A scoring rule, which is also the reason for its points.
pub struct Rule {
    /// Code for programs. Never changes.
    pub code: &'static str,
    /// Points that the rule adds.
    pub points: u8,
    /// Description for people.
    pub text: &'static str,
    applies: fn(&ScoringInput<'_>) -> bool,
}

const fn rule(code: &'static str, points: u8, text: &'static str, applies: fn(&ScoringInput<'_>) -> bool) -> Rule {
    Rule { code, points, text, applies }
}

/// Code of the rule for leads that are created in office hours.
const OFFICE_HOURS: &str = "OFFICE_HOURS";

/// Every rule, 100 points in total.
///
/// Stored scores refer to rules by index, so a rule must keep its index and its points. To change a weight, add a new
/// rule at the end and let the old one never apply. A score has room for sixteen rules.
pub const RULES: [Rule; 12] = [
    rule("EMAIL", 15, "The lead has an e-mail address.", |input| input.email.is_some()),
    rule("PHONE", 15, "The lead has a telephone number that can be dialed.", |input| is_dialable(input.phone)),
    rule("EMAIL_AND_PHONE", 10, "The person can be reached by e-mail and by telephone.", |input| {
        input.email.is_some() && is_dialable(input.phone)
    }),
    rule("FULL_NAME", 5, "The name has at least two parts.", |input| has_two_parts(input.name)),
    rule("MESSAGE", 5, "The lead has a message.", |input| input.message.is_some()),
    rule("MESSAGE_DETAILED", 10, "The message has at least 60 letters and digits.", |input| {
        input.message.is_some_and(is_detailed)
    }),
    rule("MESSAGE_SPECIFIC", 5, "The message contains a number or a question.", |input| {
        input.message.is_some_and(is_specific)
    }),
    rule("SERVICE_INTEREST", 10, "The requested service is known.", |input| input.service_interest.is_some()),
    rule("DIRECT_SOURCE", 5, "The lead came by telephone, chat, WhatsApp, referral or in person.", |input| {
        DIRECT_SOURCES.contains(&input.source.as_str())
    }),
    rule("CONSENT", 10, "The person consented to receive messages.", |input| input.consented),
    rule("EXTRA_DETAILS", 5, "The lead has additional attributes.", |input| !input.attributes.is_empty()),
    rule(
        OFFICE_HOURS,
        5,
        "The lead was created Monday to Friday between 09:00 and 17:00 in the business's time zone.",
        |input| input.created == CreationTime::InOfficeHours,
    ),
];

fn is_dialable(phone: Option<&Phone>) -> bool {
    phone.and_then(Phone::e164).is_some()
}

fn has_two_parts(name: &Name) -> bool {
    name.as_str().split_whitespace().nth(1).is_some()
}

fn is_detailed(message: &MultiLine) -> bool {
    message.as_str().chars().filter(|c| c.is_alphanumeric()).nth(MIN_DETAILED_CHARS - 1).is_some()
}

fn is_specific(message: &MultiLine) -> bool {
    message.as_str().chars().any(|c| c.is_numeric() || c == '?')
}

/// The score of a lead: one bit for each rule that applies, in the order of [`RULES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u16);

impl Score {
    /// Scores a lead with these properties.
    pub(super) fn new(input: &ScoringInput<'_>) -> Self {
        let applicable = RULES.iter().enumerate().filter(|(_, rule)| (rule.applies)(input));
        Self(applicable.fold(0, |bits, (index, _)| bits | 1 << index))
    }

    /// Returns the score after a change of the lead's properties from `old` to `new`.
    ///
    /// Returns this score if both score alike: a lead that was scored by an earlier set of rules keeps that score until
    /// something relevant changes.
    pub(super) fn after_change(self, old: &ScoringInput<'_>, new: &ScoringInput<'_>) -> Self {
        let (before, after) = (Self::new(old), Self::new(new));
        if before == after { self } else { after }
    }

    /// Returns the time of creation that the score was computed with.
    pub(super) fn creation_time(self) -> CreationTime {
        if self.reasons().any(|rule| rule.code == OFFICE_HOURS) {
            CreationTime::InOfficeHours
        } else {
            CreationTime::OutsideOfficeHours
        }
    }

    /// Returns the value, from 0 to 100.
    pub fn value(self) -> u8 {
        self.reasons().map(|rule| rule.points).sum::<u8>().min(100)
    }

    /// Iterates over the rules that apply.
    pub fn reasons(self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().enumerate().filter(move |(index, _)| self.0 & 1 << index != 0).map(|(_, rule)| rule)
    }
}

#[cfg(test)]
mod tests;
