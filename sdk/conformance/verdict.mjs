// Checks of the requests that a case received.
import { createHmac } from "node:crypto";

/** Time that a busy machine may add to a wait that has an upper bound. */
const SLACK_MS = 3_000;

function isEqual(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && isEqual(a[name], b[name]));
}

function headersOf(entry) {
  const headers = new Map();
  for (let i = 0; i < (entry.rawHeaders ?? []).length; i += 2) {
    const name = entry.rawHeaders[i].toLowerCase();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${entry.rawHeaders[i + 1]}` : entry.rawHeaders[i + 1]);
  }
  return headers;
}

function jsonOf(entry) {
  try {
    return JSON.parse(entry.body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Returns the problems of one request against what the case expects of it. */
function compare(expected, entry) {
  const problems = [];
  const differs = (what, wanted, got) => {
    if (!isEqual(wanted, got)) problems.push(`${what} is ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`);
  };
  differs("method", expected.method, entry.method);
  differs("path", expected.path, entry.path);
  if (expected.query) {
    const sorted = (pairs) => [...pairs].map(([name, value]) => [name, String(value)]).sort();
    differs("query", sorted(Object.entries(expected.query)), sorted(entry.query ?? []));
  }
  if (expected.body !== undefined) differs("body", expected.body, jsonOf(entry));
  if (expected.text !== undefined) differs("text", expected.text, entry.body?.toString("utf8"));
  const headers = headersOf(entry);
  if (expected.signedWith !== undefined) {
    const signature = createHmac("sha256", expected.signedWith).update(entry.body ?? "").digest("hex");
    differs("x-signature", `sha256=${signature}`, headers.get("x-signature") ?? null);
  }
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    const got = headers.get(name.toLowerCase()) ?? null;
    if (wanted?.matches === undefined) differs(name, wanted, got);
    else if (!new RegExp(wanted.matches).test(got ?? "")) problems.push(`${name} is ${got}, expected /${wanted.matches}/`);
  }
  return problems;
}

/** Returns the problems of one request against the rules that hold for every request. */
function breaches(entry, apiKey) {
  const problems = [];
  const headers = headersOf(entry);
  const isUpload = entry.path.startsWith("/files/");
  const changes = !isUpload && ["POST", "PATCH"].includes(entry.method);
  const authorization = isUpload ? undefined : `Bearer ${apiKey}`;
  if (headers.get("authorization") !== authorization) problems.push(`authorization is ${headers.get("authorization")}`);
  const key = headers.get("idempotency-key");
  if (changes !== (key !== undefined)) problems.push(`${entry.method} with the idempotency key ${key}`);
  if (headers.has("x-idempotency-key")) problems.push("x-idempotency-key was sent");
  if (changes && entry.body?.length > 0) {
    if (jsonOf(entry) === undefined) problems.push("the body is not JSON");
    if (!/^application\/json\b/.test(headers.get("content-type"))) problems.push(`content-type is ${headers.get("content-type")}`);
  }
  return problems;
}

/** Returns what was wrong about the requests that a case received, as texts; none if all was right. */
export function problemsOf(one, requests, defaults) {
  const { expect, client } = one;
  const apiKey = client?.apiKey ?? defaults.client.apiKey;
  const problems = requests.flatMap((entry, index) =>
    breaches(entry, apiKey).map((problem) => `request ${index + 1}: ${problem}`));
  const keys = new Set(requests.map((entry) => headersOf(entry).get("idempotency-key")).filter(Boolean));
  if (keys.size > 1) problems.push(`the attempts have different idempotency keys: ${[...keys].join(", ")}`);
  if (expect.requests) {
    if (requests.length !== expect.requests.length) {
      problems.push(`${requests.length} requests, expected ${expect.requests.length}`);
    }
    expect.requests.slice(0, requests.length).forEach((expected, index) => {
      problems.push(...compare(expected, requests[index]).map((problem) => `request ${index + 1}: ${problem}`));
    });
  } else if (requests.length > one.answers.length) {
    problems.push(`${requests.length} requests for ${one.answers.length} answers`);
  }
  const waits = requests.slice(1).map((entry, index) => entry.at - requests[index].at);
  for (const [index, least] of (expect.waitsAtLeastMs ?? []).entries()) {
    if (!(waits[index] >= least - 5)) problems.push(`wait ${index + 1} was ${waits[index]} ms, expected at least ${least}`);
  }
  for (const [index, most] of (expect.waitsAtMostMs ?? []).entries()) {
    if (!(waits[index] <= most + SLACK_MS)) problems.push(`wait ${index + 1} was ${waits[index]} ms, expected at most ${most}`);
  }
  return problems;
}
