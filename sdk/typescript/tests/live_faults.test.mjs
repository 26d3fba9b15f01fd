// Responses that are lost after the server has acted: nothing happens twice.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient, createLeadhouse } from "../dist/esm/index.js";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { startLossyProxy } from "./harness/lossy_proxy.mjs";
import { skipUnless } from "./harness/programs.mjs";

async function collect(iterator) {
  const all = [];
  for await (const one of iterator) all.push(one);
  return all;
}

describe("responses lost after the server has acted", { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  before(async () => { server = await startLeadhouse("--unlimited"); });
  after(() => server.stop());

  /** Runs `work` with a client whose first `count` responses to `method` are lost. */
  async function withLosses(method, count, work, create = createLeadhouse, apiKey = server.native.apiKey) {
    const isDropped = (entry, seen) => entry.method === method && seen.filter((one) => one.method === method).length <= count;
    const proxy = await startLossyProxy(server.baseUrl, isDropped);
    try {
      return await work(create({ apiKey, baseUrl: proxy.origin, initialRetryDelay: 10 }), proxy);
    } finally {
      proxy.stop();
    }
  }

  const direct = () => createLeadhouse({ apiKey: server.native.apiKey, baseUrl: server.baseUrl });

  it("create one lead", async () => {
    const email = "lost@example.com";
    const lead = await withLosses("POST", 2, async (client, proxy) => {
      const { data, response } = await client.leads.create({ name: "Lost Response", email }).withResponse();
      assert.equal(response.isReplayed, true);
      assert.deepEqual(proxy.seen.map(({ status }) => status), [201, 201, 201]);
      return data;
    });
    const found = await collect(direct().leads.iterate({ email }));
    assert.deepEqual(found.map(({ id }) => id), [lead.id]);
  });

  it("create one lead of Revenue Defenders", async () => {
    const { apiKey } = server.revenueDefenders;
    await withLosses("POST", 1, async (rd) => {
      const lead = await rd.leads.create({ name: "Lost Response", email: "lost-rd@example.com" });
      const all = await collect(rd.leads.iterate());
      assert.deepEqual(all.filter(({ email }) => email === "lost-rd@example.com").map(({ id }) => id), [lead.id]);
    }, createClient, apiKey);
  });

  it("create each lead of a batch once", async () => {
    const leads = Array.from({ length: 20 }, (_, index) => ({ name: `Batch ${index}`, email: "batch@example.com" }));
    await withLosses("POST", 1, (client) => client.leads.createBatch({ leads }));
    assert.equal((await collect(direct().leads.iterate({ email: "batch@example.com" }))).length, 20);
  });

  it("change a lead once, with the version that was read", async () => {
    const lead = await direct().leads.create({ name: "Changed", email: "changed@example.com" });
    await withLosses("PATCH", 1, async (client) => {
      const changed = await client.leads.update(lead.id, { status: "WON" }, { ifMatch: lead.version });
      assert.deepEqual([changed.status, changed.version], ["WON", lead.version + 1]);
    });
  });

  it("open one dispute, and send its file once", async () => {
    await withLosses("POST", 1, async (client) => {
      await client.disputes.create({ reason: "NOT_RECEIVED", amountCents: 4711 });
    });
    const disputes = await collect(direct().disputes.iterate());
    assert.equal(disputes.filter(({ amountCents }) => amountCents === 4711).length, 1);
    const file = new Blob(["signed on 1 May"], { type: "text/plain" });
    const upload = { category: "CONTRACT", disputeId: disputes[0].id, file, name: "contract.txt" };
    const isFirst = (entry, seen) => ["PUT", "POST"].includes(entry.method) && seen.filter(({ method }) => method === entry.method).length === 1;
    const proxy = await startLossyProxy(server.baseUrl, isFirst);
    try {
      const client = createLeadhouse({ apiKey: server.native.apiKey, baseUrl: proxy.origin, initialRetryDelay: 10 });
      const evidence = await client.evidence.upload(upload);
      assert.deepEqual([evidence.status, evidence.file.size], ["READY", 15]);
    } finally {
      proxy.stop();
    }
    assert.equal((await collect(direct().evidence.iterate({ disputeId: disputes[0].id }))).length, 1);
  });

  it("continue an upload that failed, with its idempotency key", async () => {
    const client = createLeadhouse({
      apiKey: server.native.apiKey, baseUrl: server.baseUrl, initialRetryDelay: 10,
      fetch: (url, init) => (init.method === "PUT" ? Promise.reject(new TypeError("the file server cannot be reached")) : fetch(url, init)),
    });
    const dispute = await direct().disputes.create({ reason: "NOT_RECEIVED", amountCents: 815 });
    const upload = { category: "OTHER", disputeId: dispute.id, file: new Blob(["hello"], { type: "text/plain" }) };
    const error = await client.evidence.upload(upload).catch((thrown) => thrown);
    assert.deepEqual([error.name, error.status, error.evidence.status], ["UploadError", null, "AWAITING_UPLOAD"]);
    for (let times = 0; times < 2; times += 1) {
      const evidence = await direct().evidence.upload(upload, { idempotencyKey: error.idempotencyKey });
      assert.deepEqual([evidence.id, evidence.status], [error.evidence.id, "READY"]);
    }
    assert.equal((await collect(direct().evidence.iterate({ disputeId: dispute.id }))).length, 1);
  });

  it("delete a subscription once, and erase a lead", async () => {
    const webhook = await direct().webhooks.create({ url: "http://127.0.0.1:9999/hook", events: ["*"] });
    await withLosses("DELETE", 1, async (client, proxy) => {
      assert.equal(await client.webhooks.delete(webhook.id), null);
      assert.equal(proxy.seen.length, 2);
    });
    const lead = await direct().leads.create({ name: "Erased", email: "erased@example.com" });
    await withLosses("DELETE", 2, (client) => client.leads.erase(lead.id));
    await assert.rejects(direct().leads.get(lead.id), { name: "NotFoundError" });
  });
});
