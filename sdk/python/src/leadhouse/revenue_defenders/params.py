"""Nested objects of arguments of the RevenueDefenders contract.

Generated from the OpenAPI document by `python -m codegen`. Do not edit.
"""

from __future__ import annotations

__all__ = []
