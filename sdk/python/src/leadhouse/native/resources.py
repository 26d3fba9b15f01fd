"""Operations of the native contract.

Generated from the OpenAPI document by `sdk/python/generate`. Do not edit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from .._http import RequestOptions
from .._pages import AsyncPage, Page
from .._requests import OMIT, Omit, Operation, changed, given, renamed
from .._resource import AsyncResource, Resource
from . import models, params
from .models import (
    Action,
    Category,
    Channel,
    Contract,
    DeliveryStatus,
    DisputeReason,
    DisputeStatus,
    EventFilter,
    EventType,
    EvidenceCategory,
    LeadStatus,
    Mode,
    NetworkProfile,
    Scope,
    SubscriptionStatus,
    Tier,
    TransactionStatus,
    VisitorEventType,
)

__all__ = [
    "AnalyticsResource",
    "AsyncAnalyticsResource",
    "AuditLogResource",
    "AsyncAuditLogResource",
    "BusinessesResource",
    "AsyncBusinessesResource",
    "CustomersResource",
    "AsyncCustomersResource",
    "DeliveriesResource",
    "AsyncDeliveriesResource",
    "DisputesResource",
    "AsyncDisputesResource",
    "PackagesResource",
    "AsyncPackagesResource",
    "EventLogResource",
    "AsyncEventLogResource",
    "EventTypesResource",
    "AsyncEventTypesResource",
    "EventsResource",
    "AsyncEventsResource",
    "EvidenceResource",
    "AsyncEvidenceResource",
    "KeysResource",
    "AsyncKeysResource",
    "LeadsResource",
    "AsyncLeadsResource",
    "SequenceTemplatesResource",
    "AsyncSequenceTemplatesResource",
    "SequencesResource",
    "AsyncSequencesResource",
    "SuppressionsResource",
    "AsyncSuppressionsResource",
    "TestDataResource",
    "AsyncTestDataResource",
    "TransactionsResource",
    "AsyncTransactionsResource",
    "WebhooksResource",
    "AsyncWebhooksResource",
    "InboundResource",
    "AsyncInboundResource",
]


ANALYTICS_KPIS: Operation[models.KpiReport] = Operation("GET", "/analytics/kpis", models.KpiReport)
AUDIT_LOG_LIST: Operation[models.AuditEntry] = Operation("GET", "/audit-log", models.AuditEntry)
BUSINESSES_LIST: Operation[models.Business] = Operation("GET", "/businesses", models.Business)
BUSINESSES_CREATE: Operation[models.Business] = Operation("POST", "/businesses", models.Business)
BUSINESSES_GET: Operation[models.Business] = Operation("GET", "/businesses/{id}", models.Business)
BUSINESSES_UPDATE: Operation[models.Business] = Operation("PATCH", "/businesses/{id}", models.Business)
CUSTOMERS_LIST: Operation[models.Customer] = Operation("GET", "/customers", models.Customer)
CUSTOMERS_CREATE: Operation[models.Customer] = Operation("POST", "/customers", models.Customer)
CUSTOMERS_GET: Operation[models.Customer] = Operation("GET", "/customers/{id}", models.Customer)
DELIVERIES_LIST: Operation[models.Delivery] = Operation("GET", "/deliveries", models.Delivery)
DELIVERIES_GET: Operation[models.Delivery] = Operation("GET", "/deliveries/{id}", models.Delivery)
DELIVERIES_RETRY: Operation[models.Delivery] = Operation("POST", "/deliveries/{id}/retry", models.Delivery)
DISPUTES_LIST: Operation[models.Dispute] = Operation("GET", "/disputes", models.Dispute)
DISPUTES_CREATE: Operation[models.Dispute] = Operation("POST", "/disputes", models.Dispute)
DISPUTES_GET: Operation[models.DisputeCase] = Operation("GET", "/disputes/{id}", models.DisputeCase)
DISPUTES_UPDATE: Operation[models.Dispute] = Operation("PATCH", "/disputes/{id}", models.Dispute)
DISPUTES_EVIDENCE_SUMMARY: Operation[models.EvidenceSummary] = Operation(
    "GET", "/disputes/{id}/evidence-summary", models.EvidenceSummary
)
PACKAGES_CREATE: Operation[models.EvidencePackage] = Operation(
    "POST", "/disputes/{id}/packages", models.EvidencePackage
)
EVENT_LOG_READ: Operation[models.EventLog] = Operation("GET", "/event-log", models.EventLog)
EVENT_LOG_ADD_EXAMPLE: Operation[models.LoggedExample] = Operation("POST", "/event-log", models.LoggedExample)
EVENT_TYPES_LIST: Operation[models.EventTypeEntry] = Operation("GET", "/event-types", models.EventTypeEntry)
EVENT_TYPES_SAMPLE: Operation[dict[str, Any]] = Operation("GET", "/event-types/{type}/sample", dict[str, Any])
EVENTS_LIST: Operation[models.VisitorEvent] = Operation("GET", "/events", models.VisitorEvent)
EVENTS_RECORD: Operation[models.VisitorEvent] = Operation("POST", "/events", models.VisitorEvent)
EVIDENCE_LIST: Operation[models.Evidence] = Operation("GET", "/evidence", models.Evidence)
EVIDENCE_CREATE: Operation[models.Evidence] = Operation("POST", "/evidence", models.Evidence)
EVIDENCE_GET: Operation[models.Evidence] = Operation("GET", "/evidence/{id}", models.Evidence)
HEALTH: Operation[models.Health] = Operation("GET", "/health", models.Health)
KEYS_LIST: Operation[models.Key] = Operation("GET", "/keys", models.Key)
KEYS_CREATE: Operation[models.Key] = Operation("POST", "/keys", models.Key)
KEYS_REVOKE: Operation[None] = Operation("DELETE", "/keys/{id}", None)
KEYS_GET: Operation[models.Key] = Operation("GET", "/keys/{id}", models.Key)
KEYS_ROTATE: Operation[models.Key] = Operation("POST", "/keys/{id}/rotate", models.Key)
LEADS_LIST: Operation[models.Lead] = Operation("GET", "/leads", models.Lead)
LEADS_CREATE: Operation[models.CreatedLead] = Operation("POST", "/leads", models.CreatedLead)
LEADS_CREATE_BATCH: Operation[models.Batch] = Operation("POST", "/leads/batch", models.Batch)
LEADS_ERASE: Operation[None] = Operation("DELETE", "/leads/{id}", None)
LEADS_GET: Operation[models.Lead] = Operation("GET", "/leads/{id}", models.Lead)
LEADS_UPDATE: Operation[models.Lead] = Operation("PATCH", "/leads/{id}", models.Lead)
LEADS_LIST_MESSAGES: Operation[models.Message] = Operation("GET", "/leads/{id}/messages", models.Message)
LEADS_GET_SEQUENCE: Operation[models.Sequence] = Operation("GET", "/leads/{id}/sequence", models.Sequence)
ME: Operation[models.Tenant] = Operation("GET", "/me", models.Tenant)
OPENAPI_DOCUMENT: Operation[dict[str, Any]] = Operation("GET", "/openapi.json", dict[str, Any])
PACKAGES_GET: Operation[models.EvidencePackage] = Operation("GET", "/packages/{id}", models.EvidencePackage)
SEQUENCE_TEMPLATES_LIST: Operation[models.Template] = Operation("GET", "/sequence-templates", models.Template)
SEQUENCE_TEMPLATES_CREATE: Operation[models.Template] = Operation("POST", "/sequence-templates", models.Template)
SEQUENCE_TEMPLATES_DELETE: Operation[None] = Operation("DELETE", "/sequence-templates/{id}", None)
SEQUENCE_TEMPLATES_GET: Operation[models.Template] = Operation("GET", "/sequence-templates/{id}", models.Template)
SEQUENCE_TEMPLATES_UPDATE: Operation[models.Template] = Operation("PATCH", "/sequence-templates/{id}", models.Template)
SEQUENCES_START: Operation[models.Sequence] = Operation("POST", "/sequences", models.Sequence)
SEQUENCES_STOP: Operation[models.Sequence] = Operation("POST", "/sequences/{id}/stop", models.Sequence)
SUPPRESSIONS_LIST: Operation[models.Suppression] = Operation("GET", "/suppressions", models.Suppression)
SUPPRESSIONS_CREATE: Operation[models.Suppression] = Operation("POST", "/suppressions", models.Suppression)
SUPPRESSIONS_LOOK_UP: Operation[models.SuppressionLookup] = Operation(
    "POST", "/suppressions/lookup", models.SuppressionLookup
)
SUPPRESSIONS_LIFT: Operation[None] = Operation("DELETE", "/suppressions/{id}", None)
TEST_DATA_PURGE: Operation[models.Purge | None] = Operation("DELETE", "/test-data", models.Purge)
TRANSACTIONS_LIST: Operation[models.Transaction] = Operation("GET", "/transactions", models.Transaction)
TRANSACTIONS_CREATE: Operation[models.Transaction] = Operation("POST", "/transactions", models.Transaction)
TRANSACTIONS_GET: Operation[models.Transaction] = Operation("GET", "/transactions/{id}", models.Transaction)
WEBHOOKS_LIST: Operation[models.Subscription] = Operation("GET", "/webhooks", models.Subscription)
WEBHOOKS_CREATE: Operation[models.Subscription] = Operation("POST", "/webhooks", models.Subscription)
INBOUND_REPORT: Operation[models.Received] = Operation("POST", "/webhooks/inbound", models.Received)
INBOUND_CREATE_SECRET: Operation[models.InboundSecret] = Operation(
    "POST", "/webhooks/inbound-secret", models.InboundSecret
)
WEBHOOKS_DELETE: Operation[None] = Operation("DELETE", "/webhooks/{id}", None)
WEBHOOKS_GET: Operation[models.Subscription] = Operation("GET", "/webhooks/{id}", models.Subscription)
WEBHOOKS_UPDATE: Operation[models.Subscription] = Operation("PATCH", "/webhooks/{id}", models.Subscription)
WEBHOOKS_RECOVER: Operation[models.Recovery] = Operation("POST", "/webhooks/{id}/recover", models.Recovery)
WEBHOOKS_ROTATE_SECRET: Operation[models.Subscription] = Operation(
    "POST", "/webhooks/{id}/rotate-secret", models.Subscription
)
WEBHOOKS_TEST: Operation[models.TestEvent] = Operation("POST", "/webhooks/{id}/test", models.TestEvent)


class AnalyticsResource(Resource):
    """Operations on analytics."""

    def kpis(
        self, *, business_id: str | None = None, range: str | None = None, options: RequestOptions | None = None
    ) -> models.KpiReport:
        """Returns the KPIs of the last days, today included: of one business, or of all that the key may see. Each
        business counts by days of its own time zone. The counters trail the changes by seconds.

        Needs the scope `analytics:read`.

        Args:
            business_id: Business that it belongs to.
            range: Number of days that the report covers, with today as the last.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `KpiReport`.
        """
        return self._send(ANALYTICS_KPIS, query={"businessId": business_id, "range": range}, options=options)


class AsyncAnalyticsResource(AsyncResource):
    """Operations on analytics."""

    async def kpis(
        self, *, business_id: str | None = None, range: str | None = None, options: RequestOptions | None = None
    ) -> models.KpiReport:
        """Returns the KPIs of the last days, today included: of one business, or of all that the key may see. Each
        business counts by days of its own time zone. The counters trail the changes by seconds.

        Needs the scope `analytics:read`.

        Args:
            business_id: Business that it belongs to.
            range: Number of days that the report covers, with today as the last.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `KpiReport`.
        """
        return await self._send(ANALYTICS_KPIS, query={"businessId": business_id, "range": range}, options=options)


class AuditLogResource(Resource):
    """Operations on audit log."""

    def list(
        self,
        *,
        action: Action | None = None,
        key_id: str | None = None,
        subject_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.AuditEntry]:
        """Lists who did what in the key's mode, the newest first, with every filter that is sent. A key that is bound
        to a business sees the entries of that business.

        Needs the scope `audit:read`.

        Args:
            action: What was done.
            key_id: Key that did it.
            subject_id: Id of the resource that was changed.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            AUDIT_LOG_LIST,
            query={
                "action": action,
                "keyId": key_id,
                "subjectId": subject_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        action: Action | None = None,
        key_id: str | None = None,
        subject_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.AuditEntry]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            AUDIT_LOG_LIST,
            max_limit=100,
            query={
                "action": action,
                "keyId": key_id,
                "subjectId": subject_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        action: Action | None = None,
        key_id: str | None = None,
        subject_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.AuditEntry]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            AUDIT_LOG_LIST,
            max_limit=100,
            query={
                "action": action,
                "keyId": key_id,
                "subjectId": subject_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )


class AsyncAuditLogResource(AsyncResource):
    """Operations on audit log."""

    async def list(
        self,
        *,
        action: Action | None = None,
        key_id: str | None = None,
        subject_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.AuditEntry]:
        """Lists who did what in the key's mode, the newest first, with every filter that is sent. A key that is bound
        to a business sees the entries of that business.

        Needs the scope `audit:read`.

        Args:
            action: What was done.
            key_id: Key that did it.
            subject_id: Id of the resource that was changed.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            AUDIT_LOG_LIST,
            query={
                "action": action,
                "keyId": key_id,
                "subjectId": subject_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        action: Action | None = None,
        key_id: str | None = None,
        subject_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.AuditEntry]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            AUDIT_LOG_LIST,
            max_limit=100,
            query={
                "action": action,
                "keyId": key_id,
                "subjectId": subject_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        action: Action | None = None,
        key_id: str | None = None,
        subject_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.AuditEntry]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            AUDIT_LOG_LIST,
            max_limit=100,
            query={
                "action": action,
                "keyId": key_id,
                "subjectId": subject_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )


class BusinessesResource(Resource):
    """Operations on businesses."""

    def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Page[models.Business]:
        """Lists the businesses that the key may see, the newest first.

        Needs the scope `businesses:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(BUSINESSES_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[models.Business]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(BUSINESSES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[Page[models.Business]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(BUSINESSES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def create(
        self,
        *,
        country: str,
        name: str,
        brand_id: int | None = None,
        channels: Sequence[Channel] | None = None,
        currency: str | None = None,
        time_zone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Business:
        """Creates a business. `country` decides how national telephone numbers are read; time zone and currency
        default to those of the country. Businesses are shared by the live and the test environment, so that
        only a live key of the whole tenant creates them (403).

        Needs the scope `businesses:write`.

        Args:
            country: ISO 3166-1 code of the country, which decides how national telephone numbers are read.
            name: Name, for people.
            brand_id: Number that VendorPad's callers name the business by.
            channels: Channels of follow-up messages, in the order of preference.
            currency: ISO 4217 code of the currency.
            time_zone: IANA name of the time zone.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Business`.
        """
        return self._send(
            BUSINESSES_CREATE,
            body=given(
                {
                    "country": country,
                    "name": name,
                    "brandId": brand_id,
                    "channels": channels,
                    "currency": currency,
                    "timeZone": time_zone,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, business_id: str, *, options: RequestOptions | None = None) -> models.Business:
        """Returns the business.

        Needs the scope `businesses:read`.

        Args:
            business_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Business`.
        """
        return self._send(BUSINESSES_GET, path={"id": business_id}, options=options)

    def update(
        self,
        business_id: str,
        *,
        brand_id: int | None | Omit = OMIT,
        channels: Sequence[Channel] | Omit = OMIT,
        country: str | Omit = OMIT,
        currency: str | Omit = OMIT,
        name: str | Omit = OMIT,
        time_zone: str | Omit = OMIT,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Business:
        """Changes the fields that are sent; a null `brandId` clears it. A `brandId` that another business has is a
        conflict (409). Only a live key changes businesses (403).

        Needs the scope `businesses:write`.

        Args:
            business_id: Unique id.
            brand_id: Number that VendorPad's callers name the business by.
            channels: Channels of follow-up messages, in the order of preference.
            country: ISO 3166-1 code of the country, which decides how national telephone numbers are read.
            currency: ISO 4217 code of the currency.
            name: Name, for people.
            time_zone: IANA name of the time zone.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Business`.
        """
        return self._send(
            BUSINESSES_UPDATE,
            path={"id": business_id},
            body=changed(
                {
                    "brandId": brand_id,
                    "channels": channels,
                    "country": country,
                    "currency": currency,
                    "name": name,
                    "timeZone": time_zone,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )


class AsyncBusinessesResource(AsyncResource):
    """Operations on businesses."""

    async def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncPage[models.Business]:
        """Lists the businesses that the key may see, the newest first.

        Needs the scope `businesses:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(BUSINESSES_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[models.Business]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(BUSINESSES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[AsyncPage[models.Business]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(BUSINESSES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    async def create(
        self,
        *,
        country: str,
        name: str,
        brand_id: int | None = None,
        channels: Sequence[Channel] | None = None,
        currency: str | None = None,
        time_zone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Business:
        """Creates a business. `country` decides how national telephone numbers are read; time zone and currency
        default to those of the country. Businesses are shared by the live and the test environment, so that
        only a live key of the whole tenant creates them (403).

        Needs the scope `businesses:write`.

        Args:
            country: ISO 3166-1 code of the country, which decides how national telephone numbers are read.
            name: Name, for people.
            brand_id: Number that VendorPad's callers name the business by.
            channels: Channels of follow-up messages, in the order of preference.
            currency: ISO 4217 code of the currency.
            time_zone: IANA name of the time zone.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Business`.
        """
        return await self._send(
            BUSINESSES_CREATE,
            body=given(
                {
                    "country": country,
                    "name": name,
                    "brandId": brand_id,
                    "channels": channels,
                    "currency": currency,
                    "timeZone": time_zone,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, business_id: str, *, options: RequestOptions | None = None) -> models.Business:
        """Returns the business.

        Needs the scope `businesses:read`.

        Args:
            business_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Business`.
        """
        return await self._send(BUSINESSES_GET, path={"id": business_id}, options=options)

    async def update(
        self,
        business_id: str,
        *,
        brand_id: int | None | Omit = OMIT,
        channels: Sequence[Channel] | Omit = OMIT,
        country: str | Omit = OMIT,
        currency: str | Omit = OMIT,
        name: str | Omit = OMIT,
        time_zone: str | Omit = OMIT,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Business:
        """Changes the fields that are sent; a null `brandId` clears it. A `brandId` that another business has is a
        conflict (409). Only a live key changes businesses (403).

        Needs the scope `businesses:write`.

        Args:
            business_id: Unique id.
            brand_id: Number that VendorPad's callers name the business by.
            channels: Channels of follow-up messages, in the order of preference.
            country: ISO 3166-1 code of the country, which decides how national telephone numbers are read.
            currency: ISO 4217 code of the currency.
            name: Name, for people.
            time_zone: IANA name of the time zone.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Business`.
        """
        return await self._send(
            BUSINESSES_UPDATE,
            path={"id": business_id},
            body=changed(
                {
                    "brandId": brand_id,
                    "channels": channels,
                    "country": country,
                    "currency": currency,
                    "name": name,
                    "timeZone": time_zone,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )


class CustomersResource(Resource):
    """Operations on customers."""

    def list(
        self,
        *,
        business_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Customer]:
        """Lists customers, the newest first, with every filter that is sent.

        Needs the scope `customers:read`.

        Args:
            business_id: Business that it belongs to.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            CUSTOMERS_LIST,
            query={
                "businessId": business_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Customer]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            CUSTOMERS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Customer]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            CUSTOMERS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def create(
        self,
        *,
        name: str,
        business_id: Any | None = None,
        email: Any | None = None,
        lead_id: Any | None = None,
        phone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Customer:
        """Creates a customer, to whom transactions and disputes belong. With `leadId`, the customer is erased with the
        lead. A number in national form is read as one of the country of the business.

        Needs the scope `customers:write`.

        Args:
            name: Name, for people.
            business_id: Business that it belongs to.
            email: E-mail address.
            lead_id: Lead that it belongs to.
            phone: Telephone number as it was written.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Customer`.
        """
        return self._send(
            CUSTOMERS_CREATE,
            body=given({"name": name, "businessId": business_id, "email": email, "leadId": lead_id, "phone": phone}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, customer_id: str, *, options: RequestOptions | None = None) -> models.Customer:
        """Returns the customer.

        Needs the scope `customers:read`.

        Args:
            customer_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Customer`.
        """
        return self._send(CUSTOMERS_GET, path={"id": customer_id}, options=options)


class AsyncCustomersResource(AsyncResource):
    """Operations on customers."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Customer]:
        """Lists customers, the newest first, with every filter that is sent.

        Needs the scope `customers:read`.

        Args:
            business_id: Business that it belongs to.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            CUSTOMERS_LIST,
            query={
                "businessId": business_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Customer]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            CUSTOMERS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Customer]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            CUSTOMERS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def create(
        self,
        *,
        name: str,
        business_id: Any | None = None,
        email: Any | None = None,
        lead_id: Any | None = None,
        phone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Customer:
        """Creates a customer, to whom transactions and disputes belong. With `leadId`, the customer is erased with the
        lead. A number in national form is read as one of the country of the business.

        Needs the scope `customers:write`.

        Args:
            name: Name, for people.
            business_id: Business that it belongs to.
            email: E-mail address.
            lead_id: Lead that it belongs to.
            phone: Telephone number as it was written.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Customer`.
        """
        return await self._send(
            CUSTOMERS_CREATE,
            body=given({"name": name, "businessId": business_id, "email": email, "leadId": lead_id, "phone": phone}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, customer_id: str, *, options: RequestOptions | None = None) -> models.Customer:
        """Returns the customer.

        Needs the scope `customers:read`.

        Args:
            customer_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Customer`.
        """
        return await self._send(CUSTOMERS_GET, path={"id": customer_id}, options=options)


class DeliveriesResource(Resource):
    """Operations on deliveries."""

    def list(
        self,
        *,
        webhook_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: EventType | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Delivery]:
        """Lists deliveries of all subscriptions or of one, deleted ones included, the newest first, with every filter
        that is sent. Deliveries are kept for 30 days.

        Needs the scope `webhooks:read`.

        Args:
            webhook_id: Subscription that it belongs to.
            status: Current status.
            event: Type of the event.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            DELIVERIES_LIST,
            query={
                "webhookId": webhook_id,
                "status": status,
                "event": event,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        webhook_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: EventType | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Delivery]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            DELIVERIES_LIST,
            max_limit=100,
            query={
                "webhookId": webhook_id,
                "status": status,
                "event": event,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        webhook_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: EventType | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Delivery]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            DELIVERIES_LIST,
            max_limit=100,
            query={
                "webhookId": webhook_id,
                "status": status,
                "event": event,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def get(self, delivery_id: str, *, options: RequestOptions | None = None) -> models.Delivery:
        """Returns the delivery with every attempt, and what the endpoint answered.

        Needs the scope `webhooks:read`.

        Args:
            delivery_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Delivery`.
        """
        return self._send(DELIVERIES_GET, path={"id": delivery_id}, options=options)

    def retry(
        self, delivery_id: str, *, idempotency_key: str | None = None, options: RequestOptions | None = None
    ) -> models.Delivery:
        """Makes an attempt now, whatever the status of the delivery. It is a conflict (409) if the subscription is
        disabled or deleted; what the lead's erasure has removed is gone (410).

        Needs the scope `webhooks:write`.

        Args:
            delivery_id: Unique id.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Delivery`.
        """
        return self._send(DELIVERIES_RETRY, path={"id": delivery_id}, idempotency_key=idempotency_key, options=options)


class AsyncDeliveriesResource(AsyncResource):
    """Operations on deliveries."""

    async def list(
        self,
        *,
        webhook_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: EventType | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Delivery]:
        """Lists deliveries of all subscriptions or of one, deleted ones included, the newest first, with every filter
        that is sent. Deliveries are kept for 30 days.

        Needs the scope `webhooks:read`.

        Args:
            webhook_id: Subscription that it belongs to.
            status: Current status.
            event: Type of the event.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            DELIVERIES_LIST,
            query={
                "webhookId": webhook_id,
                "status": status,
                "event": event,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        webhook_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: EventType | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Delivery]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            DELIVERIES_LIST,
            max_limit=100,
            query={
                "webhookId": webhook_id,
                "status": status,
                "event": event,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        webhook_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: EventType | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Delivery]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            DELIVERIES_LIST,
            max_limit=100,
            query={
                "webhookId": webhook_id,
                "status": status,
                "event": event,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def get(self, delivery_id: str, *, options: RequestOptions | None = None) -> models.Delivery:
        """Returns the delivery with every attempt, and what the endpoint answered.

        Needs the scope `webhooks:read`.

        Args:
            delivery_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Delivery`.
        """
        return await self._send(DELIVERIES_GET, path={"id": delivery_id}, options=options)

    async def retry(
        self, delivery_id: str, *, idempotency_key: str | None = None, options: RequestOptions | None = None
    ) -> models.Delivery:
        """Makes an attempt now, whatever the status of the delivery. It is a conflict (409) if the subscription is
        disabled or deleted; what the lead's erasure has removed is gone (410).

        Needs the scope `webhooks:write`.

        Args:
            delivery_id: Unique id.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Delivery`.
        """
        return await self._send(
            DELIVERIES_RETRY, path={"id": delivery_id}, idempotency_key=idempotency_key, options=options
        )


class DisputesResource(Resource):
    """Operations on disputes."""

    def list(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Dispute]:
        """Lists disputes, the newest first, with every filter that is sent.

        Needs the scope `disputes:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            DISPUTES_LIST,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Dispute]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            DISPUTES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Dispute]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            DISPUTES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def create(
        self,
        *,
        amount_cents: int,
        reason: DisputeReason,
        business_id: Any | None = None,
        currency: str | None = None,
        customer_claim: str | None = None,
        customer_id: Any | None = None,
        evidence_due_by: Any | None = None,
        lead_id: Any | None = None,
        transaction_id: Any | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Dispute:
        """Opens a dispute and notifies subscribers of `dispute.created`. It belongs to the lead that it names, or else
        to that of its customer or transaction, and is erased with it.

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

    def get(self, dispute_id: str, *, options: RequestOptions | None = None) -> models.DisputeCase:
        """Returns the dispute with its current version as `ETag`, with the evidence that its reason asks for
        (`evidenceChecklist`: what is wanted, present and missing) and its newest packages.

        Needs the scope `disputes:read`.

        Args:
            dispute_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `DisputeCase`.
        """
        return self._send(DISPUTES_GET, path={"id": dispute_id}, options=options)

    def update(
        self,
        dispute_id: str,
        *,
        status: DisputeStatus,
        idempotency_key: str | None = None,
        if_match: str | int | None = None,
        options: RequestOptions | None = None,
    ) -> models.Dispute:
        """Changes the status, and notifies subscribers of `dispute.status_changed`. No other field can be changed;
        those of a dispute that was fetched may be sent back as they are. With `If-Match`, only the version
        that was read is changed.

        Needs the scope `disputes:write`.

        Args:
            dispute_id: Unique id.
            status: Current status.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            if_match: ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Dispute`.
        """
        return self._send(
            DISPUTES_UPDATE,
            path={"id": dispute_id},
            body=changed({"status": status}),
            idempotency_key=idempotency_key,
            if_match=if_match,
            options=options,
        )

    def evidence_summary(self, dispute_id: str, *, options: RequestOptions | None = None) -> models.EvidenceSummary:
        """Returns what a package shows in the form that the dispute APIs of payment providers take: texts by the name
        of their field, within 150,000 characters in all and 20,000 each, and files by kind, each with a
        link that expires after minutes. Texts that were shortened are named in `shortened`.

        Needs the scopes `disputes:read`, `evidence:read`, `leads:read`.

        Args:
            dispute_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EvidenceSummary`.
        """
        return self._send(DISPUTES_EVIDENCE_SUMMARY, path={"id": dispute_id}, options=options)


class AsyncDisputesResource(AsyncResource):
    """Operations on disputes."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Dispute]:
        """Lists disputes, the newest first, with every filter that is sent.

        Needs the scope `disputes:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            DISPUTES_LIST,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Dispute]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            DISPUTES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: DisputeStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Dispute]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            DISPUTES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def create(
        self,
        *,
        amount_cents: int,
        reason: DisputeReason,
        business_id: Any | None = None,
        currency: str | None = None,
        customer_claim: str | None = None,
        customer_id: Any | None = None,
        evidence_due_by: Any | None = None,
        lead_id: Any | None = None,
        transaction_id: Any | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Dispute:
        """Opens a dispute and notifies subscribers of `dispute.created`. It belongs to the lead that it names, or else
        to that of its customer or transaction, and is erased with it.

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

    async def get(self, dispute_id: str, *, options: RequestOptions | None = None) -> models.DisputeCase:
        """Returns the dispute with its current version as `ETag`, with the evidence that its reason asks for
        (`evidenceChecklist`: what is wanted, present and missing) and its newest packages.

        Needs the scope `disputes:read`.

        Args:
            dispute_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `DisputeCase`.
        """
        return await self._send(DISPUTES_GET, path={"id": dispute_id}, options=options)

    async def update(
        self,
        dispute_id: str,
        *,
        status: DisputeStatus,
        idempotency_key: str | None = None,
        if_match: str | int | None = None,
        options: RequestOptions | None = None,
    ) -> models.Dispute:
        """Changes the status, and notifies subscribers of `dispute.status_changed`. No other field can be changed;
        those of a dispute that was fetched may be sent back as they are. With `If-Match`, only the version
        that was read is changed.

        Needs the scope `disputes:write`.

        Args:
            dispute_id: Unique id.
            status: Current status.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            if_match: ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Dispute`.
        """
        return await self._send(
            DISPUTES_UPDATE,
            path={"id": dispute_id},
            body=changed({"status": status}),
            idempotency_key=idempotency_key,
            if_match=if_match,
            options=options,
        )

    async def evidence_summary(
        self, dispute_id: str, *, options: RequestOptions | None = None
    ) -> models.EvidenceSummary:
        """Returns what a package shows in the form that the dispute APIs of payment providers take: texts by the name
        of their field, within 150,000 characters in all and 20,000 each, and files by kind, each with a
        link that expires after minutes. Texts that were shortened are named in `shortened`.

        Needs the scopes `disputes:read`, `evidence:read`, `leads:read`.

        Args:
            dispute_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EvidenceSummary`.
        """
        return await self._send(DISPUTES_EVIDENCE_SUMMARY, path={"id": dispute_id}, options=options)


class PackagesResource(Resource):
    """Operations on packages."""

    def create(
        self,
        dispute_id: str,
        *,
        profile: NetworkProfile | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.EvidencePackage:
        """Generates a PDF that answers the dispute: the case, a timeline with consent and messages, the evidence as
        exhibits in the order that the reason asks for, and a manifest with their hashes. It keeps the
        limits of `profile`; what does not fit is named in `leftOut`. The package is `PENDING` first;
        subscribers are notified of `package.generated` when it is `READY` or `FAILED`. Asked for again
        while nothing has changed, the same package is returned with 200; a package that failed is generated
        anew.

        Needs the scopes `disputes:write`, `evidence:read`, `leads:read`.

        Args:
            dispute_id: Unique id.
            profile: Card network whose limits the document keeps; `SAFEST`, the default, keeps those of all.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EvidencePackage`.
        """
        return self._send(
            PACKAGES_CREATE,
            path={"id": dispute_id},
            body=given({"profile": profile}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, package_id: str, *, options: RequestOptions | None = None) -> models.EvidencePackage:
        """Returns the package with its status as of now and, once it is `READY`, a new link to its document, which
        expires after minutes. A package is erased with any lead whose data it shows.

        Needs the scopes `disputes:read`, `evidence:read`, `leads:read`.

        Args:
            package_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EvidencePackage`.
        """
        return self._send(PACKAGES_GET, path={"id": package_id}, options=options)


class AsyncPackagesResource(AsyncResource):
    """Operations on packages."""

    async def create(
        self,
        dispute_id: str,
        *,
        profile: NetworkProfile | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.EvidencePackage:
        """Generates a PDF that answers the dispute: the case, a timeline with consent and messages, the evidence as
        exhibits in the order that the reason asks for, and a manifest with their hashes. It keeps the
        limits of `profile`; what does not fit is named in `leftOut`. The package is `PENDING` first;
        subscribers are notified of `package.generated` when it is `READY` or `FAILED`. Asked for again
        while nothing has changed, the same package is returned with 200; a package that failed is generated
        anew.

        Needs the scopes `disputes:write`, `evidence:read`, `leads:read`.

        Args:
            dispute_id: Unique id.
            profile: Card network whose limits the document keeps; `SAFEST`, the default, keeps those of all.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EvidencePackage`.
        """
        return await self._send(
            PACKAGES_CREATE,
            path={"id": dispute_id},
            body=given({"profile": profile}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, package_id: str, *, options: RequestOptions | None = None) -> models.EvidencePackage:
        """Returns the package with its status as of now and, once it is `READY`, a new link to its document, which
        expires after minutes. A package is erased with any lead whose data it shows.

        Needs the scopes `disputes:read`, `evidence:read`, `leads:read`.

        Args:
            package_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EvidencePackage`.
        """
        return await self._send(PACKAGES_GET, path={"id": package_id}, options=options)


class EventLogResource(Resource):
    """Operations on event log."""

    def read(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        wait: int | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.EventLog:
        """Returns the events of the key's mode in the order in which they were recorded, the oldest first: a page of
        those after `after`, and in `pagination.after` the position to go on at. Without `after` it begins
        with the oldest event that is kept (30 days); `latest` begins after the newest. No event ever
        appears before a position that a response gave. An event may be recorded twice, under the same `id`.
        `payload` is the body that a webhook subscription of `contract` receives; it is null if the lead has
        been erased since. A page may have fewer events than `limit`, even none, while `hasMore` is true.
        With `wait` the request waits up to so many seconds for an event, where the deployment allows it; a
        further request of the same key ends the wait.

        Needs the scope `webhooks:read`.

        Args:
            after: Position of an event, after which the page begins, or `latest` for the end of the log.
            limit: Maximum number of events of the page.
            wait: Seconds to wait for an event if there is none.
            contract: Contract of the payloads; native by default.
            event: Only events of this type.
            business_id: Only events of this business.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EventLog`.
        """
        return self._send(
            EVENT_LOG_READ,
            query={
                "after": after,
                "limit": limit,
                "wait": wait,
                "contract": contract,
                "event": event,
                "businessId": business_id,
            },
            options=options,
        )

    def add_example(
        self, *, event: EventType, idempotency_key: str | None = None, options: RequestOptions | None = None
    ) -> models.LoggedExample:
        """Adds the example of an event to the log of the key's mode, for those who develop a receiver of events. It is
        marked with `example`, and no subscription receives it.

        Needs the scope `webhooks:write`.

        Args:
            event: Event whose example is added.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `LoggedExample`.
        """
        return self._send(
            EVENT_LOG_ADD_EXAMPLE, body=given({"event": event}), idempotency_key=idempotency_key, options=options
        )


class AsyncEventLogResource(AsyncResource):
    """Operations on event log."""

    async def read(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        wait: int | None = None,
        contract: Contract | None = None,
        event: EventType | None = None,
        business_id: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.EventLog:
        """Returns the events of the key's mode in the order in which they were recorded, the oldest first: a page of
        those after `after`, and in `pagination.after` the position to go on at. Without `after` it begins
        with the oldest event that is kept (30 days); `latest` begins after the newest. No event ever
        appears before a position that a response gave. An event may be recorded twice, under the same `id`.
        `payload` is the body that a webhook subscription of `contract` receives; it is null if the lead has
        been erased since. A page may have fewer events than `limit`, even none, while `hasMore` is true.
        With `wait` the request waits up to so many seconds for an event, where the deployment allows it; a
        further request of the same key ends the wait.

        Needs the scope `webhooks:read`.

        Args:
            after: Position of an event, after which the page begins, or `latest` for the end of the log.
            limit: Maximum number of events of the page.
            wait: Seconds to wait for an event if there is none.
            contract: Contract of the payloads; native by default.
            event: Only events of this type.
            business_id: Only events of this business.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `EventLog`.
        """
        return await self._send(
            EVENT_LOG_READ,
            query={
                "after": after,
                "limit": limit,
                "wait": wait,
                "contract": contract,
                "event": event,
                "businessId": business_id,
            },
            options=options,
        )

    async def add_example(
        self, *, event: EventType, idempotency_key: str | None = None, options: RequestOptions | None = None
    ) -> models.LoggedExample:
        """Adds the example of an event to the log of the key's mode, for those who develop a receiver of events. It is
        marked with `example`, and no subscription receives it.

        Needs the scope `webhooks:write`.

        Args:
            event: Event whose example is added.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `LoggedExample`.
        """
        return await self._send(
            EVENT_LOG_ADD_EXAMPLE, body=given({"event": event}), idempotency_key=idempotency_key, options=options
        )


class EventTypesResource(Resource):
    """Operations on event types."""

    def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Page[models.EventTypeEntry]:
        """Lists every event: when it occurs, since which version of the API it exists, and for each contract of
        subscriptions the JSON Schema (2020-12) of the payload and an example.

        Needs the scope `webhooks:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(EVENT_TYPES_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[models.EventTypeEntry]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(EVENT_TYPES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[Page[models.EventTypeEntry]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(EVENT_TYPES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def sample(
        self, event_type: str, *, contract: Contract | None = None, options: RequestOptions | None = None
    ) -> dict[str, Any]:
        """Returns the example of an event, as it would be the body of a delivery. `{type}` is the name of the event.
        Tools that set up an automation before an event has occurred show its fields.

        Needs the scope `webhooks:read`.

        Args:
            event_type: Name of the event type.
            contract: Contract in which the payload is written.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `dict[str, Any]`.
        """
        return self._send(EVENT_TYPES_SAMPLE, path={"type": event_type}, query={"contract": contract}, options=options)


class AsyncEventTypesResource(AsyncResource):
    """Operations on event types."""

    async def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncPage[models.EventTypeEntry]:
        """Lists every event: when it occurs, since which version of the API it exists, and for each contract of
        subscriptions the JSON Schema (2020-12) of the payload and an example.

        Needs the scope `webhooks:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(EVENT_TYPES_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[models.EventTypeEntry]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(EVENT_TYPES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[AsyncPage[models.EventTypeEntry]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(EVENT_TYPES_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    async def sample(
        self, event_type: str, *, contract: Contract | None = None, options: RequestOptions | None = None
    ) -> dict[str, Any]:
        """Returns the example of an event, as it would be the body of a delivery. `{type}` is the name of the event.
        Tools that set up an automation before an event has occurred show its fields.

        Needs the scope `webhooks:read`.

        Args:
            event_type: Name of the event type.
            contract: Contract in which the payload is written.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `dict[str, Any]`.
        """
        return await self._send(
            EVENT_TYPES_SAMPLE, path={"type": event_type}, query={"contract": contract}, options=options
        )


class EventsResource(Resource):
    """Operations on events."""

    def list(
        self,
        *,
        visitor_id: str,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.VisitorEvent]:
        """Lists what a visitor of your websites did, the newest first.

        Needs the scope `events:read`.

        Args:
            visitor_id: Id of the person as a visitor of the website.
            business_id: Business that it belongs to.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            EVENTS_LIST,
            query={"visitorId": visitor_id, "businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        visitor_id: str,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.VisitorEvent]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            EVENTS_LIST,
            max_limit=100,
            query={"visitorId": visitor_id, "businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        visitor_id: str,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.VisitorEvent]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            EVENTS_LIST,
            max_limit=100,
            query={"visitorId": visitor_id, "businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def record(
        self,
        *,
        event_type: VisitorEventType,
        business_id: Any | None = None,
        event_name: str | None = None,
        event_props: Mapping[str, Any] | None = None,
        visitor_id: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.VisitorEvent:
        """Records a page view, a conversion or an event of your own. Without `visitorId`, the event belongs to a new
        visitor, whose id the response has. A lead with the same `visitorId` takes the visitor's events with
        it when it is erased.

        Needs the scope `events:write`.

        Args:
            event_type: What the visitor did.
            business_id: Business that it belongs to.
            event_name: Name of the event, chosen by the website.
            event_props: Anything that the website adds to the event.
            visitor_id: Id of the person as a visitor of the website.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `VisitorEvent`.
        """
        return self._send(
            EVENTS_RECORD,
            body=given(
                {
                    "eventType": event_type,
                    "businessId": business_id,
                    "eventName": event_name,
                    "eventProps": event_props,
                    "visitorId": visitor_id,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )


class AsyncEventsResource(AsyncResource):
    """Operations on events."""

    async def list(
        self,
        *,
        visitor_id: str,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.VisitorEvent]:
        """Lists what a visitor of your websites did, the newest first.

        Needs the scope `events:read`.

        Args:
            visitor_id: Id of the person as a visitor of the website.
            business_id: Business that it belongs to.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            EVENTS_LIST,
            query={"visitorId": visitor_id, "businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def iterate(
        self,
        *,
        visitor_id: str,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.VisitorEvent]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            EVENTS_LIST,
            max_limit=100,
            query={"visitorId": visitor_id, "businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    def pages(
        self,
        *,
        visitor_id: str,
        business_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.VisitorEvent]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            EVENTS_LIST,
            max_limit=100,
            query={"visitorId": visitor_id, "businessId": business_id, "limit": limit, "cursor": cursor},
            options=options,
        )

    async def record(
        self,
        *,
        event_type: VisitorEventType,
        business_id: Any | None = None,
        event_name: str | None = None,
        event_props: Mapping[str, Any] | None = None,
        visitor_id: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.VisitorEvent:
        """Records a page view, a conversion or an event of your own. Without `visitorId`, the event belongs to a new
        visitor, whose id the response has. A lead with the same `visitorId` takes the visitor's events with
        it when it is erased.

        Needs the scope `events:write`.

        Args:
            event_type: What the visitor did.
            business_id: Business that it belongs to.
            event_name: Name of the event, chosen by the website.
            event_props: Anything that the website adds to the event.
            visitor_id: Id of the person as a visitor of the website.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `VisitorEvent`.
        """
        return await self._send(
            EVENTS_RECORD,
            body=given(
                {
                    "eventType": event_type,
                    "businessId": business_id,
                    "eventName": event_name,
                    "eventProps": event_props,
                    "visitorId": visitor_id,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )


class EvidenceResource(Resource):
    """Operations on evidence."""

    def list(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Evidence]:
        """Lists evidence, the newest first, with every filter that is sent. `fileUrl` is a link to download the file,
        which expires after minutes.

        Needs the scope `evidence:read`.

        Args:
            business_id: Business that it belongs to.
            category: Only evidence of this category.
            dispute_id: Dispute that it belongs to.
            lead_id: Lead that it belongs to.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            EVIDENCE_LIST,
            query={
                "businessId": business_id,
                "category": category,
                "disputeId": dispute_id,
                "leadId": lead_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Evidence]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            EVIDENCE_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "disputeId": dispute_id,
                "leadId": lead_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Evidence]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            EVIDENCE_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "disputeId": dispute_id,
                "leadId": lead_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def create(
        self,
        *,
        category: EvidenceCategory,
        business_id: Any | None = None,
        description: str | None = None,
        dispute_id: Any | None = None,
        file: params.FileParams | None = None,
        lead_id: Any | None = None,
        title: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Evidence:
        """Creates a piece of evidence. With `file`, the response has a link for the upload: send the file with `PUT`
        to `uploadUrl`, with the headers in `uploadHeaders`, before `uploadExpiresAt`. The same request
        under the same `Idempotency-Key` returns a new link.

        Needs the scope `evidence:write`.

        Args:
            category: What the evidence shows.
            business_id: Business that it belongs to.
            description: What it is, for people.
            dispute_id: Dispute that it belongs to.
            file: The file of the evidence.
            lead_id: Lead that it belongs to.
            title: Title.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Evidence`.
        """
        return self._send(
            EVIDENCE_CREATE,
            body=given(
                {
                    "category": category,
                    "businessId": business_id,
                    "description": description,
                    "disputeId": dispute_id,
                    "file": renamed(file, params.FILE_PARAMS),
                    "leadId": lead_id,
                    "title": title,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, evidence_id: str, *, options: RequestOptions | None = None) -> models.Evidence:
        """Returns a piece of evidence with its current version as `ETag`, and with a new link to download its file
        once it is `READY`.

        Needs the scope `evidence:read`.

        Args:
            evidence_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Evidence`.
        """
        return self._send(EVIDENCE_GET, path={"id": evidence_id}, options=options)


class AsyncEvidenceResource(AsyncResource):
    """Operations on evidence."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Evidence]:
        """Lists evidence, the newest first, with every filter that is sent. `fileUrl` is a link to download the file,
        which expires after minutes.

        Needs the scope `evidence:read`.

        Args:
            business_id: Business that it belongs to.
            category: Only evidence of this category.
            dispute_id: Dispute that it belongs to.
            lead_id: Lead that it belongs to.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            EVIDENCE_LIST,
            query={
                "businessId": business_id,
                "category": category,
                "disputeId": dispute_id,
                "leadId": lead_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Evidence]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            EVIDENCE_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "disputeId": dispute_id,
                "leadId": lead_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        category: EvidenceCategory | None = None,
        dispute_id: str | None = None,
        lead_id: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Evidence]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            EVIDENCE_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "disputeId": dispute_id,
                "leadId": lead_id,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def create(
        self,
        *,
        category: EvidenceCategory,
        business_id: Any | None = None,
        description: str | None = None,
        dispute_id: Any | None = None,
        file: params.FileParams | None = None,
        lead_id: Any | None = None,
        title: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Evidence:
        """Creates a piece of evidence. With `file`, the response has a link for the upload: send the file with `PUT`
        to `uploadUrl`, with the headers in `uploadHeaders`, before `uploadExpiresAt`. The same request
        under the same `Idempotency-Key` returns a new link.

        Needs the scope `evidence:write`.

        Args:
            category: What the evidence shows.
            business_id: Business that it belongs to.
            description: What it is, for people.
            dispute_id: Dispute that it belongs to.
            file: The file of the evidence.
            lead_id: Lead that it belongs to.
            title: Title.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Evidence`.
        """
        return await self._send(
            EVIDENCE_CREATE,
            body=given(
                {
                    "category": category,
                    "businessId": business_id,
                    "description": description,
                    "disputeId": dispute_id,
                    "file": renamed(file, params.FILE_PARAMS),
                    "leadId": lead_id,
                    "title": title,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, evidence_id: str, *, options: RequestOptions | None = None) -> models.Evidence:
        """Returns a piece of evidence with its current version as `ETag`, and with a new link to download its file
        once it is `READY`.

        Needs the scope `evidence:read`.

        Args:
            evidence_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Evidence`.
        """
        return await self._send(EVIDENCE_GET, path={"id": evidence_id}, options=options)


class KeysResource(Resource):
    """Operations on keys."""

    def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Page[models.Key]:
        """Lists the keys that can do no more than the one of the request, the newest first: their prefix, scopes and
        last use, never the key itself. A page may have fewer items than `limit`, or none, and be followed
        by another.

        Needs the scope `keys:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(KEYS_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[models.Key]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(KEYS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[Page[models.Key]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(KEYS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def create(
        self,
        *,
        name: str,
        scopes: Sequence[Scope],
        business_id: str | None = None,
        contract: Contract | None = None,
        expires_at: datetime | date | str | None = None,
        mode: Mode | None = None,
        tier: Tier | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Key:
        """Creates an API key. Only this response shows it. It gets no scope, business, mode, tier or expiry beyond
        those of the key of the request (403). Without `mode`, it has that of the key of the request. Keys
        of some contracts are always bound to a business, and then `businessId` is required. A tenant has at
        most 50 active keys in each mode (409), unless the operator has set another number: keys that were
        neither revoked nor have expired.

        Needs the scope `keys:write`.

        Args:
            name: Name, for people.
            scopes: What the key may do.
            business_id: Business that it belongs to.
            contract: Contract whose formats apply.
            expires_at: Time from which on the key is invalid.
            mode: Whether it belongs to the live or the test environment.
            tier: Rate limits: the name of a tier.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Key`.
        """
        return self._send(
            KEYS_CREATE,
            body=given(
                {
                    "name": name,
                    "scopes": scopes,
                    "businessId": business_id,
                    "contract": contract,
                    "expiresAt": expires_at,
                    "mode": mode,
                    "tier": tier,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def revoke(self, key_id: str, *, options: RequestOptions | None = None) -> None:
        """Revokes a key, which stops working immediately. Revoking it again has the same result.

        Needs the scope `keys:write`.

        Args:
            key_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        self._send(KEYS_REVOKE, path={"id": key_id}, options=options)

    def get(self, key_id: str, *, options: RequestOptions | None = None) -> models.Key:
        """Returns prefix, scopes and last use of a key, never the key itself.

        Needs the scope `keys:read`.

        Args:
            key_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Key`.
        """
        return self._send(KEYS_GET, path={"id": key_id}, options=options)

    def rotate(
        self,
        key_id: str,
        *,
        grace_seconds: int | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Key:
        """Creates a key with the same properties. Only this response shows it. The old one stays valid for
        `graceSeconds`, 24 hours by default, and counts as an active key until then: at the maximum of
        active keys, only 0 seconds are possible. A key that was revoked or rotated, or has expired, is a
        conflict (409).

        Needs the scope `keys:write`.

        Args:
            key_id: Unique id.
            grace_seconds: Seconds for which the rotated key stays valid.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Key`.
        """
        return self._send(
            KEYS_ROTATE,
            path={"id": key_id},
            body=given({"graceSeconds": grace_seconds}),
            idempotency_key=idempotency_key,
            options=options,
        )


class AsyncKeysResource(AsyncResource):
    """Operations on keys."""

    async def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncPage[models.Key]:
        """Lists the keys that can do no more than the one of the request, the newest first: their prefix, scopes and
        last use, never the key itself. A page may have fewer items than `limit`, or none, and be followed
        by another.

        Needs the scope `keys:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(KEYS_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[models.Key]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(KEYS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[AsyncPage[models.Key]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(KEYS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    async def create(
        self,
        *,
        name: str,
        scopes: Sequence[Scope],
        business_id: str | None = None,
        contract: Contract | None = None,
        expires_at: datetime | date | str | None = None,
        mode: Mode | None = None,
        tier: Tier | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Key:
        """Creates an API key. Only this response shows it. It gets no scope, business, mode, tier or expiry beyond
        those of the key of the request (403). Without `mode`, it has that of the key of the request. Keys
        of some contracts are always bound to a business, and then `businessId` is required. A tenant has at
        most 50 active keys in each mode (409), unless the operator has set another number: keys that were
        neither revoked nor have expired.

        Needs the scope `keys:write`.

        Args:
            name: Name, for people.
            scopes: What the key may do.
            business_id: Business that it belongs to.
            contract: Contract whose formats apply.
            expires_at: Time from which on the key is invalid.
            mode: Whether it belongs to the live or the test environment.
            tier: Rate limits: the name of a tier.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Key`.
        """
        return await self._send(
            KEYS_CREATE,
            body=given(
                {
                    "name": name,
                    "scopes": scopes,
                    "businessId": business_id,
                    "contract": contract,
                    "expiresAt": expires_at,
                    "mode": mode,
                    "tier": tier,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def revoke(self, key_id: str, *, options: RequestOptions | None = None) -> None:
        """Revokes a key, which stops working immediately. Revoking it again has the same result.

        Needs the scope `keys:write`.

        Args:
            key_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        await self._send(KEYS_REVOKE, path={"id": key_id}, options=options)

    async def get(self, key_id: str, *, options: RequestOptions | None = None) -> models.Key:
        """Returns prefix, scopes and last use of a key, never the key itself.

        Needs the scope `keys:read`.

        Args:
            key_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Key`.
        """
        return await self._send(KEYS_GET, path={"id": key_id}, options=options)

    async def rotate(
        self,
        key_id: str,
        *,
        grace_seconds: int | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Key:
        """Creates a key with the same properties. Only this response shows it. The old one stays valid for
        `graceSeconds`, 24 hours by default, and counts as an active key until then: at the maximum of
        active keys, only 0 seconds are possible. A key that was revoked or rotated, or has expired, is a
        conflict (409).

        Needs the scope `keys:write`.

        Args:
            key_id: Unique id.
            grace_seconds: Seconds for which the rotated key stays valid.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Key`.
        """
        return await self._send(
            KEYS_ROTATE,
            path={"id": key_id},
            body=given({"graceSeconds": grace_seconds}),
            idempotency_key=idempotency_key,
            options=options,
        )


class LeadsResource(Resource):
    """Operations on leads."""

    def list(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        category: Category | None = None,
        source: str | None = None,
        email: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Lead]:
        """Lists leads, the newest first, with every filter that is sent.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            category: Kind of request, which selects the template of the follow-up.
            source: Where the lead comes from.
            email: E-mail address.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            LEADS_LIST,
            query={
                "businessId": business_id,
                "status": status,
                "category": category,
                "source": source,
                "email": email,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        category: Category | None = None,
        source: str | None = None,
        email: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Lead]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            LEADS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "category": category,
                "source": source,
                "email": email,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        category: Category | None = None,
        source: str | None = None,
        email: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Lead]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            LEADS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "category": category,
                "source": source,
                "email": email,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def create(
        self,
        *,
        name: str,
        attributes: Mapping[str, str | float | bool | None] | None = None,
        business_id: Any | None = None,
        category: Category | None = None,
        consent: params.ConsentParams | None = None,
        email: Any | None = None,
        message: str | None = None,
        phone: str | None = None,
        service_interest: str | None = None,
        source: str | None = None,
        utm: params.UtmParams | None = None,
        visitor_id: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.CreatedLead:
        """Stores a lead, scores it and notifies subscribers of `lead.created`. `name` and one of `email` and `phone`
        are required. Numbers in national form are read as those of the business's country.

        Fields that a lead does not have are kept in `attributes` if they fit; `warnings` of the response name them.

        Needs the scope `leads:write`.

        Args:
            name: Name, for people.
            attributes: Further details: names with texts, numbers and booleans.
            business_id: Business that it belongs to.
            category: Kind of request, which selects the template of the follow-up.
            consent: Whether, when and to what the person agreed.
            email: E-mail address.
            message: What the person wrote.
            phone: Telephone number as it was written.
            service_interest: Service or product that the person asks for.
            source: Where the lead comes from.
            utm: Marketing campaign that the lead came from.
            visitor_id: Id of the person as a visitor of the website.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `CreatedLead`.
        """
        return self._send(
            LEADS_CREATE,
            body=given(
                {
                    "name": name,
                    "attributes": attributes,
                    "businessId": business_id,
                    "category": category,
                    "consent": consent,
                    "email": email,
                    "message": message,
                    "phone": phone,
                    "serviceInterest": service_interest,
                    "source": source,
                    "utm": utm,
                    "visitorId": visitor_id,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def create_batch(
        self,
        leads: Sequence[params.LeadParams],
        *,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Batch:
        """Creates up to 100 leads. Each is created or fails on its own: `results` has a `status` for each entry in
        order, 201 with the lead or that of an error. An invalid entry does not prevent the others, and the
        response is 200 even if all of them failed.

        Under an `Idempotency-Key` the same batch may be sent again after a failure: leads that were created are
        returned, and the missing ones are created.

        Needs the scope `leads:write`.

        Args:
            leads: The leads, each read and stored on its own.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Batch`.
        """
        return self._send(
            LEADS_CREATE_BATCH,
            body=given({"leads": renamed(leads, params.LEAD_PARAMS)}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def erase(self, lead_id: str, *, options: RequestOptions | None = None) -> None:
        """Erases the lead and everything that belongs to it: messages, sequence, photo, evidence and the bodies of
        webhooks. It cannot be undone.

        Needs the scope `leads:write`.

        Args:
            lead_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        self._send(LEADS_ERASE, path={"id": lead_id}, options=options)

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

    def update(
        self,
        lead_id: str,
        *,
        attributes: Mapping[str, str | float | bool | None] | None | Omit = OMIT,
        category: Category | Omit = OMIT,
        consent: params.ConsentParams | None | Omit = OMIT,
        email: Any | Omit = OMIT,
        message: str | None | Omit = OMIT,
        name: str | Omit = OMIT,
        phone: str | None | Omit = OMIT,
        service_interest: str | None | Omit = OMIT,
        source: str | Omit = OMIT,
        status: LeadStatus | Omit = OMIT,
        utm: params.UtmParams | None | Omit = OMIT,
        idempotency_key: str | None = None,
        if_match: str | int | None = None,
        options: RequestOptions | None = None,
    ) -> models.Lead:
        """Changes the fields that are sent; null clears one. Fields of a lead that was fetched may be sent back
        unchanged. With `If-Match`, only the version that was read is changed.

        Needs the scope `leads:write`.

        Args:
            lead_id: Unique id.
            attributes: Further details: names with texts, numbers and booleans.
            category: Kind of request, which selects the template of the follow-up.
            consent: Whether, when and to what the person agreed.
            email: E-mail address.
            message: What the person wrote.
            name: Name, for people.
            phone: Telephone number as it was written.
            service_interest: Service or product that the person asks for.
            source: Where the lead comes from.
            status: Current status.
            utm: Marketing campaign that the lead came from.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            if_match: ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Lead`.
        """
        return self._send(
            LEADS_UPDATE,
            path={"id": lead_id},
            body=changed(
                {
                    "attributes": attributes,
                    "category": category,
                    "consent": consent,
                    "email": email,
                    "message": message,
                    "name": name,
                    "phone": phone,
                    "serviceInterest": service_interest,
                    "source": source,
                    "status": status,
                    "utm": utm,
                }
            ),
            idempotency_key=idempotency_key,
            if_match=if_match,
            options=options,
        )

    def list_messages(
        self,
        lead_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Message]:
        """Lists what was sent to the lead and what it replied, the newest first. `sentAt` is only in messages that
        were sent, `receivedAt` only in replies; `reason` says why a message was delayed or not sent.

        Needs the scope `leads:read`.

        Args:
            lead_id: Unique id.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            LEADS_LIST_MESSAGES, path={"id": lead_id}, query={"limit": limit, "cursor": cursor}, options=options
        )

    def iterate_messages(
        self,
        lead_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Message]:
        """Yields every entry of the list, page by page. The arguments are those of `list_messages`."""
        return self._iterate(
            LEADS_LIST_MESSAGES,
            max_limit=100,
            path={"id": lead_id},
            query={"limit": limit, "cursor": cursor},
            options=options,
        )

    def pages_messages(
        self,
        lead_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Message]]:
        """Yields every page of the list. The arguments are those of `list_messages`."""
        return self._pages(
            LEADS_LIST_MESSAGES,
            max_limit=100,
            path={"id": lead_id},
            query={"limit": limit, "cursor": cursor},
            options=options,
        )

    def get_sequence(self, lead_id: str, *, options: RequestOptions | None = None) -> models.Sequence:
        """Returns the last sequence of the lead, with the status of each step. A lead that has none is not found
        (404).

        Needs the scope `leads:read`.

        Args:
            lead_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Sequence`.
        """
        return self._send(LEADS_GET_SEQUENCE, path={"id": lead_id}, options=options)


class AsyncLeadsResource(AsyncResource):
    """Operations on leads."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        category: Category | None = None,
        source: str | None = None,
        email: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Lead]:
        """Lists leads, the newest first, with every filter that is sent.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            category: Kind of request, which selects the template of the follow-up.
            source: Where the lead comes from.
            email: E-mail address.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            LEADS_LIST,
            query={
                "businessId": business_id,
                "status": status,
                "category": category,
                "source": source,
                "email": email,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        category: Category | None = None,
        source: str | None = None,
        email: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Lead]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            LEADS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "category": category,
                "source": source,
                "email": email,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: LeadStatus | None = None,
        category: Category | None = None,
        source: str | None = None,
        email: str | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Lead]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            LEADS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "category": category,
                "source": source,
                "email": email,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def create(
        self,
        *,
        name: str,
        attributes: Mapping[str, str | float | bool | None] | None = None,
        business_id: Any | None = None,
        category: Category | None = None,
        consent: params.ConsentParams | None = None,
        email: Any | None = None,
        message: str | None = None,
        phone: str | None = None,
        service_interest: str | None = None,
        source: str | None = None,
        utm: params.UtmParams | None = None,
        visitor_id: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.CreatedLead:
        """Stores a lead, scores it and notifies subscribers of `lead.created`. `name` and one of `email` and `phone`
        are required. Numbers in national form are read as those of the business's country.

        Fields that a lead does not have are kept in `attributes` if they fit; `warnings` of the response name them.

        Needs the scope `leads:write`.

        Args:
            name: Name, for people.
            attributes: Further details: names with texts, numbers and booleans.
            business_id: Business that it belongs to.
            category: Kind of request, which selects the template of the follow-up.
            consent: Whether, when and to what the person agreed.
            email: E-mail address.
            message: What the person wrote.
            phone: Telephone number as it was written.
            service_interest: Service or product that the person asks for.
            source: Where the lead comes from.
            utm: Marketing campaign that the lead came from.
            visitor_id: Id of the person as a visitor of the website.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `CreatedLead`.
        """
        return await self._send(
            LEADS_CREATE,
            body=given(
                {
                    "name": name,
                    "attributes": attributes,
                    "businessId": business_id,
                    "category": category,
                    "consent": consent,
                    "email": email,
                    "message": message,
                    "phone": phone,
                    "serviceInterest": service_interest,
                    "source": source,
                    "utm": utm,
                    "visitorId": visitor_id,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def create_batch(
        self,
        leads: Sequence[params.LeadParams],
        *,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Batch:
        """Creates up to 100 leads. Each is created or fails on its own: `results` has a `status` for each entry in
        order, 201 with the lead or that of an error. An invalid entry does not prevent the others, and the
        response is 200 even if all of them failed.

        Under an `Idempotency-Key` the same batch may be sent again after a failure: leads that were created are
        returned, and the missing ones are created.

        Needs the scope `leads:write`.

        Args:
            leads: The leads, each read and stored on its own.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Batch`.
        """
        return await self._send(
            LEADS_CREATE_BATCH,
            body=given({"leads": renamed(leads, params.LEAD_PARAMS)}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def erase(self, lead_id: str, *, options: RequestOptions | None = None) -> None:
        """Erases the lead and everything that belongs to it: messages, sequence, photo, evidence and the bodies of
        webhooks. It cannot be undone.

        Needs the scope `leads:write`.

        Args:
            lead_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        await self._send(LEADS_ERASE, path={"id": lead_id}, options=options)

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

    async def update(
        self,
        lead_id: str,
        *,
        attributes: Mapping[str, str | float | bool | None] | None | Omit = OMIT,
        category: Category | Omit = OMIT,
        consent: params.ConsentParams | None | Omit = OMIT,
        email: Any | Omit = OMIT,
        message: str | None | Omit = OMIT,
        name: str | Omit = OMIT,
        phone: str | None | Omit = OMIT,
        service_interest: str | None | Omit = OMIT,
        source: str | Omit = OMIT,
        status: LeadStatus | Omit = OMIT,
        utm: params.UtmParams | None | Omit = OMIT,
        idempotency_key: str | None = None,
        if_match: str | int | None = None,
        options: RequestOptions | None = None,
    ) -> models.Lead:
        """Changes the fields that are sent; null clears one. Fields of a lead that was fetched may be sent back
        unchanged. With `If-Match`, only the version that was read is changed.

        Needs the scope `leads:write`.

        Args:
            lead_id: Unique id.
            attributes: Further details: names with texts, numbers and booleans.
            category: Kind of request, which selects the template of the follow-up.
            consent: Whether, when and to what the person agreed.
            email: E-mail address.
            message: What the person wrote.
            name: Name, for people.
            phone: Telephone number as it was written.
            service_interest: Service or product that the person asks for.
            source: Where the lead comes from.
            status: Current status.
            utm: Marketing campaign that the lead came from.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            if_match: ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Lead`.
        """
        return await self._send(
            LEADS_UPDATE,
            path={"id": lead_id},
            body=changed(
                {
                    "attributes": attributes,
                    "category": category,
                    "consent": consent,
                    "email": email,
                    "message": message,
                    "name": name,
                    "phone": phone,
                    "serviceInterest": service_interest,
                    "source": source,
                    "status": status,
                    "utm": utm,
                }
            ),
            idempotency_key=idempotency_key,
            if_match=if_match,
            options=options,
        )

    async def list_messages(
        self,
        lead_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Message]:
        """Lists what was sent to the lead and what it replied, the newest first. `sentAt` is only in messages that
        were sent, `receivedAt` only in replies; `reason` says why a message was delayed or not sent.

        Needs the scope `leads:read`.

        Args:
            lead_id: Unique id.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            LEADS_LIST_MESSAGES, path={"id": lead_id}, query={"limit": limit, "cursor": cursor}, options=options
        )

    def iterate_messages(
        self,
        lead_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Message]:
        """Yields every entry of the list, page by page. The arguments are those of `list_messages`."""
        return self._iterate(
            LEADS_LIST_MESSAGES,
            max_limit=100,
            path={"id": lead_id},
            query={"limit": limit, "cursor": cursor},
            options=options,
        )

    def pages_messages(
        self,
        lead_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Message]]:
        """Yields every page of the list. The arguments are those of `list_messages`."""
        return self._pages(
            LEADS_LIST_MESSAGES,
            max_limit=100,
            path={"id": lead_id},
            query={"limit": limit, "cursor": cursor},
            options=options,
        )

    async def get_sequence(self, lead_id: str, *, options: RequestOptions | None = None) -> models.Sequence:
        """Returns the last sequence of the lead, with the status of each step. A lead that has none is not found
        (404).

        Needs the scope `leads:read`.

        Args:
            lead_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Sequence`.
        """
        return await self._send(LEADS_GET_SEQUENCE, path={"id": lead_id}, options=options)


class SequenceTemplatesResource(Resource):
    """Operations on sequence templates."""

    def list(
        self,
        *,
        business_id: str | None = None,
        category: Category | None = None,
        built_in: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Template]:
        """Lists the templates of your businesses, the newest first. With `builtIn=true`, lists the built-in ones
        instead, one for each category.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            category: Kind of request, which selects the template of the follow-up.
            built_in: Whether the built-in templates are listed instead of the tenant's own.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            SEQUENCE_TEMPLATES_LIST,
            query={
                "businessId": business_id,
                "category": category,
                "builtIn": built_in,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        category: Category | None = None,
        built_in: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Template]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            SEQUENCE_TEMPLATES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "builtIn": built_in,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        category: Category | None = None,
        built_in: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Template]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            SEQUENCE_TEMPLATES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "builtIn": built_in,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def create(
        self,
        *,
        name: str,
        steps: Sequence[params.StepParams],
        business_id: Any | None = None,
        category: Category | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Template:
        """Creates a template with 1 to 12 steps in ascending order of `day`. `{{first_name}}` and `{{business}}` in
        its texts stand for the lead's first name and the business's name. Sequences of leads of the
        category start from the newest template.

        Needs the scope `sequences:write`.

        Args:
            name: Name, for people.
            steps: The steps, the earliest first.
            business_id: Business that it belongs to.
            category: Kind of request, which selects the template of the follow-up.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Template`.
        """
        return self._send(
            SEQUENCE_TEMPLATES_CREATE,
            body=given({"name": name, "steps": steps, "businessId": business_id, "category": category}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def delete(self, sequence_template_id: str, *, options: RequestOptions | None = None) -> None:
        """Deletes a template. Sequences that have started go on; new ones start from the next newest template of the
        category, or from the built-in one. Built-in templates cannot be deleted (409).

        Needs the scope `sequences:write`.

        Args:
            sequence_template_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        self._send(SEQUENCE_TEMPLATES_DELETE, path={"id": sequence_template_id}, options=options)

    def get(self, sequence_template_id: str, *, options: RequestOptions | None = None) -> models.Template:
        """Returns a template, a built-in one too, with its current version as `ETag`.

        Needs the scope `leads:read`.

        Args:
            sequence_template_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Template`.
        """
        return self._send(SEQUENCE_TEMPLATES_GET, path={"id": sequence_template_id}, options=options)

    def update(
        self,
        sequence_template_id: str,
        *,
        category: Category | Omit = OMIT,
        name: str | Omit = OMIT,
        steps: Sequence[params.StepParams] | Omit = OMIT,
        idempotency_key: str | None = None,
        if_match: str | int | None = None,
        options: RequestOptions | None = None,
    ) -> models.Template:
        """Changes the fields that are sent; `steps` replaces all steps. Sequences that have started stay as they are.
        With `If-Match`, only the version that was read is changed. Built-in templates cannot be changed
        (409).

        Needs the scope `sequences:write`.

        Args:
            sequence_template_id: Unique id.
            category: Kind of request, which selects the template of the follow-up.
            name: Name, for people.
            steps: The steps, the earliest first.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            if_match: ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Template`.
        """
        return self._send(
            SEQUENCE_TEMPLATES_UPDATE,
            path={"id": sequence_template_id},
            body=changed({"category": category, "name": name, "steps": steps}),
            idempotency_key=idempotency_key,
            if_match=if_match,
            options=options,
        )


class AsyncSequenceTemplatesResource(AsyncResource):
    """Operations on sequence templates."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        category: Category | None = None,
        built_in: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Template]:
        """Lists the templates of your businesses, the newest first. With `builtIn=true`, lists the built-in ones
        instead, one for each category.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            category: Kind of request, which selects the template of the follow-up.
            built_in: Whether the built-in templates are listed instead of the tenant's own.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            SEQUENCE_TEMPLATES_LIST,
            query={
                "businessId": business_id,
                "category": category,
                "builtIn": built_in,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        category: Category | None = None,
        built_in: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Template]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            SEQUENCE_TEMPLATES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "builtIn": built_in,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        category: Category | None = None,
        built_in: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Template]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            SEQUENCE_TEMPLATES_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "category": category,
                "builtIn": built_in,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def create(
        self,
        *,
        name: str,
        steps: Sequence[params.StepParams],
        business_id: Any | None = None,
        category: Category | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Template:
        """Creates a template with 1 to 12 steps in ascending order of `day`. `{{first_name}}` and `{{business}}` in
        its texts stand for the lead's first name and the business's name. Sequences of leads of the
        category start from the newest template.

        Needs the scope `sequences:write`.

        Args:
            name: Name, for people.
            steps: The steps, the earliest first.
            business_id: Business that it belongs to.
            category: Kind of request, which selects the template of the follow-up.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Template`.
        """
        return await self._send(
            SEQUENCE_TEMPLATES_CREATE,
            body=given({"name": name, "steps": steps, "businessId": business_id, "category": category}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def delete(self, sequence_template_id: str, *, options: RequestOptions | None = None) -> None:
        """Deletes a template. Sequences that have started go on; new ones start from the next newest template of the
        category, or from the built-in one. Built-in templates cannot be deleted (409).

        Needs the scope `sequences:write`.

        Args:
            sequence_template_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        await self._send(SEQUENCE_TEMPLATES_DELETE, path={"id": sequence_template_id}, options=options)

    async def get(self, sequence_template_id: str, *, options: RequestOptions | None = None) -> models.Template:
        """Returns a template, a built-in one too, with its current version as `ETag`.

        Needs the scope `leads:read`.

        Args:
            sequence_template_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Template`.
        """
        return await self._send(SEQUENCE_TEMPLATES_GET, path={"id": sequence_template_id}, options=options)

    async def update(
        self,
        sequence_template_id: str,
        *,
        category: Category | Omit = OMIT,
        name: str | Omit = OMIT,
        steps: Sequence[params.StepParams] | Omit = OMIT,
        idempotency_key: str | None = None,
        if_match: str | int | None = None,
        options: RequestOptions | None = None,
    ) -> models.Template:
        """Changes the fields that are sent; `steps` replaces all steps. Sequences that have started stay as they are.
        With `If-Match`, only the version that was read is changed. Built-in templates cannot be changed
        (409).

        Needs the scope `sequences:write`.

        Args:
            sequence_template_id: Unique id.
            category: Kind of request, which selects the template of the follow-up.
            name: Name, for people.
            steps: The steps, the earliest first.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            if_match: ETag or version that the change is made for; if there is a newer one, PreconditionFailedError.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Template`.
        """
        return await self._send(
            SEQUENCE_TEMPLATES_UPDATE,
            path={"id": sequence_template_id},
            body=changed({"category": category, "name": name, "steps": steps}),
            idempotency_key=idempotency_key,
            if_match=if_match,
            options=options,
        )


class SequencesResource(Resource):
    """Operations on sequences."""

    def start(
        self,
        *,
        lead_id: str,
        template_id: Any | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Sequence:
        """Starts the follow-up of a lead: the messages of a template, sent on its days outside the quiet hours of the
        person. Without `templateId`, the newest template of the business for the lead's category is used,
        or else the built-in one.

        Without the lead's consent, the sequence is only `PROPOSED`: it is shown, and no message is sent. A lead
        that has opted out, is won, lost or closed, or whose sequence is running, is a conflict (409).

        Needs the scope `sequences:write`.

        Args:
            lead_id: Lead that it belongs to.
            template_id: Template of the sequence.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Sequence`.
        """
        return self._send(
            SEQUENCES_START,
            body=given({"leadId": lead_id, "templateId": template_id}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def stop(
        self, lead_id: str, *, idempotency_key: str | None = None, options: RequestOptions | None = None
    ) -> models.Sequence:
        """Stops the sequence of a lead, whose id is in the path. When this returns, no further message goes out.
        Stopping it again has the same result.

        Needs the scope `sequences:write`.

        Args:
            lead_id: Unique id.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Sequence`.
        """
        return self._send(SEQUENCES_STOP, path={"id": lead_id}, idempotency_key=idempotency_key, options=options)


class AsyncSequencesResource(AsyncResource):
    """Operations on sequences."""

    async def start(
        self,
        *,
        lead_id: str,
        template_id: Any | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Sequence:
        """Starts the follow-up of a lead: the messages of a template, sent on its days outside the quiet hours of the
        person. Without `templateId`, the newest template of the business for the lead's category is used,
        or else the built-in one.

        Without the lead's consent, the sequence is only `PROPOSED`: it is shown, and no message is sent. A lead
        that has opted out, is won, lost or closed, or whose sequence is running, is a conflict (409).

        Needs the scope `sequences:write`.

        Args:
            lead_id: Lead that it belongs to.
            template_id: Template of the sequence.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Sequence`.
        """
        return await self._send(
            SEQUENCES_START,
            body=given({"leadId": lead_id, "templateId": template_id}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def stop(
        self, lead_id: str, *, idempotency_key: str | None = None, options: RequestOptions | None = None
    ) -> models.Sequence:
        """Stops the sequence of a lead, whose id is in the path. When this returns, no further message goes out.
        Stopping it again has the same result.

        Needs the scope `sequences:write`.

        Args:
            lead_id: Unique id.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Sequence`.
        """
        return await self._send(SEQUENCES_STOP, path={"id": lead_id}, idempotency_key=idempotency_key, options=options)


class SuppressionsResource(Resource):
    """Operations on suppressions."""

    def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Page[models.Suppression]:
        """Lists the suppressions of the tenant, the newest first. They do not show the number or address. A key that
        is bound to a business may not do this (403).

        Needs the scope `leads:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(SUPPRESSIONS_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[models.Suppression]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            SUPPRESSIONS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options
        )

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[Page[models.Suppression]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(SUPPRESSIONS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def create(
        self,
        *,
        business_id: Any | None = None,
        email: Any | None = None,
        phone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Suppression:
        """Suppresses a telephone number or an e-mail address, whichever leads have it: when this returns, no further
        message goes to it. Send `email` or `phone`, not both. A national number is read as one of the
        country of the business.

        Needs the scope `leads:write`.

        Args:
            business_id: Business that it belongs to.
            email: E-mail address.
            phone: Telephone number as it was written.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Suppression`.
        """
        return self._send(
            SUPPRESSIONS_CREATE,
            body=given({"businessId": business_id, "email": email, "phone": phone}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def look_up(
        self,
        *,
        business_id: Any | None = None,
        email: Any | None = None,
        phone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.SuppressionLookup:
        """Returns whether a telephone number or an e-mail address, or either of both, is suppressed. It is a `POST` so
        that personal data stays out of URLs and their logs.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            email: E-mail address.
            phone: Telephone number as it was written.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `SuppressionLookup`.
        """
        return self._send(
            SUPPRESSIONS_LOOK_UP,
            body=given({"businessId": business_id, "email": email, "phone": phone}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def lift(self, suppression_id: str, *, options: RequestOptions | None = None) -> None:
        """Lifts a suppression: messages may go out again to leads that have not opted out. Lift it only if the person
        asks for messages. A key that is bound to a business may not do this (403).

        Needs the scope `sequences:write`.

        Args:
            suppression_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        self._send(SUPPRESSIONS_LIFT, path={"id": suppression_id}, options=options)


class AsyncSuppressionsResource(AsyncResource):
    """Operations on suppressions."""

    async def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncPage[models.Suppression]:
        """Lists the suppressions of the tenant, the newest first. They do not show the number or address. A key that
        is bound to a business may not do this (403).

        Needs the scope `leads:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(SUPPRESSIONS_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[models.Suppression]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            SUPPRESSIONS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options
        )

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[AsyncPage[models.Suppression]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(SUPPRESSIONS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    async def create(
        self,
        *,
        business_id: Any | None = None,
        email: Any | None = None,
        phone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Suppression:
        """Suppresses a telephone number or an e-mail address, whichever leads have it: when this returns, no further
        message goes to it. Send `email` or `phone`, not both. A national number is read as one of the
        country of the business.

        Needs the scope `leads:write`.

        Args:
            business_id: Business that it belongs to.
            email: E-mail address.
            phone: Telephone number as it was written.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Suppression`.
        """
        return await self._send(
            SUPPRESSIONS_CREATE,
            body=given({"businessId": business_id, "email": email, "phone": phone}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def look_up(
        self,
        *,
        business_id: Any | None = None,
        email: Any | None = None,
        phone: str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.SuppressionLookup:
        """Returns whether a telephone number or an e-mail address, or either of both, is suppressed. It is a `POST` so
        that personal data stays out of URLs and their logs.

        Needs the scope `leads:read`.

        Args:
            business_id: Business that it belongs to.
            email: E-mail address.
            phone: Telephone number as it was written.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `SuppressionLookup`.
        """
        return await self._send(
            SUPPRESSIONS_LOOK_UP,
            body=given({"businessId": business_id, "email": email, "phone": phone}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def lift(self, suppression_id: str, *, options: RequestOptions | None = None) -> None:
        """Lifts a suppression: messages may go out again to leads that have not opted out. Lift it only if the person
        asks for messages. A key that is bound to a business may not do this (403).

        Needs the scope `sequences:write`.

        Args:
            suppression_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        await self._send(SUPPRESSIONS_LIFT, path={"id": suppression_id}, options=options)


class TestDataResource(Resource):
    """Operations on test data."""

    def purge(self, *, options: RequestOptions | None = None) -> models.Purge | None:
        """Deletes the leads of the test environment with everything that belongs to them, its subscriptions and its
        counters. Keys, businesses, the inbound secret and the audit log stay, and live data is not touched.
        A key that is bound to a business may not do this (403).

        Needs the scope `keys:write`.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Purge | None`.
        """
        return self._send(TEST_DATA_PURGE, options=options)


class AsyncTestDataResource(AsyncResource):
    """Operations on test data."""

    async def purge(self, *, options: RequestOptions | None = None) -> models.Purge | None:
        """Deletes the leads of the test environment with everything that belongs to them, its subscriptions and its
        counters. Keys, businesses, the inbound secret and the audit log stay, and live data is not touched.
        A key that is bound to a business may not do this (403).

        Needs the scope `keys:write`.

        Args:
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Purge | None`.
        """
        return await self._send(TEST_DATA_PURGE, options=options)


class TransactionsResource(Resource):
    """Operations on transactions."""

    def list(
        self,
        *,
        business_id: str | None = None,
        status: TransactionStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Page[models.Transaction]:
        """Lists transactions, the newest first, with every filter that is sent.

        Needs the scope `transactions:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(
            TRANSACTIONS_LIST,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: TransactionStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[models.Transaction]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            TRANSACTIONS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: TransactionStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> Iterator[Page[models.Transaction]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            TRANSACTIONS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def create(
        self,
        *,
        amount_cents: int,
        business_id: Any | None = None,
        currency: str | None = None,
        customer_id: Any | None = None,
        description: str | None = None,
        occurred_at: Any | None = None,
        status: TransactionStatus | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Transaction:
        """Records a payment. Without `currency`, the amount is in the currency of the business; without `occurredAt`,
        the payment was made now.

        Needs the scope `transactions:write`.

        Args:
            amount_cents: Amount in the smallest unit of the currency, such as cents.
            business_id: Business that it belongs to.
            currency: ISO 4217 code of the currency.
            customer_id: Customer that it belongs to.
            description: What it is, for people.
            occurred_at: Time at which it happened.
            status: Current status.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Transaction`.
        """
        return self._send(
            TRANSACTIONS_CREATE,
            body=given(
                {
                    "amountCents": amount_cents,
                    "businessId": business_id,
                    "currency": currency,
                    "customerId": customer_id,
                    "description": description,
                    "occurredAt": occurred_at,
                    "status": status,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def get(self, transaction_id: str, *, options: RequestOptions | None = None) -> models.Transaction:
        """Returns the transaction.

        Needs the scope `transactions:read`.

        Args:
            transaction_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Transaction`.
        """
        return self._send(TRANSACTIONS_GET, path={"id": transaction_id}, options=options)


class AsyncTransactionsResource(AsyncResource):
    """Operations on transactions."""

    async def list(
        self,
        *,
        business_id: str | None = None,
        status: TransactionStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPage[models.Transaction]:
        """Lists transactions, the newest first, with every filter that is sent.

        Needs the scope `transactions:read`.

        Args:
            business_id: Business that it belongs to.
            status: Current status.
            created_from: Only what was created at this time or later. A day begins in the time zone of the business
                that the list names, otherwise in UTC.
            created_to: Only what was created at this time or earlier. A day is included.
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(
            TRANSACTIONS_LIST,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def iterate(
        self,
        *,
        business_id: str | None = None,
        status: TransactionStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[models.Transaction]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(
            TRANSACTIONS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    def pages(
        self,
        *,
        business_id: str | None = None,
        status: TransactionStatus | None = None,
        created_from: datetime | date | str | None = None,
        created_to: datetime | date | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncIterator[AsyncPage[models.Transaction]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(
            TRANSACTIONS_LIST,
            max_limit=100,
            query={
                "businessId": business_id,
                "status": status,
                "createdFrom": created_from,
                "createdTo": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )

    async def create(
        self,
        *,
        amount_cents: int,
        business_id: Any | None = None,
        currency: str | None = None,
        customer_id: Any | None = None,
        description: str | None = None,
        occurred_at: Any | None = None,
        status: TransactionStatus | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Transaction:
        """Records a payment. Without `currency`, the amount is in the currency of the business; without `occurredAt`,
        the payment was made now.

        Needs the scope `transactions:write`.

        Args:
            amount_cents: Amount in the smallest unit of the currency, such as cents.
            business_id: Business that it belongs to.
            currency: ISO 4217 code of the currency.
            customer_id: Customer that it belongs to.
            description: What it is, for people.
            occurred_at: Time at which it happened.
            status: Current status.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Transaction`.
        """
        return await self._send(
            TRANSACTIONS_CREATE,
            body=given(
                {
                    "amountCents": amount_cents,
                    "businessId": business_id,
                    "currency": currency,
                    "customerId": customer_id,
                    "description": description,
                    "occurredAt": occurred_at,
                    "status": status,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def get(self, transaction_id: str, *, options: RequestOptions | None = None) -> models.Transaction:
        """Returns the transaction.

        Needs the scope `transactions:read`.

        Args:
            transaction_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Transaction`.
        """
        return await self._send(TRANSACTIONS_GET, path={"id": transaction_id}, options=options)


class WebhooksResource(Resource):
    """Operations on webhooks."""

    def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Page[models.Subscription]:
        """Lists the subscriptions of the key's mode, the newest first.

        Needs the scope `webhooks:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return self._page(WEBHOOKS_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[models.Subscription]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(WEBHOOKS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> Iterator[Page[models.Subscription]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(WEBHOOKS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def create(
        self,
        *,
        events: Sequence[EventFilter],
        url: str,
        business_id: str | None = None,
        contract: Contract | None = None,
        verify_ownership: bool | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Subscription:
        """Subscribes a URL to events, of all businesses or of one. Deliveries are signed with `secret`, which only
        this response shows. The URL must be public and use HTTPS. `contract` decides headers and payloads.
        With `verifyOwnership`, the URL is first sent a signed POST of type `webhook.verification` and must
        return its `challenge` with a 2xx status within 5 seconds (400). A tenant has at most 50
        subscriptions in each mode (409).

        Needs the scope `webhooks:write`.

        Args:
            events: Types of the events that are delivered; `*` for all of them.
            url: Address of the endpoint.
            business_id: Business that it belongs to.
            contract: Contract whose formats apply.
            verify_ownership: Whether the endpoint has to confirm the subscription, and every new URL of it, by
                returning a challenge.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return self._send(
            WEBHOOKS_CREATE,
            body=given(
                {
                    "events": events,
                    "url": url,
                    "businessId": business_id,
                    "contract": contract,
                    "verifyOwnership": verify_ownership,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    def delete(self, webhook_id: str, *, options: RequestOptions | None = None) -> None:
        """Deletes the subscription and cancels its pending deliveries. Its delivery log stays.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        self._send(WEBHOOKS_DELETE, path={"id": webhook_id}, options=options)

    def get(self, webhook_id: str, *, options: RequestOptions | None = None) -> models.Subscription:
        """Returns the subscription. `failingSince` is set while its endpoint fails.

        Needs the scope `webhooks:read`.

        Args:
            webhook_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return self._send(WEBHOOKS_GET, path={"id": webhook_id}, options=options)

    def update(
        self,
        webhook_id: str,
        *,
        events: Sequence[EventFilter] | None | Omit = OMIT,
        overlap_seconds: int | None | Omit = OMIT,
        status: SubscriptionStatus | None | Omit = OMIT,
        url: str | None | Omit = OMIT,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Subscription:
        """Changes the URL or the events, disables or enables. Disabling cancels pending deliveries. A new URL of a
        subscription with `verifyOwnership` is sent a challenge like the first. With `overlapSeconds`, the
        overlap of the last rotation ends that many seconds from now: 0 ends it at once.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            events: Types of the events that are delivered; `*` for all of them.
            overlap_seconds: Seconds for which the secret before stays valid.
            status: Current status.
            url: Address of the endpoint.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return self._send(
            WEBHOOKS_UPDATE,
            path={"id": webhook_id},
            body=changed({"events": events, "overlapSeconds": overlap_seconds, "status": status, "url": url}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def recover(
        self,
        webhook_id: str,
        *,
        since: datetime | date | str,
        until: datetime | date | str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Recovery:
        """Resends what has failed or was cancelled in a range of time, the newest first. One request resends some
        hundred: if `hasMore` is true, repeat it with `reached` as `until`. What is resent is pending, so
        that a repeated request resends nothing twice.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            since: First creation time of the deliveries to send again.
            until: Last creation time of the deliveries to send again; now if it is missing.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Recovery`.
        """
        return self._send(
            WEBHOOKS_RECOVER,
            path={"id": webhook_id},
            body=given({"since": since, "until": until}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def rotate_secret(
        self,
        webhook_id: str,
        *,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Subscription:
        """Replaces the signing secret. Only this response shows the new one. Deliveries are signed with both for
        `overlapSeconds`, 24 hours by default.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            overlap_seconds: Seconds for which the secret before stays valid.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return self._send(
            WEBHOOKS_ROTATE_SECRET,
            path={"id": webhook_id},
            body=given({"overlapSeconds": overlap_seconds}),
            idempotency_key=idempotency_key,
            options=options,
        )

    def test(
        self,
        webhook_id: str,
        *,
        event: EventType | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.TestEvent:
        """Sends the example of `event` to the subscription, whatever its events are. Without `event`, or with `ping`,
        the payload is the subscription itself. The delivery is in the log like any other. A disabled
        subscription is a conflict (409).

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            event: Event whose example is sent.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `TestEvent`.
        """
        return self._send(
            WEBHOOKS_TEST,
            path={"id": webhook_id},
            body=given({"event": event}),
            idempotency_key=idempotency_key,
            options=options,
        )


class AsyncWebhooksResource(AsyncResource):
    """Operations on webhooks."""

    async def list(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncPage[models.Subscription]:
        """Lists the subscriptions of the key's mode, the newest first.

        Needs the scope `webhooks:read`.

        Args:
            limit: Maximum number of items of the page.
            cursor: Position to continue at: `nextCursor` or `next_cursor` of the page before.
            options: Time limit, retries and headers of this request alone.

        Returns:
            One page.
        """
        return await self._page(WEBHOOKS_LIST, query={"limit": limit, "cursor": cursor}, options=options)

    def iterate(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[models.Subscription]:
        """Yields every entry of the list, page by page. The arguments are those of `list`."""
        return self._iterate(WEBHOOKS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    def pages(
        self, *, limit: int | None = None, cursor: str | None = None, options: RequestOptions | None = None
    ) -> AsyncIterator[AsyncPage[models.Subscription]]:
        """Yields every page of the list. The arguments are those of `list`."""
        return self._pages(WEBHOOKS_LIST, max_limit=100, query={"limit": limit, "cursor": cursor}, options=options)

    async def create(
        self,
        *,
        events: Sequence[EventFilter],
        url: str,
        business_id: str | None = None,
        contract: Contract | None = None,
        verify_ownership: bool | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Subscription:
        """Subscribes a URL to events, of all businesses or of one. Deliveries are signed with `secret`, which only
        this response shows. The URL must be public and use HTTPS. `contract` decides headers and payloads.
        With `verifyOwnership`, the URL is first sent a signed POST of type `webhook.verification` and must
        return its `challenge` with a 2xx status within 5 seconds (400). A tenant has at most 50
        subscriptions in each mode (409).

        Needs the scope `webhooks:write`.

        Args:
            events: Types of the events that are delivered; `*` for all of them.
            url: Address of the endpoint.
            business_id: Business that it belongs to.
            contract: Contract whose formats apply.
            verify_ownership: Whether the endpoint has to confirm the subscription, and every new URL of it, by
                returning a challenge.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return await self._send(
            WEBHOOKS_CREATE,
            body=given(
                {
                    "events": events,
                    "url": url,
                    "businessId": business_id,
                    "contract": contract,
                    "verifyOwnership": verify_ownership,
                }
            ),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def delete(self, webhook_id: str, *, options: RequestOptions | None = None) -> None:
        """Deletes the subscription and cancels its pending deliveries. Its delivery log stays.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            options: Time limit, retries and headers of this request alone.
        """
        await self._send(WEBHOOKS_DELETE, path={"id": webhook_id}, options=options)

    async def get(self, webhook_id: str, *, options: RequestOptions | None = None) -> models.Subscription:
        """Returns the subscription. `failingSince` is set while its endpoint fails.

        Needs the scope `webhooks:read`.

        Args:
            webhook_id: Unique id.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return await self._send(WEBHOOKS_GET, path={"id": webhook_id}, options=options)

    async def update(
        self,
        webhook_id: str,
        *,
        events: Sequence[EventFilter] | None | Omit = OMIT,
        overlap_seconds: int | None | Omit = OMIT,
        status: SubscriptionStatus | None | Omit = OMIT,
        url: str | None | Omit = OMIT,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Subscription:
        """Changes the URL or the events, disables or enables. Disabling cancels pending deliveries. A new URL of a
        subscription with `verifyOwnership` is sent a challenge like the first. With `overlapSeconds`, the
        overlap of the last rotation ends that many seconds from now: 0 ends it at once.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            events: Types of the events that are delivered; `*` for all of them.
            overlap_seconds: Seconds for which the secret before stays valid.
            status: Current status.
            url: Address of the endpoint.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return await self._send(
            WEBHOOKS_UPDATE,
            path={"id": webhook_id},
            body=changed({"events": events, "overlapSeconds": overlap_seconds, "status": status, "url": url}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def recover(
        self,
        webhook_id: str,
        *,
        since: datetime | date | str,
        until: datetime | date | str | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Recovery:
        """Resends what has failed or was cancelled in a range of time, the newest first. One request resends some
        hundred: if `hasMore` is true, repeat it with `reached` as `until`. What is resent is pending, so
        that a repeated request resends nothing twice.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            since: First creation time of the deliveries to send again.
            until: Last creation time of the deliveries to send again; now if it is missing.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Recovery`.
        """
        return await self._send(
            WEBHOOKS_RECOVER,
            path={"id": webhook_id},
            body=given({"since": since, "until": until}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def rotate_secret(
        self,
        webhook_id: str,
        *,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Subscription:
        """Replaces the signing secret. Only this response shows the new one. Deliveries are signed with both for
        `overlapSeconds`, 24 hours by default.

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            overlap_seconds: Seconds for which the secret before stays valid.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Subscription`.
        """
        return await self._send(
            WEBHOOKS_ROTATE_SECRET,
            path={"id": webhook_id},
            body=given({"overlapSeconds": overlap_seconds}),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def test(
        self,
        webhook_id: str,
        *,
        event: EventType | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.TestEvent:
        """Sends the example of `event` to the subscription, whatever its events are. Without `event`, or with `ping`,
        the payload is the subscription itself. The delivery is in the log like any other. A disabled
        subscription is a conflict (409).

        Needs the scope `webhooks:write`.

        Args:
            webhook_id: Unique id.
            event: Event whose example is sent.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `TestEvent`.
        """
        return await self._send(
            WEBHOOKS_TEST,
            path={"id": webhook_id},
            body=given({"event": event}),
            idempotency_key=idempotency_key,
            options=options,
        )


class InboundResource(Resource):
    """Operations on inbound."""

    def report(
        self,
        *,
        event: Literal["customer.reply", "customer.opt_out"],
        lead_id: str,
        body: str | None = None,
        channel: Channel | None = None,
        id: str | None = None,
        received_at: Any | None = None,
        inbound_secret: str,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Received:
        """Records a `customer.reply` or a `customer.opt_out` that your messaging provider has received. The body is
        signed with the inbound secret, in `X-Signature`; fields that are not listed are ignored.

        A reply such as STOP, or an opt-out, opts the lead out: when this returns, no further message goes out. An
        opt-out needs only `event` and `leadId`. The same event again, by its `id` or its content, has no
        second effect.

        Needs the scope `inbound:write`.

        Args:
            event: Type of the event.
            lead_id: Lead that it belongs to.
            body: Text of the message.
            channel: Channel of the message.
            id: The provider's own id of the event, by which a repetition is recognized.
            received_at: Time at which the message arrived.
            inbound_secret: The tenant's inbound secret, which signs the body.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Received`.
        """
        return self._send(
            INBOUND_REPORT,
            body=given(
                {
                    "event": event,
                    "leadId": lead_id,
                    "body": body,
                    "channel": channel,
                    "id": id,
                    "receivedAt": received_at,
                }
            ),
            signed_with=inbound_secret,
            idempotency_key=idempotency_key,
            options=options,
        )

    def create_secret(
        self,
        *,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.InboundSecret:
        """Creates the secret that inbound events of the tenant are signed with. Only this response shows it. The
        previous secret stays valid for `overlapSeconds`, 24 hours by default. A key that is bound to one of
        several businesses may not do this (403).

        Needs the scope `webhooks:write`.

        Args:
            overlap_seconds: Seconds for which the secret before stays valid.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `InboundSecret`.
        """
        return self._send(
            INBOUND_CREATE_SECRET,
            body=given({"overlapSeconds": overlap_seconds}),
            idempotency_key=idempotency_key,
            options=options,
        )


class AsyncInboundResource(AsyncResource):
    """Operations on inbound."""

    async def report(
        self,
        *,
        event: Literal["customer.reply", "customer.opt_out"],
        lead_id: str,
        body: str | None = None,
        channel: Channel | None = None,
        id: str | None = None,
        received_at: Any | None = None,
        inbound_secret: str,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.Received:
        """Records a `customer.reply` or a `customer.opt_out` that your messaging provider has received. The body is
        signed with the inbound secret, in `X-Signature`; fields that are not listed are ignored.

        A reply such as STOP, or an opt-out, opts the lead out: when this returns, no further message goes out. An
        opt-out needs only `event` and `leadId`. The same event again, by its `id` or its content, has no
        second effect.

        Needs the scope `inbound:write`.

        Args:
            event: Type of the event.
            lead_id: Lead that it belongs to.
            body: Text of the message.
            channel: Channel of the message.
            id: The provider's own id of the event, by which a repetition is recognized.
            received_at: Time at which the message arrived.
            inbound_secret: The tenant's inbound secret, which signs the body.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `Received`.
        """
        return await self._send(
            INBOUND_REPORT,
            body=given(
                {
                    "event": event,
                    "leadId": lead_id,
                    "body": body,
                    "channel": channel,
                    "id": id,
                    "receivedAt": received_at,
                }
            ),
            signed_with=inbound_secret,
            idempotency_key=idempotency_key,
            options=options,
        )

    async def create_secret(
        self,
        *,
        overlap_seconds: int | None = None,
        idempotency_key: str | None = None,
        options: RequestOptions | None = None,
    ) -> models.InboundSecret:
        """Creates the secret that inbound events of the tenant are signed with. Only this response shows it. The
        previous secret stays valid for `overlapSeconds`, 24 hours by default. A key that is bound to one of
        several businesses may not do this (403).

        Needs the scope `webhooks:write`.

        Args:
            overlap_seconds: Seconds for which the secret before stays valid.
            idempotency_key: Name of this request. Repeating it under the same key has no second effect. Made if
                absent.
            options: Time limit, retries and headers of this request alone.

        Returns:
            The response, a `InboundSecret`.
        """
        return await self._send(
            INBOUND_CREATE_SECRET,
            body=given({"overlapSeconds": overlap_seconds}),
            idempotency_key=idempotency_key,
            options=options,
        )
