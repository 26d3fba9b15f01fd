"""Base class of the generated models, and the decoder of JSON into them.

Decoding never fails: unknown fields and values of enumerations are kept, and a field that the server left out, or that
has another form than documented, is None or what was received.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Union
from uuid import UUID

from .errors import ConfigurationError

if TYPE_CHECKING:
    from ._http import HttpResponse

Decoder = Callable[[Any], Any]


class Model:
    """Base class of what the API returns."""

    _wire_names: ClassVar[dict[str, str]] = {}
    _received: dict[str, Any] | None = None
    _response: Any = None

    @property
    def http_response(self) -> HttpResponse | None:
        """The response that this object is the body of: status, headers, request id. None for nested objects."""
        response: HttpResponse | None = self._response
        return response

    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version of the SDK does not know, as they were received."""
        known = {self._wire_names.get(name, name) for name in self._names()}
        return {name: value for name, value in (self._received or {}).items() if name not in known}

    def _names(self) -> tuple[str, ...]:
        kind: Any = type(self)
        return _field_names(kind)

    def to_dict(self) -> dict[str, Any]:
        """Returns the object as JSON has it, with the names of the API and with unknown fields."""
        if self._received is not None:
            return self._received
        fields = ((name, getattr(self, name)) for name in self._names())
        return {self._wire_names.get(name, name): to_json(value) for name, value in fields if value is not None}


def decode(kind: Any, value: Any, response: HttpResponse | None = None) -> Any:
    """Decodes JSON into a model, or a list, dict or union of models."""
    decoded = _decoder(kind)(value)
    if isinstance(decoded, Model):
        object.__setattr__(decoded, "_response", response)
    return decoded


def to_json(value: Any) -> Any:
    """Returns a value of Python as JSON has it: times and dates as text, models as objects."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ConfigurationError(
                "A datetime needs a time zone: use datetime.now(timezone.utc), or replace(tzinfo=…)."
            )
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: to_json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(one) for one in value]
    return value


@functools.cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@functools.cache
def _decoder(kind: Any) -> Decoder:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Model):
        return functools.partial(_decode_model, kind)
    if kind is datetime:
        return _decode_datetime
    if kind is date:
        return _decode_date
    if origin is list:
        return functools.partial(_decode_list, _decoder(arguments[0]))
    if origin is dict:
        return functools.partial(_decode_dict, _decoder(arguments[1]))
    if origin in (Union, types.UnionType):
        return _union_decoder([one for one in arguments if one is not type(None)])
    return _keep


def _union_decoder(kinds: list[Any]) -> Decoder:
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Model)]
    if len(models) > 1:
        return functools.partial(_decode_one_of, models)
    decoders = [decoder for decoder in map(_decoder, kinds) if decoder is not _keep]
    return decoders[0] if decoders else _keep


def _keep(value: Any) -> Any:
    return value


def _decode_model(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    model = object.__new__(kind)
    for name, wire_name, decoder in _plan(kind):
        object.__setattr__(model, name, decoder(value.get(wire_name)))
    object.__setattr__(model, "_received", value)
    return model


@functools.cache
def _plan(kind: Any) -> tuple[tuple[str, str, Decoder], ...]:
    hints = typing.get_type_hints(kind)
    names = _field_names(kind)
    return tuple((name, kind._wire_names.get(name, name), _decoder(hints[name])) for name in names)


@functools.cache
def _required(kind: Any) -> frozenset[str]:
    required = (field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING)
    return frozenset(kind._wire_names.get(name, name) for name in required)


def _decode_one_of(kinds: list[Any], value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fitting = (kind for kind in kinds if _required(kind) <= value.keys())
    return _decode_model(next(fitting, kinds[-1]), value)


def _decode_list(decoder: Decoder, value: Any) -> Any:
    return [decoder(one) for one in value] if isinstance(value, list) else value


def _decode_dict(decoder: Decoder, value: Any) -> Any:
    return {name: decoder(one) for name, one in value.items()} if isinstance(value, dict) else value


def _decode_datetime(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return value
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)


def _decode_date(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
