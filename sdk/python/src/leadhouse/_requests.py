"""Builds requests from operations and their arguments."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

from ._headers import check_values, checked_extra_headers, merge_headers
from ._http import Request, RequestOptions
from ._model import to_json
from ._settings import Settings, user_agent
from .errors import ConfigurationError

T_co = TypeVar("T_co", covariant=True)
METHODS_WITH_IDEMPOTENCY_KEY: Final = frozenset({"POST", "PATCH"})
"""A repeated GET, PUT or DELETE has no second effect anyway."""
SURROGATES = re.compile("[\ud800-\udfff]")


class Omit:
    """Type of `OMIT`, the default of arguments that are left out of a request."""

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit()
"""Default of the arguments of updates: the field stays as it is, whereas None clears it."""

Wire = Mapping[str, "tuple[str, Wire | None]"]
"""Names of the fields of an object in Python, with their names in the API and the fields of nested objects."""


@dataclass(frozen=True)
class Operation(Generic[T_co]):
    """An operation of the API."""

    method: str
    path: str
    """Path below the base path of the contract, with names of parameters in braces."""
    returns: Any = None
    """Type of the response; None if it has no body."""


def renamed(value: Any, wire: Wire) -> Any:
    """Returns a nested object, or a list of such objects, with the names of the API. Unknown names stay as they are."""
    if isinstance(value, Mapping):
        return {
            name: renamed(one, nested) if nested is not None else one
            for key, one in value.items()
            for name, nested in [wire.get(key, (key, None))]
        }
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return value
    return [renamed(one, wire) for one in value]


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values that are not None: in a new resource, None and absent mean the same."""
    return {name: value for name, value in values.items() if value is not None}


def changed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values that are not `OMIT`; None clears a field."""
    return {name: value for name, value in values.items() if not isinstance(value, Omit)}


def build(
    settings: Settings,
    operation: Operation[Any],
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
    if_match: str | int | None = None,
    signed_with: str | None = None,
    options: RequestOptions | None = None,
) -> Request:
    """Returns the request for an operation. The idempotency key is made here, once for all attempts."""
    options = options or {}
    target = settings.contract.base_path + _path(operation.path, path or {})
    text = _query({**(query or {}), **options.get("query", {})})
    content = None
    required = {"Authorization": f"Bearer {settings.api_key}"}
    key = None
    if operation.method in METHODS_WITH_IDEMPOTENCY_KEY:
        key = _checked_idempotency_key(idempotency_key)
        required |= {"Idempotency-Key": key, "Content-Type": "application/json"}
        content = _json({**(body or {}), **options.get("body", {})})
    if signed_with is not None:
        secret = _checked_inbound_secret(signed_with)
        required["X-Signature"] = "sha256=" + hmac.new(secret, content, hashlib.sha256).hexdigest()
    headers = merge_headers(
        {"Accept": "application/json", "User-Agent": user_agent()},
        settings.headers,
        {} if if_match is None else {"If-Match": _entity_tag(if_match)},
        checked_extra_headers(options.get("headers")),
        required,
    )
    check_values(headers)
    return Request(
        method=operation.method,
        url=settings.base_url + target + (f"?{text}" if text else ""),
        path=target,
        headers=headers,
        content=content,
        timeout=options.get("timeout", settings.timeout),
        max_retries=options.get("max_retries", settings.max_retries),
        idempotency_key=key,
    )


def _path(template: str, parameters: Mapping[str, Any]) -> str:
    for name, given_id in parameters.items():
        value = str(given_id) if isinstance(given_id, uuid.UUID) else given_id
        # An empty id would turn the path of one resource into that of the list, and dots are resolved as folders.
        if not isinstance(value, str) or not value.strip() or value in (".", ".."):
            raise ConfigurationError(f"{name} must be the id of a resource, not {value!r}.")
        template = template.replace("{" + name + "}", quote(_replace_surrogates(value), safe=""))
    return template


def _query(parameters: Mapping[str, Any]) -> str:
    return urlencode([(name, _query_value(value)) for name, value in parameters.items() if value is not None])


def _query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _replace_surrogates(str(to_json(value)))


def _json(body: Mapping[str, Any]) -> bytes:
    try:
        # NaN and infinity are not JSON.
        text = json.dumps(to_json(dict(body)), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError, ArithmeticError) as error:
        raise ConfigurationError(f"The body cannot be written as JSON: {error}.") from error
    return _replace_surrogates(text).encode()


def _replace_surrogates(text: str) -> str:
    """Returns a text with U+FFFD for halves of surrogate pairs, as the service reads them: UTF-8 has none."""
    return SURROGATES.sub("\ufffd", text)


def _entity_tag(if_match: str | int) -> str:
    """Returns the entity tag of a version; a text that is one already, or `*`, stays as it is."""
    text = str(if_match)
    return f'"{text}"' if text.isascii() and text.isdecimal() else text


def _checked_inbound_secret(secret: str) -> bytes:
    # Files and environment variables may add white space.
    trimmed = secret.strip() if isinstance(secret, str) else ""
    if not trimmed:
        raise ConfigurationError("The inbound secret is missing: pass the text that begins with whsec_.")
    return trimmed.encode()


def _checked_idempotency_key(given_key: str | None) -> str:
    if given_key is None:
        return str(uuid.uuid4())
    if not 1 <= len(given_key) <= 255 or not all("!" <= character <= "~" for character in given_key):
        raise ConfigurationError("idempotency_key must be 1 to 255 visible ASCII characters.")
    return given_key
