import { attempt, type CompleteResponse, type PreparedRequest } from "./attempt.js";
import { ApiError, ConfigurationError, ConnectionError, type LeadhouseError, TimeoutError } from "./errors.js";
import { atLeastZero, checkApiKey, type Hooks, type RequestOptions, type Settings } from "./options.js";
import { resultOf } from "./responses.js";
import { isRetryable, parseRetryAfter, retryDelay, wait } from "./retry.js";
import { VERSION } from "./version.js";
import { randomUuid } from "./webcrypto.js";

/** Values of a query; absent ones are left out. */
export type QueryValues = object;

/** Arguments of an operation. */
export interface CallArguments {
  id?: string;
  query?: QueryValues | undefined;
  body?: unknown;
}

/** One call of the API with its response. */
export interface Exchange {
  data: unknown;
  response: CompleteResponse;
}

/** Methods that carry an idempotency key. */
const CHANGES = new Set(["POST", "PATCH"]);

function fillPath(path: string, id: string | undefined): string {
  if (!path.includes("{")) return path;
  // An empty or dotted id would be another path: /v2/leads/ is the list.
  if (typeof id !== "string" || id === "" || id === "." || id === "..") {
    throw new ConfigurationError("id is missing: pass the id of the resource.");
  }
  return path.replace(/\{\w+\}/, encodeURIComponent(id));
}

function queryText(query: QueryValues | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) parameters.append(name, value instanceof Date ? value.toISOString() : String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** Returns the entity tag of a version; text that is one already, or `*`, stays as it is. */
function entityTag(ifMatch: number | string): string {
  return typeof ifMatch === "number" || /^\d+$/.test(ifMatch) ? `"${ifMatch}"` : ifMatch;
}

/** Returns whether this is a browser, which sets `User-Agent` itself and asks the server for leave to send another. */
function isBrowser(): boolean {
  return (globalThis.navigator as Navigator | undefined)?.userAgent?.startsWith("Mozilla/") ?? false;
}

async function idempotencyKey(given: string | undefined): Promise<string> {
  if (given === undefined) return randomUuid();
  if (!/^[\x21-\x7e]{1,255}$/.test(given)) {
    throw new ConfigurationError("idempotencyKey must have 1 to 255 visible ASCII characters.");
  }
  return given;
}

function jsonText(body: unknown): string | undefined {
  try {
    return body === undefined ? undefined : JSON.stringify(body);
  } catch (cause) {
    throw new ConfigurationError("The body cannot be written as JSON: it has a cycle or a BigInt.", { cause });
  }
}

/** Throws if a header cannot be sent, which `fetch` would report like a failed connection. */
function checkHeaders(headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]]);
    } catch (cause) {
      throw new ConfigurationError(`The header ${JSON.stringify(name)} has a name or a value that cannot be sent.`, { cause });
    }
  }
}

async function prepare(
  settings: Settings,
  method: string,
  path: string,
  { id, query, body }: CallArguments,
  options: RequestOptions,
): Promise<PreparedRequest> {
  const url = settings.baseUrl + fillPath(path, id) + queryText(query);
  const headers: Record<string, string> = { accept: "application/json" };
  if (!isBrowser()) headers["user-agent"] = `leadhouse-typescript/${VERSION}`;
  for (const [name, value] of Object.entries({ ...settings.headers, ...options.headers })) headers[name.toLowerCase()] = value;
  headers["authorization"] = `Bearer ${checkApiKey(await settings.apiKey())}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (options.ifMatch !== undefined) headers["if-match"] = entityTag(options.ifMatch);
  if (CHANGES.has(method)) headers["idempotency-key"] = await idempotencyKey(options.idempotencyKey);
  checkHeaders(headers);
  return { method, url, headers, body: jsonText(body) };
}

/** Calls a hook. A fault in one, now or later, must not lose the call that it watches, or end the process. */
function notify<Name extends keyof Hooks>(hooks: Hooks, name: Name, info: Parameters<NonNullable<Hooks[Name]>>[0]): void {
  try {
    const returned = (hooks[name] as ((info: unknown) => unknown) | undefined)?.(info);
    if (returned instanceof Promise) returned.catch(() => undefined);
  } catch {
    // The caller's logging failed; there is nobody to tell.
  }
}

/** Outcome of one attempt: a response, or why there is none. */
type Outcome = { response: CompleteResponse } | { error: ConnectionError };

/**
 * Sends a request until it succeeds, fails for good, or the retries are used up.
 *
 * The request is prepared once: every attempt has the same idempotency key and body.
 */
async function exchange(
  settings: Settings,
  route: string,
  request: PreparedRequest,
  options: RequestOptions,
): Promise<CompleteResponse> {
  const { hooks } = settings;
  const maxRetries = atLeastZero("maxRetries", options.maxRetries, settings.maxRetries);
  const timeout = atLeastZero("timeout", options.timeout, settings.timeout);
  let isOutcomeUnknown = false;
  for (let number = 1; ; number += 1) {
    const info = { method: request.method, route, attempt: number };
    notify(hooks, "onRequest", info);
    const start = Date.now();
    const outcome = await outcomeOf(attempt(settings.fetch, request, timeout, options.signal));
    let retryAfter: number | null = null;
    if ("response" in outcome) {
      const { status, headers } = outcome.response;
      const requestId = headers.get("x-request-id");
      const durationMs = Date.now() - start;
      notify(hooks, "onResponse", { ...info, status, requestId, durationMs, sunset: headers.get("sunset") });
      retryAfter = parseRetryAfter(headers.get("retry-after"), Date.now());
      // The first attempt may have deleted it, though its response was lost.
      if (request.method === "DELETE" && status === 404 && isOutcomeUnknown) return { ...outcome.response, status: 204 };
      if (!isRetryable(status, retryAfter)) return outcome.response;
    }
    const delayMs = number > maxRetries ? null : retryDelay(number, retryAfter, settings, Math.random());
    if (delayMs === null) {
      if ("error" in outcome) throw outcome.error;
      return outcome.response;
    }
    isOutcomeUnknown ||= "error" in outcome || outcome.response.status >= 500;
    notify(hooks, "onRetry", { ...info, delayMs, reason: reasonOf(outcome) });
    await wait(delayMs, options.signal);
  }
}

async function outcomeOf(sent: Promise<CompleteResponse>): Promise<Outcome> {
  try {
    return { response: await sent };
  } catch (error) {
    if (error instanceof ConnectionError) return { error };
    throw error as LeadhouseError;
  }
}

function reasonOf(outcome: Outcome): number | "connection" | "timeout" {
  if ("response" in outcome) return outcome.response.status;
  return outcome.error instanceof TimeoutError ? "timeout" : "connection";
}

/** Calls an operation and returns its result with the response. Throws a typed error. */
export async function callOperation(
  settings: Settings,
  method: string,
  path: string,
  callArguments: CallArguments,
  options: RequestOptions = {},
): Promise<Exchange> {
  const request = await prepare(settings, method, path, callArguments, options);
  try {
    const response = await exchange(settings, settings.basePath + path, request, options);
    return { data: resultOf(response), response };
  } catch (error) {
    if (error instanceof ConnectionError || error instanceof ApiError) {
      error.idempotencyKey = request.headers["idempotency-key"] ?? null;
    }
    throw error;
  }
}
