//! Changes of a lead, as PATCH requests describe them.

use super::attributes::Attributes;
use super::category::Category;
use super::consent::{Consent, NewConsent};
use super::contact::{Email, Name, Phone};
use super::lead::Lead;
use super::source::{Source, Utm};
use super::status::{LeadStatus, StatusTransitionError};
use crate::text::{MultiLine, SingleLine};
use crate::time::Timestamp;

/// The change of an optional field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FieldChange<T> {
    /// The field keeps its value.
    #[default]
    Unchanged,
    /// The field loses its value.
    Cleared,
    /// The field gets this value.
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

/// A validated change of a lead. Fields that are `None` keep their value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadChange {
    /// New status.
    pub status: Option<LeadStatus>,
    /// New name.
    pub name: Option<Name>,
    /// Change of the e-mail address.
    pub email: FieldChange<Email>,
    /// Change of the telephone number.
    pub phone: FieldChange<Phone>,
    /// Change of the message.
    pub message: FieldChange<MultiLine>,
    /// Change of the requested service.
    pub service_interest: FieldChange<SingleLine>,
    /// New source.
    pub source: Option<Source>,
    /// New category.
    pub category: Option<Category>,
    /// New campaign.
    pub utm: Option<Utm>,
    /// Change of the consent.
    pub consent: FieldChange<NewConsent>,
    /// New attributes, which replace all existing ones.
    pub attributes: Option<Attributes>,
}

impl LeadChange {
    /// Returns the lead after this change at `now`. Returns an equal lead, with the same version, if nothing differs.
    ///
    /// Fails if the status transition is not allowed.
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
                // The same decision again keeps the time of the first one.
                let is_same = lead.consent.as_ref().is_some_and(|old| old.given == given && old.text == text);
                if !is_same {
                    changed.consent = Some(Consent { given, text, at: now });
                }
            }
        }
        if let Some(attributes) = self.attributes {
            changed.attributes = attributes;
        }
        changed.score = changed.score_after_change_of(lead);
        if changed != *lead {
            changed.version += 1;
            // The clocks of two functions may differ: changes of one lead must have ascending times all the same.
            changed.updated_at = now.max(lead.updated_at);
        }
        Ok(changed)
    }
}
