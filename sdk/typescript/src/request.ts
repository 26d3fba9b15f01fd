import type { PreparedRequest } from "./attempt.js";
import { ConfigurationError } from "./errors.js";
import { checkHeaders, mergeHeaders, rejectReservedHeaders } from "./headers.js";
import { checkApiKey, type RequestOptions, type Settings } from "./options.js";
import { VERSION } from "./version.js";
import { randomUuid } from "./webcrypto.js";

/** Values of a query; absent ones are left out. */
export type QueryValues = object;

/** Arguments of an operation. */
export interface CallArguments {
  id?: string;
  query?: QueryValues | undefined;
  body?: unknown;
  /** Headers that the operation needs, which extra headers cannot replace. */
  headers?: Record<string, string>;
}

/** Methods that carry an idempotency key: a repeated `GET`, `PUT` or `DELETE` has no second effect anyway. */
const METHODS_WITH_IDEMPOTENCY_KEY = new Set(["POST", "PATCH"]);

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

/** Returns the request of an operation. Its idempotency key is made here, once for all attempts. */
export async function prepareRequest(
  settings: Settings,
  method: string,
  path: string,
  { id, query, body, headers: required = {} }: CallArguments,
  options: RequestOptions,
): Promise<PreparedRequest> {
  rejectReservedHeaders(options.headers);
  const url = settings.baseUrl + fillPath(path, id) + queryText(query);
  const headers = mergeHeaders(
    { accept: "application/json", ...(!isBrowser() && { "user-agent": `leadhouse-typescript/${VERSION}` }) },
    settings.headers,
    options.ifMatch === undefined ? {} : { "if-match": entityTag(options.ifMatch) },
    options.headers,
    required,
    { authorization: `Bearer ${checkApiKey(await settings.apiKey())}` },
  );
  if (body !== undefined) headers["content-type"] = "application/json";
  if (METHODS_WITH_IDEMPOTENCY_KEY.has(method)) headers["idempotency-key"] = await idempotencyKey(options.idempotencyKey);
  checkHeaders(headers);
  return { method, url, headers, body: jsonText(body) };
}
