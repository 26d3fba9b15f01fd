"""Operations of the RevenueDefenders contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from typing import Any

from .._http import RequestOptions
from .._pages import AsyncPage, Page
from .._requests import Operation, given
from .._resource import AsyncResource, Resource
from . import models
from .models import DisputeReason, DisputeStatus, EvidenceCategory, LeadStatus

__all__ = [
    "CustomersResource",
    "AsyncCustomersResource",
    "DisputesResource",
    "AsyncDisputesResource",
    "EvidenceResource",
    "AsyncEvidenceResource",
    "LeadsResource",
    "AsyncLeadsResource",
    "TransactionsResource",
    "AsyncTransactionsResource",
]


CUSTOMERS_LIST: Operation[models.Customer] = Operation("GET", "/customers", models.Customer)
DISPUTES_LIST: Operation[models.Dispute] = Operation("GET", "/disputes", models.Dispute)
DISPUTES_CREATE: Operation[models.Dispute] = Operation("POST", "/disputes", models.Dispute)
DISPUTES_GET: Operation[models.Dispute] = Operation("GET", "/disputes/{id}", models.Dispute)
EVIDENCE_LIST: Operation[models.Evidence] = Operation("GET", "/evidence", models.Evidence)
LEADS_LIST: Operation[models.Lead] = Operation("GET", "/leads", models.Lead)
LEADS_CREATE: Operation[models.Lead] = Operation("POST", "/leads", models.Lead)
LEADS_GET: Operation[models.Lead] = Operation("GET", "/leads/{id}", models.Lead)
OPENAPI_DOCUMENT: Operation[dict[str, Any]] = Operation("GET", "/openapi.json", dict[str, Any])
TRANSACTIONS_LIST: Operation[models.Transaction] = Operation("GET", "/transactions", models.Transaction)


class CustomersResource(Resource):
    """Operations on customers."""

    def list(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Customer]:
        """Lists the customers of a business, the newest first.

        Needs the scope `customers:read`.

        Args:
            business_id: Business that it belongs to.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            CUSTOMERS_LIST, query={"businessId": business_id, "limit": limit, "cursor": cursor}, options=options
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Customer]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            CUSTOMERS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Customer]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            CUSTOMERS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )


class AsyncCustomersResource(AsyncResource):
    """Operations on customers."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Customer]:
        """Lists the customers of a business, the newest first.

        Needs the scope `customers:read`.

        Args:
            business_id: Business that it belongs to.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            CUSTOMERS_LIST, query={"businessId": business_id, "limit": limit, "cursor": cursor}, options=options
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Customer]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            CUSTOMERS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Customer]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            CUSTOMERS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )


class DisputesResource(Resource):
    """Operations on disputes."""

    def list(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Dispute]:
        """Lists the disputes with a business, the newest first.

        Needs the scope `disputes:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            DISPUTES_LIST,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Dispute]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            DISPUTES_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Dispute]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            DISPUTES_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def create(
        self,
        *,
        amount_cents: int,
        reason: DisputeReason,
        business_id: str | None = None,
        currency: str | None = None,
        customer_claim: str | None = None,
        customer_id: str | None = None,
        evidence_due_by: datetime | date | str | None = None,
        lead_id: str | None = None,
        transaction_id: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Dispute:
        """Opens a dispute and notifies subscribers of `dispute.created`. `reason` and `amountCents` are required;
        without `currency`, the amount is in that of the business. The dispute belongs to the lead that it
        names, or else to that of its customer or transaction. A customer, transaction or lead that does not
        exist is 404.

        Needs the scope `disputes:write`.

        Args:
            amount_cents: Amount in the smallest unit of the currency, such as cents.
            reason: Reason of the dispute.
            business_id: Business that it belongs to.
            currency: ISO 4217 code of the currency.
            customer_claim: The customer's account of what happened.
            customer_id: Customer that it belongs to.
            evidence_due_by: Time by which evidence must be handed in.
            lead_id: Lead that it belongs to.
            transaction_id: Transaction that is disputed.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Dispute`.
        """
        return self._send(
            DISPUTES_CREATE,
            body=given(
                {
                    "amountCents": amount_cents,
                    "reason": reason,
                    "businessId": business_id,
                    "currency": currency,
                    "customerClaim": customer_claim,
                    "customerId": customer_id,
                    "evidenceDueBy": evidence_due_by,
                    "leadId": lead_id,
                    "transactionId": transaction_id,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, dispute_id: str, *, options: RequestOptions | None = None) -> models.Dispute:
        """Returns the dispute with its current version as `ETag`.

        Needs the scope `disputes:read`.

        Args:
            dispute_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Dispute`.
        """
        return self._send(DISPUTES_GET, path={"id": dispute_id}, options=options)


class AsyncDisputesResource(AsyncResource):
    """Operations on disputes."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Dispute]:
        """Lists the disputes with a business, the newest first.

        Needs the scope `disputes:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            DISPUTES_LIST,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Dispute]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            DISPUTES_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Dispute]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            DISPUTES_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    async def create(
        self,
        *,
        amount_cents: int,
        reason: DisputeReason,
        business_id: str | None = None,
        currency: str | None = None,
        customer_claim: str | None = None,
        customer_id: str | None = None,
        evidence_due_by: datetime | date | str | None = None,
        lead_id: str | None = None,
        transaction_id: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Dispute:
        """Opens a dispute and notifies subscribers of `dispute.created`. `reason` and `amountCents` are required;
        without `currency`, the amount is in that of the business. The dispute belongs to the lead that it
        names, or else to that of its customer or transaction. A customer, transaction or lead that does not
        exist is 404.

        Needs the scope `disputes:write`.

        Args:
            amount_cents: Amount in the smallest unit of the currency, such as cents.
            reason: Reason of the dispute.
            business_id: Business that it belongs to.
            currency: ISO 4217 code of the currency.
            customer_claim: The customer's account of what happened.
            customer_id: Customer that it belongs to.
            evidence_due_by: Time by which evidence must be handed in.
            lead_id: Lead that it belongs to.
            transaction_id: Transaction that is disputed.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Dispute`.
        """
        return await self._send(
            DISPUTES_CREATE,
            body=given(
                {
                    "amountCents": amount_cents,
                    "reason": reason,
                    "businessId": business_id,
                    "currency": currency,
                    "customerClaim": customer_claim,
                    "customerId": customer_id,
                    "evidenceDueBy": evidence_due_by,
                    "leadId": lead_id,
                    "transactionId": transaction_id,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, dispute_id: str, *, options: RequestOptions | None = None) -> models.Dispute:
        """Returns the dispute with its current version as `ETag`.

        Needs the scope `disputes:read`.

        Args:
            dispute_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Dispute`.
        """
        return await self._send(DISPUTES_GET, path={"id": dispute_id}, options=options)


class EvidenceResource(Resource):
    """Operations on evidence."""

    def list(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Evidence]:
        """Lists the evidence of a business, the newest first. `fileUrl` downloads the file for a few minutes; it is
        null until a file is uploaded.

        Needs the scope `evidence:read`.

        Args:
            business_id: Business that it belongs to.
            category: Only evidence of this category.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            EVIDENCE_LIST,
            query={"businessId": business_id, "category": category, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Evidence]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            EVIDENCE_LIST,
            max_limit=200,
            query={"businessId": business_id, "category": category, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Evidence]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            EVIDENCE_LIST,
            max_limit=200,
            query={"businessId": business_id, "category": category, "limit": limit, "cursor": cursor},
            options=options,
        )


class AsyncEvidenceResource(AsyncResource):
    """Operations on evidence."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Evidence]:
        """Lists the evidence of a business, the newest first. `fileUrl` downloads the file for a few minutes; it is
        null until a file is uploaded.

        Needs the scope `evidence:read`.

        Args:
            business_id: Business that it belongs to.
            category: Only evidence of this category.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            EVIDENCE_LIST,
            query={"businessId": business_id, "category": category, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Evidence]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            EVIDENCE_LIST,
            max_limit=200,
            query={"businessId": business_id, "category": category, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Evidence]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            EVIDENCE_LIST,
            max_limit=200,
            query={"businessId": business_id, "category": category, "limit": limit, "cursor": cursor},
            options=options,
        )


class LeadsResource(Resource):
    """Operations on leads."""

    def list(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Lead]:
        """Lists the leads of a business, the newest first.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            LEADS_LIST,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Lead]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            LEADS_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Lead]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            LEADS_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def create(
        self,
        *,
        name: str,
        business_id: str | None = None,
        email: str | None = None,
        message: str | None = None,
        phone: str | None = None,
        service_interest: str | None = None,
        source: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Lead:
        """Stores a lead and notifies subscribers of `lead.created`. The response has its score from 0 to 100, with the
        reasons for it, and the messages that are proposed as follow-up. `name` and one of `email` and
        `phone` are required.

        Needs the scope `leads:write`.

        Args:
            name: Name, for people.
            business_id: Business that it belongs to.
            email: E-mail address.
            message: What the person wrote.
            phone: Telephone number as it was written.
            service_interest: Service or product that the person asks for.
            source: Where the lead comes from.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Lead`.
        """
        return self._send(
            LEADS_CREATE,
            body=given(
                {
                    "name": name,
                    "businessId": business_id,
                    "email": email,
                    "message": message,
                    "phone": phone,
                    "serviceInterest": service_interest,
                    "source": source,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, lead_id: str, *, options: RequestOptions | None = None) -> models.Lead:
        """Returns the lead with its current version as `ETag`.

        Needs the scope `leads:read`.

        Args:
            lead_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Lead`.
        """
        return self._send(LEADS_GET, path={"id": lead_id}, options=options)


class AsyncLeadsResource(AsyncResource):
    """Operations on leads."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Lead]:
        """Lists the leads of a business, the newest first.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            LEADS_LIST,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Lead]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            LEADS_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Lead]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            LEADS_LIST,
            max_limit=200,
            query={"businessId": business_id, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )

    async def create(
        self,
        *,
        name: str,
        business_id: str | None = None,
        email: str | None = None,
        message: str | None = None,
        phone: str | None = None,
        service_interest: str | None = None,
        source: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Lead:
        """Stores a lead and notifies subscribers of `lead.created`. The response has its score from 0 to 100, with the
        reasons for it, and the messages that are proposed as follow-up. `name` and one of `email` and
        `phone` are required.

        Needs the scope `leads:write`.

        Args:
            name: Name, for people.
            business_id: Business that it belongs to.
            email: E-mail address.
            message: What the person wrote.
            phone: Telephone number as it was written.
            service_interest: Service or product that the person asks for.
            source: Where the lead comes from.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Lead`.
        """
        return await self._send(
            LEADS_CREATE,
            body=given(
                {
                    "name": name,
                    "businessId": business_id,
                    "email": email,
                    "message": message,
                    "phone": phone,
                    "serviceInterest": service_interest,
                    "source": source,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, lead_id: str, *, options: RequestOptions | None = None) -> models.Lead:
        """Returns the lead with its current version as `ETag`.

        Needs the scope `leads:read`.

        Args:
            lead_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Lead`.
        """
        return await self._send(LEADS_GET, path={"id": lead_id}, options=options)


class TransactionsResource(Resource):
    """Operations on transactions."""

    def list(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Transaction]:
        """Lists the payments to a business, the newest first.

        Needs the scope `transactions:read`.

        Args:
            business_id: Business that it belongs to.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            TRANSACTIONS_LIST, query={"businessId": business_id, "limit": limit, "cursor": cursor}, options=options
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Transaction]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            TRANSACTIONS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Transaction]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            TRANSACTIONS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )


class AsyncTransactionsResource(AsyncResource):
    """Operations on transactions."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Transaction]:
        """Lists the payments to a business, the newest first.

        Needs the scope `transactions:read`.

        Args:
            business_id: Business that it belongs to.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            TRANSACTIONS_LIST, query={"businessId": business_id, "limit": limit, "cursor": cursor}, options=options
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Transaction]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            TRANSACTIONS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Transaction]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            TRANSACTIONS_LIST,
            max_limit=200,
            query={"businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )
