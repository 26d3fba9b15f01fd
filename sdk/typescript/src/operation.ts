import type { CompleteResponse } from "./attempt.js";
import { AbortError, ApiError, ConnectionError } from "./errors.js";
import type { RequestOptions, Settings } from "./options.js";
import { type CallArguments, prepareRequest } from "./request.js";
import { resultOf } from "./responses.js";
import { sendWithRetries } from "./retry-loop.js";

/** Result of an operation with the response that it was read from. */
export interface OperationResult {
  data: unknown;
  response: CompleteResponse;
}

/** Calls an operation and returns its result with the response. Throws a typed error. */
export async function callOperation(
  settings: Settings,
  method: string,
  path: string,
  callArguments: CallArguments,
  options: RequestOptions = {},
): Promise<OperationResult> {
  const request = await prepareRequest(settings, method, path, callArguments, options);
  try {
    const response = await sendWithRetries(settings, settings.basePath + path, request, options);
    return { data: resultOf(response), response };
  } catch (error) {
    if (error instanceof ConnectionError || error instanceof ApiError || error instanceof AbortError) {
      error.idempotencyKey = request.headers["idempotency-key"] ?? null;
    }
    throw error;
  }
}
