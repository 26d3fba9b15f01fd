import { ConfigurationError } from "./errors.js";
import { rejectReservedHeaders } from "./headers.js";

/** Default retries after the first attempt, which bridge a restart or a dropped connection. */
export const DEFAULT_MAX_RETRIES = 2;
/**
 * Default time limit of one attempt in milliseconds. API Gateway ends a request after 30 seconds with an error of its own:
 * a client that gives up at the same time would not see it. The event log, the slowest operation, waits for 20 seconds.
 */
export const DEFAULT_TIMEOUT = 35_000;
/** Default upper bound of the first wait before a retry, in milliseconds. */
export const DEFAULT_INITIAL_RETRY_DELAY = 500;
/** Default upper bound of every wait that the server does not ask for, in milliseconds. */
export const DEFAULT_MAX_RETRY_DELAY = 8_000;
/** Default longest `Retry-After` that is waited for, in milliseconds: a rate limit's minute. A day's limit raises an error. */
export const DEFAULT_MAX_RETRY_AFTER = 60_000;

/** Description of an attempt for the hooks: nothing secret or personal (no headers, bodies, ids or query). */
export interface RequestInfo {
  /** HTTP method. */
  method: string;
  /** Route such as `/v2/leads/{id}`, without the id; `{uploadUrl}` for the sending of an evidence file. */
  route: string;
  /** Number of the attempt, from 1. */
  attempt: number;
}

/** Description of a response for the hooks. */
export interface ResponseInfo extends RequestInfo {
  /** HTTP status. */
  status: number;
  /** `X-Request-Id` of the response. */
  requestId: string | null;
  /** Duration of the attempt in milliseconds. */
  durationMs: number;
  /** Day from which the operation may be missing (`Sunset`), if it has been announced to end; else `null`. */
  sunset: string | null;
}

/** Description of a retry for the hooks. */
export interface RetryInfo extends RequestInfo {
  /** Wait before the next attempt in milliseconds. */
  delayMs: number;
  /** Status of the response, or the kind of connection error. */
  reason: number | "connection" | "timeout";
}

/** Functions that are called on the way, for logs and metrics. An exception in one is ignored. */
export interface Hooks {
  /** Called before each attempt. */
  onRequest?(info: RequestInfo): void;
  /** Called for each response, errors included. */
  onResponse?(info: ResponseInfo): void;
  /** Called before each wait. */
  onRetry?(info: RetryInfo): void;
}

/** Options of a client. Times are in milliseconds. */
export interface ClientOptions {
  /**
   * API key, or a function that returns it for each call, for keys that are rotated. If absent, the environment variable
   * `LEADHOUSE_API_KEY`.
   */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Address of Leadhouse, such as `https://leads.example.com`, with or without the contract's base path. If absent, the
   * environment variable `LEADHOUSE_BASE_URL`.
   */
  baseUrl?: string | undefined;
  /** Retries after the first attempt (2). */
  maxRetries?: number;
  /** Time limit of each attempt (35,000). A signal limits the whole call. */
  timeout?: number;
  /** Upper bound of the first wait before a retry (500); it doubles with each. */
  initialRetryDelay?: number;
  /** Upper bound of the waits before retries (8,000). */
  maxRetryDelay?: number;
  /** Longest `Retry-After` that is waited for (60,000). A longer one raises the error at once. */
  maxRetryAfter?: number;
  /** Functions for logs and metrics. */
  hooks?: Hooks;
  /**
   * Further headers of every request. They replace the client's own of the same name in any letter case, but
   * `Authorization`, `Idempotency-Key`, `X-Idempotency-Key`, `Content-Type` and `Content-Length` are a
   * `ConfigurationError`: only the client sets them. Browsers may send only those that the API allows in its CORS policy.
   */
  headers?: Record<string, string>;
  /** Function to use instead of the global `fetch`. */
  fetch?: typeof fetch;
}

/** Options of a single call. Times are in milliseconds. */
export interface RequestOptions {
  /** Idempotency key of a `POST` or `PATCH`, such as the id of an order. One is made for each call if absent. */
  idempotencyKey?: string;
  /** Version or entity tag for which the change is made; `412` if there is a newer one. */
  ifMatch?: number | string;
  /** Retries after the first attempt. */
  maxRetries?: number;
  /** Time limit of each attempt. */
  timeout?: number;
  /** Ends the call, waits included. */
  signal?: AbortSignal;
  /** Further headers of this call, which replace those of the client in any letter case; the same ones are rejected. */
  headers?: Record<string, string>;
}

/** Complete options of a client. */
export interface Settings {
  apiKey: () => string | Promise<string>;
  /** Base URL with the contract's base path, without a slash at the end. */
  baseUrl: string;
  /** Base path of the contract, such as `/v2`. */
  basePath: string;
  maxRetries: number;
  timeout: number;
  initialRetryDelay: number;
  maxRetryDelay: number;
  maxRetryAfter: number;
  hooks: Hooks;
  headers: Record<string, string>;
  fetch: typeof fetch;
}

function environmentVariable(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  } catch {
    // Deno denies access to the environment by an exception.
    return undefined;
  }
}

function parseBaseUrl(given: string | undefined, basePath: string): string {
  const text = given ?? environmentVariable("LEADHOUSE_BASE_URL");
  if (!text) {
    throw new ConfigurationError(
      "baseUrl is missing: pass the address of Leadhouse, such as https://leads.example.com, or set LEADHOUSE_BASE_URL.",
    );
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigurationError("baseUrl must be an absolute URL such as https://leads.example.com.");
  }
  if (!["http:", "https:"].includes(url.protocol)) throw new ConfigurationError("baseUrl must begin with https:// or http://.");
  if (url.username || url.password) {
    throw new ConfigurationError("baseUrl must not hold a user or password: pass the API key as apiKey.");
  }
  if (url.search || url.hash) throw new ConfigurationError("baseUrl must not have a query or a fragment.");
  const root = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return root.endsWith(basePath) ? root : root + basePath;
}

/** Returns the API key if it can be sent in a header. */
export function checkApiKey(key: unknown): string {
  if (typeof key !== "string" || key === "") {
    throw new ConfigurationError("apiKey is missing: pass the API key, or set LEADHOUSE_API_KEY.");
  }
  const trimmed = key.trim();
  if (!/^[\x21-\x7e]+$/.test(trimmed)) {
    throw new ConfigurationError("apiKey has a space, line break or other character that no key has: copy it again.");
  }
  return trimmed;
}

/** Returns a number of at least 0, or throws a `ConfigurationError`. */
export function atLeastZero(name: string, given: number | undefined, fallback: number): number {
  const value = given ?? fallback;
  if (typeof value !== "number" || !(value >= 0)) throw new ConfigurationError(`${name} must be a number of at least 0.`);
  return value;
}

/** Returns complete options, or throws a `ConfigurationError`. */
export function parseOptions(options: ClientOptions, basePath: string): Settings {
  const apiKey = options.apiKey ?? environmentVariable("LEADHOUSE_API_KEY") ?? "";
  if (typeof apiKey !== "function") checkApiKey(apiKey);
  rejectReservedHeaders(options.headers);
  const send = options.fetch ?? globalThis.fetch;
  if (typeof send !== "function") {
    throw new ConfigurationError("This runtime has no fetch: use Node.js 18 or later, or pass fetch.");
  }
  return {
    apiKey: typeof apiKey === "function" ? apiKey : () => apiKey,
    baseUrl: parseBaseUrl(options.baseUrl, basePath),
    basePath,
    maxRetries: atLeastZero("maxRetries", options.maxRetries, DEFAULT_MAX_RETRIES),
    timeout: atLeastZero("timeout", options.timeout, DEFAULT_TIMEOUT),
    initialRetryDelay: atLeastZero("initialRetryDelay", options.initialRetryDelay, DEFAULT_INITIAL_RETRY_DELAY),
    maxRetryDelay: atLeastZero("maxRetryDelay", options.maxRetryDelay, DEFAULT_MAX_RETRY_DELAY),
    maxRetryAfter: atLeastZero("maxRetryAfter", options.maxRetryAfter, DEFAULT_MAX_RETRY_AFTER),
    hooks: options.hooks ?? {},
    headers: options.headers ?? {},
    // Called as a method of something else, the global function fails in browsers and workerd.
    fetch: (input, init) => send(input, init),
  };
}
