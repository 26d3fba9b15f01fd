//! LeadRescue's leads: with a photo, a sequence and a history.

use crate::Leads;
use crate::change::apply;
use crate::create::{Incoming, Made};
use crate::photos::WRITTEN;
use crate::read::find;
use access::{Answer, Caller, Input, PathId, Refused, needs};
use axum::extract::State;
use contract::Json;
use contract::lead_rescue::{self, Beside};
use domain::lead::Photo;
use domain::{Lead, PhotoId, World};
use serde_json::Value;

/// A lead as callers are shown it. The link to its photo is made anew each time.
fn shown(leads: &Leads, world: World, lead: &Lead) -> Json {
    let photo_url = leads.photos.link(world, lead, leads.gate.now());
    lead_rescue::lead(lead, Beside { photo_url, ..Beside::default() })
}

/// `POST /v1/leads`: a test drive is logged.
pub(crate) async fn create(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    mut input: Input,
) -> Result<Answer, Refused> {
    let incoming = Incoming::of_call(&leads, &caller, &input)?;
    let made = match lead_rescue::take_photo(&mut input.fields) {
        None => incoming.store(&leads, &caller).await?,
        Some(base64) => store_with_photo(&leads, &caller, incoming, &input, base64).await?,
    };
    let answer = Answer::created(shown(&leads, caller.world(), &made.lead)).with_version(made.lead.version);
    Ok(if made.before { answer.replayed() } else { answer })
}

/// Stores a lead and the photo that came with it: the photo first, so that no lead ever names one that is not there.
async fn store_with_photo(
    leads: &Leads,
    caller: &Caller<needs::LeadsWrite>,
    incoming: Incoming,
    input: &Input,
    base64: String,
) -> Result<Made, Refused> {
    if let Some(made) = incoming.made_before(leads, caller).await? {
        return Ok(made);
    }
    let mut lead = incoming.placed(caller).await?;
    let picture = leads.photos.read(base64).await?;
    let photo = PhotoId::of_lead(lead.id, &input.fingerprint());
    let file = Photo { id: photo, content_type: WRITTEN };
    leads.photos.put(caller.world(), &file, picture).await?;
    lead.photo = Some(file);
    let id = lead.id;
    let kept = incoming.keep(leads, caller, lead).await;
    if let Err(refused) = &kept {
        let unwanted = if !refused.refusal.is_own_fault() {
            true
        } else if incoming.is_keyed() {
            // The call made again finds the photo where the table has taken the lead, or else puts it once more.
            false
        } else {
            matches!(leads.gate.store().lead(caller.world(), id, leads.gate.now()).await, Ok(None))
        };
        if unwanted {
            leads.photos.remove(caller.world(), photo).await;
        }
    }
    kept
}

/// `GET /v1/leads/{id}`
pub(crate) async fn one(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsRead>,
    id: PathId,
) -> Result<Answer, Refused> {
    let found = find(&leads, &caller, &id).await?;
    Ok(Answer::ok(shown(&leads, caller.world(), &found.lead)).with_version(found.lead.version))
}

/// `PATCH /v1/leads/{id}`: another status.
pub(crate) async fn change(
    State(leads): State<Leads>,
    caller: Caller<needs::LeadsWrite>,
    id: PathId,
    input: Input,
) -> Result<Answer, Refused> {
    let change = lead_rescue::read_lead_change(&input.fields)?;
    let show = |lead: &Lead| shown(&leads, caller.world(), lead);
    let answer = apply(&leads, &caller, &id, &input, |_| Ok(change.clone()), show).await?;
    if !answer.is_replayed() {
        return Ok(answer);
    }
    // All is as it was answered first, but for the link, which may have expired.
    let read = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    let Some(first) = read["license_photo_url"].as_str() else { return Ok(answer) };
    let found = find(&leads, &caller, &id).await?;
    Ok(match leads.photos.link(caller.world(), &found.lead, leads.gate.now()) {
        Some(anew) => answer.with_text_replaced(first, &anew),
        None => answer,
    })
}
