//! Operations on sequence templates.

use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::follow_up::template::{
    TemplateJson, TemplateListQuery, TemplateRequest, parse_template_change, template_json,
};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::{Scope, Template, TemplateId};

const TAG: &str = "Sequence templates";

const TEMPLATE: &str = r#"{
  "name": "Viewing request",
  "category": "PROPERTY_SEARCH",
  "steps": [
    {
      "day": 0,
      "channel": "SMS",
      "text": "Hi {{first_name}}, which day suits you for a viewing? {{business}}. Reply STOP to opt out."
    },
    {
      "day": 3,
      "channel": "EMAIL",
      "subject": "Your viewing",
      "text": "Hi {{first_name}}, would you still like to see the flat?"
    }
  ]
}"#;

/// Returns the template of the examples.
pub(super) fn template() -> Template {
    let request = examples::read(TEMPLATE, TemplateRequest::parse);
    Template::new(TemplateId::new(NOW, random_bytes("template")), request.in_business(examples::business().id), NOW)
}

/// Returns every operation on sequence templates.
pub(super) fn operations() -> Vec<Operation> {
    [list_and_create(), read_and_change()].into_iter().flatten().collect()
}

fn list_and_create() -> Vec<Operation> {
    let read = Access::Scope(Scope::LeadsRead);
    let write = Access::Scope(Scope::SequencesWrite);
    let example = template_json(&template());
    vec![
        Operation::get("/sequence-templates", "listSequenceTemplates", read)
            .texts(
                TAG,
                "List sequence templates",
                "Lists the templates of your businesses, the newest first. With `builtIn=true`, lists the built-in \
                 ones instead, one for each category.",
            )
            .parameters(|query| {
                TemplateListQuery::read(query);
            })
            .page_of::<TemplateJson<'_>>(PAGE_LIMITS, example.clone())
            .errors(&[404, 409]),
        Operation::post("/sequence-templates", "createSequenceTemplate", write)
            .texts(
                TAG,
                "Create a sequence template",
                "Creates a template with 1 to 12 steps in ascending order of `day`. `{{first_name}}` and \
                 `{{business}}` in its texts stand for the lead's first name and the business's name. Sequences of \
                 leads of the category start from the newest template.",
            )
            .checked_body(Rejected, TemplateRequest::parse, TEMPLATE)
            .json::<TemplateJson<'_>>(201, "The template.", example)
            .located()
            .tagged()
            .errors(&[404]),
    ]
}

fn read_and_change() -> Vec<Operation> {
    let read = Access::Scope(Scope::LeadsRead);
    let write = Access::Scope(Scope::SequencesWrite);
    let template = template();
    let (id, example) = (template.id.to_string(), template_json(&template));
    vec![
        Operation::get("/sequence-templates/{id}", "getSequenceTemplate", read)
            .texts(
                TAG,
                "Retrieve a sequence template",
                "Returns a template, a built-in one too, with its current version as `ETag`.",
            )
            .path_example(id.clone())
            .json::<TemplateJson<'_>>(200, "The template.", example.clone())
            .tagged(),
        Operation::patch("/sequence-templates/{id}", "updateSequenceTemplate", write)
            .texts(
                TAG,
                "Change a sequence template",
                "Changes the fields that are sent; `steps` replaces all steps. Sequences that have started stay as \
                 they are. With `If-Match`, only the version that was read is changed. Built-in templates cannot be \
                 changed (409).",
            )
            .path_example(id.clone())
            .checked_body(Rejected, parse_template_change, r#"{ "name": "Viewing request, short" }"#)
            .json::<TemplateJson<'_>>(200, "The changed template.", example)
            .tagged()
            .conditional(),
        Operation::delete("/sequence-templates/{id}", "deleteSequenceTemplate", write)
            .texts(
                TAG,
                "Delete a sequence template",
                "Deletes a template. Sequences that have started go on; new ones start from the next newest template \
                 of the category, or from the built-in one. Built-in templates cannot be deleted (409).",
            )
            .path_example(id)
            .empty(204, "The template is deleted.")
            .errors(&[409]),
    ]
}
