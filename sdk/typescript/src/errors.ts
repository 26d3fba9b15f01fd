import type { Evidence } from "./generated/native-types.js";

/** One invalid field of a request. */
export interface FieldError {
  /** Name of the field, nested ones as `utm.source` or `leads[3].email`. */
  field: string;
  /** Reason, and what is accepted. */
  message: string;
}

/** Base class of every error of this package. */
export class LeadhouseError extends Error {
  override readonly name: string = "LeadhouseError";
}

/** A missing or malformed option or argument. Nothing was sent. */
export class ConfigurationError extends LeadhouseError {
  override readonly name: string = "ConfigurationError";
}

/** The caller's `AbortSignal` ended the call, which may have had its effect. `cause` is the signal's reason. */
export class AbortError extends LeadhouseError {
  override readonly name: string = "AbortError";
  /** Idempotency key of the call, under which it can be repeated safely; `null` if it had none. */
  idempotencyKey: string | null = null;
}

/** No response arrived: the connection was refused, reset or cut off. `cause` has the runtime's error. */
export class ConnectionError extends LeadhouseError {
  override readonly name: string = "ConnectionError";
  /** Idempotency key that was sent, under which the call can be repeated safely; `null` if none was. */
  idempotencyKey: string | null = null;
}

/** No complete response arrived within the time limit of an attempt. */
export class TimeoutError extends ConnectionError {
  override readonly name: string = "TimeoutError";
}

/** Contents of a response that is an error. */
export interface ErrorResponse {
  /** HTTP status. */
  status: number;
  /** Headers of the response. */
  headers: Headers;
  /** Code such as `INVALID_REQUEST`; `null` in contracts that have none. */
  code: string | null;
  /** Id to quote when you ask for help; `null` if the response did not come from Leadhouse. */
  requestId: string | null;
  /** Invalid fields; empty if none was named. */
  fields: FieldError[];
  /** Parsed JSON of the body, else its text. */
  body: unknown;
  /** Seconds to wait before another attempt, from `Retry-After`. */
  retryAfterSeconds: number | null;
}

/** An error response. Its subclasses say which kind. */
export class ApiError extends LeadhouseError implements ErrorResponse {
  override readonly name: string = "ApiError";
  /** Idempotency key that was sent, under which the call can be repeated safely; `null` if none was. */
  idempotencyKey: string | null = null;
  readonly status: number;
  readonly headers: Headers;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly fields: FieldError[];
  readonly body: unknown;
  readonly retryAfterSeconds: number | null;

  constructor(message: string, response: ErrorResponse) {
    super(message);
    this.status = response.status;
    this.headers = response.headers;
    this.code = response.code;
    this.requestId = response.requestId;
    this.fields = response.fields;
    this.body = response.body;
    this.retryAfterSeconds = response.retryAfterSeconds;
  }
}

/** `400`: a field, parameter or id is invalid. `fields` names each. */
export class ValidationError extends ApiError {
  override readonly name: string = "ValidationError";
}

/** `400`: the cursor is malformed, or of another list, filter or environment. Start again without a cursor. */
export class InvalidCursorError extends ValidationError {
  override readonly name: string = "InvalidCursorError";
}

/** `401`: the API key is missing, malformed, revoked or expired. */
export class AuthenticationError extends ApiError {
  override readonly name: string = "AuthenticationError";
}

/** `403`: the key lacks a scope, or may not use this business. */
export class PermissionError extends ApiError {
  override readonly name: string = "PermissionError";
}

/** `404`: it does not exist, or belongs to another tenant, environment or business. */
export class NotFoundError extends ApiError {
  override readonly name: string = "NotFoundError";
}

/** `408`: the request did not arrive, or was not processed, in time. It may have had its effect. */
export class RequestTimeoutError extends ApiError {
  override readonly name: string = "RequestTimeoutError";
}

/** `409`: the request contradicts the state of a resource. */
export class ConflictError extends ApiError {
  override readonly name: string = "ConflictError";
}

/** `410`: what the request created has been erased. */
export class GoneError extends ApiError {
  override readonly name: string = "GoneError";
}

/** `412`: the resource has changed since the version in `ifMatch`. */
export class PreconditionFailedError extends ApiError {
  override readonly name: string = "PreconditionFailedError";
}

/** `413`: the body is too large. */
export class PayloadTooLargeError extends ApiError {
  override readonly name: string = "PayloadTooLargeError";
}

/** `422`: the idempotency key was used with another body. */
export class IdempotencyError extends ApiError {
  override readonly name: string = "IdempotencyError";
}

/** `429`: a rate limit of the key is exceeded. `retryAfterSeconds` says when it ends. */
export class RateLimitError extends ApiError {
  override readonly name: string = "RateLimitError";
}

/** `5xx`: a failure of the service, or of a proxy in front of it. */
export class ServerError extends ApiError {
  override readonly name: string = "ServerError";
}

/** A response that is not the API's: a page of a proxy with status 200, a redirect, JSON of another shape. */
export class UnexpectedResponseError extends ApiError {
  override readonly name: string = "UnexpectedResponseError";
}

/**
 * Evidence was created, but its file was not accepted or not processed. The message says what to do: in most cases to call
 * `upload` again with the same arguments and `idempotencyKey`, which continues with the same evidence.
 */
export class UploadError extends LeadhouseError {
  override readonly name: string = "UploadError";
  /** The evidence as it was last seen. It is not enumerable, because its signed links must not get into logs. */
  declare readonly evidence: Evidence;

  constructor(
    message: string,
    evidence: Evidence,
    /** Idempotency key of the upload, given or generated. */
    readonly idempotencyKey: string,
    /** HTTP status of the file storage; `null` if it did not respond, or accepted the file. */
    readonly status: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    Object.defineProperty(this, "evidence", { value: evidence });
  }
}

/** Reasons for which a webhook is not accepted. */
export type WebhookVerificationReason =
  | "missing_header"
  | "duplicate_header"
  | "malformed_header"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "no_matching_signature"
  | "conflicting_headers"
  | "wrong_contract"
  | "malformed_body";

/** A webhook that must not be trusted. Respond with status 400 or 401. */
export class WebhookVerificationError extends LeadhouseError {
  override readonly name: string = "WebhookVerificationError";

  constructor(
    message: string,
    /** Reason, for programs. */
    readonly reason: WebhookVerificationReason,
  ) {
    super(message);
  }
}
