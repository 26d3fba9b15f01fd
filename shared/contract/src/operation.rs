//! Descriptions of operations: what a contract's OpenAPI document says of each route.
//!
//! Each contract lists its operations in its module `operations`. What a request may have comes from the code that reads
//! it, what a response has from the types that are written: only texts and examples are written by hand.

use crate::deprecation::Deprecation;
use crate::examples;
use crate::fields::{Fields, UnknownFields, describe_request};
use crate::json::Json;
use crate::page::PageLimits;
use crate::query::{ParameterDescription, Query, describe_parameters};
use domain::{EventType, FieldErrors, Lead, Scope};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

/// The callers that an operation accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Callers without a key too.
    Public,
    /// A key of any scopes.
    AnyKey,
    /// A key with the scope.
    Scope(Scope),
    /// A key with all of these scopes.
    Scopes(&'static [Scope]),
}

/// The content of a response.
#[derive(Debug)]
pub enum Content {
    /// No body.
    Empty,
    /// JSON with this schema.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// A page of items with this schema.
    Page(fn(&mut SchemaGenerator) -> Schema),
}

/// A response of an operation that succeeds.
#[derive(Debug)]
pub struct SuccessResponse {
    /// HTTP status.
    pub status: u16,
    /// Meaning.
    pub description: &'static str,
    /// Content.
    pub content: Content,
    /// Example of the body, or of an item of the page.
    pub example: Option<Json>,
}

/// The body of a request.
#[derive(Debug)]
pub struct RequestBody {
    /// JSON Schema.
    pub schema: Value,
    /// True if a body must be sent.
    pub required: bool,
    /// Example, as a JSON text that the server accepts.
    pub example: String,
}

/// The parts of a contract's OpenAPI document that its profile does not know.
#[derive(Debug)]
pub struct ContractDescription {
    /// Description of the contract, in CommonMark.
    pub text: &'static str,
    /// Every operation, in the order of the documentation.
    pub operations: Vec<Operation>,
    /// Returns the JSON Schema of a page of items with the given schema.
    pub page_schema: fn(Value) -> Value,
    /// Returns the JSON Schema of the payload of an event.
    pub payload_schema: fn(EventType, &mut SchemaGenerator) -> Value,
    /// Returns a lead as a caller of the contract creates it, for examples.
    pub example_lead: fn() -> Lead,
    /// Returns the JSON Schema of the body of an error response.
    pub error_schema: fn(&mut SchemaGenerator) -> Schema,
}

/// A route of a contract, described.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that the document states")]
pub struct Operation {
    /// HTTP method in lower case.
    pub method: &'static str,
    /// Path below the base path, with `{id}` for a variable segment.
    pub path: &'static str,
    /// Unique name, in camelCase.
    pub id: &'static str,
    /// Subject, by which the documentation groups operations.
    pub tag: &'static str,
    /// Summary, in a few words.
    pub summary: &'static str,
    /// Description, in CommonMark.
    pub description: &'static str,
    /// Callers that it accepts.
    pub access: Access,
    /// Example of each variable segment of the path, in order.
    pub path_examples: Vec<String>,
    /// Query parameters.
    pub parameters: Vec<ParameterDescription>,
    /// Body of the request.
    pub request: Option<RequestBody>,
    /// Responses that are no errors.
    pub responses: Vec<SuccessResponse>,
    /// True if a 201 has a `Location`.
    pub has_location: bool,
    /// True if responses have an `ETag`.
    pub has_entity_tag: bool,
    /// True if `If-Match` is understood.
    pub understands_if_match: bool,
    /// True if the body must be signed, in `X-Signature`.
    pub requires_signature: bool,
    /// Statuses of errors beyond those that follow from the rest: 404, 409, 410.
    pub further_errors: Vec<u16>,
    /// The announcement that new code should not use it, with its day. Comes from the contract's profile.
    pub deprecation: Option<&'static Deprecation>,
}

impl Operation {
    /// Returns whether the operation is one that may have a body and is repeated under an `Idempotency-Key`.
    pub fn takes_body(&self) -> bool {
        matches!(self.method, "post" | "patch")
    }

    fn new(method: &'static str, path: &'static str, id: &'static str, access: Access) -> Self {
        Self {
            method,
            path,
            id,
            tag: "",
            summary: "",
            description: "",
            access,
            path_examples: Vec::new(),
            parameters: Vec::new(),
            request: None,
            responses: Vec::new(),
            has_location: false,
            has_entity_tag: false,
            understands_if_match: false,
            requires_signature: false,
            further_errors: Vec::new(),
            deprecation: None,
        }
    }

    /// Describes `GET` of `path`.
    pub(crate) fn get(path: &'static str, id: &'static str, access: Access) -> Self {
        Self::new("get", path, id, access)
    }

    /// Describes `POST` of `path`.
    pub(crate) fn post(path: &'static str, id: &'static str, access: Access) -> Self {
        Self::new("post", path, id, access)
    }

    /// Describes `PATCH` of `path`.
    pub(crate) fn patch(path: &'static str, id: &'static str, access: Access) -> Self {
        Self::new("patch", path, id, access)
    }

    /// Describes `DELETE` of `path`.
    pub(crate) fn delete(path: &'static str, id: &'static str, access: Access) -> Self {
        Self::new("delete", path, id, access)
    }

    /// Sets the subject, what it does in a few words, and in CommonMark.
    pub(crate) fn texts(mut self, tag: &'static str, summary: &'static str, description: &'static str) -> Self {
        (self.tag, self.summary, self.description) = (tag, summary, description);
        self
    }

    /// Adds the example of the next variable segment of the path.
    pub(crate) fn path_example(mut self, example: impl Into<String>) -> Self {
        self.path_examples.push(example.into());
        self
    }

    /// Adds the query parameters that `read` reads.
    pub(crate) fn parameters(mut self, read: impl FnOnce(&mut Query)) -> Self {
        self.parameters.extend(describe_parameters(|mut query| read(&mut query)));
        self
    }

    /// Adds the response of a list: pages of items of the type `T`.
    pub(crate) fn page_of<T: JsonSchema>(mut self, limits: PageLimits, example: Json) -> Self {
        self.parameters.extend(describe_parameters(|query| query.note_page(limits)));
        self.response(200, "A page, the newest first.", Content::Page(SchemaGenerator::subschema_for::<T>), example)
    }

    /// Sets the body that `read` reads under the rules of a contract for unknown fields.
    pub(crate) fn body(
        mut self,
        unknown_fields: UnknownFields,
        read: impl FnOnce(Fields<'static>),
        example: impl Into<String>,
    ) -> Self {
        let schema = describe_request(unknown_fields, read);
        self.request = Some(RequestBody { schema, required: true, example: example.into() });
        self
    }

    /// Sets the body that `read` reads, as [`Self::body`] does, and checks that it accepts the example.
    ///
    /// # Panics
    ///
    /// Panics if the example is not accepted.
    pub(crate) fn checked_body<T>(
        self,
        unknown_fields: UnknownFields,
        read: impl Fn(Fields<'_>) -> Result<T, FieldErrors>,
        example: impl Into<String>,
    ) -> Self {
        let example = example.into();
        examples::read(&example, &read);
        // Described without a request, it fails for what is required: only what it asks for counts.
        self.body(unknown_fields, |fields| drop(read(fields)), example)
    }

    /// Sets a body without fields, which may be left out.
    pub(crate) fn body_without_fields(self, unknown_fields: UnknownFields) -> Self {
        self.checked_body(unknown_fields, read_no_fields, "{}").body_is_optional()
    }

    /// States that the body may be left out.
    pub(crate) fn body_is_optional(mut self) -> Self {
        if let Some(request) = &mut self.request {
            request.required = false;
        }
        self
    }

    /// Adds a response with a body of the type `T`.
    pub(crate) fn json<T: JsonSchema>(self, status: u16, description: &'static str, example: Json) -> Self {
        self.response(status, description, Content::Json(SchemaGenerator::subschema_for::<T>), example)
    }

    /// Adds a response without a body.
    pub(crate) fn empty(mut self, status: u16, description: &'static str) -> Self {
        self.responses.push(SuccessResponse { status, description, content: Content::Empty, example: None });
        self
    }

    fn response(mut self, status: u16, description: &'static str, content: Content, example: Json) -> Self {
        self.responses.push(SuccessResponse { status, description, content, example: Some(example) });
        self
    }

    /// States that a 201 has a `Location`.
    pub(crate) fn located(mut self) -> Self {
        self.has_location = true;
        self
    }

    /// States that responses have an `ETag`.
    pub(crate) fn tagged(mut self) -> Self {
        self.has_entity_tag = true;
        self
    }

    /// States that `If-Match` is understood.
    pub(crate) fn conditional(mut self) -> Self {
        self.understands_if_match = true;
        self
    }

    /// States that the body must be signed.
    pub(crate) fn signed(mut self) -> Self {
        self.requires_signature = true;
        self
    }

    /// Adds statuses of errors.
    pub(crate) fn errors(mut self, statuses: &[u16]) -> Self {
        self.further_errors.extend(statuses);
        self
    }
}

fn read_no_fields(fields: Fields<'_>) -> Result<(), FieldErrors> {
    fields.finish()
}
