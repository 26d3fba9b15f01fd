"""What differs between the contracts that a client may speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Contract:
    """Base path and the form of pages of one contract."""

    name: str
    base_path: str
    items: str
    """Name of the list of items of a page."""
    pagination: str | None
    """Name of the object that holds `nextCursor`; None if the page itself does."""

    def page(self, body: Any) -> tuple[list[Any], str | None] | None:
        """Returns the items of a page and the cursor of the next one, or None if the body is not a page."""
        if not isinstance(body, dict) or not isinstance(body.get(self.items), list):
            return None
        holder = body if self.pagination is None else body.get(self.pagination)
        cursor = holder.get("nextCursor") if isinstance(holder, dict) else None
        return body[self.items], cursor if isinstance(cursor, str) and cursor else None


NATIVE = Contract("native", "/v2", "data", "pagination")
REVENUE_DEFENDERS = Contract("revenueDefenders", "/api/v1", "items", None)
