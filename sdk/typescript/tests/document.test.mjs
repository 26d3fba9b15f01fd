// The SDK code of the Revenue Defenders document: type-checked under strict and executed, with only the package's name,
// the ids and the address (an environment variable) replaced. A checkout without the document tests equivalents.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createClient, signWebhook } from "../dist/esm/index.js";
import { serverBinary, startLeadhouse } from "./harness/leadhouse.mjs";
import { REPOSITORY, skipUnless } from "./harness/programs.mjs";
import { createProject } from "./harness/project.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const document = [join(REPOSITORY, "../shared/seeds/revenue-defenders.txt")].find((path) => existsSync(path));

const OWN_QUICKSTART = `import { createClient } from '@leadhouse/sdk';

const client = createClient({ apiKey: process.env.RD_API_KEY! });
const { items } = await client.leads.list({ businessId: 'biz_123', limit: 50 });
for await (const lead of client.leads.iterate({ businessId: 'biz_123' })) {
  console.log(lead.name, lead.status);
}
`;
const OWN_VERIFICATION = `import { verifyWebhookSignature } from '@leadhouse/sdk';

const rawBody = await request.text();
const header = request.headers.get('X-RevenueDefenders-Signature')!;
const valid = await verifyWebhookSignature({ rawBody, signatureHeader: header, secret: process.env.WEBHOOK_SECRET! });
`;

/** Returns the lines between two of the document. */
function section(text, after, before) {
  const lines = text.split("\n");
  const start = lines.indexOf(after);
  const end = lines.indexOf(before, start);
  assert.ok(start >= 0 && end > start, `no section ${after}`);
  return lines.slice(start + 1, end).join("\n");
}

function samples() {
  if (document === undefined) return [];
  const text = readFileSync(document, "utf8");
  const sdk = text.slice(text.indexOf("TypeScript SDK"));
  const verification = sdk.slice(sdk.indexOf("Webhook Verification"));
  const renamed = (code) => code.replaceAll("@revenue-defenders/sdk", "@leadhouse/sdk");
  return [{
    name: "the document",
    quickstart: renamed(section(sdk, "Quickstart (Node)", "Webhook Verification")),
    verification: renamed(`${verification.split("});")[0].split("\n").slice(1).join("\n")}});\n`),
  }];
}

const SAMPLES = [{ name: "its equivalents", quickstart: OWN_QUICKSTART, verification: OWN_VERIFICATION }, ...samples()];

/** Puts a handler around the code for the inside of one; imports stay outside. */
function inHandler(code) {
  const [imports, rest] = [code.match(/^import .*$/gm).join("\n"), code.replace(/^import .*$/gm, "")];
  return `${imports}\nexport async function handle(request: Request): Promise<boolean> {\n${rest}\nreturn valid;\n}\n`;
}

describe("SDK code of the Revenue Defenders document", { skip: skipUnless(serverBinary(), "the binary leadhouse") }, () => {
  let server;
  before(async () => { server = await startLeadhouse("--unlimited"); });
  after(() => server.stop());

  for (const { name, quickstart, verification } of SAMPLES) {
    it(`runs and passes strict checks: ${name}`, async () => {
      const { apiKey, businessId } = server.revenueDefenders;
      assert.ok(quickstart.includes("createClient(") && verification.includes("verifyWebhookSignature("));
      const project = await createProject({
        "quickstart.ts": quickstart.replaceAll("biz_123", businessId), "verification.ts": inHandler(verification),
      });
      try {
        await project.compile();
        const rd = createClient({ apiKey, baseUrl: server.baseUrl });
        await rd.leads.create({ name: `John Doe of ${name}`, email: "john@example.com" });
        const output = await project.run("quickstart.js", { RD_API_KEY: apiKey, LEADHOUSE_BASE_URL: server.baseUrl });
        assert.ok(output.split("\n").includes(`John Doe of ${name} NEW`), output);
        process.env.WEBHOOK_SECRET = SECRET;
        const { handle } = await import(project.path("out/verification.js"));
        const body = '{"id":"clx","name":"John Doe"}';
        const headers = await signWebhook(body, SECRET, { contract: "revenueDefenders", type: "lead.created" });
        const request = (text) => new Request("https://your-server.com/webhooks/rd", { method: "POST", headers, body: text });
        assert.deepEqual([await handle(request(body)), await handle(request(`${body} `))], [true, false]);
      } finally {
        project.remove();
      }
    });
  }
});
