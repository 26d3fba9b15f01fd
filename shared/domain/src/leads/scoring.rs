//! How promising a lead is: a score from 0 to 100, and why.
//!
//! A rule holds or it does not, and a lead's score is the sum of the points of those that hold: [`RULES`] is all
//! there is to know, and `docs/scoring.md` shows it. No rule takes points away, so that telling more never lowers a
//! score.
//!
//! A lead keeps the score it came in with until a change alters what a rule looks at.

use crate::accounts::business::TimeZone;
use crate::leads::contact::{Name, Phone};
use crate::leads::{Lead, MultiLine, Source};
use serde::{Deserialize, Serialize};

/// Letters and digits from which on a message counts as detailed: about two lines.
const MIN_DETAILED_CHARS: usize = 60;

/// Sources that mean that the person turned to the business themselves, or somebody vouched for it.
const DIRECT_SOURCES: [&str; 6] = ["CHAT", "PHONE", "PHONE_CALL", "REFERRAL", "WALK_IN", "WHATSAPP"];

/// What a rule looks at.
struct Facts<'a> {
    lead: &'a Lead,
    in_office_hours: bool,
}

/// A reason for points.
pub struct Rule {
    /// Its name for programs, which never changes.
    pub code: &'static str,
    /// What it is worth.
    pub points: u8,
    /// Its name for people.
    pub text: &'static str,
    holds: fn(&Facts<'_>) -> bool,
}

const fn rule(code: &'static str, points: u8, text: &'static str, holds: fn(&Facts<'_>) -> bool) -> Rule {
    Rule { code, points, text, holds }
}

/// Every rule; together they are worth 100.
///
/// Stored scores name rules by their place, so the first sixteen places are taken for good. A rule that is to weigh
/// something else is a new one at the end, and the old one no longer holds for anything.
pub const RULES: [Rule; 12] = [
    rule("EMAIL", 15, "There is an e-mail address.", |facts| facts.lead.email.is_some()),
    rule("PHONE", 15, "There is a telephone number that can be dialled.", |facts| dialled(facts.lead)),
    rule("EMAIL_AND_PHONE", 10, "There are two ways to reach the person.", |facts| {
        facts.lead.email.is_some() && dialled(facts.lead)
    }),
    rule("FULL_NAME", 5, "The name has a first and a last part.", |facts| has_two_parts(&facts.lead.name)),
    rule("MESSAGE", 5, "The person wrote something.", |facts| facts.lead.message.is_some()),
    rule("MESSAGE_DETAILED", 10, "What they wrote has at least 60 letters and digits.", |facts| {
        facts.lead.message.as_ref().is_some_and(is_detailed)
    }),
    rule("MESSAGE_SPECIFIC", 5, "What they wrote holds a figure or asks a question.", |facts| {
        facts.lead.message.as_ref().is_some_and(is_specific)
    }),
    rule("SERVICE_INTEREST", 10, "They said which service they want.", |facts| facts.lead.service_interest.is_some()),
    rule("DIRECT_SOURCE", 5, "They came by telephone, chat, WhatsApp, a referral or in person.", |facts| {
        DIRECT_SOURCES.contains(&Source::as_str(&facts.lead.source))
    }),
    rule("CONSENT", 10, "They agreed to be written to.", |facts| {
        facts.lead.consent.as_ref().is_some_and(|consent| consent.given)
    }),
    rule("EXTRA_DETAILS", 5, "The lead came with further details.", |facts| !facts.lead.attributes.is_empty()),
    rule("OFFICE_HOURS", 5, "It came in from Monday to Friday, 09:00 to 17:00 in the zone of the business.", |facts| {
        facts.in_office_hours
    }),
];

fn dialled(lead: &Lead) -> bool {
    lead.phone.as_ref().and_then(Phone::e164).is_some()
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

/// A lead's score: which rules held, one bit for each in the order of [`RULES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u16);

impl Score {
    /// The score of a lead that comes in at its `created_at` to a business in `zone`.
    pub fn of(lead: &Lead, zone: &TimeZone) -> Self {
        Self::from(&Facts { lead, in_office_hours: zone.is_in_office_hours(lead.created_at) })
    }

    /// The score of `old` after its change to `new`. When it came in does not change, whatever the business's zone
    /// is by now.
    pub fn after(old: &Lead, new: &Lead) -> Self {
        let in_office_hours = old.score.reasons().any(|rule| rule.code == "OFFICE_HOURS");
        let [before, after] = [old, new].map(|lead| Self::from(&Facts { lead, in_office_hours }));
        // What was scored under an earlier table keeps that score while nothing that matters changes.
        if before == after { old.score } else { after }
    }

    fn from(facts: &Facts<'_>) -> Self {
        let held = RULES.iter().enumerate().filter(|(_, rule)| (rule.holds)(facts));
        Self(held.fold(0, |bits, (place, _)| bits | 1 << place))
    }

    /// From 0 to 100.
    pub fn value(self) -> u8 {
        self.reasons().map(|rule| rule.points).sum::<u8>().min(100)
    }

    /// The rules that held.
    pub fn reasons(self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().enumerate().filter(move |(place, _)| self.0 & 1 << place != 0).map(|(_, rule)| rule)
    }
}

#[cfg(test)]
mod tests;
