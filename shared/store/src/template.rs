//! Sequence templates: listed by business, and by category under the word that each is for.

use crate::Store;
use crate::business_record::{BusinessRecord, RecordFilter};
use crate::commit::Write;
use crate::error::StoreError;
use crate::keys;
use crate::list::PageRequest;
use domain::leads::Category;
use domain::{BusinessId, Environment, Template, TemplateId, Timestamp};

impl BusinessRecord for Template {
    const KIND: &'static str = "ST";
    const DESCRIPTION: &'static str = "a sequence template";

    fn id(&self) -> String {
        self.id.simple()
    }

    fn business(&self) -> BusinessId {
        self.business
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Never: it tells of nobody.
    fn expires_at(&self) -> Timestamp {
        self.created_at.plus_months(12 * 100)
    }

    fn index_value(&self) -> Option<&str> {
        Some(self.category.name())
    }
}

impl Store {
    /// What `business` writes to leads of `category`: its own newest template for them, else the built-in one.
    pub async fn template_for(
        &self,
        environment: Environment,
        business: BusinessId,
        category: Category,
        now: Timestamp,
    ) -> Result<Template, StoreError> {
        let filter = RecordFilter { index_value: Some(category.name()), ..RecordFilter::default() };
        let newest = PageRequest { limit: 1, after: None };
        let found = self.records::<Template>(environment, &[business], &filter, &newest, now).await?;
        Ok(found.items.into_iter().next().unwrap_or_else(|| Template::built_in(category, business)))
    }

    /// The write that removes a template that nobody has changed meanwhile. Sequences that were made of it go on.
    pub fn delete_template(&self, environment: Environment, template: &Template) -> Write {
        Write::delete(&keys::record(Template::KIND, environment, &id(template.id))).require_version(template.version)
    }
}

fn id(template: TemplateId) -> String {
    template.simple()
}
