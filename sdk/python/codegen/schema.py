"""An OpenAPI document, and the types of Python for its schemas."""

import json
import re
from pathlib import Path
from typing import Any

from .names import pascal, singular

Schema = dict[str, Any]
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


class Document:
    """An OpenAPI document with the classes that its schemas become."""

    def __init__(self, path: Path) -> None:
        document = json.loads(path.read_text(encoding="utf-8"))
        self.schemas: dict[str, Schema] = document["components"]["schemas"]
        self.parameters: dict[str, Schema] = document["components"].get("parameters", {})
        self.paths: dict[str, dict[str, Schema]] = document["paths"]
        self.webhooks: dict[str, dict[str, Schema]] = document["webhooks"]
        self.inline: dict[str, Schema] = {}
        """Objects without a name of their own in the document, by the name that they get."""
        self.used: set[str] = set()
        """Names of schemas that something refers to."""

    def is_enum(self, name: str) -> bool:
        """Returns whether a schema is an enumeration of texts."""
        return "enum" in self.schemas.get(name, {})

    def alias_of(self, values: list[Any]) -> str | None:
        """Returns the name of the enumeration with these values."""
        wanted = {value for value in values if value is not None}
        found = (name for name, schema in self.schemas.items() if set(schema.get("enum", [])) == wanted)
        return next(found, None)

    def returned(self, schema: Schema, owner: str, field: str = "") -> str:
        """Returns the type of what the API returns."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            self.used.add(name)
            return f"{name} | str" if self.is_enum(name) else name
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return union([self.returned(one, owner, field) for one in alternatives])
        if "const" in schema:
            return f"Literal[{schema['const']!r}]"
        if "enum" in schema:
            return union([f"Literal[{', '.join(repr(one) for one in schema['enum'] if one is not None)}]", "str"])
        kinds, nullable = kinds_of(schema)
        return union([self._returned_kind(schema, kind, owner, field) for kind in kinds] + ["None"] * nullable)

    def _returned_kind(self, schema: Schema, kind: str, owner: str, field: str) -> str:
        if kind == "array":
            return f"list[{self.returned(schema['items'], owner, singular(field))}]"
        if kind == "object":
            if schema.get("properties"):
                return self._named(schema, owner, field)
            inner = schema.get("additionalProperties")
            return f"dict[str, {self.returned(inner, owner, field) if isinstance(inner, dict) else 'Any'}]"
        if kind == "string":
            return {"date-time": "datetime", "date": "date"}.get(schema.get("format", ""), "str")
        return PLAIN.get(kind, "Any")

    def _named(self, schema: Schema, owner: str, field: str) -> str:
        for name in (pascal(field), owner + pascal(field)):
            if name not in self.schemas and self.inline.setdefault(name, schema) == schema:
                return name
        raise ValueError(f"no name for the object {field} of {owner}")


class Inputs:
    """Types of arguments, and the classes of nested objects among them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.objects: dict[str, Schema] = {}
        self.aliases: set[str] = set()

    def type_of(self, schema: Schema, field: str) -> str:
        """Returns the type of an argument, without None."""
        if "enum" in schema and set(schema["enum"]) != {"true", "false"}:
            if alias := self.document.alias_of(schema["enum"]):
                self.aliases.add(alias)
                return alias
            return f"Literal[{', '.join(repr(one) for one in schema['enum'] if one is not None)}]"
        return union([self._kind(schema, kind, field) for kind in kinds_of(schema)[0]])

    def _kind(self, schema: Schema, kind: str, field: str) -> str:
        if "enum" in schema:
            return "bool"
        if kind == "array":
            return f"Sequence[{self.type_of(schema['items'], singular(field))}]"
        if kind == "object":
            if schema.get("properties"):
                return self.named(schema, field)
            inner = schema.get("additionalProperties")
            return f"Mapping[str, {self._values(inner, field) if isinstance(inner, dict) else 'Any'}]"
        return "datetime | date | str" if is_time(schema) else PLAIN.get(kind, "Any")

    def _values(self, inner: Schema, field: str) -> str:
        return union([self.type_of(inner, field)] + ["None"] * kinds_of(inner)[1])

    def named(self, schema: Schema, field: str) -> str:
        """Returns the name of the class of a nested object."""
        name = f"{pascal(field)}Params"
        if fields_of(self.objects.setdefault(name, schema)) != fields_of(schema):
            raise ValueError(f"two different objects are called {name}")
        return name


def kinds_of(schema: Schema) -> tuple[list[str], bool]:
    """Returns the JSON types of a schema without null, and whether null is among them."""
    kinds = schema.get("type", "object" if "properties" in schema else "any")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind for kind in listed if kind != "null"], "null" in listed


def fields_of(schema: Schema) -> dict[str, Schema]:
    """Returns the properties that a caller may send."""
    return {name: one for name, one in schema.get("properties", {}).items() if not one.get("readOnly")}


def is_time(schema: Schema) -> bool:
    """Returns whether a text is a time or a date."""
    example = str((schema.get("examples") or [""])[0])
    return schema.get("format") in ("date-time", "date") or bool(re.match(r"\d{4}-\d\d-\d\d", example))


def union(kinds: list[str]) -> str:
    """Returns the union of types, each once, None last."""
    parts = [part for kind in kinds for part in split_union(kind)]
    unique = list(dict.fromkeys(part for part in parts if part not in ("None", "null")))
    return " | ".join(unique + ["None"] * ("None" in parts or "null" in parts))


def split_union(kind: str) -> list[str]:
    """Returns the members of a union, but not those of unions inside brackets."""
    return [part.strip() for part in re.split(r"\|(?![^\[]*\])", kind)]
