//! LeadRescue's leads: with a photo, a sequence and a history.

use crate::Leads;
use crate::change::apply;
use crate::create::Incoming;
use crate::photos::WRITTEN;
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, MOST_KEPT, MOST_SHOWN, PathId, require};
use axum::extract::State;
use contract::lead_rescue::{self, Beside};
use contract::{Json, lead_id, message, sequence};
use domain::follow_up::sequence::StopReason;
use domain::leads::Photo;
use domain::{Business, Contract, Environment, Lead, Message, PhotoId, Sequence};
use serde_json::Value;
use store::{Protection, Write};

/// A lead as callers are shown it. The link to its photo is made anew each time.
fn shown(
    leads: &Leads,
    environment: Environment,
    lead: &Lead,
    followed: Option<&Sequence>,
    messages: &[Message],
) -> Json {
    let contract = Contract::LeadRescue;
    let beside = Beside {
        photo_url: leads.photos.link(environment, lead, leads.api.now()),
        sequence: followed.map(|followed| sequence(contract, followed)),
        messages: messages.iter().map(|one| message(contract, one)).collect(),
    };
    lead_rescue::lead(lead, beside)
}

/// A first answer that is given again: all as it was, but for the link to its photo, which may have expired.
fn linked_anew(leads: &Leads, environment: Environment, first: ApiResponse, photo: &Photo) -> ApiResponse {
    let read = serde_json::from_slice::<Value>(first.body()).unwrap_or_default();
    match read["license_photo_url"].as_str() {
        Some(url) => {
            let anew = leads.photos.link_to(environment, photo, leads.api.now());
            first.with_text_replaced(url, &anew)
        }
        None => first,
    }
}

/// `POST /v1/leads`: a test drive is logged, and followed up where there is consent.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    mut input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let incoming = Incoming::of_call(&leads, &caller, &input)?;
    let environment = caller.environment();
    let photo = Photo { id: PhotoId::for_lead(incoming.id(), &input.fingerprint()), content_type: WRITTEN };
    if let Some(first) = caller.replay(incoming.idempotency_key()).await? {
        return Ok(linked_anew(&leads, environment, first, &photo));
    }
    let (mut lead, business) = incoming.placed_in(&caller).await?;
    if let Some(base64) = lead_rescue::take_photo(&mut input.fields) {
        // The photo first, so that no lead ever names one that is not there.
        let picture = leads.photos.read(base64).await?;
        leads.photos.put(environment, &photo, picture).await?;
        lead.photo = Some(photo.clone());
    }
    let kept = keep(&leads, &caller, &incoming, &business, &lead).await;
    if let Err(error) = &kept
        && lead.photo.is_some()
        && is_unwanted(&leads, environment, &incoming, error).await
    {
        leads.photos.remove(environment, photo.id).await;
    }
    Ok(linked_anew(&leads, environment, kept?, &photo))
}

/// Stores a lead with the sequence that starts with it, or is proposed, and answers with both.
async fn keep(
    leads: &Leads,
    caller: &Caller<require::LeadsWrite>,
    incoming: &Incoming,
    business: &Business,
    lead: &Lead,
) -> Result<ApiResponse, ApiError> {
    let (store, environment) = (leads.api.store(), caller.environment());
    let followed = caller.sequence_of(lead, business, None, None, leads.timing.speedup).await?;
    let check_at = followed.due_at.map(|due_at| leads.timing.check_at_when_scheduled(due_at, incoming.now()));
    let (put, data_key) = store.put_lead(environment, lead, incoming.idempotency_key(), incoming.now())?;
    let writes = vec![put, store.put_sequence(environment, &followed, None, check_at)?];
    let answer = |lead: &Lead, followed: Option<&Sequence>, messages: &[Message]| {
        ApiResponse::created(shown(leads, environment, lead, followed, messages)).with_version(lead.version)
    };
    let first = answer(lead, Some(&followed), &[]);
    match caller.commit(writes, incoming.idempotency_key(), first, &Protection::LeadKey(lead.id, data_key)).await? {
        CommitOutcome::Answered(answer) => Ok(answer),
        // The same call came so long ago that its answer is not kept any more; its lead is.
        CommitOutcome::ConditionFailed(error) => match incoming.made_before(leads, caller).await? {
            Some(made) => {
                let (followed, messages) = caller.history(made.lead.id, MOST_KEPT).await?;
                Ok(answer(&made.lead, followed.as_ref(), &messages).replayed())
            }
            None => Err(error.into()),
        },
    }
}

/// Whether a refused call leaves a photo that no lead names.
async fn is_unwanted(leads: &Leads, environment: Environment, incoming: &Incoming, error: &ApiError) -> bool {
    if !error.kind.is_server_error() {
        return true;
    }
    // Where the table failed, the call made again under its key finds the photo with its lead, or puts it once more.
    incoming.idempotency_key().is_none()
        && matches!(leads.api.store().lead(environment, incoming.id(), leads.api.now()).await, Ok(None))
}

/// `GET /v1/leads/{id}`: a lead with its whole history.
pub(crate) async fn one(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("leadId", "lead", |text| lead_id(caller.contract, text))?;
    let (found, history) = tokio::join!(caller.lead(id), caller.history(id, MOST_SHOWN));
    let lead = found?.lead;
    let (followed, messages) = history?;
    let shown = shown(&leads, caller.environment(), &lead, followed.as_ref(), &messages);
    Ok(ApiResponse::ok(shown).with_version(lead.version))
}

/// A lead that is about to have changed, and the writes that stop its sequence where nobody is to write to it any more.
pub(crate) async fn shown_after(
    leads: &Leads,
    caller: &Caller<require::LeadsWrite>,
    new: &Lead,
    most: usize,
) -> Result<(Json, Vec<Write>), ApiError> {
    let (followed, messages) = caller.history(new.id, most).await?;
    let ends = StopReason::for_lead(new).filter(|reason| *reason != StopReason::NoConsent);
    let (followed, stops) = match (followed, ends) {
        (Some(old), Some(reason)) => {
            let stopped = old.stopped(reason, leads.api.now());
            let stops = leads.api.store().stop_sequence_writes(caller.environment(), &old, &stopped)?;
            (Some(stopped), stops)
        }
        (followed, _) => (followed, Vec::new()),
    };
    Ok((shown(leads, caller.environment(), new, followed.as_ref(), &messages), stops))
}

/// `PATCH /v1/leads/{id}`: another status.
pub(crate) async fn change(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsWrite>,
    id: PathId,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = lead_rescue::read_lead_change(&input.fields)?;
    let answer = apply(&leads, &caller, &id, &input, |_| Ok(change.clone())).await?;
    if !answer.is_replayed() {
        return Ok(answer);
    }
    let id = id.parse("leadId", "lead", |text| lead_id(caller.contract, text))?;
    Ok(match caller.lead(id).await?.lead.photo {
        Some(photo) => linked_anew(&leads, caller.environment(), answer, &photo),
        None => answer,
    })
}
