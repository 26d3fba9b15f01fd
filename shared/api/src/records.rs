//! What belongs to a business beside its leads, as a caller sees it: found, named by others, listed and made.

use crate::api_error::ApiError;
use crate::api_response::ApiResponse;
use crate::caller::Caller;
use crate::idempotency::CommitOutcome;
use contract::{Cursor, ErrorKind, Json, Query};
use domain::{BusinessId, LeadId};
use store::{
    BusinessRecord, CommitError, Condition, IdempotencyKey, LeadState, PageRequest, Position, Protection, RecordFilter,
    StoredLead,
};

impl<S> Caller<S> {
    /// The thing of this id (its plain form), if there is one that the caller may see; `what` names it where not.
    pub async fn record<T: BusinessRecord>(&self, id: &str, what: &'static str) -> Result<T, ApiError> {
        let found = self.state.store().record::<T>(self.environment(), id, self.state.now()).await?;
        found.filter(|found| self.sees(Some(found.business()))).ok_or_else(|| ErrorKind::NotFound(what).into())
    }

    /// The thing that a body names: it must belong to the same business as what names it.
    pub async fn named<T: BusinessRecord>(
        &self,
        id: Option<String>,
        business: BusinessId,
        what: &'static str,
    ) -> Result<Option<T>, ApiError> {
        let Some(id) = id else { return Ok(None) };
        let found: T = self.record(&id, what).await?;
        if found.business() == business { Ok(Some(found)) } else { Err(ErrorKind::NotFound(what).into()) }
    }

    /// The lead of this id, if there is one that the caller may see.
    pub async fn lead(&self, lead: LeadId) -> Result<StoredLead, ApiError> {
        let found = self.state.store().lead(self.environment(), lead, self.state.now()).await?;
        found.filter(|found| self.sees(Some(found.lead.business))).ok_or_else(|| ErrorKind::NotFound("lead").into())
    }

    /// The lead that a body names: it must belong to the same business as what names it.
    async fn named_lead(&self, lead: LeadId, business: BusinessId) -> Result<StoredLead, ApiError> {
        let found = self.lead(lead).await?;
        if found.lead.business == business { Ok(found) } else { Err(ErrorKind::NotFound("lead").into()) }
    }

    /// The lead that something new hangs on: the one it names, which must be there, or else the one that what it
    /// names hangs on, if that is there still.
    pub async fn lead_of(
        &self,
        named: Option<LeadId>,
        inherited: Option<LeadId>,
        business: BusinessId,
    ) -> Result<Option<StoredLead>, ApiError> {
        match (named, inherited) {
            (Some(named), _) => self.named_lead(named, business).await.map(Some),
            (None, Some(inherited)) => {
                match self.state.store().lead_state(self.environment(), inherited, self.state.now()).await? {
                    Some(LeadState::Stored(found)) => Ok(Some(*found).filter(|found| found.lead.business == business)),
                    // What it hangs on is being erased with it: nothing more is to hang there.
                    Some(LeadState::Erased(_)) => Err(ErrorKind::NotFound("lead").into()),
                    None => Ok(None),
                }
            }
            (None, None) => Ok(None),
        }
    }

    /// How an answer that tells of a person is kept: under the key of the lead it hangs on, or else under one that is
    /// derived from a master key.
    pub fn personal_protection(&self, lead: Option<&StoredLead>) -> Result<Protection, ApiError> {
        let Some(lead) = lead else { return self.secret_protection() };
        let key = lead.data_key().ok_or_else(|| ApiError::internal("a lead has no key of its own"))?;
        Ok(Protection::LeadKey(lead.lead.id, key))
    }

    /// Stores something new that hangs on `lead`, or on none, and answers with it.
    pub async fn make<T: BusinessRecord>(
        &self,
        new: &T,
        lead: Option<&StoredLead>,
        idempotency_key: Option<&IdempotencyKey>,
        answer: ApiResponse,
    ) -> Result<ApiResponse, ApiError> {
        let writes = self.state.store().put_record(self.environment(), new)?;
        match self.commit(writes, idempotency_key, answer, &self.personal_protection(lead)?).await? {
            CommitOutcome::Answered(answer) => Ok(answer),
            // The lead was erased a moment ago.
            CommitOutcome::ConditionFailed(CommitError::ConditionFailed {
                condition: Condition::LeadExists, ..
            }) => Err(ErrorKind::NotFound("lead").into()),
            CommitOutcome::ConditionFailed(error) => Err(error.into()),
        }
    }

    /// A page of one kind of thing, newest first, each shown by `show`; `query` is read to its end.
    pub async fn records<T: BusinessRecord>(
        &self,
        name: &str,
        query: Query,
        business: Option<BusinessId>,
        filter: &RecordFilter<'_, T>,
        show: impl Fn(&T) -> Json,
    ) -> Result<ApiResponse, ApiError> {
        let profile = self.profile();
        let (list, limit, after) = query.page(&self.list_name(name), self.environment(), profile.page_limits())?;
        let businesses = self.places(business).await?;
        let after = after.map(|after| Position::parse_time_key(&after).ok_or_else(Cursor::error)).transpose()?;
        let request = PageRequest { limit, after };
        let store = self.state.store();
        let page = store.records::<T>(self.environment(), &businesses, filter, &request, self.state.now()).await?;
        let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
        Ok(ApiResponse::ok(profile.page(page.items.iter().map(show).collect(), next)))
    }
}
