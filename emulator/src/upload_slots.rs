//! Uploads in progress, so that one link does not hold any number of connections and temporary files.

use blob::BlobKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Maximum number of concurrent uploads of one file: a caller that retries may have left one that has not ended yet.
pub(crate) const MAX_UPLOADS_PER_LINK: usize = 4;

/// Counts the uploads in progress of each file. Cheap to clone; clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct UploadSlots(Arc<Mutex<HashMap<String, usize>>>);

/// One upload in progress, until this is dropped.
pub(crate) struct UploadSlot {
    slots: UploadSlots,
    key: String,
}

impl UploadSlots {
    /// Counts an upload of the file `key`. Returns none if there are too many.
    pub(crate) fn take(&self, key: &BlobKey) -> Option<UploadSlot> {
        let key = key.to_string();
        let mut counts = self.lock();
        let count = counts.get(&key).copied().unwrap_or(0);
        if count >= MAX_UPLOADS_PER_LINK {
            return None;
        }
        counts.insert(key.clone(), count + 1);
        Some(UploadSlot { slots: self.clone(), key })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UploadSlot {
    fn drop(&mut self) {
        let mut counts = self.slots.lock();
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}
