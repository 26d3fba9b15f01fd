"""Writes `resources.py`: a class for each group of operations, in a synchronous and an asynchronous form."""

import textwrap

from .names import list_variants, pascal
from .operations import Argument, Method
from .text import WIDTH, docstring, header, literal

IMPORTS = """
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from .._http import RequestOptions
from .._pages import AsyncPage, Page
from .._requests import OMIT, Omit, Operation, changed, given, renamed
from .._resource import AsyncResource, Resource
from .._transport import AsyncTransport, Transport
from . import models, params
"""
COMMON_DESCRIPTIONS = {
    "idempotency_key": "Name of this request. Repeating it under the same key has no second effect. Made if absent.",
    "if_match": "ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.",
    "inbound_secret": "The tenant's inbound secret, which signs the body.",
    "options": "Time limit, retries and headers of this request alone.",
}


def write(methods: list[Method], title: str, aliases: set[str]) -> str:
    """Returns the module."""
    groups: dict[str | None, list[Method]] = {}
    for method in methods:
        groups.setdefault(method.resource, []).append(method)
    text = header(f"Operations of the {title} contract.") + IMPORTS
    text += "".join(f"from .models import {name}\n" for name in sorted(aliases)) + "\n"
    classes = [f"{prefix}{pascal(resource)}Resource" for resource in groups if resource for prefix in ("", "Async")]
    text += literal("__all__", classes) + "\n\n"
    text += "\n".join(_constant(method) for method in methods) + "\n\n"
    for resource, group in groups.items():
        if resource is not None:
            for prefix in ("", "Async"):
                text += _class(f"{prefix}{pascal(resource)}Resource", resource, group, prefix)
    return text


def write_root(methods: list[Method], title: str, extended: dict[str, str]) -> str:
    """Returns the module with the classes that hold all resources.

    `extended` names the modules and classes that stand for those of a resource.
    """
    resources = list(dict.fromkeys(method.resource for method in methods if method.resource))
    root = [method for method in methods if method.resource is None]
    text = header(f"Base classes of the clients of the {title} contract.") + IMPORTS.replace(
        "from . import models, params\n", "from . import models, resources\n"
    )
    if extended:
        modules = sorted({name.split(".")[0] for name in extended.values()})
        text += f"from .. import {', '.join(modules)}\n"
    names = [f"{prefix}{pascal(title)}Operations" for prefix in ("", "Async")]
    text += "\n" + literal("__all__", names) + "\n\n"
    for prefix in ("", "Async"):
        text += f"class {prefix}{pascal(title)}Operations({prefix}Resource):\n"
        text += f'    """All operations of the {title} contract, grouped by resource."""\n\n'
        text += f"    def __init__(self, transport: {prefix}Transport) -> None:\n        super().__init__(transport)\n"
        for resource in resources:
            kind = (
                extended[resource].replace(".", f".{prefix}")
                if resource in extended
                else f"resources.{prefix}{pascal(resource)}Resource"
            )
            text += f"        self.{resource}: {kind} = {kind}(transport)\n"
            text += f"        {docstring(_summary(resource), 8)}\n"
        text += "\n" + "".join(_method(method, prefix, "resources.") for method in root)
    return text


def _summary(resource: str) -> str:
    return f"Operations on {resource.replace('_', ' ')}."


def _constant(method: Method) -> str:
    arguments = f"{method.http_method!r}, {method.path!r}, {method.model}"
    return f"{method.constant}: Operation[{method.returns}] = Operation({arguments})"


def _class(name: str, resource: str, methods: list[Method], prefix: str) -> str:
    text = f'class {name}({prefix}Resource):\n    """{_summary(resource)}"""\n\n'
    for method in methods:
        if method.max_limit is None:
            text += _method(method, prefix, "")
        else:
            text += _list_methods(method, prefix)
    return text + "\n"


def _method(method: Method, prefix: str, module: str) -> str:
    asynchronous = "async " if prefix else ""
    await_ = "await " if prefix else ""
    call = f"{await_}self._send({', '.join([module + method.constant, *_passed(method)])})"
    signature = f"    {asynchronous}def {method.name}({_signature(method)}) -> {method.returns}:\n"
    body = f"        {'' if method.returns == 'None' else 'return '}{call}\n\n"
    return signature + "        " + _documentation(method, _result_text(method)) + "\n" + body


def _list_methods(method: Method, prefix: str) -> str:
    iterate, pages = list_variants(method.name)
    kind = method.returns
    page = f"{prefix}Page[{kind}]"
    iterator = f"{prefix}Iterator"
    passed = ", ".join([method.constant, *_passed(method)])
    bounded = passed.replace(method.constant, f"{method.constant}, max_limit={method.max_limit}", 1)
    plain = "async def" if prefix else "def"
    await_ = "await " if prefix else ""
    signature = _signature(method)
    every = f"Yields every entry of the list, page by page. The arguments are those of `{method.name}`."
    every_page = f"Yields every page of the list. The arguments are those of `{method.name}`."
    # The iterating methods are no coroutines: they return an iterator at once, as `async for` expects.
    return (
        f"    {plain} {method.name}({signature}) -> {page}:\n        {_documentation(method, 'One page.')}\n"
        f"        return {await_}self._page({passed})\n\n"
        f"    def {iterate}({signature}) -> {iterator}[{kind}]:\n"
        f"        {docstring(every, 8)}\n"
        f"        return self._iterate({bounded})\n\n"
        f"    def {pages}({signature}) -> {iterator}[{page}]:\n"
        f"        {docstring(every_page, 8)}\n"
        f"        return self._pages({bounded})\n\n"
    )


def _signature(method: Method) -> str:
    parts = ["self", *(f"{argument.name}: {argument.kind}" for argument in method.path_arguments)]
    arguments = sorted(method.query + method.body, key=lambda argument: not argument.required)
    # A list that is all there is to say, such as the leads of a batch, needs no name.
    positional = [one for one in arguments if len(arguments) == 1 and one.required and one.kind.startswith("Sequence")]
    parts += [_parameter(method, argument) for argument in positional]
    parts.append("*")
    parts += [_parameter(method, argument) for argument in arguments if argument not in positional]
    if method.signed:
        parts.append("inbound_secret: str")
    if method.writes:
        parts.append("idempotency_key: str | None = None")
    if method.conditional:
        parts.append("if_match: str | int | None = None")
    parts.append("options: RequestOptions | None = None")
    return ", ".join(parts)


def _parameter(method: Method, argument: Argument) -> str:
    kind = argument.kind
    for name in _params_classes(kind):
        kind = kind.replace(name, f"params.{name}")
    if argument.required:
        return f"{argument.name}: {kind}"
    if method.http_method == "PATCH":
        return f"{argument.name}: {kind} | Omit = OMIT"
    return f"{argument.name}: {kind} | None = None"


def _params_classes(kind: str) -> list[str]:
    words = kind.replace("[", " ").replace("]", " ").split()
    return [word for word in words if word.endswith("Params")]


def _passed(method: Method) -> list[str]:
    parts = []
    if method.path_arguments:
        parts.append(_dict("path", method.path_arguments))
    if method.query or method.max_limit is not None:
        parts.append(_dict("query", method.query))
    if method.body:
        chosen = "changed" if method.http_method == "PATCH" else "given"
        entries = ", ".join(f"{argument.wire_name!r}: {argument.value}" for argument in method.body)
        parts.append(f"body={chosen}({{{entries}}})")
    if method.signed:
        parts.append("signed_with=inbound_secret")
    if method.writes:
        parts.append("idempotency_key=idempotency_key")
    if method.conditional:
        parts.append("if_match=if_match")
    return [*parts, "options=options"]


def _dict(name: str, arguments: list[Argument]) -> str:
    return f"{name}={{{', '.join(f'{argument.wire_name!r}: {argument.value}' for argument in arguments)}}}"


def _result_text(method: Method) -> str:
    return "" if method.returns == "None" else f"The response, a `{method.returns.removeprefix('models.')}`."


def _documentation(method: Method, returns: str) -> str:
    described = [(argument.name, argument.description) for argument in method.path_arguments]
    rest = sorted(method.query + method.body, key=lambda argument: not argument.required)
    described += [(argument.name, argument.description) for argument in rest]
    common = (
        ["inbound_secret"] * method.signed + ["idempotency_key"] * method.writes + ["if_match"] * method.conditional
    )
    described += [(name, COMMON_DESCRIPTIONS[name]) for name in [*common, "options"]]
    lines = ["        Args:"]
    for name, text in described:
        line = f"{name}: {' '.join(text.split())}".rstrip()
        lines += textwrap.wrap(line, WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 16)
    more = "\n".join(lines) + "\n" + (f"\n        Returns:\n            {returns}\n" if returns else "")
    return docstring(method.description or method.summary, 8, more)
