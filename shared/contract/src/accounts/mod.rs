//! Accounts: what distinguishes the API keys of one contract from those of another.

mod key_rules;

pub use key_rules::{BusinessBinding, DefaultTier, KeyPrefixes, KeyRules};
