//! The state of the handlers.

use crate::photos::Photos;
use api::ApiState;
use axum::extract::FromRef;
use blob::Blobs;
use runtime::Timing;

/// The state of the handlers.
#[derive(Clone)]
pub struct LeadsState {
    pub(crate) api: ApiState,
    pub(crate) photos: Photos,
    pub(crate) timing: Timing,
}

impl LeadsState {
    /// Returns the state of handlers that keep photos in `blobs` and schedule sequences by `timing`.
    pub fn new(api: ApiState, blobs: Blobs, timing: Timing) -> Self {
        Self { api, photos: Photos::new(blobs), timing }
    }
}

impl FromRef<LeadsState> for ApiState {
    fn from_ref(state: &LeadsState) -> Self {
        state.api.clone()
    }
}
