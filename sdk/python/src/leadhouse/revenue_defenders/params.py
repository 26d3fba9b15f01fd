"""Nested objects of arguments of the RevenueDefenders contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

__all__ = []
