//! What a caller changes in a lead.

use super::{
    Attributes, Category, Consent, Lead, LeadStatus, Line, Message, NewConsent, Source, StatusTransitionError, Utm,
};
use crate::leads::contact::{Email, Name, Phone};
use crate::leads::scoring::Score;
use crate::time::Timestamp;

/// What a change does to one optional field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Leaves it as it is.
    #[default]
    Kept,
    /// Empties it.
    Cleared,
    /// Gives it this value.
    Set(T),
}

impl<T> Field<T> {
    fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Kept => {}
            Self::Cleared => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}

/// A change of a lead, already checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadChange {
    /// Another status.
    pub status: Option<LeadStatus>,
    /// Another name.
    pub name: Option<Name>,
    /// Another address.
    pub email: Field<Email>,
    /// Another number.
    pub phone: Field<Phone>,
    /// Another message.
    pub message: Field<Message>,
    /// Another service.
    pub service_interest: Field<Line>,
    /// Another source.
    pub source: Option<Source>,
    /// Another category.
    pub category: Option<Category>,
    /// Another campaign.
    pub utm: Option<Utm>,
    /// Another consent.
    pub consent: Field<NewConsent>,
    /// Other attributes, in place of all there were.
    pub attributes: Option<Attributes>,
}

impl LeadChange {
    /// The lead after this change at `now`, or the lead itself, version and all, when nothing differs.
    pub fn apply(self, lead: &Lead, now: Timestamp) -> Result<Lead, StatusTransitionError> {
        let mut changed = lead.clone();
        if let Some(status) = self.status {
            changed.status = lead.status.become_status(status)?;
        }
        if changed.status == LeadStatus::OptedOut && changed.opted_out_at.is_none() {
            changed.opted_out_at = Some(now);
        }
        if let Some(name) = self.name {
            changed.name = name;
        }
        self.email.apply(&mut changed.email);
        self.phone.apply(&mut changed.phone);
        self.message.apply(&mut changed.message);
        self.service_interest.apply(&mut changed.service_interest);
        if let Some(source) = self.source {
            changed.source = source;
        }
        if let Some(category) = self.category {
            changed.category = category;
        }
        if let Some(utm) = self.utm {
            changed.utm = utm;
        }
        match self.consent {
            Field::Kept => {}
            Field::Cleared => changed.consent = None,
            Field::Set(NewConsent { given, text }) => {
                let same = lead.consent.as_ref().is_some_and(|old| old.given == given && old.text == text);
                if !same {
                    changed.consent = Some(Consent { given, text, at: now });
                }
            }
        }
        if let Some(attributes) = self.attributes {
            changed.attributes = attributes;
        }
        changed.score = Score::after(lead, &changed);
        if changed != *lead {
            changed.version += 1;
            // Changes of one lead are ordered by their times too, whatever a clock says.
            changed.updated_at = now.max(lead.updated_at);
        }
        Ok(changed)
    }
}
