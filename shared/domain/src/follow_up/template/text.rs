//! What a message says: text with places for what is known of the lead.

use crate::text::{multi_line, single_line};
use serde::{Deserialize, Serialize};

/// Characters of a text at most: ten text messages.
const MAX_CHARS: usize = 1_000;

/// Characters that the place of a value takes at most: what people type into forms is not to become the message.
const MAX_VALUE_CHARS: usize = 100;

macro_rules! placeholders {
    ($($variant:ident $name:literal $fallback:literal $doc:literal),* $(,)?) => {
        /// Something of which a text has a place.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Placeholder { $(#[doc = $doc] $variant,)* }

        impl Placeholder {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What stands there where nothing is known and the text does not say.
            const fn fallback(self) -> &'static str {
                match self { $(Self::$variant => $fallback),* }
            }
        }
    };
}

placeholders! {
    FirstName "first_name" "there" "The first word of the lead's name.",
    Name "name" "there" "The lead's name.",
    Business "business" "us" "What the business calls itself.",
    CarModel "car_model" "the car" "The model of the car that was driven.",
    ServiceInterest "service_interest" "your request" "What the lead wants.",
}

/// What is known of a lead and its business.
#[derive(Clone, Copy, Debug)]
pub struct TemplateValues<'a> {
    /// The lead's name.
    pub name: &'a str,
    /// What the business calls itself.
    pub business: &'a str,
    /// The model of the car that was driven.
    pub car_model: Option<&'a str>,
    /// What the lead wants.
    pub service_interest: Option<&'a str>,
}

impl TemplateValues<'_> {
    fn of(&self, place: Placeholder) -> Option<&str> {
        match place {
            Placeholder::FirstName => self.name.split_whitespace().next(),
            Placeholder::Name => Some(self.name),
            Placeholder::Business => Some(self.business),
            Placeholder::CarModel => self.car_model,
            Placeholder::ServiceInterest => self.service_interest,
        }
    }
}

/// A text of at most 1,000 characters in which `{{first_name}}` stands for what is known, and `{{car_model|your car}}`
/// says besides what stands there where nothing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateText(pub(super) String);

/// A part of a text.
enum Part<'a> {
    Plain(&'a str),
    Placeholder(Placeholder, Option<&'a str>),
}

impl TemplateText {
    /// Checks the length and that every place is one that is known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = multi_line(text, MAX_CHARS)?;
        parts(&text)?;
        Ok(Self(text))
    }

    /// The same for a subject: one line of at most 200 characters.
    pub fn parse_subject(text: &str) -> Result<Self, String> {
        Self::parse(&single_line(text, 200)?)
    }

    /// The text with its places open.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with its places filled.
    pub fn render(&self, values: &TemplateValues<'_>) -> String {
        let Ok(parts) = parts(&self.0) else { return self.0.clone() };
        parts
            .into_iter()
            .map(|part| match part {
                Part::Plain(text) => text.to_owned(),
                Part::Placeholder(place, fallback) => {
                    let known = values.of(place).map(on_one_line).filter(|value| !value.is_empty());
                    known.unwrap_or_else(|| fallback.unwrap_or(place.fallback()).to_owned())
                }
            })
            .collect()
    }
}

/// A value as it may stand in a text: what breaks lines is a space, and it ends somewhere.
fn on_one_line(value: &str) -> String {
    let words: Vec<_> =
        value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MAX_VALUE_CHARS).collect()
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once("{{") {
        let (inside, after) = behind.split_once("}}").ok_or("must close every {{ with }}")?;
        let (name, fallback) = match inside.split_once('|') {
            Some((name, fallback)) => (name.trim(), Some(fallback.trim())),
            None => (inside.trim(), None),
        };
        if fallback.is_some_and(|fallback| fallback.is_empty() || fallback.contains('|')) {
            return Err(format!(
                "must say after the one | of {{{{{name}|}}}} what stands there where nothing is known"
            ));
        }
        let place = Placeholder::ALL.iter().copied().find(|place| place.name() == name).ok_or_else(|| {
            let names: Vec<_> = Placeholder::ALL.iter().map(|place| format!("{{{{{}}}}}", place.name())).collect();
            format!("knows no place {{{{{name}}}}}, only {}", names.join(", "))
        })?;
        parts.push(Part::Plain(plain));
        parts.push(Part::Placeholder(place, fallback));
        rest = after;
    }
    if rest.contains("}}") {
        return Err("must open every }} with {{".to_owned());
    }
    parts.push(Part::Plain(rest));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: TemplateValues<'_> =
        TemplateValues { name: "Anna Karlsson", business: "Bilar", car_model: None, service_interest: None };

    fn render(text: &str, values: &TemplateValues<'_>) -> String {
        TemplateText::parse(text).unwrap().render(values)
    }

    #[test]
    fn places_are_filled_with_what_is_known() {
        let known = TemplateValues { car_model: Some("E-Class"), ..ANNA };
        assert_eq!(render("Hi {{first_name}}, how was {{ car_model }}?", &known), "Hi Anna, how was E-Class?");
        assert_eq!(render("How was {{car_model}}?", &ANNA), "How was the car?");
        assert_eq!(render("How was {{car_model | your drive}}? {{business}}", &ANNA), "How was your drive? Bilar");
        assert_eq!(render("{ braces } stay", &ANNA), "{ braces } stay");
    }

    #[test]
    fn what_a_person_typed_is_no_template_and_breaks_no_line() {
        let typed = TemplateValues { name: "{{business}}\nVisit  evil", ..ANNA };
        assert_eq!(render("Hi {{name}}!", &typed), "Hi {{business}} Visit evil!");
        let long = "x".repeat(500);
        assert_eq!(render("{{name}}", &TemplateValues { name: &long, ..ANNA }).len(), MAX_VALUE_CHARS);
    }

    #[test]
    fn unknown_and_broken_places_are_refused() {
        for (bad, told) in [
            ("Hi {{phone}}", "{{phone}}"),
            ("Hi {{}}", "{{}}"),
            ("Hi {{first_name", "close"),
            ("Hi first_name}}", "open"),
            ("{{first_name}} {{secret|x}}", "{{secret}}"),
            ("{{car_model|}}", "{{car_model|}}"),
            ("{{car_model|a|b}}", "one |"),
        ] {
            let refused = TemplateText::parse(bad).unwrap_err();
            assert!(refused.contains(told), "{bad}: {refused}");
        }
    }
}
