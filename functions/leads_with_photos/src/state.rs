//! The state of the handlers.

use crate::photos::Photos;
use api::ApiState;
use axum::extract::FromRef;
use blob::Blobs;
use domain::SuppressionKey;
use runtime::Timing;

/// The state of the handlers.
#[derive(Clone)]
pub struct LeadsWithPhotosState {
    pub(crate) api: ApiState,
    pub(crate) photos: Photos,
    pub(crate) timing: Timing,
    pub(crate) suppression_key: SuppressionKey,
}

impl LeadsWithPhotosState {
    /// Returns the state of handlers that keep photos in `blobs`, schedule sequences by `timing`, and find suppressions by
    /// `suppression_key`.
    pub fn new(api: ApiState, blobs: Blobs, timing: Timing, suppression_key: SuppressionKey) -> Self {
        Self { api, photos: Photos::new(blobs), timing, suppression_key }
    }
}

impl FromRef<LeadsWithPhotosState> for ApiState {
    fn from_ref(state: &LeadsWithPhotosState) -> Self {
        state.api.clone()
    }
}
