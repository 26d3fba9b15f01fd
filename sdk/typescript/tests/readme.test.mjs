// The code of README.md: type-checked under strict and executed, in its order, as a new user would.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { Program, skipUnless, untilReady } from "./harness/programs.mjs";
import { createProject } from "./harness/project.mjs";

const PRELUDE = `import { createLeadhouse } from "@leadhouse/sdk";
const leadhouse = createLeadhouse();
`;
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => (code.startsWith("import ") ? code : PRELUDE + code));

/** Name of the file of the only block that contains a text. */
function blockWith(text) {
  const found = blocks.flatMap((code, index) => (code.includes(text) ? [`block${index}.js`] : []));
  assert.equal(found.length, 1, `${found.length} blocks with ${text}`);
  return found[0];
}

describe("code of the README", { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  let project;
  let environment;
  before(async () => {
    server = await startLeadhouse("--unlimited");
    project = await createProject(Object.fromEntries(blocks.map((code, index) => [`block${index}.ts`, code])));
    await project.compile();
    environment = {
      LEADHOUSE_BASE_URL: server.baseUrl,
      LEADHOUSE_API_KEY: server.native.apiKey,
      RD_API_KEY: server.revenueDefenders.apiKey,
    };
  });
  after(async () => {
    await server.stop();
    project.remove();
  });

  it("sends a lead, registers an endpoint, and verifies a webhook", async () => {
    const createLead = blockWith("roof repair estimate");
    assert.match(await project.run(createLead, environment), /^[0-9a-f-]{36} \d+\n$/);
    const port = 20_000 + (process.pid % 20_000);
    const url = `http://127.0.0.1:${port}/hook`;
    const secret = (await project.run(blockWith("WEBHOOK_URL"), { ...environment, WEBHOOK_URL: url })).trim();
    const receiver = new Program(process.execPath, [project.path(`out/${blockWith("createServer")}`)], {
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
    });
    try {
      const line = new Promise((resolve) => { receiver.lines.once("line", resolve); });
      assert.equal((await untilReady(url)).status, 401);
      await project.run(createLead, environment);
      assert.equal(await line, "verified jane@example.com");
    } finally {
      await receiver.stop();
    }
  });

  it("starts no receiver without a secret", async () => {
    const start = project.run(blockWith("createServer"), { WEBHOOK_SECRET: "" });
    await assert.rejects(start, /Set WEBHOOK_SECRET to the secret of the subscription/);
  });

  it("signs, and verifies in a handler of web requests", async () => {
    assert.equal(await project.run(blockWith("signWebhook"), environment), "lead.won\n");
    process.env.WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const { POST } = await import(project.path(`out/${blockWith("async function POST")}`));
    const { signWebhook } = await import("../dist/esm/index.js");
    const body = '{"id":"1","type":"ping","timestamp":"2026-11-26T12:00:00.000Z","data":{}}';
    const headers = await signWebhook(body, process.env.WEBHOOK_SECRET);
    const request = (text) => new Request("http://localhost/hook", { method: "POST", headers, body: text });
    assert.equal((await POST(request(body))).status, 204);
    assert.equal((await POST(request(`${body} `))).status, 401);
  });

  it("lists, changes, uploads, reports errors and logs", async () => {
    const run = (text) => project.run(blockWith(text), environment);
    assert.match(await run("leads.pages"), /Jane Smith NEW/);
    assert.match(await run("eventLog.follow"), /lead\.won\n$/);
    assert.match(await run("order-4711"), /^201 \S+ false\n$/);
    assert.match(await run("order-4711").catch(({ message }) => message), /PreconditionFailedError/);
    assert.match(await run("receipt.txt"), /^READY [0-9a-f]{64}\n$/);
    assert.match(await run("packages.create"), /^READY \d+\n[\w,]+ 1\n$/);
    assert.match(readFileSync(project.path("package.pdf"), "latin1"), /^%PDF-/);
    assert.match(await run("not an address"), /^email email must be/);
    assert.match(await run("onRetry"), /^GET \/v2\/leads 200 \S+ \d+\n$/);
    assert.match(await run("rd.leads.iterate"), /^0 null\nfalse\n$/);
  });
});
