//! A lead shown with its photo, sequence and messages, as LeadRescue shows it.

use crate::state::LeadsWithPhotosState;
use api::{
    ApiError, ApiResponse, ChangedLeadView, IdempotentCall, Identity, MAX_HISTORY_BYTES, MAX_KEPT_HISTORY_BYTES,
};
use contract::Json;
use contract::lead_rescue::{self, LeadDetails};
use domain::follow_up::sequence::StopReason;
use domain::leads::Photo;
use domain::{Environment, Lead, Message, Sequence};
use store::Write;

/// Returns a lead with a new link to its photo.
pub(crate) fn show(
    state: &LeadsWithPhotosState,
    caller: &Identity,
    lead: &Lead,
    sequence: Option<&Sequence>,
    messages: &[Message],
) -> Json {
    let profile = caller.profile();
    let details = LeadDetails {
        photo_url: state.photos.link(caller.environment(), lead, state.api.now()),
        sequence: sequence.map(|sequence| profile.sequence_json(sequence)),
        messages: messages.iter().map(|message| profile.message_json(message)).collect(),
    };
    lead_rescue::lead_with_details_json(lead, details)
}

/// A changed lead with its photo, sequence and messages.
pub(crate) struct LeadWithFollowUp<'a> {
    pub(crate) state: &'a LeadsWithPhotosState,
    pub(crate) caller: &'a Identity,
}

impl ChangedLeadView for LeadWithFollowUp<'_> {
    /// The writes stop the lead's sequence, if the lead must not be contacted any more.
    async fn show(&self, call: &IdempotentCall, new: &Lead) -> Result<(Json, Vec<Write>), ApiError> {
        let Self { state, caller } = self;
        let max_history_bytes = if call.key().is_some() { MAX_KEPT_HISTORY_BYTES } else { MAX_HISTORY_BYTES };
        let follow_up = state.api.follow_up(caller);
        let (sequence, messages) = follow_up.history(new.id, max_history_bytes).await?;
        let stop_reason = StopReason::for_lead(new).filter(|reason| *reason != StopReason::NoConsent);
        let (sequence, stop_writes) = match (sequence, stop_reason) {
            (Some(old), Some(reason)) => {
                let stopped = old.stopped(reason, state.api.now());
                let writes = state.api.store().stop_sequence_writes(caller.environment(), &old, &stopped)?;
                (Some(stopped), writes)
            }
            (sequence, _) => (follow_up.as_shown(new, sequence, &state.suppression_key).await?, Vec::new()),
        };
        Ok((show(state, caller, new, sequence.as_ref(), &messages), stop_writes))
    }
}

/// Replaces the photo link of a response, which may have expired if the response is a replay, by a new one. All else
/// stays as it was.
pub(crate) fn renew_photo_link(
    state: &LeadsWithPhotosState,
    environment: Environment,
    response: ApiResponse,
    photo: &Photo,
) -> ApiResponse {
    let Some(field) = lead_rescue::shown_photo_link_field(response.body()) else { return response };
    let url = state.photos.link_to(environment, photo, state.api.now());
    response.with_fields(&[(field, &url)])
}
