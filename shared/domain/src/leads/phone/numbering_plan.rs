//! Numbering plans: which numbers are possible and assigned in a country (libphonenumber's metadata).

use super::MAX_E164_DIGITS;
use super::spelling::{Spelling, digits_of};
use crate::accounts::business::Country;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use std::sync::LazyLock;

/// Loads the plans.
pub(super) fn load() {
    LazyLock::force(&PHONE_NUMBER_UTIL);
}

/// Returns the number in E.164 form, or `None` if it is not possible. National forms are those of `country`.
///
/// A spelling may have several readings. The first one that is assigned to somebody is taken, else the first one that
/// is possible; in a sentence, where digits may be anything, it must be assigned.
pub(super) fn read(spelling: &Spelling, country: Option<&Country>) -> Option<String> {
    let region = country.and_then(|country| country.as_str().parse::<Region>().ok());
    let mut readings: Vec<_> = spelling.variants().iter().flat_map(|variant| readings(variant, region)).collect();
    if let Some(text) = spelling.with_context() {
        readings.insert(0, Reading::of(parse(text, region)));
    }
    let assigned = readings.iter().find(|reading| reading.is_assigned());
    let possible = || readings.iter().find(|reading| reading.is_possible()).filter(|_| !spelling.is_in_a_sentence());
    let number = assigned.or_else(possible).and_then(|reading| reading.number.as_ref()).cloned();
    number.or_else(|| spelling.vanity().and_then(|text| parse_vanity(text, region))).as_ref().map(e164)
}

/// A reading of a spelling.
struct Reading {
    number: Option<PhoneNumber>,
    /// True if the reading counts only if the number is assigned.
    condition: Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Assigned,
    Possible,
}

impl Reading {
    fn of(number: Option<PhoneNumber>) -> Self {
        let number = number.filter(|number| e164(number).len() <= MAX_E164_DIGITS + 1);
        Self { number, condition: Condition::Possible }
    }

    fn if_assigned(number: Option<PhoneNumber>) -> Self {
        Self { condition: Condition::Assigned, ..Self::of(number) }
    }

    fn is_assigned(&self) -> bool {
        self.number.as_ref().is_some_and(|number| PHONE_NUMBER_UTIL.is_valid_number(number))
    }

    fn is_possible(&self) -> bool {
        let length = self.number.as_ref().map(|number| PHONE_NUMBER_UTIL.is_possible_number_with_reason(number));
        self.condition == Condition::Possible && matches!(length, Some(Ok(NumberLengthType::IsPossible)))
    }
}

/// Returns the readings of a spelling, the most literal first.
fn readings(spelling: &str, region: Option<Region>) -> Vec<Reading> {
    let digits = digits_of(spelling);
    if spelling.starts_with('+') {
        return international_readings(&digits, parse(spelling, None));
    }
    let calling_code = region.and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region));
    // As it is, no first digits are taken for a calling code, trunk prefix or international prefix.
    let mut readings = vec![Reading::if_assigned(calling_code.and_then(|code| number(code, &digits)))];
    let parsed = parse(spelling, region);
    let foreign = parsed.as_ref().filter(|number| Some(number.country_code) != calling_code);
    match foreign.and_then(|number| behind_international_prefix(&digits, number)) {
        Some(international) => readings.extend(international_readings(international, parsed)),
        None => readings.push(Reading::of(parsed)),
    }
    // Most countries dial 00 before international numbers, and people of others write it too.
    if let Some(international) = digits.strip_prefix("00") {
        readings.extend(international_readings(international, parse(&format!("+{international}"), None)));
    }
    // Of the trunk prefix alone, where the first digits look like an international prefix.
    readings.push(Reading::of(calling_code.and_then(|code| parse(&format!("+{code}{digits}"), None))));
    readings
}

/// Returns the digits behind the international prefix of the region in which `parsed` was read, from the calling code
/// on; `None` if there is no telling where they begin.
fn behind_international_prefix<'a>(digits: &'a str, parsed: &PhoneNumber) -> Option<&'a str> {
    let (code, national) = (parsed.country_code.to_string(), parsed.national_number.to_string());
    let starts: Vec<_> = digits.match_indices(&code).map(|(start, _)| &digits[start..]).collect();
    let is_number = |behind: &&&str| behind[code.len()..].ends_with(&national);
    let mut candidates = starts.iter().filter(is_number);
    let only = candidates.next().filter(|behind| behind.len() < digits.len());
    only.filter(|_| candidates.next().is_none()).copied()
}

/// Returns the readings of an international number: of its digits as they are, and as libphonenumber parses it.
///
/// libphonenumber takes first digits that equal the trunk prefix away unless that makes an assigned number a possible
/// one: of +375 820 123 4567 it drops the 8. A number in international form is written without the prefix, so every
/// digit counts wherever the length is possible. Only what is assigned without the prefix, and zeros, with which few
/// national numbers begin, are read as people mean them who write both forms at once ("+49 0151 …").
fn international_readings(digits: &str, parsed: Option<PhoneNumber>) -> Vec<Reading> {
    let literal = split_calling_code(digits);
    let begins_with_zero = literal.as_ref().is_some_and(|number| number.italian_leading_zero == Some(true));
    let literal = if begins_with_zero { Reading::if_assigned(literal) } else { Reading::of(literal) };
    vec![literal, Reading::of(parsed)]
}

/// Parses a number as libphonenumber does.
fn parse(spelling: &str, region: Option<Region>) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(spelling, region).ok()
}

/// Parses a number that is spelled with letters. Only numbers of companies are: anything else is a word.
fn parse_vanity(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    use PhoneNumberType::{PremiumRate, SharedCost, TollFree, UAN};
    let number = parse(text, region)?;
    matches!(PHONE_NUMBER_UTIL.get_number_type(&number), TollFree | SharedCost | PremiumRate | UAN).then_some(number)
}

/// Splits a calling code off. No code is the prefix of another, so at most one split matches.
fn split_calling_code(digits: &str) -> Option<PhoneNumber> {
    (1..=3).filter_map(|length| digits.split_at_checked(length)).find_map(|(code, national)| {
        let code = code.parse().ok().filter(|_| !code.starts_with('0'))?;
        PHONE_NUMBER_UTIL.get_region_for_country_code(code)?;
        number(code, national)
    })
}

/// Returns the number of these digits after the calling code, each of which counts.
fn number(calling_code: i32, national: &str) -> Option<PhoneNumber> {
    let zeros = national.len() - national.trim_start_matches('0').len();
    Some(PhoneNumber {
        country_code: calling_code,
        national_number: national.parse().ok()?,
        italian_leading_zero: (zeros > 0).then_some(true),
        number_of_leading_zeros: (zeros > 0).then(|| i32::try_from(zeros)).transpose().ok()?,
        ..PhoneNumber::default()
    })
}

fn e164(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}
