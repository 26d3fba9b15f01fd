"""Imports leads from a CSV file. After an interruption, run it again: each line creates one lead.

    LEADHOUSE_API_KEY=lh_live_… LEADHOUSE_BASE_URL=http://127.0.0.1:8080 python import_leads.py leads.csv

The first line has the names of the columns. `name`, `email`, `phone`, `message` and `service_interest` are fields of
the lead; every other column becomes one of its attributes.
"""

import csv
import hashlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from leadhouse import Leadhouse
from leadhouse.native import FailedBatchEntry, LeadParams

BATCH = 100
"""Leads of one call, which is its maximum."""
FIELDS = ("name", "email", "phone", "message", "service_interest")


def leads_of(file: Path) -> Iterator[LeadParams]:
    """Yields the leads of a file. `utf-8-sig` skips the mark with which spreadsheets begin a file."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            filled = {column.strip(): value.strip() for column, value in row.items() if column and value}
            lead: LeadParams = {"name": filled.get("name", ""), "source": "CSV_IMPORT"}
            lead["email"] = filled.get("email")
            lead["phone"] = filled.get("phone")
            lead["message"] = filled.get("message")
            lead["service_interest"] = filled.get("service_interest")
            lead["attributes"] = {column: value for column, value in filled.items() if column not in FIELDS}
            yield lead


def main(file: Path) -> int:
    """Imports the file. Returns 1 if a line was not accepted."""
    failed = created = 0
    leads = leads_of(file)
    with Leadhouse() as lh:
        while batch := list(itertools.islice(leads, BATCH)):
            # The same lines have the same key: a second run creates nothing twice.
            key = hashlib.sha256(repr(batch).encode()).hexdigest()
            results = lh.leads.create_batch(batch, idempotency_key=key).results
            for number, result in enumerate(results, start=created + failed + 2):
                if isinstance(result, FailedBatchEntry):
                    failed += 1
                    reasons = "; ".join(detail.message for detail in result.error.details or [])
                    print(f"line {number}: {reasons or result.error.message}", file=sys.stderr)
                else:
                    created += 1
    print(f"{created} leads created, {failed} lines not accepted")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
