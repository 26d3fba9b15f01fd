//! Inbound secrets: derived, shown once, made anew with an overlap; and what is signed with them.

use crate::Inbound;
use access::{Answer, Caller, Committed, MaybeInput, Refused, needs};
use axum::extract::State;
use contract::{Refusal, native};
use domain::audit::Action;
use domain::webhooks::subscription::SecretRef;
use domain::{InboundSecret, Timestamp, World};
use webhook::signature::verify_hex;

/// The header that a signature comes in.
const SIGNATURE: &str = "x-signature";

/// The text of a secret.
fn reveal(inbound: &Inbound, world: World, secret: SecretRef) -> Result<String, Refused> {
    let secret = inbound.masters.inbound_secret(&world, secret);
    secret.map(|secret| secret.reveal()).map_err(|error| Refused::internal(&error.to_string()))
}

/// Refuses a body that is not signed with one of the secrets that prove what comes in to the caller's world.
pub(crate) async fn check(
    inbound: &Inbound,
    caller: &Caller<needs::InboundWrite>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Refused> {
    let unsigned = || Refused::from(Refusal::Unsigned);
    let given = caller.one_header(SIGNATURE).ok().flatten().ok_or_else(unsigned)?;
    let world = caller.world();
    let known = inbound.gate.store().inbound_secret(world).await?.ok_or_else(unsigned)?;
    for secret in std::iter::once(known.secret).chain(known.overlapping(now)) {
        if verify_hex(&reveal(inbound, world, secret)?, body, given) {
            return Ok(());
        }
    }
    Err(unsigned())
}

/// `POST /v2/webhooks/inbound-secret {"overlapSeconds"?}`
pub(crate) async fn create(
    State(inbound): State<Inbound>,
    caller: Caller<needs::WebhooksWrite>,
    MaybeInput(input): MaybeInput,
) -> Result<Answer, Refused> {
    let overlap = native::read_overlap(&input.fields)?;
    let once = caller.once(&input)?;
    if let Some(first) = caller.replay(once.as_ref()).await? {
        return Ok(first);
    }
    let (store, world) = (inbound.gate.store(), caller.world());
    if caller.key.business.is_some() && store.businesses(world.tenant).await?.len() > 1 {
        let why = "The secret is that of all the tenant's businesses, and the key is bound to one of them.";
        return Err(Refusal::Forbidden(why.to_owned()).into());
    }
    let before = store.inbound_secret(world).await?;
    let (master, now) = (inbound.masters.current(), inbound.gate.now());
    let new = match &before {
        Some(before) => before.renewed(master, overlap, now),
        None => InboundSecret::first(master, now),
    };
    let answer = Answer::created(native::inbound_secret(&new, &reveal(&inbound, world, new.secret)?));
    let writes = vec![
        store.put_inbound_secret(world, &new, before.as_ref())?,
        caller.trace(Action::InboundSecretCreated, world.tenant, None)?,
    ];
    match caller.commit(writes, once.as_ref(), answer, &caller.secret_protection()?).await? {
        Committed::Answered(answer) => Ok(answer),
        // Made anew, it would be made twice, and the overlap of the one before would be lost: the caller decides.
        Committed::Refused(_) => {
            let why = "Another secret was made at the same moment; look and try again.";
            Err(Refusal::Conflict(why.to_owned()).into())
        }
    }
}
