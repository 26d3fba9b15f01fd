// The scripted server of the conformance cases: answers as a case says and checks the requests. README.md describes it.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { problemsOf } from "./verdict.mjs";

/** Time that a connection hangs: three times what a busy machine may take for the timeouts of the cases. */
const HANG_MS = 30_000;
/** Headers that a deployment allows in preflight requests (docs/guides/idempotency-and-errors.md, CORS). */
const ALLOWED_HEADERS =
  "Authorization, Content-Type, Idempotency-Key, X-Idempotency-Key, If-Match, X-Signature, baggage, sentry-trace, traceparent, tracestate";
const EXPOSED_HEADERS =
  "X-Request-Id, RateLimit-Policy, RateLimit, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag, Location, Idempotent-Replayed, Allow";

const text = readFileSync(new URL("cases.json", import.meta.url), "utf8");
const { defaults, cases } = JSON.parse(text);
const byName = new Map(cases.map((one) => [one.name, one]));
if (byName.size !== cases.length) throw new Error("two cases have the same name");
/** Requests received, by run and case. */
const received = new Map();

function requestsOf(run, name) {
  const key = `${run}/${name}`;
  if (!received.has(key)) received.set(key, []);
  return received.get(key);
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Returns status line, headers and body of an answer as bytes, for faults that send a part of them. */
function asBytes(answer, base) {
  const isText = answer.text !== undefined;
  const source = isText ? answer.text : answer.body === undefined ? "" : JSON.stringify(answer.body);
  const body = Buffer.from(source.replaceAll("{{base}}", base));
  const headers = {
    "content-type": isText ? "text/html" : "application/json",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": EXPOSED_HEADERS,
    ...answer.headers,
  };
  if (answer.status !== 204 && answer.status !== 304) headers["content-length"] = String(body.length);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll("{{base}}", base)}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${answer.status ?? 200} Status\r\n${lines.join("")}connection: close\r\n\r\n`);
  return { head, body };
}

function half(bytes) {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

function play(answer, base, socket) {
  const { head, body } = asBytes(answer, base);
  const hang = () => setTimeout(() => socket.destroy(), HANG_MS).unref();
  switch (answer.fault) {
    case undefined:
      return socket.end(Buffer.concat([head, body]));
    case "reset":
      return socket.resetAndDestroy();
    case "close":
      return socket.destroy();
    case "reset-in-headers":
      return socket.write(half(head), () => socket.resetAndDestroy());
    case "reset-in-body":
      return socket.write(Buffer.concat([head, half(body)]), () => setTimeout(() => socket.resetAndDestroy(), 20));
    case "hang":
      return hang();
    case "hang-in-body":
      return socket.write(Buffer.concat([head, half(body)]), hang);
    default:
      throw new Error(`no fault ${answer.fault}`);
  }
}

async function playNext(run, one, request, response, url) {
  const at = performance.now();
  const requests = requestsOf(run, one.name);
  const answer = one.answers[requests.length] ?? { status: 418, body: { error: "the case has no further answer" } };
  const prefix = `/play/${run}/${one.name}`;
  const entry = { at, method: request.method, path: url.pathname.slice(prefix.length) };
  requests.push(entry);
  const body = await bodyOf(request);
  Object.assign(entry, { query: [...url.searchParams], rawHeaders: request.rawHeaders, body });
  if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
  if (!response.socket || response.socket.destroyed) return;
  play(answer, `http://${request.headers.host}${prefix}`, response.socket);
}

function sendJson(response, status, value) {
  response.writeHead(status, { "content-type": "application/json", "access-control-allow-origin": "*" });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
}

async function handle(request, response) {
  const url = new URL(request.url, "http://server");
  const [, area, run, name] = url.pathname.split("/");
  if (request.method === "OPTIONS") {
    response.writeHead(204, {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE, PUT",
      "access-control-allow-headers": ALLOWED_HEADERS,
    });
    return response.end();
  }
  if (area === "cases.json") return sendJson(response, 200, text);
  const one = byName.get(name);
  if (area === "play" && one?.answers) return playNext(run, one, request, response, url);
  if (area === "verdict" && one?.answers) {
    return sendJson(response, 200, { problems: problemsOf(one, requestsOf(run, name), defaults) });
  }
  return sendJson(response, 404, { error: `no case at ${url.pathname}` });
}

const server = createServer((request, response) => {
  // A reset of a connection that was used before is retried by some runtimes themselves, which HTTP allows. Here each
  // request has a connection of its own, so that every retry is the SDK's.
  response.setHeader("connection", "close");
  handle(request, response).catch((error) => {
    // A client that gave up resets its connection, which is part of several cases.
    if (error.code !== "ECONNRESET") console.error(error);
  });
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(JSON.stringify({ origin: `http://127.0.0.1:${server.address().port}` }));
});
process.stdin.resume().on("end", () => process.exit());
