//! `PATCH /v2/disputes/{id}`: a dispute's status becomes another.

use crate::{Disputes, read};
use access::{Answer, Caller, Committed, Input, PathId, Refused, needs};
use axum::extract::State;
use contract::{Refusal, read_dispute_change};
use store::StoreError;

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

/// Changes a dispute's status, under its version.
pub(crate) async fn change(
    State(disputes): State<Disputes>,
    caller: Caller<needs::DisputesWrite>,
    id: PathId,
    input: Input,
) -> Result<Answer, Refused> {
    let status = read_dispute_change(&input.fields)?;
    let expected = caller.expected_version()?;
    let once = caller.once(&input)?;
    // In one trip: a call that is repeated needs the dispute for nothing, but is the exception.
    let (first, found) = tokio::join!(caller.replay(once.as_ref()), read::find(&caller, &id));
    if let Some(first) = first? {
        return Ok(first);
    }
    let mut old = found?;
    for _ in 0..ROUNDS {
        if !expected.allows(old.version) {
            return caller.first_or(once.as_ref(), Refusal::PreconditionFailed).await;
        }
        let new = old.in_status(status, disputes.gate.now());
        let answer = Answer::ok(caller.wire().dispute(&new)).with_version(new.version);
        // Only a kept answer needs the key of the lead.
        let lead = match once {
            Some(_) => caller.lead_of(None, new.lead, new.business).await?,
            None => None,
        };
        let protection = caller.personal_protection(lead.as_ref())?;
        let writes = if new.version == old.version {
            Vec::new()
        } else {
            vec![disputes.gate.store().replace_belonging(caller.world(), &new, old.version)?]
        };
        match caller.commit(writes, once.as_ref(), answer, &protection).await? {
            Committed::Answered(answer) => return Ok(answer),
            Committed::Refused(_) => old = read::find(&caller, &id).await?,
        }
    }
    Err(StoreError::Contended.into())
}
