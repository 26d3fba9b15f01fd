//! Telephone numbers, compared with libphonenumber: every spelling of the example numbers of every region is read.

use crate::harness::programs;
use domain::accounts::business::Country;
use domain::leads::phone::Phone;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Minimum number of spellings of a region's numbers.
const MIN_SPELLINGS: usize = 30;

/// A spelling of a number, as `phone_spellings.py` writes it.
#[derive(Debug, Deserialize)]
struct SpelledNumber {
    region: String,
    spelling: String,
    /// The number that is spelled, in E.164 form.
    meant: String,
    /// The number that libphonenumber reads, if its length is possible.
    read: Option<String>,
}

/// The reading of a spelling, compared with the number that is meant and with libphonenumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// As meant, as libphonenumber reads it too.
    AsMeant,
    /// As meant, where libphonenumber reads no possible number: spaces that it does not know (U+2009, U+202F), "00" where
    /// another international prefix is dialled, "(0)" where no trunk prefix is.
    AsMeantNotReadThere,
    /// As meant, where libphonenumber reads another number, which nobody has: it takes "00" and the next digit for a
    /// carrier's international prefix (Hong Kong, Korea, Singapore), or "(0)" for a digit.
    AsMeantOtherThere,
    /// Another number, as libphonenumber reads it too: all digits count, because they are a number of the country as
    /// they stand. The calling code without a plus sign ("49 15123456789" in Germany) or a zero is part of it.
    DigitsAsTheyStand,
    /// Another number, as libphonenumber reads it too: a carrier's international prefix (Korea, Thailand).
    CarrierPrefix,
    /// None, as libphonenumber: Canada's 310 numbers after a trunk prefix.
    NotRead,
}

impl Outcome {
    fn of(spelling: &SpelledNumber, e164: Option<&str>) -> Option<Self> {
        let digits: String = spelling.spelling.chars().filter(char::is_ascii_digit).collect();
        Some(match (e164, spelling.read.as_deref()) {
            (Some(e164), Some(read)) if e164 == spelling.meant && read == e164 => Self::AsMeant,
            (Some(e164), None) if e164 == spelling.meant => Self::AsMeantNotReadThere,
            (Some(e164), Some(_)) if e164 == spelling.meant => Self::AsMeantOtherThere,
            (Some(e164), Some(read)) if e164 == read && e164.ends_with(&digits) => Self::DigitsAsTheyStand,
            (Some(e164), Some(read)) if e164 == read && digits.starts_with("00") => Self::CarrierPrefix,
            (None, None) => Self::NotRead,
            _ => return None,
        })
    }
}

/// Returns the spellings that `phone_spellings.py` writes; none if Python is not installed.
fn spellings() -> Vec<SpelledNumber> {
    let Some(mut python) = programs::python() else { return Vec::new() };
    let written = python.arg("phone_spellings.py").output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let lines = String::from_utf8(written.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_spelling_is_read_as_libphonenumber_does() {
    let spellings = spellings();
    if spellings.is_empty() {
        return;
    }
    let (mut outcomes, mut regions, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for spelling in &spellings {
        let country = Country::parse(&spelling.region).unwrap();
        let phone = Phone::parse(&spelling.spelling, &country).unwrap();
        match Outcome::of(spelling, phone.e164()) {
            Some(outcome) => *outcomes.entry(outcome).or_insert(0_usize) += 1,
            None => wrong.push((spelling, phone)),
        }
        *regions.entry(&spelling.region).or_insert(0_usize) += 1;
    }
    assert!(wrong.is_empty(), "{} numbers are lost or another: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert!(regions.len() > 240 && regions.values().all(|count| *count >= MIN_SPELLINGS), "{regions:?}");
    let count = |outcome: Outcome| outcomes.get(&outcome).copied().unwrap_or(0);
    assert!(count(Outcome::AsMeant) > 30_000, "{outcomes:?}");
    // The explained differences from what is meant stay few.
    assert!(count(Outcome::DigitsAsTheyStand) <= 40, "{outcomes:?}");
    assert!(count(Outcome::CarrierPrefix) <= 10 && count(Outcome::NotRead) <= 10, "{outcomes:?}");
}
