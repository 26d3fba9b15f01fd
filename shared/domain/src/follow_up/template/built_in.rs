//! The built-in templates, one for each category of leads. They are used for businesses without a template of their
//! own.

use super::definition::Template;
use super::steps::{TemplateStep, TemplateSteps};
use super::text::TemplateText;
use crate::id::{BusinessId, TemplateId};
use crate::leads::Category;
use crate::time::Timestamp;

/// Days of the steps of every built-in template.
const DAYS: [u16; 4] = [0, 1, 3, 7];

const TEST_DRIVE: [&str; 4] = [
    "Hi {{first_name}}, thank you for driving {{car_model}} with {{business}}. Do you have any questions? Reply STOP to \
     hear no more from us.",
    "Hi {{first_name}}, how do you feel about {{car_model}} today? We are happy to put an offer together.",
    "Hi {{first_name}}, would you like to drive {{car_model}} once more, or compare it with another?",
    "Hi {{first_name}}, is {{car_model}} still of interest? Write to us whenever it suits you. {{business}}",
];

const REPAIR_QUOTE: [&str; 4] = [
    "Hi {{first_name}}, {{business}} has received {{service_interest}}. When may we call you about a quote? Reply STOP \
     to hear no more from us.",
    "Hi {{first_name}}, we would like to finish your quote. Is there anything that we should know first?",
    "Hi {{first_name}}, shall we keep a time for you this week? Just reply with a day that suits you.",
    "Hi {{first_name}}, do you still need help? {{business}} is glad to hear from you.",
];

const WEDDING_ENQUIRY: [&str; 4] = [
    "Hi {{first_name}}, congratulations! Thank you for asking {{business}} about your day. Which date do you have in \
     mind? Reply STOP to hear no more from us.",
    "Hi {{first_name}}, would you like to see the place? We have time for a visit this week.",
    "Hi {{first_name}}, shall we send you our prices for the number of guests that you expect?",
    "Hi {{first_name}}, dates fill up. Shall {{business}} hold yours for a few days?",
];

const PROPERTY_SEARCH: [&str; 4] = [
    "Hi {{first_name}}, {{business}} has received your search. What matters most to you in a home? Reply STOP to hear \
     no more from us.",
    "Hi {{first_name}}, we have looked for homes that fit. When would you like to see some of them?",
    "Hi {{first_name}}, has anything changed in what you look for? Tell us and we look again.",
    "Hi {{first_name}}, are you still looking? {{business}} tells you as soon as something new comes in.",
];

/// A built-in template. It belongs to no business and never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct BuiltInTemplate {
    /// Id of the template.
    pub id: TemplateId,
    /// Name of the template.
    pub name: &'static str,
    /// Category of leads that the template is for.
    pub category: Category,
    /// Steps in ascending order of days.
    pub steps: TemplateSteps,
}

impl BuiltInTemplate {
    /// Version of every built-in template.
    pub const VERSION: u64 = 1;

    /// Returns the template for leads of `category`.
    pub fn for_category(category: Category) -> Self {
        let (name, texts) = match category {
            Category::TestDrive => ("Test drive", TEST_DRIVE),
            Category::Event => ("Wedding enquiry", WEDDING_ENQUIRY),
            Category::PropertySearch => ("Property search", PROPERTY_SEARCH),
            Category::General => ("Repair quote", REPAIR_QUOTE),
            Category::Agency => ("Agency enquiry", REPAIR_QUOTE),
        };
        let steps = DAYS.into_iter().zip(texts).map(|(day, text)| TemplateStep {
            day,
            channel: None,
            subject: None,
            text: TemplateText(text.to_owned()),
        });
        Self {
            id: TemplateId::derived(&[b"built-in template", category.name().as_bytes()]),
            name,
            category,
            steps: TemplateSteps(steps.collect()),
        }
    }

    /// Returns the template with this id, or `None` if there is none.
    pub fn by_id(id: TemplateId) -> Option<Self> {
        Category::ALL.into_iter().map(Self::for_category).find(|template| template.id == id)
    }

    /// Returns the template that a sequence of `business` is started from.
    pub fn in_business(self, business: BusinessId) -> Template {
        Template {
            id: self.id,
            business,
            name: self.name.to_owned(),
            category: self.category,
            steps: self.steps,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            version: Self::VERSION,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_valid_template() {
        for category in Category::ALL {
            let template = BuiltInTemplate::for_category(category);
            assert_eq!(BuiltInTemplate::by_id(template.id).as_ref(), Some(&template));
            for step in template.steps.iter() {
                assert_eq!(TemplateText::parse(step.text.as_str()).as_ref(), Ok(&step.text));
            }
            assert_eq!(TemplateSteps::parse(template.steps.0.clone()).as_ref(), Ok(&template.steps));
            let first = template.steps.iter().next().unwrap();
            assert!(first.text.as_str().contains("STOP"), "the first message says how to stop");
        }
    }
}
