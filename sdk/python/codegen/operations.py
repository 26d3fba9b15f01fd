"""The operations of a document, as methods of resources."""

from dataclasses import dataclass, field
from typing import Any

from .names import SKIPPED_OPERATIONS, operation_name, pascal, path_parameter, snake
from .params import nested_class, wire_name
from .schema import Document, Inputs, Schema, fields_of, kinds_of


@dataclass
class Argument:
    """An argument of a method."""

    name: str
    kind: str
    value: str
    """Expression for what is sent."""
    wire_name: str
    required: bool
    description: str


@dataclass
class Method:
    """An operation as a method of a resource."""

    resource: str | None
    name: str
    http_method: str
    path: str
    returns: str
    """Type of the result, or of the entries of the list."""
    model: str
    """Expression for the type that the body is decoded into."""
    max_limit: int | None
    """Maximum number of entries of a page; None if this is no list."""
    signed: bool
    conditional: bool
    """Whether it takes If-Match."""
    summary: str
    description: str
    path_arguments: list[Argument] = field(default_factory=list)
    query: list[Argument] = field(default_factory=list)
    body: list[Argument] = field(default_factory=list)

    @property
    def constant(self) -> str:
        """Name of the constant that holds the operation."""
        return snake("_".join(filter(None, [self.resource, self.name]))).upper()

    @property
    def writes(self) -> bool:
        """Whether it has a body and an idempotency key."""
        return self.http_method in ("POST", "PATCH")


def methods(document: Document, inputs: Inputs) -> list[Method]:
    """Returns the methods of all operations, in the order of the paths."""
    found = []
    for path, operations in document.paths.items():
        for http_method, operation in operations.items():
            if operation.get("operationId") not in SKIPPED_OPERATIONS and http_method != "parameters":
                found.append(_method(document, inputs, path, http_method.upper(), operation))
    return found


def _method(document: Document, inputs: Inputs, path: str, http_method: str, operation: Schema) -> Method:
    operation_id = operation["operationId"]
    resource, name = operation_name(operation_id, path)
    parameters = [_resolved(document, one) for one in operation.get("parameters", [])]
    headers = {one["name"] for one in parameters if one["in"] == "header"}
    returns, model, is_list = _result(document, operation)
    limit = next((one["schema"].get("maximum", 100) for one in parameters if one["name"] == "limit"), None)
    method = Method(
        resource,
        name,
        http_method,
        path,
        returns,
        model,
        limit if is_list else None,
        signed="X-Signature" in headers,
        conditional="If-Match" in headers,
        summary=str(operation.get("summary", operation_id)),
        description=str(operation.get("description", "")),
    )
    for one in parameters:
        if one["in"] == "path":
            argument = path_parameter(operation_id, path, one["name"])
            text = one.get("description", "")
            method.path_arguments.append(Argument(argument, "str", argument, one["name"], True, text))
        elif one["in"] == "query":
            method.query.append(_query_argument(inputs, one))
    method.query.sort(key=lambda argument: not argument.required)
    method.body = _body_arguments(inputs, operation, http_method)
    return method


def _resolved(document: Document, parameter: Schema) -> Schema:
    return document.parameters[parameter["$ref"].rsplit("/", 1)[-1]] if "$ref" in parameter else parameter


def _query_argument(inputs: Inputs, parameter: Schema) -> Argument:
    kind = inputs.type_of(parameter["schema"], parameter["name"])
    name = snake(parameter["name"])
    required = bool(parameter.get("required"))
    return Argument(name, kind, name, parameter["name"], required, parameter.get("description", ""))


def _body_arguments(inputs: Inputs, operation: Schema, http_method: str) -> list[Argument]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    arguments = []
    for field_name, one in fields_of(schema).items():
        kind = inputs.type_of(one, field_name)
        if http_method == "PATCH" and kinds_of(one)[1]:
            kind += " | None"
        name = snake(field_name)
        nested = nested_class(inputs, one, field_name)
        value = f"renamed({name}, params.{wire_name(nested)})" if nested else name
        required = field_name in schema.get("required", [])
        arguments.append(Argument(name, kind, value, field_name, required, one.get("description", "")))
    return sorted(arguments, key=lambda argument: not argument.required)


def _result(document: Document, operation: Schema) -> tuple[str, str, bool]:
    """Returns the type of the result, the expression that it is decoded into, and whether it is a list."""
    bodies = [one for status, one in operation["responses"].items() if status.startswith("2")]
    schemas = [
        one["content"]["application/json"]["schema"] for one in bodies if "application/json" in one.get("content", {})
    ]
    if not schemas:
        return "None", "None", False
    schema = schemas[0]
    properties = schema.get("properties", {})
    entries = properties.get("data") or properties.get("items")
    if entries and ("pagination" in properties or "nextCursor" in properties) and len(properties) == 2:
        kind = _qualified(document, entries["items"], operation)
        return kind, kind, True
    kind = _qualified(document, schema, operation)
    model = "dict[str, Any]" if kind == "dict[str, Any]" else kind
    return kind + (" | None" if len(schemas) < len(bodies) else ""), model, False


def _qualified(document: Document, schema: Schema, operation: Schema) -> str:
    if schema.get("additionalProperties") is True or (schema.get("type") == "object" and not schema.get("properties")):
        return "dict[str, Any]"
    kind: Any = document.returned(schema, pascal(operation["operationId"]) + "Result", "")
    return f"models.{kind}"
