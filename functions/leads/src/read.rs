//! `GET …/leads` and `GET …/leads/{id}`.

use crate::Leads;
use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, ErrorKind, id};
use domain::leads::contact::Email;
use domain::leads::{Category, Source};
use domain::{BusinessId, Contract, LeadStatus};
use store::{LeadFilter, PageRequest, Position, StoredLead};

/// One lead.
pub(crate) async fn one(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let found = find(&leads, &caller, &id).await?;
    Ok(ApiResponse::ok(caller.profile().lead(&found.lead)).with_version(found.lead.version))
}

/// The lead that the path names, if the caller may see it.
pub(crate) async fn find<S>(leads: &Leads, caller: &Caller<S>, id: &PathId) -> Result<StoredLead, ApiError> {
    let id = id.parse("leadId", "lead", |text| contract::lead_id(caller.contract, text))?;
    let found = leads.api.store().lead(caller.environment(), id, leads.api.now()).await?;
    found.filter(|found| caller.sees(Some(found.lead.business))).ok_or_else(|| ErrorKind::NotFound("lead").into())
}

/// The number of a business.
fn read_brand(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("must be a whole number from 1 to {}", u32::MAX))
}

/// The position that a cursor of this list names.
fn read_position(text: &str) -> Result<Position, ApiError> {
    Position::parse_time_key(text).ok_or_else(|| Cursor::error().into())
}

/// A page of leads, newest first.
pub(crate) async fn list(
    State(leads): State<Leads>,
    caller: Caller<require::LeadsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let vendor_pad = caller.contract == Contract::VendorPad;
    let business = if vendor_pad { None } else { query.optional("businessId", id(BusinessId::parse)) };
    let brand = if vendor_pad { query.optional("brand_id", read_brand) } else { None };
    let mut filter = LeadFilter {
        status: query.one_of("status", &LeadStatus::ALL, |status| profile.status(status)),
        ..LeadFilter::default()
    };
    if caller.contract == Contract::Native {
        filter.category = query.one_of("category", &Category::ALL, Category::name);
        filter.source = query.optional("source", Source::parse);
        filter.email = query.optional("email", |text| Email::parse(text).map(|email| email.normalized()));
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    if vendor_pad {
        (filter.created_from, filter.created_to) = query.range("created_from", "created_to");
    }
    let (list, limit, after) = query.page(&caller.list_name("leads"), caller.environment(), profile.page_limits())?;
    let businesses = match brand {
        Some(brand) => vec![caller.place_brand(brand).await?.id],
        None => caller.places(business).await?,
    };
    let request = PageRequest { limit, after: after.map(|after| read_position(&after)).transpose()? };
    let page = leads.api.store().leads(caller.environment(), &businesses, &filter, &request, leads.api.now()).await?;
    let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
    Ok(ApiResponse::ok(profile.page(page.items.iter().map(|lead| profile.lead(lead)).collect(), next)))
}
