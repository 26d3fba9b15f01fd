//! Expressions that were parsed before.
//!
//! An operation parses an expression for each of its checks, and callers send
//! the same few texts again and again with other values.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Number of expressions a thread keeps. Beyond it, it starts anew: a caller
/// with so many texts builds values into them.
const CAPACITY: usize = 512;

/// Parsed expressions of one kind, by their text.
pub(crate) struct ParsedExpressions<T>(RefCell<HashMap<String, Arc<T>>>);

impl<T> ParsedExpressions<T> {
    pub(crate) fn new() -> Self {
        Self(RefCell::default())
    }

    /// The expression with this text, parsed by `parse` at its first use. An
    /// invalid one is parsed each time.
    pub(crate) fn get(
        &self,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Arc<T>, String> {
        if let Some(parsed) = self.0.borrow().get(text) {
            return Ok(Arc::clone(parsed));
        }
        let parsed = Arc::new(parse(text)?);
        let mut known = self.0.borrow_mut();
        if known.len() == CAPACITY {
            known.clear();
        }
        known.insert(text.to_owned(), Arc::clone(&parsed));
        Ok(parsed)
    }
}
