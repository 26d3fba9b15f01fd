import type { ResponseDetails } from "./api-promise.js";
import type { CompleteResponse } from "./attempt.js";
import * as errors from "./errors.js";
import type { ApiError, ErrorResponse, FieldError } from "./errors.js";
import { parseRetryAfter } from "./retry.js";

/** Longest part of an unrecognized body that an error quotes, in characters. */
const MAX_QUOTED = 200;

type ErrorClass = new (message: string, response: ErrorResponse) => ApiError;

/** Error of each status, with what to do about it. */
const BY_STATUS: Record<number, [ErrorClass, string]> = {
  400: [errors.ValidationError, "Correct the request."],
  401: [errors.AuthenticationError, "Check the API key: it may be mistyped, expired or revoked."],
  403: [errors.PermissionError, "Use a key that has this scope and business."],
  404: [errors.NotFoundError, "Check the id: it may belong to another tenant, business or environment (live or test)."],
  408: [errors.RequestTimeoutError, "The request may have had its effect: send it again under its idempotency key."],
  409: [errors.ConflictError, "Read the resource again, and decide anew."],
  410: [errors.GoneError, "It cannot be restored; use another idempotency key to create something new."],
  412: [errors.PreconditionFailedError, "Read the resource again, and repeat the change with its new version."],
  413: [errors.PayloadTooLargeError, "Send less at once."],
  422: [errors.IdempotencyError, "Use a new idempotency key for another body."],
  429: [errors.RateLimitError, "Send fewer requests, or use a key with a higher limit."],
};
const SERVER_ERROR: [ErrorClass, string] = [errors.ServerError, "Try again later, and quote the request id if it persists."];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function fieldsOf(error: Record<string, unknown>): FieldError[] {
  if (!Array.isArray(error["details"])) return [];
  return error["details"].filter(isObject).map(({ field, message }) => ({ field: String(field), message: String(message) }));
}

/** Parts of an error body in the shapes of the contracts, `{"error": …}`, and of API Gateway, `{"message"}`. */
interface ErrorBody {
  code: string | null;
  message: string | null;
  requestId: string | null;
  fields: FieldError[];
}

function readErrorBody(body: unknown): ErrorBody | null {
  if (!isObject(body)) return null;
  const { error } = body;
  if (isObject(error)) {
    const [code, message, requestId] = [textOf(error["code"]), textOf(error["message"]), textOf(error["requestId"])];
    return { code, message, requestId, fields: fieldsOf(error) };
  }
  const message = textOf(error) ?? textOf(body["message"]) ?? textOf(body["Message"]);
  return message === null ? null : { code: null, message, requestId: null, fields: [] };
}

/** Describes a response that is not in the format of the API. */
function describeUnrecognized(response: CompleteResponse): string {
  const type = response.headers.get("content-type") ?? "no content type";
  const text = response.text.replace(/\s+/g, " ").trim();
  // JSON that was cut short may hold personal data.
  const isJson = /\bjson\b/i.test(type);
  const quoted = text === "" ? "an empty body" : isJson ? type : `${type}: ${text.slice(0, MAX_QUOTED)}`;
  return `The response did not come from Leadhouse (${quoted}). Check baseUrl, and proxies or firewalls on the way.`;
}

function errorResponseOf(response: CompleteResponse, body: unknown, parsed: ErrorBody | null): ErrorResponse {
  const retryAfter = parseRetryAfter(response.headers.get("retry-after"), Date.now());
  return {
    status: response.status,
    headers: response.headers,
    code: parsed?.code ?? null,
    requestId: response.headers.get("x-request-id") ?? parsed?.requestId ?? null,
    fields: parsed?.fields ?? [],
    body: body ?? response.text,
    retryAfterSeconds: retryAfter === null ? null : Math.ceil(retryAfter / 1000),
  };
}

function isAboutCursor(parsed: ErrorBody | null): boolean {
  if (parsed === null) return false;
  // Contracts without fields name the parameter in their text.
  return parsed.fields.length > 0 ? parsed.fields.some(({ field }) => field === "cursor") : /\bcursor\b/.test(parsed.message ?? "");
}

/** Returns the typed error of a response with a status from 400. */
export function errorOf(response: CompleteResponse): ApiError {
  const body = parseJson(response.text);
  const parsed = readErrorBody(body);
  const details = errorResponseOf(response, body, parsed);
  let [type, advice] = BY_STATUS[response.status] ?? (response.status >= 500 ? SERVER_ERROR : [errors.ApiError, ""]);
  if (response.status === 400 && isAboutCursor(parsed)) {
    [type, advice] = [errors.InvalidCursorError, "Start the list again without a cursor."];
  }
  const { retryAfterSeconds, requestId } = details;
  const wait = retryAfterSeconds !== null && retryAfterSeconds > 0 ? `Retry after ${retryAfterSeconds} seconds.` : "";
  const sentences = [
    `${response.status}${details.code ? ` ${details.code}` : ""}: ${parsed?.message ?? describeUnrecognized(response)}`,
    ...details.fields.map(({ message }) => message),
    advice,
    wait,
  ];
  const text = sentences.filter((one) => one !== "").map((one) => (/[.:!?]$/.test(one) ? one : `${one}.`)).join(" ");
  return new type(requestId ? `${text} [request ${requestId}]` : text, details);
}

/** Returns the error of a page from which a list cannot be continued. */
export function unexpectedPageError(message: string, response: ResponseDetails, body: unknown): errors.UnexpectedResponseError {
  const { status, headers, requestId } = response;
  return new errors.UnexpectedResponseError(message, {
    status, headers, requestId, body, code: null, fields: [], retryAfterSeconds: null,
  });
}

function unexpected(response: CompleteResponse, message: string): errors.UnexpectedResponseError {
  return new errors.UnexpectedResponseError(message, errorResponseOf(response, parseJson(response.text), null));
}

/** Returns whether a response is a redirect. Browsers hide its status. */
function isRedirect(status: number): boolean {
  return status === 0 || (status >= 300 && status < 400);
}

/** Returns the JSON object of a successful response, `null` if it has none by intention, or throws the typed error. */
export function resultOf(response: CompleteResponse): unknown {
  const { status } = response;
  if (isRedirect(status)) {
    const target = response.headers.get("location")?.split("?")[0];
    const where = target ? ` to ${target}` : "";
    throw unexpected(response, `The server redirects${where}, which is not followed. Set baseUrl to the final address.`);
  }
  if (status < 200 || status >= 300) throw errorOf(response);
  if (status === 204 || status === 205) return null;
  const body = parseJson(response.text);
  if (!isObject(body)) throw unexpected(response, `${status}: ${describeUnrecognized(response)}`);
  return body;
}
