//! What a message says: text with places for what is known of the lead.

use crate::text::{bounded, line};
use serde::{Deserialize, Serialize};

/// Characters of a text at most: ten text messages.
const LONGEST: usize = 1_000;

/// Characters that the place of a value takes at most: what people type into forms is not to become the message.
const LONGEST_VALUE: usize = 100;

macro_rules! places {
    ($($variant:ident $name:literal $otherwise:literal $doc:literal),* $(,)?) => {
        /// Something of which a text has a place.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Place { $(#[doc = $doc] $variant,)* }

        impl Place {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What stands there where nothing is known and the text does not say.
            const fn otherwise(self) -> &'static str {
                match self { $(Self::$variant => $otherwise),* }
            }
        }
    };
}

places! {
    FirstName "first_name" "there" "The first word of the lead's name.",
    Name "name" "there" "The lead's name.",
    Business "business" "us" "What the business calls itself.",
    CarModel "car_model" "the car" "The model of the car that was driven.",
    ServiceInterest "service_interest" "your request" "What the lead wants.",
}

/// What is known of a lead and its business.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The lead's name.
    pub name: &'a str,
    /// What the business calls itself.
    pub business: &'a str,
    /// The model of the car that was driven.
    pub car_model: Option<&'a str>,
    /// What the lead wants.
    pub service_interest: Option<&'a str>,
}

impl Values<'_> {
    fn of(&self, place: Place) -> Option<&str> {
        match place {
            Place::FirstName => self.name.split_whitespace().next(),
            Place::Name => Some(self.name),
            Place::Business => Some(self.business),
            Place::CarModel => self.car_model,
            Place::ServiceInterest => self.service_interest,
        }
    }
}

/// A text of at most 1,000 characters in which `{{first_name}}` stands for what is known, and `{{car_model|your car}}`
/// says besides what stands there where nothing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub(super) String);

/// A part of a text.
enum Part<'a> {
    Plain(&'a str),
    Place(Place, Option<&'a str>),
}

impl Text {
    /// Checks the length and that every place is one that is known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = bounded(text, LONGEST)?;
        parts(&text)?;
        Ok(Self(text))
    }

    /// The same for a subject: one line of at most 200 characters.
    pub fn parse_subject(text: &str) -> Result<Self, String> {
        Self::parse(&line(text, 200)?)
    }

    /// The text with its places open.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with its places filled.
    pub fn filled(&self, values: &Values<'_>) -> String {
        let Ok(parts) = parts(&self.0) else { return self.0.clone() };
        parts
            .into_iter()
            .map(|part| match part {
                Part::Plain(text) => text.to_owned(),
                Part::Place(place, otherwise) => {
                    let known = values.of(place).map(on_one_line).filter(|value| !value.is_empty());
                    known.unwrap_or_else(|| otherwise.unwrap_or(place.otherwise()).to_owned())
                }
            })
            .collect()
    }
}

/// A value as it may stand in a text: what breaks lines is a space, and it ends somewhere.
fn on_one_line(value: &str) -> String {
    let words: Vec<_> =
        value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LONGEST_VALUE).collect()
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once("{{") {
        let (inside, after) = behind.split_once("}}").ok_or("must close every {{ with }}")?;
        let (name, otherwise) = match inside.split_once('|') {
            Some((name, otherwise)) => (name.trim(), Some(otherwise.trim())),
            None => (inside.trim(), None),
        };
        if otherwise.is_some_and(|otherwise| otherwise.is_empty() || otherwise.contains('|')) {
            return Err(format!(
                "must say after the one | of {{{{{name}|}}}} what stands there where nothing is known"
            ));
        }
        let place = Place::ALL.iter().copied().find(|place| place.name() == name).ok_or_else(|| {
            let names: Vec<_> = Place::ALL.iter().map(|place| format!("{{{{{}}}}}", place.name())).collect();
            format!("knows no place {{{{{name}}}}}, only {}", names.join(", "))
        })?;
        parts.push(Part::Plain(plain));
        parts.push(Part::Place(place, otherwise));
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

    const ANNA: Values<'_> =
        Values { name: "Anna Karlsson", business: "Bilar", car_model: None, service_interest: None };

    fn filled(text: &str, values: &Values<'_>) -> String {
        Text::parse(text).unwrap().filled(values)
    }

    #[test]
    fn places_are_filled_with_what_is_known() {
        let known = Values { car_model: Some("E-Class"), ..ANNA };
        assert_eq!(filled("Hi {{first_name}}, how was {{ car_model }}?", &known), "Hi Anna, how was E-Class?");
        assert_eq!(filled("How was {{car_model}}?", &ANNA), "How was the car?");
        assert_eq!(filled("How was {{car_model | your drive}}? {{business}}", &ANNA), "How was your drive? Bilar");
        assert_eq!(filled("{ braces } stay", &ANNA), "{ braces } stay");
    }

    #[test]
    fn what_a_person_typed_is_no_template_and_breaks_no_line() {
        let typed = Values { name: "{{business}}\nVisit  evil", ..ANNA };
        assert_eq!(filled("Hi {{name}}!", &typed), "Hi {{business}} Visit evil!");
        let long = "x".repeat(500);
        assert_eq!(filled("{{name}}", &Values { name: &long, ..ANNA }).len(), LONGEST_VALUE);
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
            let refused = Text::parse(bad).unwrap_err();
            assert!(refused.contains(told), "{bad}: {refused}");
        }
    }
}
