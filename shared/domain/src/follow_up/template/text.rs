//! Texts of templates, with placeholders for values of the lead and its business.

use super::links::{Character, Origin, on_one_line, without_links};
use crate::text::{multi_line, single_line};
use serde::{Deserialize, Serialize};

/// Maximum number of characters of a value. What a person enters into a form must not take over the message.
const MAX_VALUE_CHARS: usize = 100;

/// Maximum number of characters of a message: a text of maximum length and some values, ten parts of a text message.
const MAX_FILLED_CHARS: usize = 1_500;

/// Maximum number of spaces that are added around a value so that it makes no link with its neighbours.
const MAX_SPACES: usize = 2;

macro_rules! placeholders {
    ($($variant:ident $origin:ident $name:literal $fallback:literal $doc:literal),* $(,)?) => {
        /// A placeholder for a value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Placeholder { $(#[doc = $doc] $variant,)* }

        impl Placeholder {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Returns the origin of its value.
            const fn origin(self) -> Origin {
                match self { $(Self::$variant => Origin::$origin),* }
            }

            /// Returns the text that is used if neither the value nor a fallback in the template is available.
            const fn fallback(self) -> &'static str {
                match self { $(Self::$variant => $fallback),* }
            }
        }
    };
}

placeholders! {
    FirstName Lead "first_name" "there" "The first word of the person's name.",
    Name Lead "name" "there" "The name of the person.",
    Business Operator "business" "us" "The name of the business.",
    CarModel Lead "car_model" "the car" "The model of the car that the person test-drove.",
    ServiceInterest Lead "service_interest" "your request" "The service that the person asked for.",
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
    /// Returns the subject of an e-mail whose template has none: the name of the business.
    pub fn default_subject(&self) -> String {
        on_one_line(self.business, TemplateText::MAX_SUBJECT_CHARS)
    }

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
    /// Maximum number of characters of a text: about ten text messages.
    pub const MAX_CHARS: usize = 1_000;

    /// Maximum number of characters of a subject. Mail programs show fewer.
    pub const MAX_SUBJECT_CHARS: usize = 200;

    /// Parses a text. Returns the reason as a sentence fragment if it is empty or too long, or if a placeholder is
    /// malformed or unknown.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = multi_line(text, TemplateText::MAX_CHARS)?;
        parts(&text)?;
        Ok(Self(text))
    }

    /// Parses a subject: a single line of up to 200 characters, otherwise as [`parse`](Self::parse).
    pub fn parse_subject(text: &str) -> Result<Self, String> {
        Self::parse(&single_line(text, TemplateText::MAX_SUBJECT_CHARS)?)
    }

    /// Returns the text with its placeholders.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text with the values in place of the placeholders. Values of the lead make no link.
    pub fn render(&self, values: &TemplateValues<'_>) -> String {
        let Ok(parts) = parts(&self.0) else { return self.0.clone() };
        let mut filled: Vec<_> = parts.iter().map(|part| Filled::of(part, values)).collect();
        limit_values(&mut filled);
        let characters = filled
            .iter()
            .flat_map(|part| part.text.chars().map(|character| Character { character, origin: part.origin }));
        without_links(&characters.collect::<Vec<_>>())
    }
}

/// A part of a message.
struct Filled {
    text: String,
    origin: Origin,
    /// True if the text is a value, which may be shortened.
    kind: FilledKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FilledKind {
    Plain,
    Value,
}

impl Filled {
    fn of(part: &Part<'_>, values: &TemplateValues<'_>) -> Self {
        let (placeholder, fallback) = match part {
            Part::Plain(text) => {
                return Self { text: (*text).to_owned(), origin: Origin::Operator, kind: FilledKind::Plain };
            }
            Part::Placeholder(placeholder, fallback) => (*placeholder, *fallback),
        };
        let value = values.get(placeholder).map(|value| on_one_line(value, MAX_VALUE_CHARS));
        let (text, origin) = match value.filter(|value| !value.is_empty()) {
            Some(value) => (value, placeholder.origin()),
            None => (fallback.unwrap_or(placeholder.fallback()).to_owned(), Origin::Operator),
        };
        let characters: Vec<_> = text.chars().map(|character| Character { character, origin }).collect();
        Self { text: without_links(&characters), origin, kind: FilledKind::Value }
    }
}

/// Shortens the values, each to the same length, if the message would be too long. The template's text is kept: it may
/// end with how to opt out.
fn limit_values(filled: &mut [Filled]) {
    let length = |kind: FilledKind| -> usize {
        filled.iter().filter(|part| part.kind == kind).map(|part| part.text.chars().count()).sum()
    };
    let (plain, values) = (length(FilledKind::Plain), length(FilledKind::Value));
    let count = filled.iter().filter(|part| part.kind == FilledKind::Value).count();
    if plain + values + count * MAX_SPACES <= MAX_FILLED_CHARS {
        return;
    }
    let max_chars = (MAX_FILLED_CHARS.saturating_sub(plain) / count.max(1)).saturating_sub(MAX_SPACES);
    for part in filled.iter_mut().filter(|part| part.kind == FilledKind::Value) {
        part.text = part.text.chars().take(max_chars).collect();
    }
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
mod tests;
