//! `/v2/sequence-templates`: what a business writes, and when.

use crate::Sequences;
use api::{ApiError, ApiResponse, Caller, CommitOutcome, JsonBody, PathId, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, ErrorKind, id, native};
use domain::audit::Action;
use domain::leads::Category;
use domain::{BusinessId, Template, TemplateId};
use store::{Protection, RecordFilter, StoreError};

/// How often a change that met another is made anew upon what the other left.
const ROUNDS: u32 = 5;

fn built_in() -> ErrorKind {
    ErrorKind::Conflict("The template is built in: make one of your own for its category.".to_owned())
}

/// Stores a template.
pub(crate) async fn create(
    State(sequences): State<Sequences>,
    caller: Caller<require::SequencesWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = native::read_template(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let business = caller.place(draft.business).await?;
    let now = sequences.api.now();
    let template = Template::new(TemplateId::new(now, sequences.api.random()?), draft.placed_in(business.id), now);
    let answer = ApiResponse::created(native::template(&template)).with_version(template.version);
    let mut writes = sequences.api.store().put_record(caller.environment(), &template)?;
    writes.push(caller.trace(Action::TemplateCreated, template.id, Some(business.id))?);
    caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await?.or_contended()
}

/// The template that the path names: one of the tenant's, or a built-in one.
async fn find<S>(caller: &Caller<S>, id: &PathId) -> Result<Template, ApiError> {
    let id = id.parse("templateId", "template", TemplateId::parse)?;
    let business = caller.key.business.unwrap_or_else(|| BusinessId::derived(&[b"of nobody"]));
    if let Some(template) = Template::built_in_by_id(id, business) {
        return Ok(template);
    }
    caller.record(&id.simple(), "template").await
}

/// One template.
pub(crate) async fn one(caller: Caller<require::LeadsRead>, id: PathId) -> Result<ApiResponse, ApiError> {
    let found = find(&caller, &id).await?;
    Ok(ApiResponse::ok(native::template(&found)).with_version(found.version))
}

/// A page of templates, newest first; or those that are built in.
pub(crate) async fn list(
    caller: Caller<require::LeadsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let category = query.one_of("category", &Category::ALL, Category::name);
    let built_in = query.optional("builtIn", |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    });
    if built_in == Some(true) {
        let profile = caller.profile();
        let name = caller.list_name("built-in templates");
        let (list, limit, after) = query.page(&name, caller.environment(), profile.page_limits())?;
        let place = caller.place(business).await?.id;
        let begins = match after {
            None => 0,
            Some(after) => Category::ALL.iter().position(|one| one.name() == after).ok_or_else(Cursor::error)? + 1,
        };
        let mut left: Vec<_> = Category::ALL[begins..].to_vec();
        left.retain(|one| category.is_none_or(|category| category == *one));
        let more = left.len() > limit;
        left.truncate(limit);
        let next = left.last().filter(|_| more).map(|last| Cursor::encode(last.name(), &list));
        let shown = left.iter().map(|category| native::template(&Template::built_in(*category, place))).collect();
        return Ok(ApiResponse::ok(profile.page(shown, next)));
    }
    let filter = RecordFilter { index_value: category.map(Category::name), ..RecordFilter::default() };
    caller.records("sequence-templates", query, business, &filter, native::template).await
}

/// Changes a template, under its version. Sequences that were made of it go on as they were.
pub(crate) async fn change(
    State(sequences): State<Sequences>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = native::read_template_change(&input.fields)?;
    let expected = caller.expected_version()?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    for _ in 0..ROUNDS {
        let old = find(&caller, &id).await?;
        if old.is_built_in() {
            return Err(built_in().into());
        }
        if !expected.allows(old.version) {
            return caller.first_or(idempotency_key.as_ref(), ErrorKind::PreconditionFailed).await;
        }
        let new = old.changed(change.clone(), sequences.api.now());
        let answer = ApiResponse::ok(native::template(&new)).with_version(new.version);
        let mut writes = Vec::new();
        if new.version != old.version {
            writes.push(sequences.api.store().replace_record(caller.environment(), &new, old.version)?);
            writes.push(caller.trace(Action::TemplateUpdated, new.id, Some(new.business))?);
        }
        if let CommitOutcome::Answered(answer) =
            caller.commit(writes, idempotency_key.as_ref(), answer, &Protection::Plaintext).await?
        {
            return Ok(answer);
        }
    }
    Err(StoreError::Contended.into())
}

/// Deletes a template. Sequences that were made of it go on; new ones are made of the next newest, or the built-in one.
pub(crate) async fn delete(
    State(sequences): State<Sequences>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    for _ in 0..ROUNDS {
        let old = find(&caller, &id).await?;
        if old.is_built_in() {
            return Err(built_in().into());
        }
        let deleted = sequences.api.store().delete_template(caller.environment(), &old);
        let trace = caller.trace(Action::TemplateDeleted, old.id, Some(old.business))?;
        let committed =
            caller.commit(vec![deleted, trace], None, ApiResponse::no_content(), &Protection::Plaintext).await?;
        if let CommitOutcome::Answered(answer) = committed {
            return Ok(answer);
        }
    }
    Err(StoreError::Contended.into())
}
