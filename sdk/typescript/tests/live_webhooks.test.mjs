// Signatures across: deliveries of the server, the published packages standardwebhooks and svix, and this package.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { createLeadhouse, signWebhook, verifyWebhook, verifyWebhookSignature } from "../dist/esm/index.js";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { skipUnless } from "./harness/programs.mjs";
import { startReceiver } from "./harness/receiver.mjs";

const CONTRACTS = ["native", "revenueDefenders", "leadRescue", "vendorPad"];
const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;

describe("deliveries of the server", { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  let client;
  before(async () => {
    server = await startLeadhouse("--unlimited");
    client = createLeadhouse({ apiKey: server.native.apiKey, baseUrl: server.baseUrl });
  });
  after(() => server.stop());

  for (const contract of CONTRACTS) {
    it(`of the contract ${contract} are verified here and by the published packages`, async () => {
      const receiver = await startReceiver();
      try {
        const { secret } = await client.webhooks.create({ url: receiver.url, events: ["lead.created"], contract });
        const lead = await client.leads.create({ name: "Zoë Åkesson", email: "zoe@example.com" });
        const [{ headers, body }] = await receiver.next(1);
        const event = await verifyWebhook(headers, body, secret, { contract });
        assert.deepEqual([event.contract, event.type, event.scheme], [contract, "lead.created", "standard"]);
        assert.equal(event.id, headers["webhook-id"]);
        assert.ok(Math.abs(event.timestamp - Date.now()) < 60_000);
        assert.ok(JSON.stringify(event.data).includes("Zoë"), JSON.stringify(event.data));
        if (contract === "native") assert.equal(event.data.id, lead.id);
        const own = await verifyWebhook(headers, body.toString(), secret, { contract, scheme: "contract" });
        assert.equal(own.scheme, "contract");
        assert.deepEqual(new StandardWebhook(secret).verify(body.toString(), headers), event.payload);
        // Throws if the signature is wrong; it returns nothing.
        new SvixWebhook(secret).verify(body.toString(), headers);
        await assert.rejects(verifyWebhook(headers, Buffer.concat([body, Buffer.from(" ")]), secret), { reason: "no_matching_signature" });
        const other = await client.webhooks.create({ url: receiver.url, events: ["lead.won"], contract });
        await assert.rejects(verifyWebhook(headers, body, other.secret), { reason: "no_matching_signature" });
      } finally {
        receiver.stop();
      }
    });
  }

  it("are verified with the old and the new secret while it is rotated", async () => {
    const receiver = await startReceiver();
    try {
      const { id, secret } = await client.webhooks.create({ url: receiver.url, events: ["lead.lost"] });
      const rotated = await client.webhooks.rotateSecret(id, { overlapSeconds: 3600 });
      await client.webhooks.test(id);
      const [{ headers, body }] = await receiver.next(1);
      for (const accepted of [secret, rotated.secret, [rotated.secret, secret]]) {
        assert.equal((await verifyWebhook(headers, body, accepted)).type, "ping");
      }
      const contract = { scheme: "contract" };
      assert.equal((await verifyWebhook(headers, body, [rotated.secret, secret], contract)).type, "ping");
      await assert.rejects(verifyWebhook(headers, body, rotated.secret, contract), { reason: "no_matching_signature" });
    } finally {
      receiver.stop();
    }
  });

  it("of Revenue Defenders are verified by the document's function", async () => {
    const receiver = await startReceiver();
    try {
      const { id, secret } = await client.webhooks.create({ url: receiver.url, events: ["*"], contract: "revenueDefenders" });
      await client.webhooks.test(id, { event: "dispute.created" });
      const [{ headers, body }] = await receiver.next(1);
      const signatureHeader = headers["x-revenuedefenders-signature"];
      assert.equal(await verifyWebhookSignature({ rawBody: body.toString(), signatureHeader, secret }), true);
      assert.equal(await verifyWebhookSignature({ rawBody: body, signatureHeader, secret: SECRET }), false);
    } finally {
      receiver.stop();
    }
  });

  it("signed reports of inbound messages are accepted", async () => {
    const { secret } = await client.inbound.createSecret();
    const lead = await client.leads.create({ name: "Replies", email: "replies@example.com", phone: "+447700900123" });
    const body = { event: "customer.reply", leadId: lead.id, channel: "SMS", body: "Yes, please", receivedAt: new Date().toISOString() };
    assert.deepEqual(await client.inbound.report(body, { secret }), { received: true });
    await assert.rejects(async () => client.inbound.report(body, { secret: SECRET }), { name: "AuthenticationError" });
    const messages = [];
    for await (const message of client.messages.iterate(lead.id)) messages.push(message.body);
    assert.deepEqual(messages, ["Yes, please"]);
  });
});

describe("signatures of this package and of the published packages", () => {
  const body = '{"id":"e","type":"lead.won","timestamp":"2026-11-26T12:00:00.000Z","version":2,"data":{"name":"Zoë"}}';
  for (const [name, Published] of [["standardwebhooks", StandardWebhook], ["svix", SvixWebhook]]) {
    it(`${name} verifies what this package signs`, async () => {
      for (const contract of CONTRACTS) {
        const headers = await signWebhook(body, SECRET, { contract, type: "lead.won" });
        new Published(SECRET).verify(body, headers);
        assert.throws(() => new Published(SECRET).verify(`${body} `, headers));
        assert.equal((await verifyWebhook(headers, body, SECRET, { scheme: "contract" })).contract, contract);
      }
    });

    it(`this package verifies what ${name} signs`, async () => {
      const now = new Date();
      const signature = new Published(SECRET).sign("msg_1", now, body);
      const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(now / 1000)), "webhook-signature": signature };
      const event = await verifyWebhook(headers, body, SECRET);
      assert.deepEqual([event.id, event.type, event.data], ["msg_1", "lead.won", { name: "Zoë" }]);
      await assert.rejects(verifyWebhook(headers, `${body} `, SECRET), { reason: "no_matching_signature" });
    });
  }
});
