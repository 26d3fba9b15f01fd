import { ConnectionError, type LeadhouseError, TimeoutError } from "./errors.js";
import { abortError, MAX_TIMER_DELAY } from "./retry.js";

/** A request that is ready to be sent. */
export interface PreparedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: BodyInit | undefined;
  /** What to check if no response arrives, as a sentence. */
  advice?: string;
}

/** A response that has arrived completely. */
export interface CompleteResponse {
  /** HTTP status; 0 for a redirect in a browser, which hides it. */
  status: number;
  headers: Headers;
  text: string;
}

let isNoStoreSupported: boolean | undefined;

/** Returns whether this runtime supports `cache: "no-store"`; some edge runtimes throw for it. */
function supportsNoStore(): boolean {
  if (isNoStoreSupported === undefined) {
    try {
      new Request("http://localhost", { cache: "no-store" });
      isNoStoreSupported = true;
    } catch {
      isNoStoreSupported = false;
    }
  }
  return isNoStoreSupported;
}

/** Returns the runtime's code of the reason for which `fetch` failed; `undefined` if it gives none. */
function failureCode(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return [cause?.code, code].find((one) => typeof one === "string") as string | undefined;
}

/** Codes of Node.js and Bun for a connection that was not made: its request cannot have had an effect. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "ConnectionRefused"]);

/** Returns whether a request without a response may have arrived: also if the runtime gives no code. */
export function mayHaveArrived(error: ConnectionError): boolean {
  const code = failureCode(error.cause);
  return code === undefined || !NOT_CONNECTED.has(code);
}

function connectionError(request: PreparedRequest, cause: unknown): ConnectionError {
  const { origin } = new URL(request.url);
  const code = failureCode(cause);
  const detail = code === undefined ? "" : ` (${code})`;
  const { advice = "Check baseUrl and the network." } = request;
  return new ConnectionError(
    `No response from ${origin}${detail}: the connection was refused, reset or cut off. ${advice}`,
    { cause },
  );
}

/**
 * Sends a request once and reads the whole response within `timeout` milliseconds.
 *
 * Throws `TimeoutError`, `ConnectionError` or, if the caller's signal ended it, `AbortError`.
 */
export async function attempt(
  send: typeof fetch,
  request: PreparedRequest,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<CompleteResponse> {
  if (signal?.aborted) throw abortError(signal);
  const controller = new AbortController();
  // The time limit covers the body too: a response may stop in its middle.
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    controller.abort();
  }, Math.min(timeout, MAX_TIMER_DELAY));
  const onAbort = () => controller.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const response = await send(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body !== undefined && { body: request.body }),
      // Redirects are not followed: the key or the body would be lost on the way.
      redirect: "manual",
      signal: controller.signal,
      // Frameworks that cache fetch would serve old leads.
      ...(supportsNoStore() && { cache: "no-store" as const }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    throw failure(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }

  function failure(error: unknown): LeadhouseError {
    if (signal?.aborted) return abortError(signal);
    if (isTimedOut) {
      return new TimeoutError(
        `No complete response from ${new URL(request.url).origin} within ${timeout} ms. Raise timeout, or try again later.`,
        { cause: error },
      );
    }
    return connectionError(request, error);
  }
}
