// Changed from the published file: see README.md of this crate.
#[cfg(feature = "regex")]
pub use regex::{Error, Match, Regex};

#[cfg(all(feature = "lite", not(feature = "regex")))]
pub use regex_lite::{Error, Match, Regex};

#[cfg(not(any(feature = "regex", feature = "lite")))]
compile_error!("libphonenumber: You must enable either the 'regex' or 'lite' feature.");

use std::{ops::Deref, sync::OnceLock};

/// A regular expression of the library that is compiled when it is used first.
pub(crate) struct LazyRegex {
    pattern: String,
    compiled: OnceLock<Regex>,
}

impl LazyRegex {
    pub(crate) fn new(pattern: &str) -> Self {
        Self {
            pattern: pattern.to_owned(),
            compiled: OnceLock::new(),
        }
    }
}

impl Deref for LazyRegex {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        self.compiled
            .get_or_init(|| Regex::new(&self.pattern).expect("a pattern of the library"))
    }
}
