"""Pieces of generated text."""

import textwrap

WIDTH = 116


def header(summary: str) -> str:
    """Returns the beginning of a generated module."""
    return f'"""{summary}\n\nGenerated from the OpenAPI document by `sdk/python/generate`. Do not edit.\n"""\n'


def docstring(text: str, indent: int = 0, more: str = "") -> str:
    """Returns a docstring, without the indentation of its first line."""
    paragraphs = [paragraph for paragraph in text.strip().split("\n\n") if paragraph]
    pad = " " * indent
    wrapped = [textwrap.fill(" ".join(one.split()), WIDTH - indent, subsequent_indent=pad) for one in paragraphs]
    body = f"\n\n{pad}".join(wrapped)
    if not more and "\n" not in body and len(body) + indent + 6 <= WIDTH:
        return f'"""{body}"""'
    return f'"""{body}\n' + (f"\n{more}" if more else "") + f'{pad}"""'


def literal(name: str, values: list[str]) -> str:
    """Returns the assignment of a list of texts."""
    return f"{name} = [{', '.join(repr(value) for value in values)}]\n"
