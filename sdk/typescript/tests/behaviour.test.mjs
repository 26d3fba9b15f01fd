// Behaviour that the conformance cases cannot show: waits, signals, hooks, secrets, and options of JavaScript.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { DEFAULT_POLL_INTERVAL } from "../dist/esm/event-log.js";
import { DEFAULT_WAIT_TIMEOUT, UPLOAD_TIMEOUT } from "../dist/esm/evidence.js";
import * as sdk from "../dist/esm/index.js";
import * as options from "../dist/esm/options.js";
import { parseRetryAfter, retryDelay } from "../dist/esm/retry.js";
import { DEFAULT_TOLERANCE } from "../dist/esm/webhooks/verify.js";

const KEY = `lh_test_Behave00_${"s".repeat(44)}`;
const SETTINGS = { initialRetryDelay: 500, maxRetryDelay: 8_000, maxRetryAfter: 60_000 };

/** Starts a server that responds as `respond(number)` says: `[status, body, headers]`, or nothing. */
async function startServer(respond) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    const answer = respond(requests.length);
    if (!answer) return;
    const [status, value, headers = {}] = answer;
    response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_1", ...headers });
    response.end(JSON.stringify(value));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    requests,
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Origin of the server that a link of a response points to. */
let uploadOrigin;

async function withServer(respond, work) {
  const server = await startServer(respond);
  try {
    return await work(server);
  } finally {
    server.stop();
  }
}

describe("waits before retries", () => {
  it("are random up to a bound that doubles and ends", () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(attempt, null, SETTINGS, 1));
    assert.deepEqual(bounds, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    assert.equal(retryDelay(3, null, SETTINGS, 0), 0);
    assert.equal(retryDelay(3, null, SETTINGS, 0.25), 500);
  });

  it("are at least what the server asks for", () => {
    assert.equal(retryDelay(1, 30_000, SETTINGS, 0), 30_000);
    assert.equal(retryDelay(1, 30_000, SETTINGS, 0.5), 30_250);
    assert.equal(retryDelay(1, 60_001, SETTINGS, 0.5), null);
  });

  it("understand every form of Retry-After", () => {
    const now = Date.parse("2026-11-30T10:00:00Z");
    assert.equal(parseRetryAfter("7", now), 7_000);
    assert.equal(parseRetryAfter("Mon, 30 Nov 2026 10:00:05 GMT", now), 5_000);
    assert.equal(parseRetryAfter("Mon, 30 Nov 2026 09:00:00 GMT", now), 0);
    assert.equal(parseRetryAfter("Mon Nov 30 10:00:05 2026", now), 5_000);
    assert.equal(parseRetryAfter("Monday, 30-Nov-26 10:00:05 GMT", now), 5_000);
    for (const text of ["soon", "1.5", "-5", "2026-11-30", ""]) assert.equal(parseRetryAfter(text, now), null, text);
    assert.equal(parseRetryAfter(null, now), null);
  });
});

describe("a deletion of what is not there", () => {
  const connectionErrors = {
    "was refused": { cause: { code: "ECONNREFUSED" } },
    "did not find the host": { cause: { code: "ENOTFOUND" } },
    "could not look up the host": { cause: { code: "EAI_AGAIN" } },
    "was reset": { cause: { code: "ECONNRESET" } },
    "has no reason": {},
  };
  for (const [what, options] of Object.entries(connectionErrors)) {
    const isUnknown = ["was reset", "has no reason"].includes(what);
    it(`${isUnknown ? "succeeds" : "fails"} after a connection that ${what}`, () => withServer(() => [404, {}], async ({ baseUrl, requests }) => {
      let attempts = 0;
      const send = async (url, init) => {
        attempts += 1;
        if (attempts === 1) throw new TypeError("fetch failed", options);
        return fetch(url, init);
      };
      const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, initialRetryDelay: 1, fetch: send });
      const deletion = client.webhooks.delete("w1");
      if (isUnknown) assert.equal(await deletion, null);
      else await assert.rejects(async () => deletion, { name: "NotFoundError" });
      assert.deepEqual([attempts, requests.length], [2, 1]);
    }));
  }

  it("fails after a connection that this runtime refused", () => withServer(() => [404, {}], async ({ baseUrl }) => {
    const closed = await startServer(() => undefined);
    closed.stop();
    let attempts = 0;
    const send = (url, init) => fetch((attempts += 1) === 1 ? closed.baseUrl : url, init);
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, initialRetryDelay: 1, fetch: send });
    await assert.rejects(async () => client.webhooks.delete("w1"), { name: "NotFoundError" });
    assert.equal(attempts, 2);
  }));
});

describe("signals", () => {
  it("end a call that waits for a response", () => {
    const controller = new AbortController();
    const reason = new Error("no longer needed");
    const abort = () => { controller.abort(reason); };
    return withServer(abort, async ({ baseUrl }) => {
      const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
      await assert.rejects(async () => client.leads.list({}, { signal: controller.signal }), (error) => {
        assert.ok(error instanceof sdk.AbortError);
        assert.equal(error.cause, reason);
        return true;
      });
    });
  });

  it("leave the idempotency key of the call", () => {
    const controller = new AbortController();
    const abort = () => { controller.abort(); };
    return withServer(abort, async ({ baseUrl, requests }) => {
      const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
      const body = { name: "Jane", email: "jane@example.com" };
      const error = await client.leads.create(body, { signal: controller.signal }).catch((thrown) => thrown);
      assert.equal(error.name, "AbortError");
      assert.equal(error.idempotencyKey, requests[0].headers["idempotency-key"]);
    });
  });

  it("end a call that waits for a retry", () => withServer(() => [503, {}, { "retry-after": "30" }], async ({ baseUrl, requests }) => {
    const controller = new AbortController();
    const hooks = { onRetry: () => { setTimeout(() => controller.abort()); } };
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, hooks });
    await assert.rejects(async () => client.leads.list({}, { signal: controller.signal }), { name: "AbortError" });
    assert.equal(requests.length, 1);
  }));

  it("that have ended already send nothing", () => withServer(() => [200, {}], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
    await assert.rejects(async () => client.leads.list({}, { signal: AbortSignal.abort() }), { name: "AbortError" });
    assert.equal(requests.length, 0);
  }));
});

describe("hooks and errors", () => {
  it("see what happens, and nothing secret or personal", () => withServer((number) => (number === 1 ? [500, {}] : [200, { data: [] }]), async ({ baseUrl }) => {
    const seen = [];
    const hook = (name) => (info) => { seen.push([name, info]); };
    const hooks = { onRequest: hook("request"), onResponse: hook("response"), onRetry: hook("retry") };
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, initialRetryDelay: 1, hooks });
    await client.leads.list({ email: "jane@example.com" });
    assert.deepEqual(seen.map(([name]) => name), ["request", "response", "retry", "request", "response"]);
    const { durationMs, ...response } = seen[4][1];
    assert.ok(durationMs >= 0);
    assert.deepEqual(response, { method: "GET", route: "/v2/leads", attempt: 2, status: 200, requestId: "req_1", sunset: null });
    assert.doesNotMatch(JSON.stringify(seen), /jane|sss/);
  }));

  it("see the upload of a file, without its link", () => withServer((number) => [
    [201, { id: "e1", status: "AWAITING_UPLOAD", uploadUrl: `${uploadOrigin}/files/e1?signature=secret` }],
    [503, {}], [200, {}], [200, { id: "e1", status: "READY" }],
  ][number - 1], async ({ baseUrl }) => {
    uploadOrigin = baseUrl;
    const seen = [];
    const hook = (name) => (info) => { seen.push([name, info.method, info.route, info.attempt]); };
    const hooks = { onRequest: hook("request"), onResponse: hook("response"), onRetry: hook("retry") };
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, initialRetryDelay: 1, hooks });
    await client.evidence.upload({ category: "OTHER", file: new Blob(["hello"], { type: "text/plain" }) });
    assert.deepEqual(seen.slice(2, 7), [
      ["request", "PUT", "{uploadUrl}", 1], ["response", "PUT", "{uploadUrl}", 1], ["retry", "PUT", "{uploadUrl}", 1],
      ["request", "PUT", "{uploadUrl}", 2], ["response", "PUT", "{uploadUrl}", 2],
    ]);
    assert.equal(seen.length, 9);
  }));

  it("of an upload name its host, and not its link", () => withServer((number) => [
    [201, { id: "e1", status: "AWAITING_UPLOAD", uploadUrl: "http://files.example.com/tenants/t1?signature=secret" }],
    [200, { id: "e1", status: "AWAITING_UPLOAD", uploadUrl: "http://files.example.com/tenants/t1?signature=secret" }],
  ][number - 1], async ({ baseUrl }) => {
    const send = async (url, init) => {
      if (init.method === "PUT") throw new TypeError("fetch failed", { cause: { code: "ECONNRESET" } });
      return fetch(url, init);
    };
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, fetch: send, maxRetries: 0 });
    const file = new Blob(["hello"], { type: "text/plain" });
    const error = await client.evidence.upload({ category: "OTHER", file }).catch((thrown) => thrown);
    assert.equal(error.name, "UploadError");
    assert.match(error.message, /No response from http:\/\/files\.example\.com \(ECONNRESET\)/);
    const texts = [error.message, error.cause.message, inspect(error, { depth: null }), JSON.stringify(error)];
    for (const text of texts) assert.doesNotMatch(text, /baseUrl|tenants|secret/);
    assert.match(error.evidence.uploadUrl, /secret/);
  }));

  it("learn when an operation will end", () => withServer(() => [200, {}, { sunset: "Sat, 01 Jan 2028 00:00:00 GMT" }], async ({ baseUrl }) => {
    const seen = [];
    await sdk.createLeadhouse({ apiKey: KEY, baseUrl, hooks: { onResponse: ({ sunset }) => seen.push(sunset) } }).me.get();
    assert.deepEqual(seen, ["Sat, 01 Jan 2028 00:00:00 GMT"]);
  }));

  it("that throw do not lose the call", () => withServer(() => [200, { id: "x" }], async ({ baseUrl }) => {
    const hooks = { onRequest() { throw new Error("logging failed"); } };
    assert.deepEqual(await sdk.createLeadhouse({ apiKey: KEY, baseUrl, hooks }).me.get(), { id: "x" });
  }));

  it("that reject later do not end the process", () => withServer(() => [200, { id: "x" }], async ({ baseUrl }) => {
    const hooks = { async onResponse() { throw new Error("logging failed"); } };
    assert.deepEqual(await sdk.createLeadhouse({ apiKey: KEY, baseUrl, hooks }).me.get(), { id: "x" });
    // A rejection that nobody handles fails this test.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }));

  it("name the idempotency key of a call that failed", () => withServer(() => [503, {}], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, maxRetries: 0 });
    const error = await client.leads.create({ name: "Jane", email: "jane@example.com" }).catch((thrown) => thrown);
    assert.ok(error.idempotencyKey);
    assert.equal(error.idempotencyKey, requests[0].headers["idempotency-key"]);
    assert.equal((await client.me.get().catch((thrown) => thrown)).idempotencyKey, null);
  }));

  it("quote no JSON that was cut short", () => withServer(() => [200, '{"name": "Jane Sm', { "content-type": "application/json" }], async ({ baseUrl }) => {
    const error = await sdk.createLeadhouse({ apiKey: KEY, baseUrl }).me.get().catch((thrown) => thrown);
    assert.ok(error instanceof sdk.LeadhouseError);
    assert.doesNotMatch(error.message, /Jane/);
  }));

  it("name an option of a call that is no number", () => withServer(() => [503, {}], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
    for (const options of [{ maxRetries: NaN }, { timeout: NaN }]) {
      await assert.rejects(async () => client.leads.list({}, options), { name: "ConfigurationError" });
    }
    assert.equal(requests.length, 0);
  }));

  it("never show the key", () => withServer((number) => [number === 1 ? 401 : 200, { error: "no" }], async ({ baseUrl }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
    const error = await client.me.get().catch((thrown) => thrown);
    const gone = sdk.createLeadhouse({ apiKey: KEY, baseUrl: "http://127.0.0.1:9", maxRetries: 0 });
    const failed = await gone.me.get().catch((thrown) => thrown);
    assert.ok(failed instanceof sdk.ConnectionError);
    for (const shown of [client, error, failed]) {
      assert.doesNotMatch(inspect(shown, { depth: 20, showHidden: true }), /sssss/);
      assert.doesNotMatch(JSON.stringify(shown), /sssss/);
    }
  }));
});

describe("options", () => {
  it("have the defaults of every SDK", () => {
    const { sdkDefaults } = JSON.parse(readFileSync(new URL("../../conformance/cases.json", import.meta.url), "utf8"));
    assert.deepEqual({
      timeoutMs: options.DEFAULT_TIMEOUT,
      maxRetries: options.DEFAULT_MAX_RETRIES,
      initialRetryDelayMs: options.DEFAULT_INITIAL_RETRY_DELAY,
      maxRetryDelayMs: options.DEFAULT_MAX_RETRY_DELAY,
      maxRetryAfterMs: options.DEFAULT_MAX_RETRY_AFTER,
      uploadTimeoutMs: UPLOAD_TIMEOUT,
      uploadWaitMs: DEFAULT_WAIT_TIMEOUT,
      pollIntervalMs: DEFAULT_POLL_INTERVAL,
      toleranceSeconds: DEFAULT_TOLERANCE,
    }, sdkDefaults);
  });

  it("of the client are checked", () => {
    const create = (options) => () => sdk.createLeadhouse({ apiKey: KEY, baseUrl: "https://leads.example.com", ...options });
    for (const wrong of [
      { apiKey: undefined }, { apiKey: "" }, { apiKey: "a b" }, { baseUrl: "leads.example.com" }, { baseUrl: "ftp://x" },
      { baseUrl: "https://user:word@x" }, { baseUrl: "https://x/?a=1" }, { maxRetries: -1 }, { timeout: Number.NaN }, { baseUrl: undefined },
    ]) assert.throws(create(wrong), sdk.ConfigurationError, JSON.stringify(wrong));
    create({})();
  });

  it("and bodies that cannot be sent are errors before anything is sent", () => withServer(() => [200, {}], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
    const lead = { name: "Jane", email: "jane@example.com" };
    for (const call of [
      () => client.leads.create({ ...lead, attributes: { big: 1n } }),
      () => client.leads.create(lead, { headers: { "x-a": "a\nb" } }),
      () => client.leads.create(lead, { headers: { "x a": "b" } }),
      () => client.leads.update("id", { status: "WON" }, { ifMatch: "a\nb" }),
      () => client.leads.get(4711),
    ]) await assert.rejects(async () => call(), { name: "ConfigurationError" });
    assert.equal(requests.length, 0);
  }));

  it("may name the address with or without slash and base path", () => withServer(() => [200, { data: [] }], async ({ baseUrl, requests }) => {
    for (const address of [baseUrl, `${baseUrl}/`, `${baseUrl}/v2`, `${baseUrl}/v2/`, `${baseUrl}/proxy`]) {
      await sdk.createLeadhouse({ apiKey: ` ${KEY}\n`, baseUrl: address }).leads.list();
    }
    assert.deepEqual(requests.map(({ url }) => url), ["/v2/leads", "/v2/leads", "/v2/leads", "/v2/leads", "/proxy/v2/leads"]);
    assert.equal(requests[0].headers.authorization, `Bearer ${KEY}`);
  }));

  it("may be headers with the names of an object's properties", () => withServer(() => [200, {}], async ({ baseUrl, requests }) => {
    await sdk.createLeadhouse({ apiKey: KEY, baseUrl }).me.get({ headers: { constructor: "a", valueOf: "b" } });
    assert.deepEqual([requests[0].headers.constructor, requests[0].headers.valueof], ["a", "b"]);
  }));

  it("of a file need a type that its name tells", () => withServer(() => [201, {}], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
    for (const name of ["photo", "photo.constructor", "letter.docx"]) {
      await assert.rejects(client.evidence.upload({ category: "OTHER", file: new Uint8Array(1), name }), {
        name: "ConfigurationError", message: /one of image\/jpeg, image\/png, .*, audio\/wav\.$/,
      });
    }
    assert.equal(requests.length, 0);
  }));

  it("take the key from a function for each call", () => withServer(() => [200, {}], async ({ baseUrl, requests }) => {
    let number = 0;
    const client = sdk.createLeadhouse({ baseUrl, apiKey: async () => `key_${(number += 1)}` });
    await client.me.get();
    await client.me.get();
    assert.deepEqual(requests.map(({ headers }) => headers.authorization), ["Bearer key_1", "Bearer key_2"]);
  }));

  it("send further headers, and dates as times", () => withServer(() => [200, { data: [] }], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, headers: { Traceparent: "00-a" } });
    await client.leads.list({ createdFrom: new Date(0) }, { headers: { baggage: "b" } });
    const [{ url, headers }] = requests;
    assert.equal(url, "/v2/leads?createdFrom=1970-01-01T00%3A00%3A00.000Z");
    assert.deepEqual([headers.traceparent, headers.baggage], ["00-a", "b"]);
    assert.match(headers["user-agent"], new RegExp(`^leadhouse-typescript/${sdk.VERSION}$`));
  }));

  it("are those of calls by path too", () => withServer((number) => (number === 1 ? [503, {}] : [201, { id: "x" }]), async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl, initialRetryDelay: 1 });
    const call = client.raw.request("POST", "/things-of-the-future", { body: { a: 1 }, query: { b: 2 } });
    assert.deepEqual(await call, { id: "x" });
    const [first, second] = requests;
    assert.deepEqual([second.url, second.body], ["/v2/things-of-the-future?b=2", '{"a":1}']);
    assert.equal(first.headers["idempotency-key"], second.headers["idempotency-key"]);
  }));

  it("make a new idempotency key for each call", () => withServer(() => [201, { id: "x" }], async ({ baseUrl, requests }) => {
    const client = sdk.createLeadhouse({ apiKey: KEY, baseUrl });
    const body = { name: "Jane", email: "jane@example.com" };
    await Promise.all([client.leads.create(body), client.leads.create(body)]);
    const keys = requests.map(({ headers }) => headers["idempotency-key"]);
    assert.equal(new Set(keys).size, 2);
    for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }));
});

describe("promises of results", () => {
  let server;
  let client;
  before(async () => {
    server = await startServer(() => [200, { id: "x" }]);
    client = sdk.createLeadhouse({ apiKey: KEY, baseUrl: server.baseUrl });
  });
  after(() => server.stop());

  it("behave as promises", async () => {
    const call = client.me.get();
    assert.ok(call instanceof Promise);
    assert.deepEqual(await Promise.all([call, client.me.get()]), [{ id: "x" }, { id: "x" }]);
    assert.equal(await client.me.get().then(({ id }) => id).finally(() => undefined), "x");
    const { data, response } = await client.me.get().withResponse();
    assert.deepEqual([data, response.status, response.requestId], [{ id: "x" }, 200, "req_1"]);
  });

  it("send one request, however often they are awaited", async () => {
    const before = server.requests.length;
    const call = client.me.get();
    await call;
    await call.withResponse();
    assert.equal(server.requests.length, before + 1);
  });
});

describe("webhooks", () => {
  it("of a parsed body says what to do", async () => {
    await assert.rejects(sdk.verifyWebhook({}, { id: 1 }, "whsec_AA=="), { name: "ConfigurationError", message: /raw body/ });
    await assert.rejects(sdk.verifyWebhook(undefined, "{}", "whsec_AA=="), { name: "ConfigurationError", message: /headers/ });
    await assert.rejects(sdk.verifyWebhook({}, "{}", undefined), { name: "ConfigurationError", message: /secret/ });
  });

  it("are compared in whole, also when they are longer or shorter", async () => {
    const headers = await sdk.signWebhook("{}", "whsec_AA==");
    for (const change of [(text) => `${text}AA`, (text) => text.slice(0, -4), () => "v1,"]) {
      const changed = { ...headers, "webhook-signature": change(headers["webhook-signature"]) };
      await assert.rejects(sdk.verifyWebhook(changed, "{}", "whsec_AA=="), { reason: "no_matching_signature" });
    }
  });
});
