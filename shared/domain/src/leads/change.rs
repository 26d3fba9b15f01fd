//! What a caller changes in a lead.

use super::{
    Attributes, Category, Consent, Lead, LeadStatus, MultiLine, NewConsent, SingleLine, Source, StatusTransitionError,
    Utm,
};
use crate::leads::contact::{Email, Name, Phone};
use crate::leads::scoring::Score;
use crate::time::Timestamp;

/// What a change does to one optional field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FieldChange<T> {
    /// Leaves it as it is.
    #[default]
    Unchanged,
    /// Empties it.
    Cleared,
    /// Gives it this value.
    Set(T),
}

impl<T> FieldChange<T> {
    fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Unchanged => {}
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
    pub email: FieldChange<Email>,
    /// Another number.
    pub phone: FieldChange<Phone>,
    /// Another message.
    pub message: FieldChange<MultiLine>,
    /// Another service.
    pub service_interest: FieldChange<SingleLine>,
    /// Another source.
    pub source: Option<Source>,
    /// Another category.
    pub category: Option<Category>,
    /// Another campaign.
    pub utm: Option<Utm>,
    /// Another consent.
    pub consent: FieldChange<NewConsent>,
    /// Other attributes, in place of all there were.
    pub attributes: Option<Attributes>,
}

impl LeadChange {
    /// The lead after this change at `now`, or the lead itself, version and all, when nothing differs.
    pub fn apply(self, lead: &Lead, now: Timestamp) -> Result<Lead, StatusTransitionError> {
        let mut changed = lead.clone();
        if let Some(status) = self.status {
            changed.status = lead.status.transition_to(status)?;
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
            FieldChange::Unchanged => {}
            FieldChange::Cleared => changed.consent = None,
            FieldChange::Set(NewConsent { given, text }) => {
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
