import { AbortError } from "./errors.js";
import type { Settings } from "./options.js";

/** Longest delay that `setTimeout` of every runtime keeps, in milliseconds: a longer one would end at once. */
export const MAX_TIMER_DELAY = 2_147_483_647;

/** Returns the milliseconds of a `Retry-After` header (seconds, or an HTTP date); `null` if absent or unreadable. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // An HTTP date begins with the day's name, and is in GMT even where its oldest form does not say so. Other texts that
  // `Date.parse` understands, such as "1.5", are none.
  const date = /^[a-z]{3}/i.test(text) ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Returns whether the same request may have another outcome later. */
export function isRetryable(status: number, retryAfter: number | null): boolean {
  // A conflict is the state of a resource, which no repetition changes, unless the server says when to come again.
  if (status === 409) return retryAfter !== null;
  return status === 408 || status === 429 || status >= 500;
}

/**
 * Returns whether the request may have had its effect although it failed: the server, or a proxy in front of it, gave up
 * waiting (`408`) or failed (`5xx`) at an unknown point.
 */
export function isUnknownOutcome(status: number): boolean {
  return status === 408 || status >= 500;
}

/**
 * Returns the milliseconds before attempt `attempt + 1`, or `null` if the server asks for more than the client waits.
 *
 * Exponential backoff with full jitter: a random part of a bound that doubles. After `Retry-After` the same random time
 * is added, so that the clients that a rate limit stopped at once do not come back at once.
 */
export function retryDelay(attempt: number, retryAfter: number | null, settings: Settings, random: number): number | null {
  if (retryAfter !== null && retryAfter > settings.maxRetryAfter) return null;
  const bound = Math.min(settings.maxRetryDelay, settings.initialRetryDelay * 2 ** (attempt - 1));
  return (retryAfter ?? 0) + random * bound;
}

/** Returns the error for a call that the caller's signal has ended. */
export function abortError(signal: AbortSignal): AbortError {
  return new AbortError("The call was aborted by its signal.", { cause: signal.reason });
}

/** Waits, or throws an `AbortError` as soon as the signal says so. */
export async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) throw abortError(signal);
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(abortError(signal as AbortSignal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, Math.min(milliseconds, MAX_TIMER_DELAY));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
