"""Base classes of the clients of the native contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from typing import Any

from .. import _event_log, _uploads
from .._http import RequestOptions
from .._resource import AsyncResource, Resource
from .._transport import AsyncTransport, Transport
from . import models, resources

__all__ = ["NativeOperations", "AsyncNativeOperations"]


class NativeOperations(Resource):
    """All operations of the native contract, grouped by resource."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.analytics: resources.AnalyticsResource = resources.AnalyticsResource(transport)
        """Operations on analytics."""
        self.audit_log: resources.AuditLogResource = resources.AuditLogResource(transport)
        """Operations on audit log."""
        self.businesses: resources.BusinessesResource = resources.BusinessesResource(transport)
        """Operations on businesses."""
        self.customers: resources.CustomersResource = resources.CustomersResource(transport)
        """Operations on customers."""
        self.deliveries: resources.DeliveriesResource = resources.DeliveriesResource(transport)
        """Operations on deliveries."""
        self.disputes: resources.DisputesResource = resources.DisputesResource(transport)
        """Operations on disputes."""
        self.packages: resources.PackagesResource = resources.PackagesResource(transport)
        """Operations on packages."""
        self.event_log: _event_log.EventLogIteration = _event_log.EventLogIteration(transport)
        """Operations on event log."""
        self.event_types: resources.EventTypesResource = resources.EventTypesResource(transport)
        """Operations on event types."""
        self.events: resources.EventsResource = resources.EventsResource(transport)
        """Operations on events."""
        self.evidence: _uploads.EvidenceUploads = _uploads.EvidenceUploads(transport)
        """Operations on evidence."""
        self.keys: resources.KeysResource = resources.KeysResource(transport)
        """Operations on keys."""
        self.leads: resources.LeadsResource = resources.LeadsResource(transport)
        """Operations on leads."""
        self.sequence_templates: resources.SequenceTemplatesResource = resources.SequenceTemplatesResource(transport)
        """Operations on sequence templates."""
        self.sequences: resources.SequencesResource = resources.SequencesResource(transport)
        """Operations on sequences."""
        self.suppressions: resources.SuppressionsResource = resources.SuppressionsResource(transport)
        """Operations on suppressions."""
        self.test_data: resources.TestDataResource = resources.TestDataResource(transport)
        """Operations on test data."""
        self.transactions: resources.TransactionsResource = resources.TransactionsResource(transport)
        """Operations on transactions."""
        self.webhooks: resources.WebhooksResource = resources.WebhooksResource(transport)
        """Operations on webhooks."""
        self.inbound: resources.InboundResource = resources.InboundResource(transport)
        """Operations on inbound."""

    def health(self, *, options: RequestOptions | None = None) -> models.Health:
        """Returns that the service works, and its version.

        Needs no key.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Health`.
        """
        return self._send(resources.HEALTH, options=options)

    def me(self, *, options: RequestOptions | None = None) -> models.Tenant:
        """Returns the tenant, the mode and the key of the request.

        Needs a key of any scopes.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Tenant`.
        """
        return self._send(resources.ME, options=options)

    def openapi_document(self, *, options: RequestOptions | None = None) -> dict[str, Any]:
        """The OpenAPI 3.1 document of this contract. Needs no key.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `dict[str, Any]`.
        """
        return self._send(resources.OPENAPI_DOCUMENT, options=options)


class AsyncNativeOperations(AsyncResource):
    """All operations of the native contract, grouped by resource."""

    def __init__(self, transport: AsyncTransport) -> None:
        super().__init__(transport)
        self.analytics: resources.AsyncAnalyticsResource = resources.AsyncAnalyticsResource(transport)
        """Operations on analytics."""
        self.audit_log: resources.AsyncAuditLogResource = resources.AsyncAuditLogResource(transport)
        """Operations on audit log."""
        self.businesses: resources.AsyncBusinessesResource = resources.AsyncBusinessesResource(transport)
        """Operations on businesses."""
        self.customers: resources.AsyncCustomersResource = resources.AsyncCustomersResource(transport)
        """Operations on customers."""
        self.deliveries: resources.AsyncDeliveriesResource = resources.AsyncDeliveriesResource(transport)
        """Operations on deliveries."""
        self.disputes: resources.AsyncDisputesResource = resources.AsyncDisputesResource(transport)
        """Operations on disputes."""
        self.packages: resources.AsyncPackagesResource = resources.AsyncPackagesResource(transport)
        """Operations on packages."""
        self.event_log: _event_log.AsyncEventLogIteration = _event_log.AsyncEventLogIteration(transport)
        """Operations on event log."""
        self.event_types: resources.AsyncEventTypesResource = resources.AsyncEventTypesResource(transport)
        """Operations on event types."""
        self.events: resources.AsyncEventsResource = resources.AsyncEventsResource(transport)
        """Operations on events."""
        self.evidence: _uploads.AsyncEvidenceUploads = _uploads.AsyncEvidenceUploads(transport)
        """Operations on evidence."""
        self.keys: resources.AsyncKeysResource = resources.AsyncKeysResource(transport)
        """Operations on keys."""
        self.leads: resources.AsyncLeadsResource = resources.AsyncLeadsResource(transport)
        """Operations on leads."""
        self.sequence_templates: resources.AsyncSequenceTemplatesResource = resources.AsyncSequenceTemplatesResource(
            transport
        )
        """Operations on sequence templates."""
        self.sequences: resources.AsyncSequencesResource = resources.AsyncSequencesResource(transport)
        """Operations on sequences."""
        self.suppressions: resources.AsyncSuppressionsResource = resources.AsyncSuppressionsResource(transport)
        """Operations on suppressions."""
        self.test_data: resources.AsyncTestDataResource = resources.AsyncTestDataResource(transport)
        """Operations on test data."""
        self.transactions: resources.AsyncTransactionsResource = resources.AsyncTransactionsResource(transport)
        """Operations on transactions."""
        self.webhooks: resources.AsyncWebhooksResource = resources.AsyncWebhooksResource(transport)
        """Operations on webhooks."""
        self.inbound: resources.AsyncInboundResource = resources.AsyncInboundResource(transport)
        """Operations on inbound."""

    async def health(self, *, options: RequestOptions | None = None) -> models.Health:
        """Returns that the service works, and its version.

        Needs no key.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Health`.
        """
        return await self._send(resources.HEALTH, options=options)

    async def me(self, *, options: RequestOptions | None = None) -> models.Tenant:
        """Returns the tenant, the mode and the key of the request.

        Needs a key of any scopes.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Tenant`.
        """
        return await self._send(resources.ME, options=options)

    async def openapi_document(self, *, options: RequestOptions | None = None) -> dict[str, Any]:
        """The OpenAPI 3.1 document of this contract. Needs no key.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `dict[str, Any]`.
        """
        return await self._send(resources.OPENAPI_DOCUMENT, options=options)
