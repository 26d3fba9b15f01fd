//! A lead shown with its photo, sequence and messages, as LeadRescue shows it.

use crate::state::LeadsState;
use api::{ApiError, ApiResponse, Identity};
use contract::Json;
use contract::lead_rescue::{self, LeadDetails};
use domain::follow_up::sequence::StopReason;
use domain::leads::Photo;
use domain::{Environment, Lead, Message, Sequence};
use store::Write;

/// Returns a lead with a new link to its photo.
pub(crate) fn show(
    state: &LeadsState,
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

/// Returns a lead as it is after a change, and the writes that stop its sequence if it must not be contacted any more.
pub(crate) async fn after_change(
    state: &LeadsState,
    caller: &Identity,
    new: &Lead,
    max_history_bytes: usize,
) -> Result<(Json, Vec<Write>), ApiError> {
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

/// Replaces the photo link of a response, which may have expired if the response is a replay, by a new one. All else
/// stays as it was.
pub(crate) fn renew_photo_link(
    state: &LeadsState,
    environment: Environment,
    response: ApiResponse,
    photo: &Photo,
) -> ApiResponse {
    let Some(field) = lead_rescue::shown_photo_link_field(response.body()) else { return response };
    let url = state.photos.link_to(environment, photo, state.api.now());
    response.with_fields(&[(field, &url)])
}
