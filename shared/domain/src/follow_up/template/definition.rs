//! Templates as they are stored, created and changed.

use super::steps::TemplateSteps;
use crate::id::{BusinessId, TemplateId};
use crate::leads::Category;
use crate::text::SingleLine;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The validated input that creates a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTemplate {
    /// Business that the template belongs to.
    pub business: BusinessId,
    /// Name of the template.
    pub name: SingleLine,
    /// Category of leads that the template is used for.
    pub category: Category,
    /// Steps of the template.
    pub steps: TemplateSteps,
}

/// A validated change of a template. Fields that are `None` keep their value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChange {
    /// New name.
    pub name: Option<SingleLine>,
    /// New category.
    pub category: Option<Category>,
    /// New steps, which replace all existing ones.
    pub steps: Option<TemplateSteps>,
}

/// A stored template. A sequence copies the steps when it starts, so that a change does not affect running sequences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Id of the template.
    pub id: TemplateId,
    /// Business that the template belongs to.
    pub business: BusinessId,
    /// Name of the template.
    pub name: String,
    /// Category of leads that the template is used for.
    pub category: Category,
    /// Steps of the template.
    pub steps: TemplateSteps,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Number of the last change, from one.
    pub version: u64,
}

impl Template {
    /// Creates a template at `now`.
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

    /// Returns the template after `change` at `now`. Returns an equal template, with the same version, if nothing
    /// differs.
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
}
