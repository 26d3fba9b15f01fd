import { attempt, type CompleteResponse, mayHaveArrived, type PreparedRequest } from "./attempt.js";
import { ConnectionError, type LeadhouseError, TimeoutError } from "./errors.js";
import { atLeastZero, type Hooks, type RequestOptions, type Settings } from "./options.js";
import { isRetryable, isUnknownOutcome, parseRetryAfter, retryDelay, wait } from "./retry.js";

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
 * The request is prepared once: every attempt has the same idempotency key and body. `route` names it for the hooks.
 */
export async function sendWithRetries(
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
    isOutcomeUnknown ||= "error" in outcome ? mayHaveArrived(outcome.error) : isUnknownOutcome(outcome.response.status);
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
