//! Time zones of telephone numbers, by the prefix of the number.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Maximum number of digits of a prefix in the table.
pub(super) const MAX_PREFIX_DIGITS: usize = 7;

/// Returns the time zones that a number in E.164 form may belong to, the likeliest first. Returns an empty slice if its
/// prefix is unknown or belongs to no country.
pub(super) fn zones_for_number(e164: &str) -> &'static [&'static str] {
    let digits = e164.strip_prefix('+').unwrap_or(e164);
    let mut prefixes = (1..=MAX_PREFIX_DIGITS.min(digits.len())).rev().filter_map(|length| digits.get(..length));
    prefixes.find_map(|prefix| ZONES.get(prefix)).map_or(&[], Vec::as_slice)
}

/// The table of zones by prefix.
pub(super) static ZONES: LazyLock<HashMap<String, Vec<&'static str>>> =
    LazyLock::new(|| parse(include_str!("zones.txt")));

/// Parses the format that `zones.txt` describes.
fn parse(file: &'static str) -> HashMap<String, Vec<&'static str>> {
    let mut table = HashMap::new();
    let mut zones = Vec::new();
    let mut names_are_complete = false;
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            names_are_complete = true;
            for prefix in line.split_whitespace().flat_map(prefixes_of) {
                table.insert(prefix, zones.clone());
            }
        } else {
            if std::mem::take(&mut names_are_complete) {
                zones.clear();
            }
            zones.extend(line.split_whitespace());
        }
    }
    table
}

/// Returns the prefixes of an entry: `+46`, or `+1201-3` for three of them.
pub(super) fn prefixes_of(entry: &str) -> Vec<String> {
    let entry = entry.strip_prefix('+').unwrap_or(entry);
    let Some((first, end)) = entry.split_once('-') else { return vec![entry.to_owned()] };
    let kept = first.get(..first.len().saturating_sub(end.len())).unwrap_or_default();
    match (first.parse::<u32>(), format!("{kept}{end}").parse::<u32>()) {
        (Ok(first), Ok(last)) => (first..=last).map(|prefix| prefix.to_string()).collect(),
        _ => Vec::new(),
    }
}
