"""Writes `models.py`: a dataclass for each object that the API returns, and a type for each enumeration."""

from .names import SECRET_FIELDS, snake
from .schema import Document, Schema
from .text import docstring, header, literal

IMPORTS = """
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeAlias

from .._model import Model
"""


def write(document: Document, title: str, names: list[str] | None = None) -> str:
    """Returns the module. With names, it has only these schemas and what they refer to."""
    written: dict[str, str] = {}
    pending = list(names if names is not None else document.schemas) + list(document.inline)
    while pending:
        name = pending.pop(0)
        if name in written or name.endswith("ErrorResponse"):
            continue
        before = set(document.used) | set(document.inline)
        schema = document.inline.get(name) or document.schemas[name]
        written[name] = _enum(name, schema) if "enum" in schema else _class(document, name, schema)
        pending += sorted((set(document.used) | set(document.inline)) - before)
        pending += [one for one in document.inline if one not in written]
    bases = {name: parent(document, name) for name in written}
    # Types that are evaluated at import come behind those that they name: base classes before theirs, unions last.
    order = sorted(
        written,
        key=lambda name: (not document.is_enum(name), bool(alternatives(document, name)), bool(bases[name]), name),
    )
    exports = literal("__all__", order)
    return (
        header(f"Objects of the {title} contract.")
        + IMPORTS
        + "\n"
        + exports
        + "\n"
        + "\n".join(written[name] for name in order)
    )


def parent(document: Document, name: str) -> str | None:
    """Returns the schema that a schema `Created…` extends, such as `Lead` for `CreatedLead`."""
    base = name.removeprefix("Created")
    if base == name or base not in document.schemas or "properties" not in document.schemas[base]:
        return None
    fields, inherited = document.schemas[name].get("properties", {}), document.schemas[base]["properties"]
    return base if all(fields.get(field) == schema for field, schema in inherited.items()) else None


def alternatives(document: Document, name: str) -> list[Schema]:
    """Returns the schemas that a schema is one of."""
    schema = document.schemas.get(name, {})
    choices: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or []
    return [] if "properties" in schema else choices


def _enum(name: str, schema: Schema) -> str:
    values = ", ".join(repr(value) for value in schema["enum"] if value is not None)
    text = f"{name}: TypeAlias = Literal[{values}]\n"
    return text + (docstring(schema["description"]) + "\n" if "description" in schema else "") + "\n"


def _class(document: Document, name: str, schema: Schema) -> str:
    if choices := alternatives(document, name):
        kinds = " | ".join(document.returned(choice, name) for choice in choices)
        return f"{name}: TypeAlias = {kinds}\n\n"
    base = parent(document, name)
    inherited = document.schemas[base]["properties"] if base else {}
    properties = {field: one for field, one in schema.get("properties", {}).items() if field not in inherited}
    lines = ["@dataclass(frozen=True, kw_only=True)", f"class {name}({base or 'Model'}):"]
    lines.append("    " + docstring(schema.get("description", f"{name}."), 4))
    names = {snake(field): field for field in schema.get("properties", {}) if snake(field) != field}
    if names:
        lines.append(f"\n    _wire_names: ClassVar[dict[str, str]] = {names!r}")
    lines.append("")
    for field, one in properties.items():
        lines += _field(document, name, field, one, field in schema.get("required", []))
    return "\n".join(lines) + "\n\n"


def _field(document: Document, owner: str, field: str, schema: Schema, required: bool) -> list[str]:
    kind = document.returned(schema, owner, field)
    options = [] if required else ["default=None"]
    if not required and not kind.endswith("None"):
        kind += " | None"
    if field in SECRET_FIELDS:
        options.append("repr=False")
    default = f" = field({', '.join(options)})" if "repr=False" in options else " = None" if options else ""
    lines = [f"    {snake(field)}: {kind}{default}"]
    if "description" in schema:
        lines.append("    " + docstring(schema["description"], 4))
    return lines
