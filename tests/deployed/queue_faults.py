"""Faults of the queues and of what they stand for, and putting back what was given up."""

import contextlib
import hashlib
import http.client
import random
import time

import boto3

from faults import RandomKills
from receiver import wait_until
from suite import WALKER, Phase, Suite, test

FAST = 60  # speed of the clock while messages become dead letters: after five receives, three minutes apart
THROTTLED_MINUTES = 16  # ten, and as many as make dead letters of messages
LEADS_UNDER_KILLS = 200
MIN_KILLS = 15
KILLS_SPEED = 10  # of the clock, while processes are killed
MINUTES_OF_KILLS = 20  # at most, until half of the webhooks are delivered; as many are two minutes at that speed
DELIVERY_QUEUES = ["DeliveryQueueUrl", "SlowDeliveryQueueUrl"]


class QueueFaults(Suite):
    """Faults of the queues and of what they stand for, and putting back what was given up."""

    def delivery_item(self, delivery):
        """Returns the item of a delivery."""
        table = boto3.resource("dynamodb").Table(self.stack.outputs["TableName"])
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table.name)
        name = delivery.replace("-", "")
        found = [one for page in pages for one in page["Items"] if one["pk"]["S"].startswith("D#") and name in str(one)]
        assert len(found) == 1, found
        return found[0]

    def store(self, item):
        boto3.client("dynamodb").put_item(TableName=self.stack.outputs["TableName"], Item=item)

    def wait_for_messages(self, queue, count):
        visible = lambda: self.stack.message_count(queue) == count
        wait_until(60, f"{count} messages in {queue}", visible)

    def drain(self):
        """Lets the queues of deliveries become empty: what failed in them is received again, or becomes a dead letter."""
        left = [queue for queue in DELIVERY_QUEUES if self.stack.message_count(queue)]
        if not self.faults.can_run_faster() or not left:
            return
        with self.faults.faster(FAST):
            for queue in DELIVERY_QUEUES:
                self.wait_for_messages(queue, 0)

    def sweep_for(self, minutes, ended=lambda: False):
        """Lets minutes of the functions' time pass, with a sweep in each."""
        deadline = self.faults.now() + minutes * 60
        while self.faults.now() < deadline and not ended():
            self.sweep()
            time.sleep(60 / self.faults.speed)

    def is_skipped(self):
        """Returns whether the clock cannot run faster here, and says so."""
        if self.faults.can_run_faster():
            return False
        print("  SKIPPED: libfaketime is not installed", flush=True)
        return True

    @test(Phase.FAULTS)
    def a_failed_upload_is_redriven(self):
        """Before the clock runs faster: links to files would not be valid yet."""
        self.stack.allow_plain_http("FilesBucketName")
        file = {"contentType": "text/plain", "size": 5, "sha256": hashlib.sha256(b"hello").hexdigest()}
        evidence = self.post("/v2/evidence", {"category": "MESSAGE", "file": file}).json(201)
        status = lambda: self.get(f"/v2/evidence/{evidence['id']}")["status"]
        with self.stack.denied("uploaded", "s3:GetObject"):
            put = self.stack.request_url("PUT", evidence["uploadUrl"], b"hello", evidence["uploadHeaders"])
            assert put.status == 200, put.body
            self.wait_for_messages("FailedUploadsUrl", 1)
        assert status() == "AWAITING_UPLOAD"
        complete, redriven = self.stack.redrive("--only", "uploads")
        assert complete and redriven["uploads", "uploaded"]["redriven"] == 1, redriven
        assert status() == "READY"
        self.wait_for_messages("FailedUploadsUrl", 0)

    @test(Phase.FAULTS)
    def a_corrupt_delivery_among_ten_fails_alone(self):
        if self.is_skipped():
            return
        _, key, receiver = self.new_tenant_with_receiver()
        with self.stack.held("deliver"):
            created = self.create_leads(key, 10)
            self.wait_for_messages("DeliveryQueueUrl", 10)
            deliveries = self.stack.call("GET", "/v2/deliveries", key).json(200)["data"]
            corrupt = deliveries[4]["id"]
            item = self.delivery_item(corrupt)
            self.store({**item, "webhook": {"BOOL": True}, "status": {"BOOL": True}})
        wait_until(60, "nine webhooks", lambda: len(self.delivered(receiver)) == 9)
        assert corrupt not in {headers["X-Delivery"] for _, headers, _ in receiver.received}
        # It fails five times, and is a dead letter then; several, if the sweeper sends it again meanwhile.
        self.drain()
        dead_letters = self.stack.message_count("DeliveryDeadLettersUrl")
        assert dead_letters and len(receiver.received) == 9, "nothing is sent twice"
        self.store(item)
        complete, redriven = self.stack.redrive("--only", "dead-letters")
        assert complete and redriven["dead-letters", "deliver"]["redriven"] == dead_letters, redriven
        wait_until(60, "the tenth webhook", lambda: self.delivered(receiver) == created)
        self.drain()
        assert len(receiver.received) == 10, "nothing is sent twice"

    @test(Phase.FAULTS)
    def a_proven_endpoint_leaves_the_slow_lane(self):
        """The first delivery to a new endpoint is handed over, and its prompt response proves the endpoint."""
        _, key, receiver = self.new_tenant_with_receiver()
        created = self.create_leads(key, 1)
        wait_until(60, "the first webhook", lambda: self.delivered(receiver) == created)
        shown = lambda: self.stack.call("GET", "/v2/deliveries", key).json(200)["data"][0]["status"]
        wait_until(60, "its outcome", lambda: shown() == "DELIVERED")
        with self.stack.held("deliver_slow"):
            created |= self.create_leads(key, 5)
            wait_until(60, "the webhooks that follow", lambda: self.delivered(receiver) == created)
            _, other_key, unproven = self.new_tenant_with_receiver()
            waiting = self.create_leads(other_key, 1)
            self.wait_for_messages("SlowDeliveryQueueUrl", 1)
            assert not unproven.received
            self.stack.move_messages("SlowDeliveryQueueUrl", "SlowDeliveryDeadLettersUrl")
        complete, redriven = self.stack.redrive("--only", "dead-letters")
        assert complete and redriven["dead-letters", "deliver_slow"]["redriven"] == 1, redriven
        wait_until(60, "the webhook of the new endpoint", lambda: self.delivered(unproven) == waiting)

    @test(Phase.FAULTS)
    def dead_letters_are_redriven_in_part_or_whole(self):
        tenants = [self.new_tenant_with_receiver() for _ in range(2)]
        received = lambda: [len(receiver.received) for _, _, receiver in tenants]
        with self.stack.held("deliver"):
            for (_, key, _), count in zip(tenants, [6, 3]):
                self.create_leads(key, count)
            self.wait_for_messages("DeliveryQueueUrl", 9)
            # Otherwise the sweeper would send them again.
            self.stack.move_messages("DeliveryQueueUrl", "DeliveryDeadLettersUrl")
        only = ["--only", "dead-letters"]
        complete, dry_run = self.stack.redrive(*only, "--dry-run")
        assert complete and dry_run["dead-letters", "deliver"]["wouldRedrive"] == 9, dry_run
        complete, redriven = self.stack.redrive(*only, "--tenant", tenants[1][0])
        assert complete and redriven["dead-letters", "deliver"]["redriven"] == 3, redriven
        wait_until(60, "the webhooks of one tenant", lambda: received()[1] == 3)
        complete, redriven = self.stack.redrive(*only, "--limit", "2")
        report = redriven["dead-letters", "deliver"]
        assert complete and (report["redriven"], report["left"]) == (2, 4), redriven
        wait_until(60, "the webhooks of two dead letters", lambda: received()[0] >= 2)
        complete, redriven = self.stack.redrive(*only)
        assert complete and redriven["dead-letters", "deliver"]["redriven"] == 4, redriven
        wait_until(60, "all webhooks", lambda: received() == [6, 3])
        self.wait_for_messages("DeliveryDeadLettersUrl", 0)

    @test(Phase.FAULTS)
    def a_table_that_throttles_delays_and_loses_nothing(self):
        """For more than ten minutes: what was in a queue or in the stream, and what is called meanwhile."""
        if self.is_skipped():
            return
        _, key, receiver = self.new_tenant_with_receiver()
        with contextlib.ExitStack() as held:
            held.enter_context(self.stack.held("deliver"))
            created = self.create_leads(key, 10)
            self.wait_for_messages("DeliveryQueueUrl", 10)
            self.pump.hold()
            created |= self.create_leads(key, 10)
            with self.faults.faster(30):
                with self.faults.throttled(self.stack.outputs["TableName"]):
                    began, calls = self.faults.now(), self.faults.throttled_calls()
                    self.pump.release()
                    held.close()
                    rejected = self.stack.call("POST", "/v2/leads", key, WALKER, {"Idempotency-Key": "throttled"})
                    assert rejected.json(503)["error"]["code"] == "UNAVAILABLE" and rejected.headers["Retry-After"]
                    self.sweep_for(THROTTLED_MINUTES)
                    dead_letters = lambda: self.stack.message_count("DeliveryDeadLettersUrl") >= 10
                    wait_until(60, "dead letters", dead_letters)
                    assert not receiver.received and self.faults.now() - began >= 600
                    assert self.faults.throttled_calls() - calls > 20
                again = self.stack.call("POST", "/v2/leads", key, WALKER, {"Idempotency-Key": "throttled"})
                created.add(again.json(201)["id"])
                self.sweep_for(30, lambda: self.delivered(receiver) == created)
        assert self.delivered(receiver) == created, "everything is delivered by itself"
        complete, redriven = self.stack.redrive("--only", "dead-letters")
        assert complete and redriven["dead-letters", "deliver"]["redriven"] >= 10, redriven
        kpis = lambda: self.stack.call("GET", "/v2/analytics/kpis", key).json(200)
        wait_until(60, "all leads are counted", lambda: kpis()["leads"] == len(created) == 21)
        self.drain()
        assert len(receiver.received) == 21, "nothing is sent twice"

    def create_leads_under_kills(self, key, name, count):
        """Creates leads; repeats the call until it succeeds."""
        body = {"leads": [WALKER] * count}
        call = lambda: self.stack.call("POST", "/v2/leads/batch", key, body, {"Idempotency-Key": name})

        def succeeds():
            with contextlib.suppress(OSError, http.client.HTTPException):
                response = call()
                assert response.status == 200 or response.status >= 500, response.body
                return response.status == 200 and response

        results = wait_until(60, f"the leads {name}", succeeds).json(200)["results"]
        return {one["lead"]["id"] for one in results}

    @test(Phase.FAULTS)
    def random_kills_lose_nothing(self):
        if self.is_skipped():
            return
        _, key, receiver = self.new_tenant_with_receiver()
        created, seed = set(), random.randrange(1 << 32)
        print(f"         seed of the kills: {seed}", flush=True)
        # What a killed process had received shows again after three minutes, within which kills may have hit everything.
        with self.faults.faster(KILLS_SPEED), RandomKills(self.stack.name, seed) as kills:
            for number in range(0, LEADS_UNDER_KILLS, 20):
                created |= self.create_leads_under_kills(key, f"kills-{number}", 20)
            half = lambda: kills.count >= MIN_KILLS and len(self.delivered(receiver)) >= LEADS_UNDER_KILLS / 2
            self.sweep_for(MINUTES_OF_KILLS, half)
            assert half(), f"{kills.count} kills, {len(self.delivered(receiver))} webhooks"
        assert len(created) == LEADS_UNDER_KILLS
        with self.faults.faster(30):
            # The sweeper sends again what is lost in between.
            self.sweep_for(30, lambda: self.delivered(receiver) == created)
        assert self.delivered(receiver) == created, "everything is delivered by itself"
        kpis = lambda: self.stack.call("GET", "/v2/analytics/kpis", key).json(200)
        wait_until(60, "all leads are counted", lambda: kpis()["leads"] == LEADS_UNDER_KILLS)
        repeated = {lead: ids for lead, ids in self.deliveries_by_lead(receiver).items() if len(ids) > 1}
        assert all(len(set(ids)) == 1 for ids in repeated.values()), repeated
        self.drain()
        print(f"         {kills.count} kills, {len(repeated)} webhooks more than once", flush=True)

    @test(Phase.FAULTS)
    def nothing_is_left_to_redrive(self):
        """But what can never be processed. First of all, what became a dead letter because time passed faster than a
        busy machine processed its message."""
        redrive = lambda: self.stack.redrive("--only", "undispatched,dead-letters,uploads")
        complete, redriven = redrive()
        assert complete and all(one["failed"] == one["left"] == 0 for one in redriven.values()), redriven
        for queue in [*DELIVERY_QUEUES, "FollowUpQueueUrl"]:
            self.wait_for_messages(queue, 0)
        complete, redriven = redrive()
        assert complete and all(one["found"] == 0 for one in redriven.values()), redriven
        overdue = lambda: {one["kind"]: one["overdue"] for one in self.stack.operator("due")["kinds"]}
        wait_until(60, "nothing is overdue", lambda: self.sweep() and not any(overdue().values()))
