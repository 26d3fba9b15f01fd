//! Records of a business as a caller sees them: read, named by a body, created and listed.

use crate::api_error::ApiError;
use crate::api_response::ApiResponse;
use crate::caller::Identity;
use crate::idempotency::{CommitOutcome, IdempotentCall};
use crate::list_page::ListPage;
use crate::state::ApiState;
use contract::{ErrorKind, Json, Query};
use domain::time_range::TimeRange;
use domain::{BusinessId, LeadId};
use store::{BusinessRecord, Condition, LeadState, Position, Protection, RecordFilter, StoredLead};

/// The records that a caller may access.
pub struct Records<'a> {
    state: &'a ApiState,
    caller: &'a Identity,
}

impl ApiState {
    /// Returns the records that `caller` may access.
    pub fn records<'a>(&'a self, caller: &'a Identity) -> Records<'a> {
        Records { state: self, caller }
    }
}

impl Records<'_> {
    /// Returns the record with this id (its plain form); `kind` names it in the error if there is none.
    pub async fn find<T: BusinessRecord>(&self, id: &str, kind: &'static str) -> Result<T, ApiError> {
        let found = self.state.store().record::<T>(self.caller.environment(), id, self.state.now()).await?;
        found
            .filter(|found| self.caller.may_access(Some(found.business())))
            .ok_or_else(|| ErrorKind::NotFound(kind).into())
    }

    /// Returns the record that a body names, which must belong to `business`.
    pub async fn find_named<T: BusinessRecord>(
        &self,
        id: Option<String>,
        business: BusinessId,
        kind: &'static str,
    ) -> Result<Option<T>, ApiError> {
        let Some(id) = id else { return Ok(None) };
        let found: T = self.find(&id, kind).await?;
        if found.business() == business { Ok(Some(found)) } else { Err(ErrorKind::NotFound(kind).into()) }
    }

    /// Returns the lead with this id.
    pub async fn lead(&self, lead: LeadId) -> Result<StoredLead, ApiError> {
        let found = self.state.store().lead(self.caller.environment(), lead, self.state.now()).await?;
        found
            .filter(|found| self.caller.may_access(Some(found.lead.business)))
            .ok_or_else(|| ErrorKind::NotFound("lead").into())
    }

    /// Returns the lead that a new record becomes a child of: the one that the body names, which must exist, or else
    /// the lead of the record that the body names, if that lead still exists.
    pub async fn parent_lead(
        &self,
        named: Option<LeadId>,
        inherited: Option<LeadId>,
        business: BusinessId,
    ) -> Result<Option<StoredLead>, ApiError> {
        if let Some(named) = named {
            let found = self.lead(named).await?;
            return if found.lead.business == business {
                Ok(Some(found))
            } else {
                Err(ErrorKind::NotFound("lead").into())
            };
        }
        let Some(inherited) = inherited else { return Ok(None) };
        let state = self.state.store().lead_state(self.caller.environment(), inherited, self.state.now()).await?;
        match state {
            Some(LeadState::Stored(found)) => Ok(Some(*found).filter(|found| found.lead.business == business)),
            // The lead's child records are being erased with it: no new one may be added.
            Some(LeadState::Erased(_)) => Err(ErrorKind::NotFound("lead").into()),
            None => Ok(None),
        }
    }

    /// Returns the protection of a response with personal data: the data key of the lead that the data belongs to,
    /// which erasure destroys, or else a key that derives from a master key.
    pub fn protection(&self, lead: Option<&StoredLead>) -> Result<Protection, ApiError> {
        let Some(lead) = lead else { return self.state.secret_protection() };
        let key = lead.data_key().ok_or_else(|| ApiError::internal("a lead has no data key"))?;
        Ok(Protection::LeadKey(lead.lead.id, key))
    }

    /// Stores `record`, a child record of `lead` if there is one, and returns `response`.
    pub async fn create<T: BusinessRecord>(
        &self,
        record: &T,
        lead: Option<&StoredLead>,
        call: &IdempotentCall,
        response: ApiResponse,
    ) -> Result<ApiResponse, ApiError> {
        let writes = self.state.store().put_record(self.caller.environment(), record)?;
        match call.commit(writes, response, &self.protection(lead)?).await? {
            // The lead was erased a moment ago.
            CommitOutcome::ConditionFailed(Condition::LeadExists) => Err(ErrorKind::NotFound("lead").into()),
            outcome => outcome.or_contended(),
        }
    }

    /// Returns a page of the list `name`, newest first, of the records that were created in a range, each formatted by
    /// `show`. `query` holds no more parameters than those of the page.
    pub async fn list<T: BusinessRecord>(
        &self,
        name: &str,
        query: Query,
        (business, created): (Option<BusinessId>, TimeRange),
        filter: &RecordFilter<'_, T>,
        show: impl Fn(&T) -> Json,
    ) -> Result<ApiResponse, ApiError> {
        let page = ListPage::read(self.caller, name, query)?;
        let (created_from, created_to) = self.state.businesses(self.caller).instants(created, business).await?;
        let filter =
            &RecordFilter { created_from, created_to, index_value: filter.index_value, predicate: filter.predicate };
        let businesses = self.state.businesses(self.caller).ids_in_scope(business).await?;
        let (environment, now) = (self.caller.environment(), self.state.now());
        let request = page.request(Position::parse_time_key)?;
        let found = self.state.store().records::<T>(environment, &businesses, filter, &request, now).await?;
        Ok(page.response(found.items.iter().map(show), found.next))
    }
}
