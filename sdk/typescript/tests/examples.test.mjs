// The examples: type-checked under strict, and executed against a server.
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { build } from "esbuild";
import { createLeadhouse } from "../dist/esm/index.js";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { isInstalled, PACKAGE, Program, runtimeProgram, skipUnless, untilReady } from "./harness/programs.mjs";
import { createProject } from "./harness/project.mjs";

const BUN = runtimeProgram("@oven/bun-linux-x64-baseline/bin/bun");
const WORKERD = runtimeProgram("@cloudflare/workerd-linux-64/bin/workerd");
const PORT = 21_000 + (process.pid % 20_000);
const CSV = '\uFEFFname,email,phone,budget\r\n"Smith, Jane",jane@example.com,,1200\r\n"Ada ""Countess"" King",ada@example.com,020 7946 0958,\r\nNo Contact,,,\r\n';

describe("examples", { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  let project;
  let client;
  let environment;
  before(async () => {
    server = await startLeadhouse("--unlimited");
    client = createLeadhouse({ apiKey: server.native.apiKey, baseUrl: server.baseUrl });
    environment = { LEADHOUSE_BASE_URL: server.baseUrl, LEADHOUSE_API_KEY: server.native.apiKey };
    project = await createProject({});
    for (const name of readdirSync(join(PACKAGE, "examples"))) project.copy(join(PACKAGE, "examples", name), name);
    await project.compile();
  });
  after(async () => {
    await server.stop();
    project.remove();
  });

  it("import a CSV file, and again without storing anything twice", async () => {
    writeFileSync(project.path("leads.csv"), CSV);
    for (const attempt of [1, 2]) {
      const output = await project.run("import_csv.js", environment, "leads.csv");
      assert.match(output, /row 4: .*\n2 of 3 leads stored\n$/, `attempt ${attempt}`);
    }
    const { data } = await client.leads.list();
    assert.deepEqual(data.map(({ name }) => name).sort(), ['Ada "Countess" King', "Smith, Jane"]);
    assert.equal(data.find(({ name }) => name === "Smith, Jane").attributes.budget, "1200");
  });

  it("upload evidence", async () => {
    writeFileSync(project.path("receipt.pdf"), "%PDF-1.4 a receipt");
    assert.match(await project.run("upload_evidence.js", environment, "receipt.pdf"), /^READY 18 [0-9a-f]{64}\n$/);
  });

  it("receive webhooks with Hono", async (test) => {
    if (!isInstalled(test, BUN, "Bun")) return;
    const url = `http://127.0.0.1:${PORT}/hook`;
    const { secret } = await client.webhooks.create({ url, events: ["lead.created"] });
    const receiver = new Program(BUN, ["run", project.path("hono_receiver.ts")], {
      cwd: project.folder, env: { ...process.env, PORT: String(PORT), WEBHOOK_SECRET: `whsec_b3RoZXI=,${secret}` },
    });
    try {
      await untilReady(url);
      const line = new Promise((resolve) => { receiver.lines.on("line", (text) => text.startsWith("new lead") && resolve(text)); });
      await client.leads.create({ name: "Hono Lead", email: "hono@example.com" });
      assert.match(await line, /^new lead Hono Lead \d+$/);
      assert.equal((await fetch(url, { method: "POST", body: "{}" })).status, 401);
    } finally {
      await receiver.stop();
    }
  });

  it("confirm the ownership of a receiver with Hono", async (test) => {
    if (!isInstalled(test, BUN, "Bun")) return;
    const start = (port, settings) => new Program(BUN, ["run", project.path("hono_receiver.ts")], {
      cwd: project.folder, env: { ...process.env, PORT: String(port), ...settings },
    });
    const [url, laterUrl] = [PORT + 2, PORT + 3].map((port) => `http://127.0.0.1:${port}/hook`);
    const registering = start(PORT + 2, { WEBHOOK_REGISTERING: "1" });
    let webhook;
    try {
      await untilReady(url);
      webhook = await client.webhooks.create({ url, events: ["lead.won"], verifyOwnership: true });
    } finally {
      await registering.stop();
    }
    const receiver = start(PORT + 3, { WEBHOOK_SECRET: webhook.secret });
    try {
      await untilReady(laterUrl);
      assert.equal((await client.webhooks.update(webhook.id, { url: laterUrl })).url, laterUrl);
      const body = '{"type":"webhook.verification","challenge":"7c1f"}';
      assert.equal((await fetch(laterUrl, { method: "POST", body })).status, 401);
    } finally {
      await receiver.stop();
    }
  });

  it("receive webhooks and forms in a Cloudflare Worker", async (test) => {
    if (!isInstalled(test, WORKERD, "workerd")) return;
    const port = PORT + 1;
    const url = `http://127.0.0.1:${port}`;
    const { id, secret } = await client.webhooks.create({ url: `${url}/hook`, events: ["lead.won"] });
    await build({
      entryPoints: [project.path("cloudflare_worker.ts")], outfile: project.path("bundle.mjs"), bundle: true, format: "esm", logLevel: "silent",
    });
    const bindings = Object.entries({ ...environment, WEBHOOK_SECRET: secret }).map(([name, text]) => `(name = "${name}", text = "${text}")`);
    writeFileSync(project.path("config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "bundle.mjs", esModule = embed "bundle.mjs")],
      compatibilityDate = "2024-09-01", globalOutbound = "machine", bindings = [${bindings.join(", ")}],
    )),
    (name = "machine", network = (allow = ["local", "private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);`);
    const worker = new Program(WORKERD, ["serve", project.path("config.capnp")], { input: "ignore" });
    try {
      await untilReady(url);
      const post = (body) => fetch(`${url}/form`, { method: "POST", body: new URLSearchParams(body) });
      const created = await post({ name: "Form Lead", email: "form@example.com", message: "Hello" });
      assert.equal(created.status, 201);
      const lead = await client.leads.get((await created.json()).id);
      assert.equal(lead.name, "Form Lead");
      assert.equal((await post({ name: "Nobody", email: "" })).status, 400);
      const { deliveryId } = await client.webhooks.test(id, { event: "lead.won" });
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await client.deliveries.get(deliveryId)).status === "DELIVERED") break;
        await new Promise((resolve) => { setTimeout(resolve, 100); });
      }
      assert.equal((await client.deliveries.get(deliveryId)).attempts[0].status, 204);
      assert.equal((await fetch(`${url}/hook`, { method: "POST", body: "{}" })).status, 401);
    } finally {
      await worker.stop();
    }
  });
});
