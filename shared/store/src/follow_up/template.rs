//! Sequence templates: records of a business, listed by the category of leads that they are for.

use crate::business_record::{BusinessRecord, RecordFilter, record_fields};
use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::key_schema as keys;
use crate::table::pagination::PageRequest;
use crate::table::write::Write;
use domain::follow_up::template::BuiltInTemplate;
use domain::leads::Category;
use domain::{BusinessId, Environment, Template, Timestamp, retention};
use std::borrow::Cow;

impl BusinessRecord for Template {
    const KIND: &'static str = "ST";
    const DESCRIPTION: &'static str = "a sequence template";

    record_fields!();

    fn expires_at(&self) -> Timestamp {
        retention::template_expires_at(self.created_at)
    }

    fn index_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.category.name()))
    }
}

impl Store {
    /// Returns the template that a business uses for leads of `category`: its newest one for them, otherwise the
    /// built-in one.
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
        let own = found.items.into_iter().next();
        Ok(own.unwrap_or_else(|| BuiltInTemplate::for_category(category).in_business(business)))
    }

    /// Returns the write that deletes a template, unless it has changed since it was read. Sequences that were created
    /// from it hold a copy of its steps.
    pub fn delete_template(&self, environment: Environment, template: &Template) -> Write {
        Write::delete(&keys::record(Template::KIND, environment, &template.id.simple()))
            .require_version(template.version)
    }
}
