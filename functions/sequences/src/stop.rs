//! `POST …/sequences/{lead}/stop`: nothing more is written to a lead.

use crate::{Sequences, lead_id};
use access::{Answer, Caller, Committed, MaybeInput, PathId, Refused, needs};
use axum::extract::State;
use contract::{Refusal, sequence};
use domain::follow_up::sequence::StopReason;
use store::StoreError;

/// How often a stop meets a sequence that changes meanwhile.
const ROUNDS: u32 = 10;

/// Stops a lead's sequence. Once more is as good as once; after the answer nothing goes out.
pub(crate) async fn stop(
    State(sequences): State<Sequences>,
    caller: Caller<needs::SequencesWrite>,
    id: PathId,
    MaybeInput(input): MaybeInput,
) -> Result<Answer, Refused> {
    let id = lead_id(&id, caller.contract)?;
    let once = caller.once(&input)?;
    let (store, world) = (sequences.gate.store(), caller.world());
    if let Some(first) = caller.replay(once.as_ref()).await? {
        // The first call may have come to no end.
        store.await_claim(world, id, sequences.gate.now()).await?;
        return Ok(first);
    }
    let lead = caller.lead(id).await?;
    let protection = caller.personal_protection(Some(&lead))?;
    for _ in 0..ROUNDS {
        let now = sequences.gate.now();
        let old = store.sequence(world, id, now).await?.ok_or(Refusal::NotFound("sequence"))?;
        let stopped = old.stopped(StopReason::Requested, now);
        let answer = Answer::ok(sequence(caller.contract, &stopped));
        let writes = store.stop_writes(world, &old, &stopped)?;
        match caller.commit(writes, once.as_ref(), answer, &protection).await? {
            Committed::Answered(answer) if !stopped.has_open_claim(now) => return Ok(answer),
            Committed::Answered(answer) => {
                store.await_claim(world, id, now).await?;
                // A kept answer is given again as it is; any other tells what became of the message on its way.
                let settled = if once.is_none() { store.sequence(world, id, now).await? } else { None };
                return Ok(settled.map_or(answer, |settled| Answer::ok(sequence(caller.contract, &settled))));
            }
            Committed::Refused(_) => {}
        }
    }
    Err(StoreError::Contended.into())
}
