"""Nested objects of arguments of the native contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from .._requests import Wire
from .models import (
    Category,
    Channel,
    FileType,
)

__all__ = ["ConsentParams", "FileParams", "LeadParams", "StepParams", "UtmParams"]


class _RequiredConsentParams(TypedDict):
    given: bool
    """Whether the person agreed."""


class ConsentParams(_RequiredConsentParams, total=False):
    """Whether, when and to what the person agreed."""

    text: str | None
    """Text that the person agreed to."""


class _RequiredFileParams(TypedDict):
    content_type: FileType
    """Media type of the file."""
    size: int
    """Size of the file in bytes."""


class FileParams(_RequiredFileParams, total=False):
    """The file of the evidence."""

    name: str | None
    """Name, for people."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal."""


FILE_PARAMS: Wire = {"content_type": ("contentType", None)}


class _RequiredStepParams(TypedDict):
    day: int
    """Days after the beginning of the sequence."""
    text: str
    """Text of the message, with placeholders for the lead's data."""


class StepParams(_RequiredStepParams, total=False):
    """The object `Step` of a request."""

    channel: Channel | None
    """Channel of the message."""
    subject: str | None
    """Subject of an e-mail."""


class UtmParams(TypedDict, total=False):
    """Marketing campaign that the lead came from."""

    campaign: str | None
    """`utm_campaign`"""
    content: str | None
    """`utm_content`"""
    medium: str | None
    """`utm_medium`"""
    source: str | None
    """`utm_source`"""
    term: str | None
    """`utm_term`"""


class _RequiredLeadParams(TypedDict):
    name: str
    """Name, for people."""


class LeadParams(_RequiredLeadParams, total=False):
    """The object `Lead` of a request."""

    attributes: Mapping[str, str | float | bool | None] | None
    """Further details: names with texts, numbers and booleans."""
    business_id: str | None
    """Business that it belongs to."""
    category: Category | None
    """Kind of request, which selects the template of the follow-up."""
    consent: ConsentParams | None
    """Whether, when and to what the person agreed."""
    email: str | None
    """E-mail address."""
    message: str | None
    """What the person wrote."""
    phone: str | None
    """Telephone number as it was written."""
    service_interest: str | None
    """Service or product that the person asks for."""
    source: str | None
    """Where the lead comes from."""
    utm: UtmParams | None
    """Marketing campaign that the lead came from."""
    visitor_id: str | None
    """Id of the person as a visitor of the website."""


LEAD_PARAMS: Wire = {
    "business_id": ("businessId", None),
    "service_interest": ("serviceInterest", None),
    "visitor_id": ("visitorId", None),
}
