// Iterating over many leads while others are created and erased yields each exactly once. LEADHOUSE_SDK_LEADS sets their
// number: 10,000 in CI, which takes 50 seconds, and otherwise 2,000.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient, createLeadhouse } from "../dist/esm/index.js";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { isCi, skipUnless } from "./harness/programs.mjs";

const LEADS = Number(process.env.LEADHOUSE_SDK_LEADS ?? (isCi ? 10_000 : 2_000));
/** Entries of one batch. */
const BATCH = 100;

async function createLeads(client, count, name) {
  const ids = [];
  for (let start = 0; start < count; start += BATCH) {
    const leads = Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => ({
      name: `${name} ${start + index}`, email: `${name}-${start + index}@example.com`,
    }));
    const { results } = await client.leads.createBatch({ leads });
    ids.push(...results.map(({ lead }) => lead.id));
  }
  return ids;
}

describe(`iterating over ${LEADS} leads`, { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  before(async () => { server = await startLeadhouse("--unlimited"); });
  after(() => server.stop());

  it("yields each exactly once while others are created and erased", async () => {
    const client = createLeadhouse({ apiKey: server.native.apiKey, baseUrl: server.baseUrl });
    const lasting = await createLeads(client, LEADS, "lasting");
    const doomed = await createLeads(client, LEADS / 10, "doomed");
    lasting.push(...(await createLeads(client, 100, "lasting-too")));
    let isRunning = true;
    let changes = 0;
    const disturb = async () => {
      while (isRunning) {
        await client.leads.create({ name: "new", email: `new-${changes}@example.com` });
        const victim = doomed.pop();
        if (victim) await client.leads.erase(victim);
        changes += 1;
      }
    };
    const disturbance = disturb();
    const counts = new Map();
    for await (const { id } of client.leads.iterate()) counts.set(id, (counts.get(id) ?? 0) + 1);
    isRunning = false;
    await disturbance;
    assert.ok(changes > 5, `only ${changes} changes meanwhile`);
    assert.deepEqual(lasting.filter((id) => counts.get(id) !== 1), []);
    assert.deepEqual([...counts].filter(([, count]) => count !== 1), []);
  });

  it("yields each exactly once in the contract of Revenue Defenders", async () => {
    const { apiKey } = server.revenueDefenders;
    const native = createLeadhouse({ apiKey, baseUrl: server.baseUrl });
    const businessId = server.revenueDefenders.businessId;
    const leads = Array.from({ length: BATCH }, (_, index) => ({ name: `Lead ${index}`, email: `rd-${index}@example.com`, businessId }));
    const { results } = await native.leads.createBatch({ leads });
    const rd = createClient({ apiKey, baseUrl: server.baseUrl });
    const expected = new Set(results.map(({ lead }) => lead.id));
    for (let index = 0; index < 5; index += 1) {
      expected.add((await rd.leads.create({ name: `One ${index}`, email: `one-${index}@example.com` })).id);
    }
    const seen = [];
    for await (const { id } of rd.leads.iterate({ businessId, limit: 3 })) seen.push(id);
    assert.equal(seen.length, new Set(seen).size);
    assert.deepEqual(new Set(seen), expected);
  });
});
