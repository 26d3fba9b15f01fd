// Runs conformance cases with the SDK in any runtime: needs only fetch and the global objects of the web.

/** Cases that run at the same time; those with waits would otherwise take long. */
const CONCURRENCY = 8;

function isEqual(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && isEqual(a[name], b[name]));
}

function differences(pairs) {
  return pairs.filter(([, wanted, got]) => !isEqual(wanted, got))
    .map(([what, wanted, got]) => `${what} is ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`);
}

/** Returns how an error differs from the expected one. */
function errorProblems(sdk, expected, error) {
  const type = sdk[expected.type];
  if (!(error instanceof type) || error.name !== expected.type) return [`the error is ${error.name}: ${error.stack}`];
  const names = ["status", "code", "requestId", "retryAfterSeconds", "fields", "reason", "idempotencyKey"].filter((name) => name in expected);
  const missing = (expected.messageContains ?? []).filter((part) => !error.message.includes(part));
  return [
    ...differences(names.map((name) => [`${name} of the error`, expected[name], error[name]])),
    ...("evidenceId" in expected ? differences([["evidence of the error", expected.evidenceId, error.evidence?.id]]) : []),
    ...missing.map((part) => `the error's text lacks "${part}": ${error.message}`),
    ...(error instanceof sdk.LeadhouseError ? [] : ["the error is no LeadhouseError"]),
  ];
}

function optionsOf(options = {}) {
  const { timeoutMs, pollIntervalMs, inboundSecret, ...rest } = options;
  return {
    ...rest, ...(inboundSecret !== undefined && { secret: inboundSecret }), ...(timeoutMs !== undefined && { timeout: timeoutMs }), ...(pollIntervalMs !== undefined && { pollInterval: pollIntervalMs }),
  };
}

function clientOf(sdk, one, defaults, baseUrl) {
  const { contract, apiKey, timeoutMs, initialRetryDelayMs, maxRetryDelayMs, maxRetryAfterMs, maxRetries, headers } = {
    ...defaults.client, ...one.client,
  };
  const create = { native: sdk.createLeadhouse, revenueDefenders: sdk.createClient }[contract];
  const client = create({
    apiKey, baseUrl, maxRetries, timeout: timeoutMs, ...(headers && { headers }),
    initialRetryDelay: initialRetryDelayMs, maxRetryDelay: maxRetryDelayMs, maxRetryAfter: maxRetryAfterMs,
  });
  return { client, contract };
}

function uploadOf({ body, file }) {
  return { ...body, file: new TextEncoder().encode(file.text), contentType: file.contentType, name: file.name };
}

/** Makes the call of a case, and returns what it has returned, yielded or thrown. */
async function outcomeOf(sdk, operations, one, defaults, baseUrl) {
  const outcome = { items: [], pages: [] };
  const { call } = one;
  try {
    const { client, contract } = clientOf(sdk, one, defaults, baseUrl);
    const options = optionsOf(call.options);
    if (call.operation === "uploadEvidence") {
      outcome.result = await client.evidence.upload(uploadOf(call), options);
      return outcome;
    }
    if (call.operation === "reportInbound") {
      outcome.result = await client.inbound.report(call.body, options);
      return outcome;
    }
    const { group, method, takes } = operations[contract][call.operation];
    const values = [...takes.map((name) => call[name]), options];
    const mode = call.mode ?? "call";
    if (mode === "call") {
      const { data, response } = await client[group][method](...values).withResponse();
      Object.assign(outcome, { result: data, response });
      return outcome;
    }
    const suffix = ["list", "read"].includes(method) ? "" : method[0].toUpperCase() + method.slice(1);
    for await (const entry of client[group][mode + suffix](...values)) {
      const list = mode === "pages" ? outcome.pages : outcome.items;
      list.push(entry);
      if (list.length === call.take) break;
    }
  } catch (error) {
    outcome.error = error;
  }
  return outcome;
}

function responseProblems(expected, response) {
  const pairs = [["status of the response", expected.status, response.status]];
  if ("requestId" in expected) pairs.push(["request id", expected.requestId, response.requestId]);
  if ("replayed" in expected) pairs.push(["replayed", expected.replayed, response.isReplayed]);
  for (const [name, value] of Object.entries(expected.headers ?? {})) pairs.push([name, value, response.headers.get(name)]);
  return differences(pairs);
}

function outcomeProblems(sdk, { expect, call }, outcome, baseUrl) {
  const problems = [];
  if (expect.error) {
    problems.push(...(outcome.error ? errorProblems(sdk, expect.error, outcome.error) : ["no error was thrown"]));
  } else if (outcome.error) {
    problems.push(`an error was thrown: ${outcome.error.stack} ${outcome.error.cause?.stack ?? ""}`);
  }
  const filled = (value) => JSON.parse(JSON.stringify(value).replaceAll("{{base}}", baseUrl));
  if ("result" in expect) problems.push(...differences([["the result", filled(expect.result), outcome.result]]));
  if ("items" in expect && call.mode !== "pages") problems.push(...differences([["items", expect.items, outcome.items]]));
  if ("pages" in expect) problems.push(...differences([["pages", expect.pages, outcome.pages]]));
  if (expect.response && outcome.response) problems.push(...responseProblems(expect.response, outcome.response));
  return problems;
}

async function runCall(context, one) {
  const { sdk, origin, run, defaults, operations } = context;
  const baseUrl = `${origin}/play/${run}/${one.name}`;
  const start = Date.now();
  const outcome = await outcomeOf(sdk, operations, one, defaults, baseUrl);
  const problems = outcomeProblems(sdk, one, outcome, baseUrl);
  const took = Date.now() - start;
  if (took > (one.expect.tookAtMostMs ?? Infinity)) problems.push(`it took ${took} ms`);
  const verdict = await fetch(`${origin}/verdict/${run}/${one.name}`);
  return [...problems, ...(await verdict.json()).problems];
}

async function runVerify({ sdk }, { headers, body, bodyBase64, secret, options = {}, now, expect }) {
  const { toleranceSeconds, ...rest } = options;
  const raw = bodyBase64 === undefined ? body : Uint8Array.from(atob(bodyBase64), (one) => one.charCodeAt(0));
  const verifyOptions = { ...rest, now: new Date(now * 1000), ...(toleranceSeconds !== undefined && { tolerance: toleranceSeconds }) };
  // Every form of headers and body gives the same outcome.
  const joined = new Headers(headers);
  const listed = {};
  for (const [name, value] of headers) listed[name.toLowerCase()] = [...(listed[name.toLowerCase()] ?? []), value];
  const bytes = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
  const problems = [];
  for (const [form, given, content] of [["pairs", headers, raw], ["Headers", joined, bytes], ["object", listed, bytes.buffer.slice(0)]]) {
    const found = await verifyOnce(sdk, given, content, secret, verifyOptions, expect);
    problems.push(...found.map((problem) => `${form}: ${problem}`));
  }
  return problems;
}

async function verifyOnce(sdk, headers, body, secret, options, expect) {
  let event;
  try {
    event = await sdk.verifyWebhook(headers, body, secret, options);
  } catch (error) {
    return expect.error ? errorProblems(sdk, expect.error, error) : [`an error was thrown: ${error.stack}`];
  }
  if (expect.error) return ["no error was thrown"];
  const got = { ...event, timestamp: event.timestamp && event.timestamp.getTime() / 1000 };
  return differences(Object.entries(expect.event).map(([name, wanted]) => [name, wanted, got[name]]));
}

async function runSignature({ sdk }, { rawBody, signatureHeader, secret, expect }) {
  return differences([["valid", expect.valid, await sdk.verifyWebhookSignature({ rawBody, signatureHeader, secret })]]);
}

async function runSign({ sdk }, { body, secret, contract, type, id, timestamp, expect }) {
  const headers = await sdk.signWebhook(body, secret, { contract, type, id, timestamp: new Date(timestamp * 1000) });
  return differences([["headers", expect.headers, headers]]);
}

const RUNNERS = { call: runCall, verify: runVerify, signature: runSignature, sign: runSign };

async function runCase(context, one) {
  try {
    return { name: one.name, problems: await RUNNERS[one.kind](context, one) };
  } catch (error) {
    return { name: one.name, problems: [`the runner failed: ${error.stack}`] };
  }
}

/** Runs all cases, and returns `{name, problems}` of each. `origin` is that of the scripted server. */
export async function runCases({ sdk, origin, run, operations, only = "" }) {
  const file = await (await fetch(`${origin}/cases.json`)).json();
  const context = { sdk, origin, run, operations, defaults: file.defaults };
  const waiting = file.cases.filter((one) => one.name.includes(only));
  const results = [];
  const worker = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) results.push(await runCase(context, one));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}
