//! Texts of templates, with placeholders for values of the lead and its business.

use crate::text::{multi_line, single_line};
use serde::{Deserialize, Serialize};

/// Maximum number of characters of a text: about ten text messages.
const MAX_CHARS: usize = 1_000;

/// Maximum number of characters of a value. What a person enters into a form must not take over the message.
const MAX_VALUE_CHARS: usize = 100;

macro_rules! placeholders {
    ($($variant:ident $name:literal $fallback:literal $doc:literal),* $(,)?) => {
        /// A placeholder for a value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Placeholder { $(#[doc = $doc] $variant,)* }

        impl Placeholder {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Returns the text that is used if neither the value nor a fallback in the template is available.
            const fn fallback(self) -> &'static str {
                match self { $(Self::$variant => $fallback),* }
            }
        }
    };
}

placeholders! {
    FirstName "first_name" "there" "The first word of the person's name.",
    Name "name" "there" "The name of the person.",
    Business "business" "us" "The name of the business.",
    CarModel "car_model" "the car" "The model of the car that the person test-drove.",
    ServiceInterest "service_interest" "your request" "The service that the person asked for.",
}

/// The values for placeholders.
#[derive(Clone, Copy, Debug)]
pub struct TemplateValues<'a> {
    /// Name of the person.
    pub name: &'a str,
    /// Name of the business.
    pub business: &'a str,
    /// Model of the car that the person test-drove.
    pub car_model: Option<&'a str>,
    /// Service that the person asked for.
    pub service_interest: Option<&'a str>,
}

impl TemplateValues<'_> {
    fn get(&self, placeholder: Placeholder) -> Option<&str> {
        match placeholder {
            Placeholder::FirstName => self.name.split_whitespace().next(),
            Placeholder::Name => Some(self.name),
            Placeholder::Business => Some(self.business),
            Placeholder::CarModel => self.car_model,
            Placeholder::ServiceInterest => self.service_interest,
        }
    }
}

/// A text of up to 1,000 characters with placeholders such as `{{first_name}}`, or `{{car_model|your car}}` with a
/// fallback that is used if the value is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateText(pub(super) String);

/// A part of a text.
enum Part<'a> {
    Plain(&'a str),
    Placeholder(Placeholder, Option<&'a str>),
}

impl TemplateText {
    /// Parses a text. Returns the reason as a sentence fragment if it is empty or too long, or if a placeholder is
    /// malformed or unknown.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = multi_line(text, MAX_CHARS)?;
        parts(&text)?;
        Ok(Self(text))
    }

    /// Parses a subject: a single line of up to 200 characters, otherwise as [`parse`](Self::parse).
    pub fn parse_subject(text: &str) -> Result<Self, String> {
        Self::parse(&single_line(text, 200)?)
    }

    /// Returns the text with its placeholders.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text with the values in place of the placeholders.
    pub fn render(&self, values: &TemplateValues<'_>) -> String {
        let Ok(parts) = parts(&self.0) else { return self.0.clone() };
        parts
            .into_iter()
            .map(|part| match part {
                Part::Plain(text) => text.to_owned(),
                Part::Placeholder(placeholder, fallback) => {
                    let known = values.get(placeholder).map(on_one_line).filter(|value| !value.is_empty());
                    known.unwrap_or_else(|| fallback.unwrap_or(placeholder.fallback()).to_owned())
                }
            })
            .collect()
    }
}

/// Returns a value on a single line and of limited length. Prevents values from adding lines to a message.
fn on_one_line(value: &str) -> String {
    let words: Vec<_> =
        value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MAX_VALUE_CHARS).collect()
}

/// Splits a text into plain text and placeholders.
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
            return Err(format!("must have a single fallback after the | of {{{{{name}|}}}}"));
        }
        let placeholder =
            Placeholder::ALL.iter().copied().find(|placeholder| placeholder.name() == name).ok_or_else(|| {
                let names: Vec<_> = Placeholder::ALL.iter().map(|known| format!("{{{{{}}}}}", known.name())).collect();
                format!("must not have the placeholder {{{{{name}}}}}, only {}", names.join(", "))
            })?;
        parts.push(Part::Plain(plain));
        parts.push(Part::Placeholder(placeholder, fallback));
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
    fn placeholders_are_replaced_by_values() {
        let known = TemplateValues { car_model: Some("E-Class"), ..ANNA };
        assert_eq!(render("Hi {{first_name}}, how was {{ car_model }}?", &known), "Hi Anna, how was E-Class?");
        assert_eq!(render("How was {{car_model}}?", &ANNA), "How was the car?");
        assert_eq!(render("How was {{car_model | your drive}}? {{business}}", &ANNA), "How was your drive? Bilar");
        assert_eq!(render("{ braces } stay", &ANNA), "{ braces } stay");
    }

    #[test]
    fn values_are_neither_parsed_nor_break_lines() {
        let typed = TemplateValues { name: "{{business}}\nVisit  evil", ..ANNA };
        assert_eq!(render("Hi {{name}}!", &typed), "Hi {{business}} Visit evil!");
        let long = "x".repeat(500);
        assert_eq!(render("{{name}}", &TemplateValues { name: &long, ..ANNA }).len(), MAX_VALUE_CHARS);
    }

    #[test]
    fn invalid_placeholders_are_rejected() {
        for (bad, named) in [
            ("Hi {{phone}}", "{{phone}}"),
            ("Hi {{}}", "{{}}"),
            ("Hi {{first_name", "close"),
            ("Hi first_name}}", "open"),
            ("{{first_name}} {{secret|x}}", "{{secret}}"),
            ("{{car_model|}}", "{{car_model|}}"),
            ("{{car_model|a|b}}", "single fallback"),
        ] {
            let reason = TemplateText::parse(bad).unwrap_err();
            assert!(reason.contains(named), "{bad}: {reason}");
        }
    }
}
