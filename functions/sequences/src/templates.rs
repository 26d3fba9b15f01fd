//! `/v2/sequence-templates`: the messages of a business's sequences, and when they are sent.

use api::{
    ApiError, ApiResponse, ApiState, Caller, Idempotency, Identity, IfMatch, JsonBody, ListPage, PathId, QueryParams,
    require,
};
use axum::extract::State;
use contract::{ErrorKind, Query, native};
use domain::audit::Action;
use domain::follow_up::template::BuiltInTemplate;
use domain::leads::Category;
use domain::time_range::TimeRange;
use domain::{BusinessId, Template, TemplateId};
use store::{CommitError, ConflictRetries, Protection, RecordFilter};

/// The template that a path names.
enum NamedTemplate {
    /// A template of the caller's tenant.
    Own(Template),
    /// A built-in template.
    BuiltIn(BuiltInTemplate),
}

impl NamedTemplate {
    /// Returns the template to change or delete, which a built-in one cannot be.
    fn into_own(self) -> Result<Template, ErrorKind> {
        match self {
            Self::Own(template) => Ok(template),
            Self::BuiltIn(_) => {
                let reason =
                    "Built-in templates cannot be changed. Create a template of your own for the same category.";
                Err(ErrorKind::Conflict(reason.to_owned()))
            }
        }
    }
}

/// Creates a template.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::SequencesWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = native::TemplateRequest::parse(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let business = api.businesses(&caller).resolve(request.business).await?;
            let now = api.now();
            let template = Template::new(TemplateId::new(now, api.random()?), request.in_business(business.id), now);
            let response = ApiResponse::created(native::template_json(&template)).with_version(template.version);
            let mut writes = api.store().put_record(caller.environment(), &template)?;
            writes.push(api.audit_log(&caller).entry(Action::TemplateCreated, template.id, Some(business.id))?);
            call.commit(writes, response, &Protection::Plaintext).await?.or_contended()
        })
        .await
}

/// Returns the template that the path names: one of the tenant's, or a built-in one.
async fn find(api: &ApiState, caller: &Identity, id: &PathId) -> Result<NamedTemplate, ApiError> {
    let id = id.parse("templateId", "template", TemplateId::parse)?;
    match BuiltInTemplate::by_id(id) {
        Some(template) => Ok(NamedTemplate::BuiltIn(template)),
        None => Ok(NamedTemplate::Own(api.records(caller).find(&id.simple(), "template").await?)),
    }
}

/// Returns a template.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let (json, version) = match find(&api, &caller, &id).await? {
        NamedTemplate::Own(template) => (native::template_json(&template), template.version),
        NamedTemplate::BuiltIn(template) => (native::built_in_template_json(&template), BuiltInTemplate::VERSION),
    };
    Ok(ApiResponse::ok(json).with_version(version))
}

/// Returns a page of templates, newest first, or of the built-in ones.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::LeadsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let native::TemplateListQuery { business, category, built_in } = native::TemplateListQuery::read(&mut query);
    if built_in == Some(true) {
        return list_built_in(&api, &caller, query, business, category).await;
    }
    let filter = RecordFilter { index_value: category.map(Category::name), ..RecordFilter::default() };
    api.records(&caller)
        .list("sequence-templates", query, (business, TimeRange::default()), &filter, native::template_json)
        .await
}

/// Returns a page of the built-in templates, one for each category. Their cursors hold the name of a category.
async fn list_built_in(
    api: &ApiState,
    caller: &Identity,
    query: Query,
    business: Option<BusinessId>,
    category: Option<Category>,
) -> Result<ApiResponse, ApiError> {
    let page = ListPage::read(caller, "built-in templates", query)?;
    // The templates belong to no business, but one that is named must be the tenant's. A tenant without any has them
    // too.
    if business.is_some() {
        api.businesses(caller).resolve(business).await?;
    }
    let categories: Vec<_> = Category::ALL.into_iter().filter(|one| category.is_none_or(|only| only == *one)).collect();
    let template_json = |category| native::built_in_template_json(&BuiltInTemplate::for_category(category));
    page.response_of_fixed(&categories, Category::name, template_json)
}

/// Changes a template, on condition that its version is unchanged. Sequences that were created from it stay as they
/// are.
pub(crate) async fn change(
    State(api): State<ApiState>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
    if_match: IfMatch,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let change = native::parse_template_change(body.fields())?;
    let check_read_only = |old: &Template| -> Result<(), ApiError> {
        Ok(native::check_read_only_template_fields(&body.fields(), &native::template_json(old))?)
    };
    let precondition = if_match.precondition()?;
    idempotency
        .run(&caller, &body, async |call| {
            let mut old = find(&api, &caller, &id).await?.into_own()?;
            check_read_only(&old)?;
            let mut retries = ConflictRetries::default();
            loop {
                if !precondition.accepts(old.version) {
                    return call.first_response_or(precondition.mismatch()).await;
                }
                let new = old.changed(change.clone(), api.now());
                let response = ApiResponse::ok(native::template_json(&new)).with_version(new.version);
                let mut writes = Vec::new();
                if new.version != old.version {
                    writes.push(api.store().replace_record(caller.environment(), &new, old.version)?);
                    writes.push(api.audit_log(&caller).entry(Action::TemplateUpdated, new.id, Some(new.business))?);
                }
                let committed = call.commit(writes, response, &Protection::Plaintext).await?;
                if let Some(response) = committed.or_retry(&mut retries)? {
                    return Ok(response);
                }
                old = find(&api, &caller, &id).await?.into_own()?;
            }
        })
        .await
}

/// Deletes a template. Sequences that were created from it go on; new ones are created from the next newest template
/// of its category, or from the built-in one.
pub(crate) async fn delete(
    State(api): State<ApiState>,
    caller: Caller<require::SequencesWrite>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let mut retries = ConflictRetries::default();
    loop {
        let old = find(&api, &caller, &id).await?.into_own()?;
        let deleted = api.store().delete_template(caller.environment(), &old);
        let entry = api.audit_log(&caller).entry(Action::TemplateDeleted, old.id, Some(old.business))?;
        match api.store().commit(vec![deleted, entry]).await {
            Ok(()) => return Ok(ApiResponse::no_content()),
            Err(CommitError::ConditionFailed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        retries.next_attempt()?;
    }
}
