"""Writes `params.py`: a TypedDict for each nested object of an argument, and the names of its fields in the API."""

from .names import singular, snake
from .schema import Inputs, Schema, fields_of, kinds_of
from .text import docstring, header, literal

IMPORTS = """
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, TypedDict

from .._requests import Wire
"""


def wire_name(class_name: str) -> str:
    """Returns the name of the table of a class."""
    return snake(class_name).upper()


def wire_table(inputs: Inputs, schema: Schema) -> dict[str, tuple[str, str | None]]:
    """Returns the fields that are renamed or nested, with the table of what is nested."""
    table = {}
    for field, one in fields_of(schema).items():
        nested = nested_class(inputs, one, field)
        if snake(field) != field or nested:
            table[snake(field)] = (field, wire_name(nested) if nested else None)
    return table


def nested_class(inputs: Inputs, schema: Schema, field: str) -> str | None:
    """Returns the class of a nested object, or of the entries of a list, if its fields are renamed."""
    kinds = kinds_of(schema)[0]
    if kinds == ["array"]:
        return nested_class(inputs, schema["items"], singular(field))
    if kinds != ["object"] or not schema.get("properties"):
        return None
    return inputs.named(schema, field) if wire_table(inputs, schema) else None


def write(inputs: Inputs, title: str) -> str:
    """Returns the module."""
    blocks: dict[str, str] = {}
    while pending := [name for name in inputs.objects if name not in blocks]:
        for name in pending:
            blocks[name] = _class(inputs, name, inputs.objects[name])
    aliases = "".join(f"from .models import {name}\n" for name in sorted(inputs.aliases))
    order = sorted(blocks, key=lambda name: (any(other in blocks[name] for other in blocks if other != name), name))
    text = header(f"Nested objects of arguments of the {title} contract.") + IMPORTS + aliases
    return text + "\n" + literal("__all__", sorted(blocks)) + "\n" + "\n".join(blocks[name] for name in order)


def _class(inputs: Inputs, name: str, schema: Schema) -> str:
    required = [field for field in fields_of(schema) if field in schema.get("required", [])]
    optional = [field for field in fields_of(schema) if field not in required]
    text, base = "", "TypedDict, total=False"
    description = docstring(schema.get("description", f"The object `{name.removesuffix('Params')}` of a request."), 4)
    if required and optional:
        text += f"class _Required{name}(TypedDict):\n{_fields(inputs, schema, required)}\n\n"
        base = f"_Required{name}, total=False"
    elif required:
        base, optional = "TypedDict", required
    text += f"class {name}({base}):\n    {description}\n\n{_fields(inputs, schema, optional)}\n\n"
    if table := wire_table(inputs, schema):
        entries = ", ".join(f"{field!r}: ({wire!r}, {nested})" for field, (wire, nested) in table.items())
        text += f"{wire_name(name)}: Wire = {{{entries}}}\n\n"
    return text


def _fields(inputs: Inputs, schema: Schema, names: list[str]) -> str:
    lines = []
    for field in names:
        one = schema["properties"][field]
        kind = inputs.type_of(one, field) + (" | None" if kinds_of(one)[1] else "")
        lines.append(f"    {snake(field)}: {kind}")
        if "description" in one:
            lines.append("    " + docstring(one["description"], 4))
    return "\n".join(lines)
