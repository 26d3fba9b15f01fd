//! Sequence templates: what a business writes to a lead, and on which days.

mod built_in;
mod text;

pub use text::{TemplateText, TemplateValues};

use crate::accounts::business::Channel;
use crate::id::{BusinessId, TemplateId};
use crate::leads::{Category, SingleLine};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Steps of a template at most.
pub const MAX_STEPS: usize = 12;

/// The last day of a template at most: a year after its first.
pub const MAX_DAY: u16 = 365;

/// One message of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateStep {
    /// Days of 24 hours after the sequence has started; day 0 is at once.
    pub day: u16,
    /// How, where that is possible; otherwise as the business prefers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// The subject of an e-mail; the business's name where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<TemplateText>,
    /// What is written.
    pub text: TemplateText,
}

/// The messages of a template, in the order of their days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateSteps(Vec<TemplateStep>);

impl TemplateSteps {
    /// Checks that there are some, not too many, each later than the one before.
    pub fn parse(steps: Vec<TemplateStep>) -> Result<Self, String> {
        if steps.is_empty() || steps.len() > MAX_STEPS {
            return Err(format!("must have 1 to {MAX_STEPS} steps"));
        }
        if steps.windows(2).any(|pair| pair[0].day >= pair[1].day) {
            return Err("must be in the order of their days, one a day".to_owned());
        }
        Ok(Self(steps))
    }

    /// The messages.
    pub fn iter(&self) -> impl Iterator<Item = &TemplateStep> {
        self.0.iter()
    }
}

/// What a caller says of a template, already checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTemplate {
    /// Whose.
    pub business: BusinessId,
    /// What it is called.
    pub name: SingleLine,
    /// The leads that it is for.
    pub category: Category,
    /// What is written.
    pub steps: TemplateSteps,
}

/// What a caller changes in a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChange {
    /// Another name.
    pub name: Option<SingleLine>,
    /// Other leads.
    pub category: Option<Category>,
    /// Other messages, in place of all there were.
    pub steps: Option<TemplateSteps>,
}

/// A template. Sequences copy what it says when they start: changing it changes none that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose.
    pub business: BusinessId,
    /// What it is called.
    pub name: String,
    /// The leads that it is for.
    pub category: Category,
    /// What is written.
    pub steps: TemplateSteps,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts changes, from one.
    pub version: u64,
}

impl Template {
    /// A template that is made at `now`.
    pub fn new(id: TemplateId, new: NewTemplate, now: Timestamp) -> Self {
        Self {
            id,
            business: new.business,
            name: new.name.as_str().to_owned(),
            category: new.category,
            steps: new.steps,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// The template after `change` at `now`, or the template itself, version and all, when nothing differs.
    pub fn changed(&self, change: TemplateChange, now: Timestamp) -> Self {
        let mut changed = Self {
            name: change.name.map_or_else(|| self.name.clone(), |name| name.as_str().to_owned()),
            category: change.category.unwrap_or(self.category),
            steps: change.steps.unwrap_or_else(|| self.steps.clone()),
            ..self.clone()
        };
        if changed != *self {
            changed.version += 1;
            changed.updated_at = now.max(self.updated_at);
        }
        changed
    }

    /// The template that serves `business`'s leads of `category` where it has none of its own.
    pub fn built_in(category: Category, business: BusinessId) -> Self {
        built_in::for_category(category, business)
    }

    /// The built-in template of this id.
    pub fn built_in_by_id(id: TemplateId, business: BusinessId) -> Option<Self> {
        Category::ALL
            .into_iter()
            .map(|category| built_in::for_category(category, business))
            .find(|template| template.id == id)
    }

    /// Whether the house has it built in: nobody can change it.
    pub fn is_built_in(&self) -> bool {
        self.id == built_in::id(self.category)
    }
}
