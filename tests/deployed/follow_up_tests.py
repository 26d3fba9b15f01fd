"""Follow-up: sequences, templates and messages."""

from receiver import wait_until
from suite import WALKER, Phase, Suite, test

DAY = 36  # seconds that a day of follow-up takes; the last step is due later than a queue can delay


class FollowUpTests(Suite):
    """Follow-up: sequences, templates and messages."""

    def steps(self, lead):
        return [step["status"] for step in self.in_test_mode("GET", f"/v2/leads/{lead}/sequence")["steps"]]

    @test(Phase.START)
    def follow_up_of_a_lead_in_test_mode_starts_immediately(self):
        """The later steps are checked by `all_follow_up_steps_run_on_their_days`."""
        for function in ["leads_with_photos", "sequences", "follow_up"]:
            self.stack.speed_up(function, 86_400 / DAY)
        business = f"/v2/businesses/{self.get('/v2/businesses')['data'][0]['id']}"
        self.stack.call("PATCH", business, self.key, {"channels": ["WHATSAPP", "SMS", "EMAIL"]}).json(200)
        new = {**WALKER, "consent": {"given": True}, "category": "TEST_DRIVE"}
        self.followed, self.stopped = [self.in_test_mode("POST", "/v2/leads", new, 201)["id"] for _ in range(2)]
        started = self.in_test_mode("POST", "/v2/sequences", {"leadId": self.followed}, 201)
        assert [step["day"] for step in started["steps"]] == [0, 1, 3, 7] and started["status"] == "RUNNING", started
        assert self.in_test_mode("POST", "/v2/sequences", {"leadId": self.followed}, 409)
        wait_until(30, "the first step", lambda: self.steps(self.followed)[0] == "SIMULATED")

    @test(Phase.CALLS)
    def a_sequence_stops_on_request_and_when_the_lead_is_won(self):
        stop = f"/v2/sequences/{self.stopped}/stop"
        self.in_test_mode("POST", "/v2/sequences", {"leadId": self.stopped}, 201)
        stopped = self.in_test_mode("POST", stop)
        assert (stopped["status"], stopped["stopReason"]) == ("STOPPED", "REQUESTED"), stopped
        assert self.in_test_mode("POST", stop)["status"] == "STOPPED", "stopping is idempotent"
        again = self.in_test_mode("POST", "/v2/sequences", {"leadId": self.stopped}, 201)
        assert again["status"] == "RUNNING"
        self.in_test_mode("PATCH", f"/v2/leads/{self.stopped}", {"status": "WON"})
        won = self.in_test_mode("GET", f"/v2/leads/{self.stopped}/sequence")
        assert (won["status"], won["stopReason"], won["nextStepAt"]) == ("STOPPED", "WON", None), won

    @test(Phase.CALLS)
    def a_business_creates_its_own_templates(self):
        steps = [{"day": 0, "text": "Hi {{first_name}}, how was {{car_model|your drive}}?"}]
        new = {"name": "Short", "category": "TEST_DRIVE", "steps": steps}
        template = self.post("/v2/sequence-templates", new).json(201)
        path = f"/v2/sequence-templates/{template['id']}"
        assert self.get(path) == template and self.get("/v2/sequence-templates")["data"] == [template]
        assert len(self.get("/v2/sequence-templates?builtIn=true")["data"]) == 5
        changed = self.stack.call("PATCH", path, self.key, {"name": "Shorter"}).json(200)
        assert self.get("/v2/sequence-templates?category=TEST_DRIVE")["data"] == [changed]

    @test(Phase.CALLS)
    def an_e_mail_is_sent_once_with_the_templates_text(self):
        sender = self.stack.verify_email_sender()
        address = "jane.walker@example.net"
        consented = {"consent": {"given": True}, "category": "TEST_DRIVE"}
        lead = self.post("/v2/leads", {"name": "Jane Walker", "email": address, **consented}).json(201)["id"]
        started = self.post("/v2/sequences", {"leadId": lead}, Idempotency_Key="sequence-1").json(201)
        again = self.post("/v2/sequences", {"leadId": lead}, Idempotency_Key="sequence-1").json(201)
        assert again == started
        shown = lambda: self.get(f"/v2/leads/{lead}/messages")["data"]
        sent = wait_until(30, "the message is sent", lambda: [one for one in shown() if one["status"] != "SENDING"])
        assert [(one["channel"], one["status"]) for one in sent] == [("EMAIL", "SENT")], sent
        assert sent[0]["body"] == "Hi Jane, how was your drive?"
        emails = [(one["Source"], one["To"], one["BodyText"]) for one in self.stack.sent_emails()]
        assert emails == [(sender, [address], sent[0]["body"])], emails
        assert self.get(f"/v2/leads/{lead}/sequence")["status"] == "COMPLETED"
        counted = lambda: self.get("/v2/analytics/kpis")["messagesSent"] == 1
        wait_until(30, "the message is counted", counted)

    @test(Phase.CALLS)
    def a_test_drive_with_consent_starts_its_follow_up(self):
        new = {"customer_name": "Jane Walker", "phone": "+46701234567", "consent": True}
        lead = self.in_test_mode("POST", "/v1/leads", new, 201)
        assert lead["sequence"]["status"] == "running", lead
        self.lead_rescue, path = lead["id"][2:], f"/v1/leads/{lead['id']}"
        simulated = lambda: [one["status"] for one in self.in_test_mode("GET", path)["messages"]] == ["simulated"]
        wait_until(30, "the first message", simulated)
        stopped = self.in_test_mode("POST", f"/v1/sequences/{lead['id']}/stop")
        assert stopped["status"] == "stopped", stopped
        again = self.in_test_mode("POST", "/v1/sequences", {"lead_id": lead["id"]}, 201)
        assert again["status"] == "running", again
        changed = self.in_test_mode("PATCH", path, {"status": "converted"})
        assert changed["sequence"]["stop_reason"] == "won", changed

    @test(Phase.END)
    def all_follow_up_steps_run_on_their_days(self):
        done = lambda: self.steps(self.followed) == ["SIMULATED"] * 4
        # Seven days, up to a night of quiet hours, and the minute between two sweeps.
        wait_until(8 * DAY + 90, "all four steps", done)
        assert self.in_test_mode("GET", f"/v2/leads/{self.followed}/sequence")["status"] == "COMPLETED"
        messages = lambda lead: self.in_test_mode("GET", f"/v2/leads/{lead}/messages")["data"]
        simulated = [(one["channel"], one["status"]) for one in messages(self.followed)]
        assert simulated == [("WHATSAPP", "SIMULATED")] * 4, simulated
        # A sequence that was stopped right after its start may have sent its first message.
        others = messages(self.stopped) + messages(self.lead_rescue)
        assert 1 <= len(others) <= 4 and all(one["status"] == "SIMULATED" for one in others), others
        assert len(self.stack.sent_emails()) == 1, "test mode sends no e-mail"
        kpis = lambda: self.in_test_mode("GET", "/v2/analytics/kpis")
        wait_until(30, "the messages are counted", lambda: kpis()["messagesSent"] == 4 + len(others))
        assert (kpis()["leads"], kpis()["converted"]) == (3, 2), kpis()

    @test(Phase.END)
    def test_data_is_purged_with_its_sequences(self):
        assert self.stack.call("DELETE", "/v2/test-data", self.test_key).status == 204
        assert self.in_test_mode("GET", "/v2/leads")["data"] == []
        self.stack.call("GET", f"/v2/leads/{self.followed}/sequence", self.test_key).json(404)
