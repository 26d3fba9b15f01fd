"""Faults of the functions behind the stream."""

import time

import boto3

from receiver import wait_until
from suite import Phase, Suite, test


class StreamFaults(Suite):
    """Faults of the functions behind the stream."""

    def store_unreadable_lead(self, tenant, number):
        """Stores an item in a lead's place that no release can read: its name is a number."""
        item = {
            "pk": {"S": f"L#{tenant.replace('-', '')}#L#{number:032x}"},
            "sk": {"S": "L"},
            "name": {"N": "7"},
            "seal": {"B": bytes(32)},
        }
        boto3.client("dynamodb").put_item(TableName=self.stack.outputs["TableName"], Item=item)

    @test(Phase.FAULTS)
    def a_poisoned_record_hinders_no_other(self):
        """At the first, a middle and the last place among 100."""
        self.stack.allow_plain_http("UndispatchedBucketName")
        tenant, key, receiver = self.new_tenant_with_receiver()
        created, self.pump.readers["dispatch"].parallelism = set(), 1  # all records in one batch
        for number, place in enumerate([0, 50, 99], 1):
            self.pump.hold()
            time.sleep(1)  # for what is being handed over
            created |= self.create_leads(key, place)
            self.store_unreadable_lead(tenant, number)
            created |= self.create_leads(key, 99 - place)
            self.pump.release()
            wait_until(60, f"99 of 100 webhooks, not {place}", lambda: self.delivered(receiver) == created)
            for consumer in ["dispatch", "bookkeeping"]:
                parked = lambda: self.stack.undispatched(f"parked/{consumer}/")
                found = wait_until(30, "the record is parked", lambda: len(parked()) == number and parked())
                for one in found:
                    assert (one["consumer"], one["reason"]) == (consumer, "an item cannot be read: a lead"), one
                    assert one["eventId"] and one["sequenceNumber"] and one["requestId"], one
                    assert int(one["lead"].replace("-", ""), 16) <= number, one
                    assert one["encryptedRecord"] and "record" not in one, one
        kpis = lambda: self.stack.call("GET", "/v2/analytics/kpis", key).json(200)
        wait_until(60, "all leads are counted", lambda: kpis()["leads"] == len(created) == 297)
        assert len(receiver.received) == 297, "nothing is sent twice"
        assert not self.stack.undispatched("aws/"), "nothing is given up"

    @test(Phase.FAULTS)
    def an_outage_delays_deliveries_and_nothing_else(self):
        """`dispatch` fails more often than any number of retries; `bookkeeping` does not notice."""
        _, key, receiver = self.new_tenant_with_receiver()
        kpis = lambda: self.stack.call("GET", "/v2/analytics/kpis", key).json(200)
        with self.stack.denied("dispatch", "dynamodb:PutItem"):
            created = self.create_leads(key, 5)
            wait_until(60, "the leads are counted", lambda: kpis()["leads"] == 5)
            assert not receiver.received
        wait_until(60, "the webhooks", lambda: self.delivered(receiver) == created)
        assert len(self.stack.undispatched("")) == 6, "nothing but the poisoned records is stored"

    @test(Phase.FAULTS)
    def a_record_that_cannot_be_parked_is_retried(self):
        tenant, key, receiver = self.new_tenant_with_receiver()
        parked = lambda: self.stack.undispatched("parked/dispatch/")
        with self.stack.denied("dispatch", "s3:PutObject"):
            # In one batch: what comes in a later one waits, as it does for every failure that is not permanent.
            self.pump.hold()
            time.sleep(1)
            self.store_unreadable_lead(tenant, 4)
            created = self.create_leads(key, 5)
            self.pump.release()
            wait_until(60, "the webhooks behind it", lambda: self.delivered(receiver) == created)
            assert len(parked()) == 3
        wait_until(60, "the record is parked", lambda: len(parked()) == 4)

    @test(Phase.FAULTS)
    def changes_that_grow_too_old_are_stored(self):
        _, key, receiver = self.new_tenant_with_receiver()
        with self.stack.denied("dispatch", "dynamodb:PutItem"):
            created = self.create_leads(key, 5)
            kpis = lambda: self.stack.call("GET", "/v2/analytics/kpis", key).json(200)
            wait_until(60, "the other function has read them", lambda: kpis()["leads"] == 5)
            self.pump.advance(86_400)
            count = lambda batches: sum(one["DDBStreamBatchInfo"]["batchSize"] for one in batches)
            old = lambda: self.stack.undispatched("aws/lambda/")
            batches = wait_until(60, "the changes are stored", lambda: count(old()) == 5 and old())
            self.pump.advance(-86_400)
        assert {one["requestContext"]["condition"] for one in batches} == {"RecordAgeExceeded"}
        complete, dry_run = self.stack.redrive("--only", "undispatched", "--dry-run")
        found = dry_run["undispatched", "dispatch"]
        assert complete and found["wouldRedrive"] == len(batches), dry_run
        assert found["reasons"][0]["reason"] == "RecordAgeExceeded", dry_run
        complete, redriven = self.stack.redrive("--only", "undispatched")
        assert complete and redriven["undispatched", "dispatch"]["redriven"] == len(batches), redriven
        assert not self.stack.undispatched("aws/lambda/")
        wait_until(60, "the webhooks", lambda: self.delivered(receiver) == created)
        assert len(receiver.received) == 5, "nothing is sent twice"

    @test(Phase.FAULTS)
    def what_still_fails_stays_parked_with_its_reason(self):
        complete, redriven = self.stack.redrive()
        poisoned = redriven["parked", "dispatch"]
        assert not complete and (poisoned["failed"], poisoned["redriven"]) == (4, 0), redriven
        assert [one["reason"] for one in poisoned["reasons"]] == ["an item cannot be read: a lead"], redriven
        assert len(self.stack.undispatched("parked/dispatch/")) == 4
        others = [redriven[one]["found"] for one in redriven if one[0] in ("dead-letters", "uploads")]
        assert not any(others), redriven
        due = {one["kind"]: one["overdue"] for one in self.stack.operator("due")["kinds"]}
        assert due["unreadable"] == 0, due
