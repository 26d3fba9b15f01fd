// Every operation of the client, called on a server. The end checks that none was left out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { createClient, createLeadhouse } from "../dist/esm/index.js";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { skipUnless } from "./harness/programs.mjs";

const operations = JSON.parse(readFileSync(new URL("operations.json", import.meta.url), "utf8"));

/** Returns the client, whose calls are noted in `called` as `group.method`. */
function noting(client, called) {
  const groups = Object.entries(client).map(([group, resource]) => [group, new Proxy(resource, {
    get(target, method) {
      const value = target[method];
      if (typeof value !== "function") return value;
      return (...values) => {
        called.add(`${group}.${String(method)}`);
        return value.apply(target, values);
      };
    },
  })]);
  return Object.fromEntries(groups);
}

function namesOf(table) {
  return Object.values(table).map(({ group, method }) => `${group}.${method}`);
}

describe("operations", { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  before(async () => { server = await startLeadhouse("--unlimited"); });
  after(() => server.stop());

  it("of the native contract all work", async () => {
    const called = new Set();
    const lh = noting(createLeadhouse({ apiKey: server.native.apiKey, baseUrl: server.baseUrl }), called);
    assert.equal((await lh.health.get()).status, "ok");
    assert.equal((await lh.openApiDocument.get()).openapi, "3.1.0");
    assert.equal((await lh.me.get()).mode, "live");
    const business = await lh.businesses.create({ name: "Harbour Lettings", country: "GB" });
    assert.equal((await lh.businesses.get(business.id)).name, "Harbour Lettings");
    assert.equal((await lh.businesses.update(business.id, { currency: "EUR" })).currency, "EUR");

    const lead = await lh.leads.create({ name: "Jane", email: "jane@example.com", phone: "020 7946 0958", visitorId: "v-1", consent: { given: true } });
    assert.equal((await lh.leads.get(lead.id)).email, "jane@example.com");
    assert.equal((await lh.leads.update(lead.id, { status: "CONTACTED" }, { ifMatch: 1 })).version, 2);
    await assert.rejects(async () => lh.leads.update(lead.id, { status: "WON" }, { ifMatch: 1 }), { name: "PreconditionFailedError" });
    assert.equal((await lh.leads.createBatch({ leads: [{ name: "A", email: "a@example.com" }] })).results[0].status, 201);
    assert.equal((await lh.visitorEvents.record({ visitorId: "v-1", eventType: "pageview" })).visitorId, "v-1");
    assert.equal((await lh.visitorEvents.list({ visitorId: "v-1" })).data.length, 1);

    assert.ok(Array.isArray((await lh.sequenceTemplates.list()).data));
    const steps = [{ day: 0, text: "Hello {name}, thank you for your request." }];
    const template = await lh.sequenceTemplates.create({ name: "Mine", category: "GENERAL", steps });
    assert.equal((await lh.sequenceTemplates.get(template.id)).name, "Mine");
    assert.equal((await lh.sequenceTemplates.update(template.id, { name: "Ours" })).name, "Ours");
    assert.equal((await lh.sequences.start({ leadId: lead.id })).leadId, lead.id);
    assert.equal((await lh.sequences.get(lead.id)).leadId, lead.id);
    await lh.sequences.stop(lead.id);
    await lh.messages.list(lead.id);
    await lh.sequenceTemplates.delete(template.id);

    const customer = await lh.customers.create({ name: "Jane", leadId: lead.id });
    assert.equal((await lh.customers.get(customer.id)).leadId, lead.id);
    const transaction = await lh.transactions.create({ customerId: customer.id, amountCents: 15000, status: "PAID" });
    assert.equal((await lh.transactions.get(transaction.id)).amountCents, 15000);
    const dispute = await lh.disputes.create({ reason: "NOT_AS_DESCRIBED", amountCents: 15000, transactionId: transaction.id });
    assert.equal((await lh.disputes.get(dispute.id)).reason, "NOT_AS_DESCRIBED");
    assert.equal((await lh.disputes.update(dispute.id, { status: "UNDER_REVIEW" })).status, "UNDER_REVIEW");
    const evidence = await lh.evidence.create({ category: "MESSAGE", disputeId: dispute.id, title: "Letter" });
    assert.equal((await lh.evidence.get(evidence.id)).status, "NONE");

    assert.equal((await lh.disputes.evidenceSummary(dispute.id)).disputeId, dispute.id);
    const made = await lh.packages.create(dispute.id, { profile: "MASTERCARD" });
    assert.equal((await lh.packages.get(made.id)).disputeId, dispute.id);

    const webhook = await lh.webhooks.create({ url: "http://127.0.0.1:9999/hook", events: ["*"] });
    assert.equal((await lh.webhooks.get(webhook.id)).status, "ENABLED");
    assert.deepEqual((await lh.webhooks.update(webhook.id, { events: ["lead.won"] })).events, ["lead.won"]);
    const { deliveryId } = await lh.webhooks.test(webhook.id, { event: "lead.won" });
    assert.equal((await lh.deliveries.get(deliveryId)).webhookId, webhook.id);
    await lh.deliveries.retry(deliveryId);
    await lh.webhooks.rotateSecret(webhook.id, { overlapSeconds: 0 });
    assert.equal((await lh.webhooks.recover(webhook.id, { since: "2026-01-01" })).hasMore, false);
    await lh.webhooks.delete(webhook.id);
    assert.equal((await lh.eventTypes.sample("lead.won", { contract: "vendorPad" })).event, "lead.won");
    const log = await lh.eventLog.read({ limit: 1 });
    assert.equal(log.data.length, 1);
    assert.equal((await lh.eventLog.read({ after: "latest" })).pagination.hasMore, false);
    const { pagination: end } = await lh.eventLog.read({ after: "latest" });
    const { eventId } = await lh.eventLog.addExample({ event: "lead.won" });
    for await (const event of lh.eventLog.follow({ after: end.after, event: "lead.won" })) {
      assert.deepEqual([event.id, event.example], [eventId, true]);
      break;
    }
    const found = [];
    for await (const event of lh.eventLog.iterate({ event: "lead.won" })) found.push(event.id);
    assert.ok(found.includes(eventId));

    const key = await lh.keys.create({ name: "form", scopes: ["leads:write"], mode: "test" });
    assert.equal((await lh.keys.get(key.id)).status, "ACTIVE");
    const rotated = await lh.keys.rotate(key.id, { graceSeconds: 0 });
    await lh.keys.revoke(rotated.id);
    await assert.rejects(async () => createLeadhouse({ apiKey: rotated.key, baseUrl: server.baseUrl }).leads.list(), { name: "AuthenticationError" });

    const suppression = await lh.suppressions.create({ email: "stop@example.com" });
    await lh.suppressions.lookUp({ email: "stop@example.com" });
    await lh.suppressions.lift(suppression.id);
    assert.ok((await lh.analytics.kpis({ range: "7d" })).leads >= 0);
    await lh.inbound.createSecret({ overlapSeconds: 0 });
    for (const group of ["auditLog", "businesses", "customers", "deliveries", "disputes", "eventTypes", "evidence", "keys", "leads", "suppressions", "transactions", "webhooks"]) {
      assert.ok(Array.isArray((await lh[group].list({ limit: 1 })).data), group);
      for await (const entry of lh[group].iterate({ limit: 50 })) assert.ok(entry, group);
    }
    assert.equal(await lh.leads.erase(lead.id), null);
    await lh.testData.purge();
    assert.deepEqual(namesOf(operations.native).filter((name) => !called.has(name)), []);
  });

  it("of Revenue Defenders all work", async () => {
    const called = new Set();
    const rd = noting(createClient({ apiKey: server.revenueDefenders.apiKey, baseUrl: server.baseUrl }), called);
    const lead = await rd.leads.create({ name: "Jane Smith", email: "jane@example.com", serviceInterest: "Roof Repair" });
    assert.equal((await rd.leads.get(lead.id)).name, "Jane Smith");
    const dispute = await rd.disputes.create({ reason: "NOT_AS_DESCRIBED", amountCents: 15000 });
    assert.equal((await rd.disputes.get(dispute.id)).amountCents, 15000);
    for (const group of ["leads", "disputes", "evidence", "customers", "transactions"]) {
      assert.ok(Array.isArray((await rd[group].list()).items), group);
    }
    assert.equal((await rd.openApiDocument.get()).openapi, "3.1.0");
    assert.deepEqual(namesOf(operations.revenueDefenders).filter((name) => !called.has(name)), []);
    await assert.rejects(async () => rd.leads.list({ businessId: server.native.businessId }), { name: "PermissionError" });
    await assert.rejects(async () => rd.leads.list({ cursor: "nonsense" }), { name: "InvalidCursorError" });
  });

  it("have errors that say what to do", async () => {
    const lh = createLeadhouse({ apiKey: server.native.apiKey, baseUrl: server.baseUrl });
    await assert.rejects(async () => lh.leads.create({ name: "No contact" }), (error) => {
      assert.equal(error.name, "ValidationError");
      assert.ok(error.fields.length > 0);
      assert.ok(error.requestId);
      return true;
    });
    await assert.rejects(async () => lh.leads.list({ cursor: "nonsense" }), { name: "InvalidCursorError", status: 400 });
    const order = { idempotencyKey: "order-1" };
    await lh.leads.create({ name: "One", email: "one@example.com" }, order);
    await assert.rejects(async () => lh.leads.create({ name: "Two", email: "two@example.com" }, order), { name: "IdempotencyError" });
    const wrong = createLeadhouse({ apiKey: `${server.native.apiKey.slice(0, -1)}!`, baseUrl: server.baseUrl });
    await assert.rejects(async () => wrong.leads.list(), { name: "AuthenticationError", status: 401 });
  });
});
