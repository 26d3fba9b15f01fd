"""Base classes of the clients of the RevenueDefenders contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from typing import Any

from .._http import RequestOptions
from .._resource import AsyncResource, Resource
from .._transport import AsyncTransport, Transport
from . import resources

__all__ = ["RevenueDefendersOperations", "AsyncRevenueDefendersOperations"]


class RevenueDefendersOperations(Resource):
    """All operations of the RevenueDefenders contract, grouped by resource."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.customers: resources.CustomersResource = resources.CustomersResource(transport)
        """Operations on customers."""
        self.disputes: resources.DisputesResource = resources.DisputesResource(transport)
        """Operations on disputes."""
        self.evidence: resources.EvidenceResource = resources.EvidenceResource(transport)
        """Operations on evidence."""
        self.leads: resources.LeadsResource = resources.LeadsResource(transport)
        """Operations on leads."""
        self.transactions: resources.TransactionsResource = resources.TransactionsResource(transport)
        """Operations on transactions."""

    def openapi_document(self, *, options: RequestOptions | None = None) -> dict[str, Any]:
        """The OpenAPI 3.1 document of this contract. Needs no key.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `dict[str, Any]`.
        """
        return self._send(resources.OPENAPI_DOCUMENT, options=options)


class AsyncRevenueDefendersOperations(AsyncResource):
    """All operations of the RevenueDefenders contract, grouped by resource."""

    def __init__(self, transport: AsyncTransport) -> None:
        super().__init__(transport)
        self.customers: resources.AsyncCustomersResource = resources.AsyncCustomersResource(transport)
        """Operations on customers."""
        self.disputes: resources.AsyncDisputesResource = resources.AsyncDisputesResource(transport)
        """Operations on disputes."""
        self.evidence: resources.AsyncEvidenceResource = resources.AsyncEvidenceResource(transport)
        """Operations on evidence."""
        self.leads: resources.AsyncLeadsResource = resources.AsyncLeadsResource(transport)
        """Operations on leads."""
        self.transactions: resources.AsyncTransactionsResource = resources.AsyncTransactionsResource(transport)
        """Operations on transactions."""

    async def openapi_document(self, *, options: RequestOptions | None = None) -> dict[str, Any]:
        """The OpenAPI 3.1 document of this contract. Needs no key.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `dict[str, Any]`.
        """
        return await self._send(resources.OPENAPI_DOCUMENT, options=options)
