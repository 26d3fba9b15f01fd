//! `DELETE /v2/test-data`: test mode begins anew.

use crate::Account;
use access::{Answer, Caller, Refused, needs};
use axum::extract::State;
use contract::{Json, Refusal};
use domain::audit::Action;
use domain::{Mode, World};
use serde::Serialize;
use std::time::Duration;
use store::Emptied;

/// How long a call goes on before it leaves the rest to the sweep: a function has ten seconds.
const LONGEST: Duration = Duration::from_secs(6);

#[derive(Serialize)]
struct Emptying {
    status: &'static str,
}

/// Deletes everything of the tenant's test mode but its keys: 204 when nothing is left, 202 when the rest follows.
pub(crate) async fn empty(State(account): State<Account>, caller: Caller<needs::KeysWrite>) -> Result<Answer, Refused> {
    if caller.key.business.is_some() {
        let why = "The key is bound to one business; test data is the whole tenant's.";
        return Err(Refusal::Forbidden(why.to_owned()).into());
    }
    let world = World { mode: Mode::Test, ..caller.world() };
    let store = account.gate.store();
    let began = account.gate.now();
    let trace = caller.trace(Action::TestDataEmptied, world.tenant, None)?;
    let noted = store.note_emptying(world, began).into_iter().chain([trace]).collect();
    store.commit(noted, None).await?;
    match store.empty(world, || account.gate.now().since(began) < LONGEST).await? {
        Emptied::Wholly => Ok(Answer::no_content()),
        Emptied::InPart => Ok(Answer::accepted(Json::of(&Emptying { status: "EMPTYING" }))),
    }
}
