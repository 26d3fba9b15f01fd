//! Forms of text that fields and parameters accept: how they are read, and what descriptions of the API say of them.

use super::parse_one_of;
use domain::accounts::business::{Country, Currency, TimeZone};
use domain::analytics::kpi::DayRange;
use domain::disputes::package::network_profile::NetworkProfile;
use domain::file::{FileHash, FileType};
use domain::leads::contact::{Email, Name};
use domain::leads::phone::MAX_PHONE_CHARS;
use domain::leads::{Source, Utm};
use domain::text::{
    MAX_MULTI_LINE_CHARS, MAX_SINGLE_LINE_CHARS, MAX_UPPER_SNAKE_CHARS, MultiLine, SingleLine, multi_line, single_line,
};
use domain::time::calendar_date;
use domain::time_range::TimeBound;
use domain::{LeadId, Timestamp, VisitorId};
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// Maximum length of an e-mail address, in characters (RFC 5321).
const MAX_EMAIL_CHARS: usize = 254;

/// Pattern of a range of 1 to 365 days.
const DAY_RANGE_PATTERN: &str = "^([1-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-5])d$";

/// A function that reads a value from text. Its error is a sentence fragment.
pub type ParseText<T> = fn(&str) -> Result<T, String>;

/// A form of text. Descriptions state what callers should send; reading understands more than that.
#[derive(Debug)]
pub struct TextFormat<P> {
    parse: P,
    schema: Map<String, Value>,
}

impl<P> TextFormat<P> {
    /// Returns a form of text that `parse` reads, of which nothing more is stated.
    pub(crate) fn of(parse: P) -> Self {
        let schema = Map::from_iter([("type".to_owned(), json!("string"))]);
        Self { parse, schema }
    }

    /// States the maximum length in characters.
    pub(crate) fn at_most(self, chars: usize) -> Self {
        self.with("maxLength", json!(chars))
    }

    /// States a format of JSON Schema.
    fn format(self, format: &str) -> Self {
        self.with("format", json!(format))
    }

    /// States that the text has one of these formats of JSON Schema.
    fn formats(self, formats: &[&str]) -> Self {
        let one_of: Vec<_> = formats.iter().map(|format| json!({ "type": "string", "format": format })).collect();
        let mut format = self.with("anyOf", json!(one_of));
        format.schema.remove("type");
        format
    }

    /// States a regular expression.
    pub(crate) fn pattern(self, pattern: &str) -> Self {
        self.with("pattern", json!(pattern))
    }

    /// States that the text is an integer in `range`.
    pub(crate) fn whole_number(self, range: RangeInclusive<i64>) -> Self {
        let whole = self.with("type", json!("integer"));
        whole.with("minimum", json!(range.start())).with("maximum", json!(range.end()))
    }

    /// States an encoding of bytes.
    pub(crate) fn encoding(self, encoding: &str) -> Self {
        self.with("contentEncoding", json!(encoding))
    }

    /// States the accepted texts.
    pub(crate) fn one_of<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with("enum", names.into_iter().collect())
    }

    /// States examples.
    pub(crate) fn examples(self, texts: &[&str]) -> Self {
        self.with("examples", json!(texts))
    }

    fn with(mut self, keyword: &str, value: Value) -> Self {
        self.schema.insert(keyword.to_owned(), value);
        self
    }

    /// Returns the JSON Schema of the accepted texts.
    pub(crate) fn schema(&self) -> Value {
        Value::Object(self.schema.clone())
    }

    /// Reads `text`.
    pub(crate) fn parse<T>(self, text: &str) -> Result<T, String>
    where
        P: FnOnce(&str) -> Result<T, String>,
    {
        (self.parse)(text)
    }
}

impl<T> TextFormat<ParseText<T>> {
    /// Reads the form through `read`, which is given the text and the function that reads it.
    pub(crate) fn around(
        self,
        read: impl FnOnce(&str, ParseText<T>) -> Result<T, String>,
    ) -> TextFormat<impl FnOnce(&str) -> Result<T, String>> {
        let Self { parse, schema } = self;
        TextFormat { parse: move |text: &str| read(text, parse), schema }
    }
}

/// A UUID, read with `parse`.
pub(crate) fn id<T>(parse: impl Fn(&str) -> Option<T>) -> TextFormat<impl FnOnce(&str) -> Result<T, String>> {
    TextFormat::of(move |text: &str| parse_uuid(text, parse)).format("uuid")
}

/// The id of a lead, in the contracts where it is a UUID.
pub(crate) fn lead_uuid() -> TextFormat<ParseText<LeadId>> {
    let parse: ParseText<_> = |text| parse_uuid(text, LeadId::parse);
    TextFormat::of(parse).format("uuid")
}

fn parse_uuid<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    parse(text.trim()).ok_or_else(|| "must be a valid UUID".to_owned())
}

/// The name of one of `all`.
pub(crate) fn name_of<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> TextFormat<impl FnOnce(&str) -> Result<T, String>> {
    let names: Vec<_> = all.iter().map(|value| name(*value)).collect();
    TextFormat::of(move |text: &str| parse_one_of(text, all, name)).one_of(names)
}

/// Text on one line, of at most `max` characters.
pub(crate) fn line(max: usize) -> TextFormat<impl FnOnce(&str) -> Result<String, String>> {
    TextFormat::of(move |text: &str| single_line(text, max)).at_most(max)
}

/// Text on several lines, of at most `max` characters.
pub(crate) fn lines(max: usize) -> TextFormat<impl FnOnce(&str) -> Result<String, String>> {
    TextFormat::of(move |text: &str| multi_line(text, max)).at_most(max)
}

/// A title or another short text.
pub(crate) fn short_text() -> TextFormat<ParseText<SingleLine>> {
    TextFormat::of(SingleLine::parse as ParseText<_>).at_most(MAX_SINGLE_LINE_CHARS)
}

/// A message or another long text.
pub(crate) fn long_text() -> TextFormat<ParseText<MultiLine>> {
    TextFormat::of(MultiLine::parse as ParseText<_>).at_most(MAX_MULTI_LINE_CHARS)
}

/// The name of a person.
pub(crate) fn person_name() -> TextFormat<ParseText<Name>> {
    TextFormat::of(Name::parse as ParseText<_>).at_most(MAX_SINGLE_LINE_CHARS)
}

/// An e-mail address.
pub(crate) fn email() -> TextFormat<ParseText<Email>> {
    TextFormat::of(Email::parse as ParseText<_>)
        .at_most(MAX_EMAIL_CHARS)
        .format("email")
        .examples(&["jane@example.com"])
}

/// A telephone number as written.
pub(crate) fn phone_text() -> TextFormat<impl FnOnce(&str) -> Result<String, String>> {
    line(MAX_PHONE_CHARS).examples(&["+46 70 123 45 67"])
}

/// The source of a lead.
pub(crate) fn source() -> TextFormat<ParseText<Source>> {
    TextFormat::of(Source::parse as ParseText<_>).at_most(MAX_UPPER_SNAKE_CHARS).pattern("^[A-Z][A-Z0-9_]*$")
}

/// The value of a UTM parameter.
pub(crate) fn utm_value() -> TextFormat<ParseText<SingleLine>> {
    TextFormat::of(Utm::parse_value as ParseText<_>).at_most(Utm::MAX_CHARS)
}

/// The id of a website's visitor.
pub(crate) fn visitor_id() -> TextFormat<ParseText<VisitorId>> {
    TextFormat::of(VisitorId::parse as ParseText<_>).at_most(VisitorId::MAX_CHARS)
}

/// A calendar date.
pub(crate) fn date() -> TextFormat<ParseText<String>> {
    TextFormat::of(calendar_date as ParseText<_>).format("date")
}

/// A point in time.
pub(crate) fn time() -> TextFormat<ParseText<Timestamp>> {
    TextFormat::of(Timestamp::parse as ParseText<_>).format("date-time")
}

/// A point in time, or a day.
pub(crate) fn time_or_day() -> TextFormat<ParseText<TimeBound>> {
    TextFormat::of(TimeBound::parse as ParseText<_>)
        .formats(&["date", "date-time"])
        .examples(&["2026-11-26", "2026-11-26T12:00:00Z"])
}

/// A range of days.
pub(crate) fn day_range() -> TextFormat<ParseText<DayRange>> {
    TextFormat::of(DayRange::parse as ParseText<_>).pattern(DAY_RANGE_PATTERN).examples(&["30d"])
}

/// A country.
pub(crate) fn country() -> TextFormat<ParseText<Country>> {
    TextFormat::of(Country::parse as ParseText<_>).pattern("^[A-Z]{2}$").examples(&["SE"])
}

/// A currency.
pub(crate) fn currency() -> TextFormat<ParseText<Currency>> {
    TextFormat::of(Currency::parse as ParseText<_>).pattern("^[A-Z]{3}$").examples(&["EUR"])
}

/// A time zone.
pub(crate) fn time_zone() -> TextFormat<ParseText<TimeZone>> {
    TextFormat::of(TimeZone::parse as ParseText<_>).at_most(MAX_SINGLE_LINE_CHARS).examples(&["Europe/Stockholm"])
}

/// The media type of an uploaded file.
pub(crate) fn file_type() -> TextFormat<ParseText<FileType>> {
    TextFormat::of(FileType::parse as ParseText<_>).one_of(FileType::ALL.iter().map(|known| known.name()))
}

/// The profile of an evidence package.
pub(crate) fn network_profile() -> TextFormat<ParseText<NetworkProfile>> {
    TextFormat::of(NetworkProfile::parse as ParseText<_>).one_of(NetworkProfile::ALL.map(NetworkProfile::name))
}

/// The SHA-256 hash of a file.
pub(crate) fn sha256() -> TextFormat<ParseText<FileHash>> {
    TextFormat::of(FileHash::parse as ParseText<_>).pattern("^[0-9A-Fa-f]{64}$")
}

/// A URL, which is checked later.
pub(crate) fn url() -> TextFormat<ParseText<String>> {
    TextFormat::of((|text| Ok(text.to_owned())) as ParseText<_>).format("uri").examples(&["https://example.com/hook"])
}
