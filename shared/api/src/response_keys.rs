//! The keys that encrypt responses which are kept for a replay.

use crate::api_error::ApiError;
use std::collections::BTreeMap;
use store::{DataKey, Protection};

/// The keys that encrypt kept responses which hold a secret, by the numbers of the master keys they derive from.
#[derive(Clone, Debug)]
pub struct ResponseKeys {
    /// The number of the key that encrypts.
    pub current: u32,
    /// Every key that still decrypts.
    pub keys: BTreeMap<u32, DataKey>,
}

impl ResponseKeys {
    /// Returns no keys, for a function that keeps no responses: it then needs no access to the master keys.
    pub fn none() -> Self {
        Self { current: 0, keys: BTreeMap::new() }
    }

    /// Returns the protection of a response that holds a secret, under the current key.
    pub(crate) fn protection(&self) -> Result<Protection, ApiError> {
        let key = self.keys.get(&self.current).ok_or_else(|| ApiError::internal("no key to encrypt responses with"))?;
        Ok(Protection::MasterKey(self.current, key.clone()))
    }

    /// Returns the key that derives from the master key of this number.
    pub(crate) fn get(&self, number: u32) -> Option<DataKey> {
        self.keys.get(&number).cloned()
    }
}
