//! Numbering plans: which numbers are possible and assigned in a country (libphonenumber's metadata).

use super::MAX_E164_DIGITS;
use super::spelling::{Spelling, digits_of};
use crate::accounts::business::Country;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use std::iter;

/// Returns the number in E.164 form, or `None` if it is not possible. National forms are those of `country`.
///
/// A spelling may have several readings. The first one that is assigned to somebody is taken, else the first one that
/// is possible; in a sentence, where digits may be anything, it must be assigned.
pub(super) fn read(spelling: &Spelling, country: Option<&Country>) -> Option<String> {
    let region = country.and_then(|country| country.as_str().parse::<Region>().ok());
    let with_context = spelling.with_context().map(|text| Reading::of(parse(text, region)));
    let variants = spelling.variants();
    let readings = with_context.into_iter().chain(variants.iter().flat_map(|variant| readings(variant, region)));
    let number = choose(readings, spelling.is_in_a_sentence());
    number.or_else(|| spelling.vanity().and_then(|text| parse_vanity(text, region))).as_ref().map(e164)
}

/// Returns the number of the first reading that is assigned, else of the first one that is possible, unless it
/// `must_be_assigned`.
fn choose(readings: impl Iterator<Item = Reading>, must_be_assigned: bool) -> Option<PhoneNumber> {
    // Several readings are often the same number, and to look up an assignment takes the most time.
    let mut unassigned: Vec<PhoneNumber> = Vec::new();
    let mut possible = None;
    for reading in readings {
        let Some(number) = &reading.number else { continue };
        if !unassigned.contains(number) {
            if PHONE_NUMBER_UTIL.is_valid_number(number) {
                return reading.number;
            }
            unassigned.push(number.clone());
        }
        if possible.is_none() && !must_be_assigned && reading.is_possible() {
            possible = reading.number;
        }
    }
    possible
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

    fn is_possible(&self) -> bool {
        let length = self.number.as_ref().map(|number| PHONE_NUMBER_UTIL.is_possible_number_with_reason(number));
        self.condition == Condition::Possible && matches!(length, Some(Ok(NumberLengthType::IsPossible)))
    }
}

/// Returns the readings of a spelling, the most literal first. The others are parsed only if they are asked for.
fn readings(spelling: &str, region: Option<Region>) -> impl Iterator<Item = Reading> {
    let digits = digits_of(spelling);
    let is_international = spelling.starts_with('+');
    let national = region.filter(|_| !is_international);
    let calling_code = national.and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region));
    let literal = if is_international {
        literal_international_reading(&digits)
    } else {
        // As it is, no first digits are taken for a calling code, trunk prefix or international prefix.
        Reading::if_assigned(calling_code.and_then(|code| number(code, &digits)))
    };
    let others = move || {
        if is_international {
            vec![Reading::of(parse(spelling, None))]
        } else {
            other_national_readings(spelling, &digits, region, calling_code)
        }
    };
    iter::once(literal).chain(iter::once_with(others).flatten())
}

/// Returns the readings of a spelling without a plus sign, of which some digits may be a prefix.
fn other_national_readings(
    spelling: &str,
    digits: &str,
    region: Option<Region>,
    calling_code: Option<i32>,
) -> Vec<Reading> {
    let mut readings = Vec::new();
    let parsed = parse(spelling, region);
    let foreign = parsed.as_ref().filter(|number| Some(number.country_code) != calling_code);
    if let Some(international) = foreign.and_then(|number| behind_international_prefix(digits, number)) {
        readings.push(literal_international_reading(international));
    }
    readings.push(Reading::of(parsed));
    // Most countries dial 00 before international numbers, and people of others write it too.
    if let Some(international) = digits.strip_prefix("00") {
        readings.push(literal_international_reading(international));
        readings.push(Reading::of(parse(&format!("+{international}"), None)));
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

/// Returns the reading of an international number by its digits as they are, which comes before the one that
/// libphonenumber parses.
///
/// libphonenumber takes first digits that equal the trunk prefix away unless that makes an assigned number a possible
/// one: of +375 820 123 4567 it drops the 8. A number in international form is written without the prefix, so every
/// digit counts wherever the length is possible. Only what is assigned without the prefix, and zeros, with which few
/// national numbers begin, are read as people mean them who write both forms at once ("+49 0151 …").
fn literal_international_reading(digits: &str) -> Reading {
    let number = split_calling_code(digits);
    let begins_with_zero = number.as_ref().is_some_and(|number| number.italian_leading_zero == Some(true));
    if begins_with_zero { Reading::if_assigned(number) } else { Reading::of(number) }
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
