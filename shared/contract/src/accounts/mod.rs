//! Accounts: the rules for a contract's API keys, and how requests name a business.

pub(crate) mod business;
mod key_rules;

pub use key_rules::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
