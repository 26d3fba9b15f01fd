"""Writes `events.py`: a class for each type of webhook event of a contract."""

from .names import pascal
from .schema import Document, Schema
from .text import docstring, header, literal

IMPORTS = """
from __future__ import annotations

from dataclasses import dataclass

from .._webhook_event import WebhookEvent
from . import models
"""


def write(document: Document, title: str) -> str:
    """Returns the module."""
    classes, table = [], []
    for event, operations in document.webhooks.items():
        operation = operations["post"]
        data = _data(document, event, operation["requestBody"]["content"]["application/json"]["schema"])
        summary = operation.get("description", event).split("\n\n")[0]
        documentation = docstring(f"The event `{event}`. {summary}", 4)
        name = pascal(event)
        classes.append(
            f"@dataclass(frozen=True, kw_only=True)\nclass {name}(WebhookEvent[{data}]):\n    {documentation}\n"
        )
        table.append(f"    {event!r}: ({name}, {data}),")
    names = [pascal(event) for event in document.webhooks]
    text = header(f"Webhook events of the {title} contract.") + IMPORTS + "\n" + literal("__all__", ["EVENTS", *names])
    text += "\n\n" + "\n\n".join(classes)
    text += "\n\nEVENTS: dict[str, tuple[type[WebhookEvent[object]], type]] = {\n" + "\n".join(table) + "\n}\n"
    return text + '"""Class of each event, and of its data."""\n'


def _data(document: Document, event: str, schema: Schema) -> str:
    """Returns the type of an event's data: `data` of the native and the VendorPad body, else the whole body."""
    properties = schema.get("properties", {})
    data = properties.get("data", schema)
    return "models." + document.returned(data, pascal(event), "" if data is not schema else pascal(event) + "Payload")
